import { html, nothing, type TemplateResult } from 'lit';
import type { ApprovalDesk } from './approval-desk.ts';
import type { ActName, LoadedDossier } from './approval-model.ts';
import { problemText } from './approval-problem.ts';
import { type Caution, cautionsOf, isOutdated, isOwn, stepsOf } from './approval-selectors.ts';
import { sign } from './approval-signs.ts';

type Step = Exclude<ActName, 'zone'>;
/** What the server takes at most. */
const REASON_MAX = 2_000;

/** Always in sight below the order; what holds back a yes stands beside it. (SPEC AV5, AV6) */
export function approvalActs(desk: ApprovalDesk, dossier: LoadedDossier): TemplateResult {
  const { words } = desk;
  const steps = stepsOf(dossier.order);
  return html`<section class="decide" aria-label=${words.act.title}>
    ${outcome(desk, dossier)} ${steps.includes('approval') ? approval(desk, dossier) : nothing}
    ${steps.map((step) => (step === 'approval' ? nothing : reasoned(desk, dossier, step)))}
  </section>`;
}

/** Kept by version: what was ticked for another text counts for nothing. */
const cautionKey = ({ order }: LoadedDossier, caution: Caution): string =>
  `${order.orderId}/${order.version}/${caution}`;

function approval(desk: ApprovalDesk, dossier: LoadedDossier): TemplateResult {
  const { words, fields, actions } = desk;
  if (isOwn(dossier, desk.session.username)) {
    return html`<p class="own">${sign('stop')} <strong>${words.act.own}</strong></p>`;
  }
  const cautions = cautionsOf(dossier.order, dossier.preview);
  const left = cautions.filter((caution) => fields.get(cautionKey(dossier, caution)) !== 'yes');
  const hindrance = hindranceOf(desk, left.length > 0);
  return html`
    ${
      cautions.length === 0
        ? html`<p class="hint">${words.act.approvable}</p>`
        : html`<ul class="cautions">
            ${cautions.map((caution) => cautionBox(desk, dossier, caution))}
          </ul>`
    }
    <button
      class="primary approve"
      ?disabled=${hindrance !== null}
      aria-describedby="hindrance"
      @click=${() => actions.step('approval', null)}
    >
      ${sign('tick')} ${words.act.submit.approval}
    </button>
    <span id="hindrance">${hindrance ?? words.dossier.version(dossier.order.version)}</span>
  `;
}

function cautionBox(desk: ApprovalDesk, dossier: LoadedDossier, caution: Caution) {
  const { words, fields, actions } = desk;
  const key = cautionKey(dossier, caution);
  const onChange = (event: Event): void =>
    actions.field(key, (event.currentTarget as HTMLInputElement).checked ? 'yes' : '');
  return html`<li>
    <label class="check">
      <input
        type="checkbox"
        name=${caution}
        .checked=${fields.get(key) === 'yes'}
        @change=${onChange}
      />
      ${words.act.cautions[caution]}
    </label>
  </li>`;
}

function hindranceOf({ words, live, state }: ApprovalDesk, cautionsLeft: boolean): string | null {
  if (!live) return words.act.offline;
  if (isOutdated(state)) return words.act.outdated;
  if (state.act.state === 'sent') return words.act.sent;
  return cautionsLeft ? words.act.cautionsLeft : null;
}

function reasoned(desk: ApprovalDesk, dossier: LoadedDossier, step: Exclude<Step, 'approval'>) {
  const { words, fields, actions } = desk;
  const key = `${dossier.orderId}/${step}`;
  const hindrance = hindranceOf(desk, false);
  const onInput = (event: Event): void => {
    const area = event.currentTarget as HTMLTextAreaElement;
    area.setCustomValidity('');
    actions.field(key, area.value);
  };
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const area = form.elements.namedItem('reason') as HTMLTextAreaElement;
    const reason = area.value.trim();
    area.setCustomValidity(reason === '' ? words.act.reason : '');
    if (!area.reportValidity()) return;
    form.closest('details')?.removeAttribute('open');
    actions.step(step, reason);
  };
  return html`<details name="approval-acts" class="step ${step}">
    <summary>${words.act.names[step]}…</summary>
    <form @submit=${onSubmit}>
      <p class="hint">${words.act.explain[step]}</p>
      <label>
        ${words.act.reason}
        <textarea
          name="reason"
          rows="2"
          required
          maxlength=${REASON_MAX}
          .value=${fields.get(key) ?? ''}
          @input=${onInput}
        ></textarea>
      </label>
      <button class="primary" ?disabled=${hindrance !== null}>${words.act.submit[step]}</button>
      <span class="hint">${hindrance ?? nothing}</span>
    </form>
  </details>`;
}

/** What became of the last act on this order, in words, until the next. */
function outcome({ words, state, actions }: ApprovalDesk, { orderId }: LoadedDossier) {
  const { act } = state;
  if (act.state === 'none' || act.orderId !== orderId || act.act === 'zone') {
    return html`<div role="status"></div>`;
  }
  switch (act.state) {
    case 'sent':
      return html`<div role="status"><p>${words.act.sent}</p></div>`;
    case 'done':
      return html`<div role="status">
        <p class="done">${sign('tick')} <b>${words.act.done[act.act]}</b></p>
      </div>`;
    case 'unanswered':
      return html`<div role="alert"><p class="refused">${words.act.unanswered}</p></div>`;
    case 'refused':
      return html`<div role="alert">
        <p class="refused">
          ${sign('stop')}
          <span>
            <b>${words.act.refused(words.act.names[act.act])}</b>
            ${problemText(act.problem, words)}
          </span>
          <button @click=${actions.lookAgain}>${words.act.lookAgain}</button>
        </p>
      </div>`;
  }
}
