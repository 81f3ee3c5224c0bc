import { html, nothing, type TemplateResult } from 'lit';
import { numberText } from '../shared/figures.ts';
import type { OrderForecast } from '../shared/order-preview.ts';
import type { z } from 'zod';
import type { ApprovalDesk } from './approval-desk.ts';
import { banName, rateText } from './approval-figures.ts';
import type { LoadedDossier } from './approval-model.ts';

/** Under a week a figure per week is guessed from less than itself. */
const DAYS_FEW = 7;
type Forecast = z.infer<typeof OrderForecast>;

/** What the order will cost the operators, or why nobody can say. (SPEC AV7) */
export function forecastPart(desk: ApprovalDesk, { order, preview }: LoadedDossier) {
  const { words } = desk;
  const missing = preview === null ? words.forecast.noAnswer : words.forecast.noPositions;
  const forecast = preview?.forecast ?? null;
  return html`<section class="part forecast" aria-labelledby="forecast-title">
    <h3 id="forecast-title">${words.forecast.title}</h3>
    ${forecast === null ? html`<p>${missing}</p>` : figures(desk, order.bans, forecast)}
  </section>`;
}

function figures(
  desk: ApprovalDesk,
  bans: LoadedDossier['order']['bans'],
  forecast: Forecast,
): TemplateResult {
  const { words, language } = desk;
  const rate = (perWeek: number): string => rateText(perWeek, language, words);
  const nameOf = (banId: string): string => {
    const ban = bans.find((one) => one.banId === banId);
    return ban === undefined ? banId : banName(ban, words);
  };
  const days = numberText(forecast.recordedDays, forecast.recordedDays < 10 ? 1 : 0, language);
  return html`
    <p>
      <b>${words.forecast.perWeek(rate(forecast.alertsPerWeek))}</b>,
      ${words.forecast.priority1(rate(forecast.priority1PerWeek))}.
    </p>
    <table>
      <thead>
        <tr>
          ${words.forecast.head.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${forecast.bans.map(
          ({ banId, alertsPerWeek, breachesPerWeek }) =>
            html`<tr>
              <th scope="row">${nameOf(banId)}</th>
              <td>${rate(alertsPerWeek)}</td>
              <td>${rate(breachesPerWeek)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <p class="hint">
      ${words.forecast.basis(days, numberText(forecast.positions, 0, language))}
      ${forecast.recordedDays < DAYS_FEW ? words.forecast.few : nothing}
    </p>
  `;
}
