import { html, nothing, type TemplateResult } from 'lit';
import { durationText, preciseClockText } from '../shared/figures.ts';
import type { ApprovalDesk } from './approval-desk.ts';
import { approvalDossier } from './approval-dossier.ts';
import { approvalMap } from './approval-map.ts';
import { approvalQueue } from './approval-queue.ts';
import { askOf, lacksZone } from './approval-queue-order.ts';
import { sign } from './approval-signs.ts';
import { signInProblem } from './link-banner.ts';
import type { Preferences } from './preferences.ts';
import { signInForm } from './sign-in-page.ts';

/** Its own small state, because it outlives the renders that the clock causes. */
let signingIn: { busy: boolean; problem: string | null } = { busy: false, problem: null };

/** Queue, order, map: from what must be done to what is looked at. (SPEC AV1) */
export function approvalPage(desk: ApprovalDesk): TemplateResult {
  const down = desk.state.line.state === 'down';
  const drawing = desk.state.draft !== null;
  return html`
    <div
      class="desk approval ${desk.live ? 'live' : ''} ${down ? 'outdated' : ''} ${drawing ? 'at-work' : ''}"
    >
      <div class="top">${header(desk)} ${banner(desk)}</div>
      <main class="panes">
        ${approvalQueue(desk)} ${approvalDossier(desk)} ${approvalMap(desk)}
      </main>
    </div>
  `;
}

export const waitingCount = ({ state }: Pick<ApprovalDesk, 'state'>): number =>
  [...state.orders.values()].filter((order) => askOf(order) !== null).length;
export const unenforcedCount = ({ state }: Pick<ApprovalDesk, 'state'>): number =>
  [...state.orders.values()].filter(lacksZone).length;

function header(desk: ApprovalDesk): TemplateResult {
  const { words, common, live, state, actions, preferences } = desk;
  const unenforced = unenforcedCount(desk);
  const other = preferences.language === 'nl' ? 'en' : 'nl';
  const said = live ? words.header.live : common.link.old;
  return html`<header class="desk-header">
    <h1 class="product">${common.header.product} · ${words.title}</h1>
    <p class="tally ${unenforced > 0 ? 'calling' : ''}">
      ${unenforced > 0 ? sign('alarm') : sign('tick')} ${words.header.unenforced(unenforced)}
    </p>
    <p class="tally">${sign('hour-glass')} ${words.header.waiting(waitingCount(desk))}</p>
    <p class="link ${live ? 'live' : 'down'}">
      <b>${state.line.state === 'loading' ? words.header.loading : said}</b>
    </p>
    <p class="clock">
      <span class="hidden">${common.header.serverTime}</span>
      <time>${preciseClockText(desk.nowMs, desk.nowMs, desk.language)}</time>
    </p>
    <button class="quiet" lang=${other} @click=${() => actions.prefer({ language: other })}>
      ${common.header.otherLanguage}
    </button>
    ${settings(desk)}
  </header>`;
}

function settings({ common, preferences, actions, session }: ApprovalDesk): TemplateResult {
  const theme = (event: Event): void =>
    actions.prefer({
      theme: (event.currentTarget as HTMLSelectElement).value as Preferences['theme'],
    });
  return html`<details class="settings">
    <summary>${common.header.settings}</summary>
    <div class="menu">
      <p>${session.username}</p>
      <label>
        ${common.header.theme}
        <select @change=${theme}>
          ${(['system', 'light', 'dark'] as const).map(
            (name) =>
              html`<option value=${name} ?selected=${preferences.theme === name}>
                ${common.header.themes[name]}
              </option>`,
          )}
        </select>
      </label>
      <button @click=${actions.signOut}>${common.header.signOut}</button>
    </div>
  </details>`;
}

/** Over the whole width: whoever approves what is old approves something else. (SPEC AV4) */
function banner(desk: ApprovalDesk): TemplateResult {
  const { state, words, common, actions, language } = desk;
  const { line } = state;
  if (line.state !== 'down') return html`<div class="banner none"><div role="alert"></div></div>`;
  const silence = durationText((state.nowMs - line.sinceMs) / 1_000, language);
  const headline = line.signedOut ? words.line.signedOut(silence) : words.line.lost(silence);
  const retry = html`<button @click=${actions.refresh}>${common.link.retryNow}</button>`;
  return html`
    <div class="banner down">
      <div role="alert">
        <strong aria-live="off">${headline}</strong>
        <span>${words.line.meaning} ${words.line.fallback}</span>
      </div>
      ${line.signedOut ? nothing : retry}
    </div>
    ${line.signedOut ? signInAgain(desk) : nothing}
  `;
}

function signInAgain({ common, actions }: ApprovalDesk): TemplateResult {
  const submit = async (username: string, password: string): Promise<void> => {
    signingIn = { busy: true, problem: null };
    const answer = await actions.signInAgain(username, password);
    const problem = answer.ok ? null : signInProblem(answer.why, common);
    signingIn = { busy: false, problem };
  };
  return html`<div class="sign-in-again">
    ${signInForm({
      words: common,
      ...signingIn,
      submit: (name, word) => void submit(name, word),
    })}
  </div>`;
}
