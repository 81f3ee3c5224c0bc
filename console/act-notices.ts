import { html, nothing, type TemplateResult } from 'lit';
import { assertNever } from '../shared/result.ts';
import type { Desk } from './desk.ts';
import type { SentAct } from './sent-acts.ts';

/**
 * What became of each act that the server has not confirmed. None is sent again by itself: the
 * alert may have got worse in between, and only a person may acknowledge what she has seen.
 */
export function actNotices(desk: Desk): TemplateResult {
  return html`<div class="act-notices" role="status">
    ${desk.state.acts.map((act) => notice(desk, act))}
  </div>`;
}

function notice({ words, actions, state }: Desk, act: SentAct): TemplateResult | typeof nothing {
  const { requestId, type, alertId } = act.message;
  const name = `${words.act.names[type]} (${subjectOf(alertId, state)})`;
  switch (act.state) {
    case 'pending':
      return html`<p class="notice">${words.act.pending(name)}</p>`;
    case 'undelivered':
      return html`<div class="notice warn">
        <span>${words.act.undelivered(name)}</span>
        <button @click=${() => actions.resend(requestId)}>${words.act.again}</button>
        <button class="quiet" @click=${() => actions.dismiss(requestId)}>
          ${words.act.dismiss}
        </button>
      </div>`;
    case 'refused': {
      const why = act.problem?.detail ?? act.problem?.title ?? words.act.refusedUnknown;
      return html`<div class="notice warn">
        <span>${words.act.refused(name, why)}</span>
        <button class="quiet" @click=${() => actions.dismiss(requestId)}>
          ${words.act.dismiss}
        </button>
      </div>`;
    }
    default:
      return assertNever(act.state);
  }
}

/** Who it is about; the id of an alert says nothing to a person. */
function subjectOf(alertId: string, state: Desk['state']): string {
  const alert = state.alerts.get(alertId);
  return alert?.wearerId ?? alert?.victimId ?? alert?.deviceId ?? alert?.caseId ?? alertId;
}
