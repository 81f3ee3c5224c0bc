import { html, nothing, type TemplateResult } from 'lit';
import type { Alert } from '../shared/alert.ts';
import { distanceWithUncertainty, durationText, type Language } from '../shared/figures.ts';
import { fromInstant } from '../shared/instant.ts';
import { type Desk, titleOf } from './desk.ts';
import { awaitsAcknowledgement, fixAgesOf, freshnessOf, type Row } from './selectors.ts';
import { sentenceOf } from './sentence.ts';
import { shapeOf } from './shape.ts';

/** One alert in the list: what, how sure, how long there is, how old that is, and one button. */
export function alertRow(desk: Desk, { alert, siblings }: Row): TemplateResult {
  const { words, language, nowMs, state, actions } = desk;
  const over = alert.clearedAt !== null || alert.state === 'closed';
  const ageS = (nowMs - fromInstant(alert.raisedAt)) / 1_000;
  const selected = state.selectedId === alert.alertId;
  const classes = `row p${alert.priority} ${over ? 'over' : ''} ${selected ? 'selected' : ''}`;
  return html`
    <li class=${classes} data-alert=${alert.alertId}>
      <div class="row-head">
        ${shapeOf(alert.priority)}
        <button
          class="select"
          aria-pressed=${selected ? 'true' : 'false'}
          @click=${() => actions.select(alert.alertId)}
        >
          <span class="priority">${words.alert.priority[alert.priority]}</span>
          <span class="kind">${titleOf(alert, words)}</span>
        </button>
        <span class="raised">${words.alert.raisedAgo(durationText(ageS, language))}</span>
      </div>
      <p class="why">${sentenceOf(alert, language, nowMs)}</p>
      ${over ? nothing : figures(desk, alert)}
      <div class="row-foot">
        <span class="state ${alert.state}">${words.alert.state[alert.state]}</span>
        ${
          alert.retrospective
            ? html`<span class="tag">${words.alert.retrospective}</span>`
            : nothing
        }
        ${siblings > 0 ? html`<span class="tag">${words.list.siblings(siblings)}</span>` : nothing}
        ${awaitsAcknowledgement(alert) ? acknowledgeButton(desk, alert) : nothing}
      </div>
    </li>
  `;
}

/** The same button in the row and in the detail: one wording, one rule when it may be pressed. */
export function acknowledgeButton(desk: Desk, alert: Alert): TemplateResult {
  const { words, state, live, actions } = desk;
  const pending = state.acts.some(
    ({ message, state: at }) =>
      message.alertId === alert.alertId && message.type === 'acknowledge' && at === 'pending',
  );
  return html`<button
    class="acknowledge"
    ?disabled=${!live || pending}
    aria-label="${words.act.acknowledge}: ${titleOf(alert, words)}, ${
      alert.wearerId ?? alert.victimId ?? alert.deviceId ?? alert.caseId
    }"
    @click=${() => actions.act({ type: 'acknowledge', alertId: alert.alertId })}
  >
    ${pending ? words.act.acknowledging : words.act.acknowledge}
  </button>`;
}

function figures(desk: Desk, alert: Alert): TemplateResult | typeof nothing {
  const { words, language, live } = desk;
  const items: TemplateResult[] = [];
  const text = distanceFigure(alert, language);
  if (text !== null) {
    items.push(
      html`<div>
        <dt>${words.alert.distance}</dt>
        <dd>${text}</dd>
      </div>`,
    );
  }
  const countdown = nearestCountdown(desk, alert);
  if (countdown !== null) {
    items.push(
      html`<div>
        <dt>${countdown.label}</dt>
        <dd>${countdown.text}</dd>
      </div>`,
    );
  }
  for (const { role, ageS } of fixAgesOf(desk.state, alert)) {
    const age = words.alert.ageOf(durationText(ageS, language));
    const freshness = freshnessOf(ageS, live);
    items.push(
      html`<div class=${freshness}>
        <dt>${words.alert.fixAge[role]}</dt>
        <dd>${age}</dd>
      </div>`,
    );
  }
  return items.length === 0 ? nothing : html`<dl class="figures">${items}</dl>`;
}

/** Inside a zone the distance to it is nought, which says less than the sentence does. */
export function distanceFigure(alert: Alert, language: Language): string | null {
  if (alert.distanceM === null || (alert.kind !== 'contact' && alert.distanceM < 1)) return null;
  return distanceWithUncertainty(alert.distanceM, alert.uncertaintyM, language);
}

/** To contact where that is known, because a body counts for more than a line. */
function nearestCountdown(desk: Desk, alert: Alert): { label: string; text: string } | null {
  const { words } = desk;
  if (alert.timeToContactS !== null) {
    return { label: words.alert.toContact, text: countdownText(desk, alert, alert.timeToContactS) };
  }
  if (alert.timeToBreachS !== null && alert.stage !== 'breach') {
    return { label: words.alert.toBreach, text: countdownText(desk, alert, alert.timeToBreachS) };
  }
  return null;
}

/** Counted down from when it was judged: a span that has run out says so. */
export function countdownText(
  { nowMs, words, language }: Desk,
  alert: Alert,
  spanS: number,
): string {
  const leftS = spanS - (nowMs - fromInstant(alert.basis.evaluatedAt)) / 1_000;
  return leftS <= 0 ? words.alert.nowPossible : words.alert.inSpan(durationText(leftS, language));
}
