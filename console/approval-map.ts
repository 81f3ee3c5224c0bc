import { html, nothing, svg, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { ApprovalDesk, Direction } from './approval-desk.ts';
import { boundsOf } from './approval-overlay.ts';
import { zoneForm } from './zone-form.ts';

/** The zones as they would be and as they are; where no map can be drawn, the words do its work. */
export function approvalMap(desk: ApprovalDesk): TemplateResult {
  const { words, map, state } = desk;
  const unavailable = map === 'unavailable';
  const drawing = state.draft !== null;
  return html`<section
    class="map-panel ${map} ${drawing ? 'drawing' : ''}"
    aria-labelledby="map-title"
  >
    <div class="map-head">
      <h2 id="map-title">${words.map.title}</h2>
      ${unavailable ? nothing : mapButtons(desk)}
    </div>
    ${
      unavailable
        ? html`<div class="notice warn no-map">
            <span><b>${words.map.unavailable}.</b> ${words.map.unavailableWhy}</span>
          </div>`
        : html`<div
              class="map"
              role="region"
              aria-label=${words.map.region}
              data-map=${map}
              ${ref(desk.mapContainer)}
            ></div>
            ${legend(desk)}`
    }
    ${zoneForm(desk)}
  </section>`;
}

const ARROWS: Record<Direction, string> = {
  north: 'M10 3 L17 15 H3 Z',
  south: 'M10 17 L3 5 H17 Z',
  west: 'M3 10 L15 3 V17 Z',
  east: 'M17 10 L5 17 V3 Z',
};

/** Without dragging, as WCAG 2.5.7 asks. */
function mapButtons({ words, actions, state }: ApprovalDesk): TemplateResult {
  return html`
    <span class="pan" role="group" aria-label=${words.map.panGroup}>
      ${(['west', 'north', 'south', 'east'] as const).map(
        (to) =>
          html`<button
            aria-label=${words.map.pan[to]}
            title=${words.map.pan[to]}
            @click=${() => actions.pan(to)}
          >
            <svg viewBox="0 0 20 20" width="14" height="14" aria-hidden="true">
              ${svg`<path d=${ARROWS[to]} fill="currentColor"></path>`}
            </svg>
          </button>`,
      )}
    </span>
    <button class="quiet" ?disabled=${state.dossier?.state !== 'loaded'} @click=${actions.fit}>
      ${words.map.toOrder}
    </button>
  `;
}

function legend({ words, common, state }: ApprovalDesk): TemplateResult {
  const keys = ['ban', 'duty', 'standing', 'buffer', 'other'] as const;
  const { dossier } = state;
  const empty = dossier?.state === 'loaded' && boundsOf(dossier, state.draft) === null;
  const shown = state.draft === null ? keys : ([...keys, 'draft'] as const);
  return html`<ul class="legend" aria-label=${common.map.legend}>
    ${shown.map((key) => html`<li><i class="key area-${key}"></i> ${words.map.legend[key]}</li>`)}
    <li class="hint">${empty ? words.map.noZones : common.map.noStreets}</li>
  </ul>`;
}
