import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { Alert } from '../shared/alert.ts';
import { clockText, durationText, speedText } from '../shared/figures.ts';
import { fromInstant } from '../shared/instant.ts';
import { actForms } from './act-forms.ts';
import { actNotices } from './act-notices.ts';
import { alertBasis } from './alert-basis.ts';
import { alertHistory } from './alert-history.ts';
import { acknowledgeButton, countdownText, distanceFigure } from './alert-row.ts';
import { type Desk, selectedAlert, titleOf } from './desk.ts';
import { awaitsAcknowledgement, fixAgesOf, freshnessOf } from './selectors.ts';
import { sentenceOf } from './sentence.ts';
import { shapeOf } from './shape.ts';

export function alertDetail(desk: Desk): TemplateResult {
  const { words, state } = desk;
  const alert = selectedAlert(desk);
  const body =
    alert === null
      ? html`<p class="empty">
          ${state.selectedId === null ? words.alert.noneSelected : words.alert.gone}
        </p>`
      : keyed(alert.alertId, detailOf(desk, alert));
  return html`<section class="detail" aria-labelledby="detail-title">
    <h2 id="detail-title" class="hidden">${words.alert.detail}</h2>
    ${actNotices(desk)} ${body}
  </section>`;
}

function detailOf(desk: Desk, alert: Alert): TemplateResult {
  const { words, language, nowMs } = desk;
  const over = alert.clearedAt !== null || alert.state === 'closed';
  return html`
    <div class="detail-head p${alert.priority} ${over ? 'over' : ''}">
      ${shapeOf(alert.priority)}
      <h3>
        <span class="priority">${words.alert.priority[alert.priority]}</span>
        ${titleOf(alert, words)}
      </h3>
      <span class="state ${alert.state}">${words.alert.state[alert.state]}</span>
    </div>
    <p class="why">${sentenceOf(alert, language, nowMs)}</p>
    ${
      over
        ? nothing
        : html`<p class="advice">
            <b>${words.alert.adviceLabel}:</b> ${words.alert.advice[alert.code]}
          </p>`
    }
    ${
      awaitsAcknowledgement(alert)
        ? html`<div class="first-act">${acknowledgeButton(desk, alert)}</div>`
        : nothing
    }
    ${actForms(desk, alert)} ${facts(desk, alert)} ${alertHistory(desk, alert)}
    ${alertBasis(desk, alert)}
  `;
}

type Fact = readonly [label: string, value: string, className?: string];

function facts(desk: Desk, alert: Alert): TemplateResult {
  const { words, live, language, state } = desk;
  const lines: Fact[] = [...measured(desk, alert)];
  for (const { role, ageS } of fixAgesOf(state, alert)) {
    const age = words.alert.ageOf(durationText(ageS, language));
    lines.push([words.alert.fixAge[role], age, freshnessOf(ageS, live)]);
  }
  lines.push(...handled(desk, alert));
  return html`<dl class="facts">
    ${lines.map(
      ([label, value, className]) =>
        html`<div class=${className ?? ''}>
          <dt>${label}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Figures of a danger that is over would read as if it still were. */
function measured(desk: Desk, alert: Alert): Fact[] {
  const { words, language } = desk;
  if (alert.clearedAt !== null || alert.kind === 'device' || alert.kind === 'system') return [];
  const lines: Fact[] = [];
  const distance = distanceFigure(alert, language);
  if (distance !== null) lines.push([words.alert.distance, distance]);
  if (alert.closingSpeedMs !== null && alert.closingSpeedMs > 0) {
    lines.push([words.alert.closing, speedText(alert.closingSpeedMs, language)]);
  }
  if (alert.timeToBreachS !== null && alert.stage !== 'breach') {
    lines.push([words.alert.toBreach, countdownText(desk, alert, alert.timeToBreachS)]);
  }
  if (alert.timeToContactS !== null) {
    lines.push([words.alert.toContact, countdownText(desk, alert, alert.timeToContactS)]);
  }
  return lines;
}

function handled(desk: Desk, alert: Alert): Fact[] {
  const { words, language, nowMs } = desk;
  const at = (instant: string): string => clockText(fromInstant(instant), nowMs, language);
  const lines: Fact[] = [[words.alert.raised, at(alert.raisedAt)]];
  if (alert.clearedAt !== null) lines.push([words.alert.cleared, at(alert.clearedAt)]);
  if (alert.acknowledgedBy !== null && alert.acknowledgedAt !== null) {
    const text = words.alert.acknowledged(alert.acknowledgedBy, at(alert.acknowledgedAt));
    lines.push([words.alert.state.acknowledged, text]);
  }
  if (alert.shelvedUntil !== null && alert.state === 'shelved') {
    lines.push([words.alert.state.shelved, words.alert.shelvedUntil(at(alert.shelvedUntil))]);
  }
  if (alert.closure !== null) {
    const { finding, by, at: closedAt } = alert.closure;
    const known = Object.entries(words.act.findings).find(([code]) => code === finding);
    const text = words.alert.closed(known?.[1] ?? finding, by, at(closedAt));
    lines.push([words.alert.state.closed, text]);
  }
  lines.push([words.alert.case, alert.caseId]);
  if (alert.orderId !== null) lines.push([words.alert.order, alert.orderId]);
  if (alert.deviceId !== null) lines.push([words.alert.device, alert.deviceId]);
  return lines;
}
