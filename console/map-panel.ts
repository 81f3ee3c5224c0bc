import { html, nothing, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { type Desk, selectedAlert } from './desk.ts';
import { positionPanel } from './position-panel.ts';

/** The map is an aid beside the list: where it cannot be drawn, the table does its work. */
export function mapPanel(desk: Desk): TemplateResult {
  const { words, live, map, actions } = desk;
  const unavailable = map === 'unavailable';
  return html`<section class="map-panel ${map}" aria-labelledby="map-title">
    <div class="map-head">
      <h2 id="map-title">${words.map.title}</h2>
      ${live ? nothing : html`<span class="age-tag">${words.map.old}</span>`}
      ${unavailable ? nothing : zoomButtons(desk, actions)}
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
    ${positionPanel(desk)}
  </section>`;
}

function zoomButtons(desk: Desk, actions: Desk['actions']): TemplateResult {
  const { words } = desk;
  return html`
    <button
      class="quiet"
      ?disabled=${selectedAlert(desk) === null}
      @click=${() => actions.zoom('case')}
    >
      ${words.map.zoomTo}
    </button>
    <button class="quiet" @click=${() => actions.zoom('all')}>${words.map.zoomAll}</button>
  `;
}

function legend({ words }: Desk): TemplateResult {
  const names = ['ban', 'warning', 'uncertainty', 'zone'];
  return html`<ul class="legend" aria-label=${words.map.legend}>
    <li><i class="key wearer">${words.map.wearerLetter}</i> ${words.map.wearer}</li>
    <li><i class="key victim">${words.map.victimLetter}</i> ${words.map.victim}</li>
    ${words.map.legendLines.map(
      (line, index) => html`<li><i class="key line ${names[index] ?? ''}"></i> ${line}</li>`,
    )}
    <li class="hint">${words.map.noStreets}</li>
  </ul>`;
}
