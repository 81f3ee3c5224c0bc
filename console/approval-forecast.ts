import { html, nothing, type TemplateResult } from 'lit';
import { numberText } from '../shared/figures.ts';
import type { OrderForecast, OrderPreview } from '../shared/order-preview.ts';
import type { ApprovalDesk } from './approval-desk.ts';
import { banName, rateText } from './approval-figures.ts';
import type { LoadedDossier } from './approval-model.ts';
import type { ApprovalWords } from './approval-words.ts';

/** Under a week a figure per week is guessed from less than itself. */
const DAYS_FEW = 7;

/** What the order will cost the operators, or why nobody can say. (SPEC AV7) */
export function forecastPart(desk: ApprovalDesk, { order, preview }: LoadedDossier) {
  const { words } = desk;
  const forecast = preview?.forecast ?? null;
  const tooLong = preview?.forecastState === 'took-too-long';
  return html`<section class="part forecast" aria-labelledby="forecast-title">
    <h3 id="forecast-title">${words.forecast.title}</h3>
    ${
      forecast === null
        ? html`<p>${whyNone(preview, words)}</p>`
        : figures(desk, order.bans, forecast)
    }
    ${
      forecast !== null && tooLong
        ? html`<p class="warn-text">${words.forecast.newestOnly}</p>`
        : nothing
    }
  </section>`;
}

function whyNone(preview: OrderPreview | null, { forecast }: ApprovalWords): string {
  if (preview === null) return forecast.noAnswer;
  return preview.forecastState === 'took-too-long' ? forecast.tooLong : forecast.noPositions;
}

function figures(
  desk: ApprovalDesk,
  bans: LoadedDossier['order']['bans'],
  forecast: OrderForecast,
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
          ({ banId, alertsPerWeek, breachesPerWeek, judged }) =>
            html`<tr>
              <th scope="row">${nameOf(banId)}</th>
              ${
                judged
                  ? html`<td>${rate(alertsPerWeek)}</td>
                      <td>${rate(breachesPerWeek)}</td>`
                  : html`<td colspan="2">${words.forecast.notJudged}</td>`
              }
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
