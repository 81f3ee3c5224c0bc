import { html, nothing, type TemplateResult } from 'lit';
import type { PositionFeature } from '../shared/console-message.ts';
import { distanceText, durationText } from '../shared/figures.ts';
import { type Desk, selectedAlert } from './desk.ts';
import { nearestPlace } from './nearest-place.ts';
import { freshnessOf, pairsOf, positionAgeS } from './selectors.ts';

/** Of all cases together; a chosen one has a handful. Finding the nearest place takes its time. */
const ROWS_MAX = 40;

/** The map in words: everything on it stands here too, and it needs no graphics. */
export function positionPanel(desk: Desk): TemplateResult {
  const { words, state, language } = desk;
  const caseId = selectedAlert(desk)?.caseId ?? null;
  const shown = state.features.filter(
    ({ properties }) => caseId === null || properties.caseId === caseId,
  );
  if (shown.length === 0) {
    return html`<div class="positions">
      <p class="hint">${words.map.noPositions}</p>
      ${leftOut(desk, 0)}
    </div>`;
  }
  const pairs = pairsOf(state).filter(({ ban }) => caseId === null || ban.caseId === caseId);
  return html`<div
    class="positions"
    tabindex="0"
    role="group"
    aria-label=${words.map.table.caption}
  >
    ${pairs.map(
      ({ ban, apartM }) =>
        html`<p class="apart">
          ${words.map.apart(ban.wearerId, ban.victimId ?? '', distanceText(apartM, language))}
        </p>`,
    )}
    <table>
      <caption class="hidden">
        ${words.map.table.caption}
      </caption>
      <thead>
        <tr>
          ${words.map.table.head.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${shown.slice(0, ROWS_MAX).map((feature) => positionRow(desk, feature))}
      </tbody>
    </table>
    ${leftOut(desk, shown.length - ROWS_MAX)}
  </div>`;
}

/** What is not shown is said: an empty place on the map must not look like nobody there. */
function leftOut({ words, state }: Desk, rows: number): TemplateResult {
  return html`
    ${rows > 0 ? html`<p class="hint">${words.map.rowsLeftOut(rows)}</p>` : nothing}
    ${
      state.casesLeftOut > 0
        ? html`<p class="hint">${words.map.positionsLeftOut(state.casesLeftOut)}</p>`
        : nothing
    }
  `;
}

function nearText({ places, words, language }: Desk, lon: number, lat: number): string | null {
  const nearest = nearestPlace(places, lon, lat);
  if (nearest === null) return null;
  return words.map.near(
    nearest.name,
    distanceText(nearest.distanceM, language),
    words.map.compass[nearest.towards],
  );
}

function positionRow(desk: Desk, { geometry, properties }: PositionFeature): TemplateResult {
  const { words, language, nowMs, live } = desk;
  const ageS = positionAgeS(properties.time, nowMs);
  const freshness = freshnessOf(ageS, live);
  const role = properties.kind === 'ankle-monitor' ? words.map.wearer : words.map.victim;
  const [lon, lat] = geometry.coordinates;
  const near = nearText(desk, lon, lat);
  const accuracy =
    properties.accuracyM === null
      ? words.map.table.accuracyUnknown
      : `± ${distanceText(properties.accuracyM, language)}`;
  return html`<tr class=${freshness}>
    <th scope="row">${role} ${properties.personId}</th>
    <td>
      <span class="coordinates">${lon.toFixed(5)}, ${lat.toFixed(5)}</span>
      ${near === null ? nothing : html`<br /><span class="near">${near}</span>`}
    </td>
    <td>${accuracy}</td>
    <td>
      ${durationText(ageS, language)}
      ${
        freshness === 'fresh'
          ? nothing
          : html`<span class="age-tag">${words.map.freshness[freshness]}</span>`
      }
    </td>
    <td>${properties.source ?? '–'}</td>
  </tr>`;
}
