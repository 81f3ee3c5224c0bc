import { html, nothing, type TemplateResult } from 'lit';
import { durationText } from '../shared/figures.ts';
import { assertNever } from '../shared/result.ts';
import type { Desk } from './desk.ts';
import { signInForm } from './sign-in-page.ts';

/** Its own small state, because it outlives the renders that the clock causes. */
let signingIn: { busy: boolean; problem: string | null } = { busy: false, problem: null };

interface Banner {
  readonly kind: 'none' | 'connecting' | 'down';
  /** Counts on every second, so it is shown but not read out again. */
  readonly headline: string;
  readonly text: string;
  readonly more: TemplateResult | typeof nothing;
}

/** Over the whole width and in words: what stands below is the past. */
export function linkBanner(desk: Desk): TemplateResult {
  const { kind, headline, text, more } = bannerOf(desk);
  return html`
    <div class="banner ${kind}">
      <div role="alert"><strong aria-live="off">${headline}</strong> <span>${text}</span></div>
      ${more}
    </div>
    ${signInAgain(desk)} ${unreadable(desk)}
  `;
}

function bannerOf(desk: Desk): Banner {
  const { state, words, language } = desk;
  const { link } = state;
  const silence = (sinceMs: number): string =>
    durationText((state.nowMs - sinceMs) / 1_000, language);
  const text = `${words.link.meaning} ${words.link.fallback}`;
  switch (link.state) {
    case 'live':
      return { kind: 'none', headline: '', text: '', more: nothing };
    case 'connecting':
      return { kind: 'connecting', headline: words.link.connecting, text: '', more: nothing };
    case 'stale':
      return {
        kind: 'down',
        headline: words.link.stale(silence(link.sinceMs)),
        text,
        more: nothing,
      };
    case 'lost': {
      const headline = (link.signedOut ? words.link.signedOut : words.link.lost)(
        silence(link.sinceMs),
      );
      const more = link.signedOut ? nothing : retry(desk, link.retryAtMs);
      return { kind: 'down', headline, text, more };
    }
    default:
      return assertNever(link);
  }
}

function retry({ state, words, language, actions }: Desk, retryAtMs: number): TemplateResult {
  const leftS = Math.max(0, (retryAtMs - state.nowMs) / 1_000);
  return html`
    <span>${words.link.retryIn(durationText(leftS, language))}</span>
    <button @click=${actions.reconnect}>${words.link.retryNow}</button>
  `;
}

function signInAgain(desk: Desk): TemplateResult | typeof nothing {
  const { state, words, actions } = desk;
  if (state.link.state !== 'lost' || !state.link.signedOut) return nothing;
  const submit = async (username: string, password: string): Promise<void> => {
    signingIn = { busy: true, problem: null };
    const answer = await actions.signInAgain(username, password);
    const problem = answer.ok ? null : signInProblem(answer.why, words);
    signingIn = { busy: false, problem };
  };
  return html`<div class="sign-in-again">
    ${signInForm({ words, ...signingIn, submit: (name, word) => void submit(name, word) })}
  </div>`;
}

export function signInProblem(
  problem: 'wrong' | 'too-many' | 'unreachable',
  words: Desk['words'],
): string {
  switch (problem) {
    case 'wrong':
      return words.signIn.wrong;
    case 'too-many':
      return words.signIn.tooMany;
    case 'unreachable':
      return words.signIn.unreachable;
    default:
      return assertNever(problem);
  }
}

/** A newer server may say what this console does not know: it must not pass unseen. */
function unreadable({ state, words }: Desk): TemplateResult | typeof nothing {
  const { count, last } = state.unreadable;
  if (count === 0) return nothing;
  return html`<div class="notice warn">
    <span>${words.link.unreadable(count, last ?? '?')}</span>
    <button @click=${() => location.reload()}>${words.link.reload}</button>
  </div>`;
}
