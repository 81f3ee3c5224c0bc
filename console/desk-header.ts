import { html, nothing, type TemplateResult } from 'lit';
import type { Priority } from '../shared/alert.ts';
import { clockText, durationText, preciseClockText } from '../shared/figures.ts';
import { fromInstant } from '../shared/instant.ts';
import type { Desk } from './desk.ts';
import type { Preferences } from './preferences.ts';
import { byUrgency, countsOf, proofOf, sectionOf, silentS } from './selectors.ts';
import { shapeOf } from './shape.ts';

/** An operator should not be thrown out in the middle of an incident without a word. */
const EXPIRY_WARNING_MS = 15 * 60_000;

export function deskHeader(desk: Desk): TemplateResult {
  const { words, state, actions } = desk;
  return html`
    <header class="desk-header">
      <p class="product">${words.header.product}</p>
      ${counts(desk)} ${linkStatus(desk)} ${proof(desk)}
      <p class="clock">
        <span class="hidden">${words.header.serverTime}</span>
        <time>${preciseClockText(desk.nowMs, desk.nowMs, desk.language)}</time>
      </p>
      ${
        state.silence === null
          ? html`<button class="quiet" @click=${actions.silence}>${words.header.soundOff}</button>`
          : silencedButton(desk, state.silence.untilMs)
      }
      ${settings(desk)}
    </header>
    ${expiry(desk)}
    ${desk.soundWorks ? nothing : html`<p class="notice warn">${words.shift.noSound}</p>`}
  `;
}

function silencedButton({ words, state, language, actions }: Desk, untilMs: number) {
  const left = durationText((untilMs - state.nowMs) / 1_000, language);
  return html`<button class="silenced" @click=${actions.unsilence}>
    ${words.header.soundOffFor(left)} · ${words.header.soundOn}
  </button>`;
}

function counts(desk: Desk): TemplateResult {
  const { words, actions, state } = desk;
  const goTo = (priority: Priority): void => {
    const first = [...state.alerts.values()]
      .filter((alert) => alert.priority === priority && sectionOf(alert) !== 'settled')
      .toSorted(byUrgency)[0];
    if (first !== undefined) actions.select(first.alertId);
  };
  return html`
    <ul class="counts" aria-label=${words.header.counts}>
      ${[...countsOf(state)].map(
        ([priority, { open, unacknowledged }]) => html`
          <li>
            <button
              class="count p${priority} ${unacknowledged > 0 ? 'calling' : ''}"
              aria-label=${words.header.countOf(
                words.alert.priority[priority],
                open,
                unacknowledged,
              )}
              title=${words.header.countOf(words.alert.priority[priority], open, unacknowledged)}
              @click=${() => goTo(priority)}
            >
              ${shapeOf(priority)} <span>P${priority}</span> <b>${open}</b>
              ${
                unacknowledged > 0 && priority < 3
                  ? html`<small>${words.header.unacknowledged(unacknowledged)}</small>`
                  : nothing
              }
            </button>
          </li>
        `,
      )}
    </ul>
  `;
}

function linkStatus({ words, state, language, live }: Desk): TemplateResult {
  const silence = silentS(state);
  const lag =
    state.lagMs === null
      ? ''
      : state.lagMs < 1_000
        ? words.header.lag(`${Math.round(state.lagMs)} ms`)
        : words.header.lag(durationText(state.lagMs / 1_000, language));
  const heard =
    silence === null
      ? words.header.neverHeard
      : words.header.lastHeard(durationText(silence, language));
  return html`
    <p class="link ${live ? 'live' : 'down'}">
      <b>${live ? words.link.live : words.link.old}</b>
      <span>${heard}${lag === '' ? nothing : html` · ${lag}`}</span>
    </p>
  `;
}

/** A green tick stands for a proof and for nothing less: an old one is told in words. */
function proof({ words, state, language, nowMs }: Desk): TemplateResult | typeof nothing {
  const found = proofOf(state);
  if (found.state === 'none') return nothing;
  const text =
    found.state === 'fresh'
      ? words.header.proven(durationText(found.ageS, language))
      : words.header.notProven(clockText(nowMs - found.ageS * 1_000, nowMs, language));
  return html`<p class="proof ${found.state}">
    ${found.state === 'fresh' ? TICK : nothing}<span>${text}</span>
  </p>`;
}

/** Drawn, because fonts lack it. */
const TICK = html`<svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
  <path d="M3 10.5 L8 15.5 L17 5" fill="none" stroke="currentColor" stroke-width="3"></path>
</svg>`;

function settings({ words, preferences, actions, session }: Desk): TemplateResult {
  const theme = (event: Event): void =>
    actions.prefer({
      theme: (event.currentTarget as HTMLSelectElement).value as Preferences['theme'],
    });
  const shortcuts = (event: Event): void =>
    actions.prefer({ shortcuts: (event.currentTarget as HTMLInputElement).checked });
  const other = preferences.language === 'nl' ? 'en' : 'nl';
  return html`
    <button class="quiet" lang=${other} @click=${() => actions.prefer({ language: other })}>
      ${words.header.otherLanguage}
    </button>
    <details class="settings">
      <summary>${words.header.settings}</summary>
      <div class="menu">
        <p>${session.username}</p>
        <label>
          ${words.header.theme}
          <select @change=${theme}>
            ${(['system', 'light', 'dark'] as const).map(
              (name) =>
                html`<option value=${name} ?selected=${preferences.theme === name}>
                  ${words.header.themes[name]}
                </option>`,
            )}
          </select>
        </label>
        <label class="check">
          <input type="checkbox" .checked=${preferences.shortcuts} @change=${shortcuts} />
          ${words.header.shortcuts}
        </label>
        <p class="hint">${words.header.shortcutsHelp}</p>
        <button @click=${actions.signOut}>${words.header.signOut}</button>
      </div>
    </details>
  `;
}

function expiry({ words, session, nowMs, language }: Desk): TemplateResult | typeof nothing {
  const endsAtMs = fromInstant(session.expiresAt);
  if (endsAtMs - nowMs > EXPIRY_WARNING_MS) return nothing;
  return html`<p class="notice warn">
    ${words.header.expires(clockText(endsAtMs, nowMs, language))}
  </p>`;
}
