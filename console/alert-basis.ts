import { html, nothing, type TemplateResult } from 'lit';
import type { Alert } from '../shared/alert.ts';
import { distanceText, durationText, numberText, preciseClockText } from '../shared/figures.ts';
import { fromInstant } from '../shared/instant.ts';
import { fixAgeS } from '../shared/why.ts';
import type { Desk } from './desk.ts';

/** What an alert rests on, in the terms in which it can be recomputed. */
export function alertBasis(desk: Desk, alert: Alert): TemplateResult {
  const { words, language, nowMs } = desk;
  const { basis } = alert;
  const limits = [basis.limits?.distanceM, basis.limits?.warningM]
    .filter((valueM) => valueM !== null && valueM !== undefined)
    .map((valueM) => distanceText(valueM, language));
  const lines: [label: string, value: string][] = [
    [words.basis.reason, basis.reason],
    [words.basis.rules, basis.rules.join(', ')],
    [words.basis.rule, basis.ruleVersion],
    [words.basis.evaluatedAt, preciseClockText(fromInstant(basis.evaluatedAt), nowMs, language)],
  ];
  if (basis.finding !== null) lines.push([words.basis.finding, basis.finding]);
  if (basis.orderVersion !== null) {
    lines.push([words.basis.orderVersion, String(basis.orderVersion)]);
  }
  if (limits.length > 0) lines.push([words.basis.limits, limits.join(' / ')]);
  const other = Object.entries(basis.detail).map(([key, value]) => `${key} = ${value ?? '–'}`);
  if (other.length > 0) lines.push([words.basis.other, other.join('; ')]);
  return html`<details class="basis">
    <summary>${words.basis.title}</summary>
    <dl class="facts">
      ${lines.map(
        ([label, value]) =>
          html`<div>
            <dt>${label}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${basis.fixes.length === 0 ? nothing : fixes(desk, alert)}
  </details>`;
}

function fixes({ words, language, nowMs }: Desk, alert: Alert): TemplateResult {
  const { basis } = alert;
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${words.basis.fixes}>
    <table>
      <caption>
        ${words.basis.fixes}
      </caption>
      <thead>
        <tr>
          ${words.basis.fixHead.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${basis.fixes.map(
          (fix) =>
            html`<tr>
              <th scope="row">${fix.personId}</th>
              <td>${fix.deviceId}</td>
              <td>${fix.seq}</td>
              <td>${preciseClockText(fromInstant(fix.time), nowMs, language)}</td>
              <td>${durationText(fixAgeS(fix, basis.evaluatedAt, nowMs), language)}</td>
              <td>${numberText(fix.sigmaM, 0, language)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
