import type { Language } from '../shared/figures.ts';
import { why } from '../shared/why.ts';
import type { News } from './news.ts';
import type { Words } from './words.ts';

/** Fewer words for what is less urgent: a screen reader that never stops is not listened to. */
const POLITE_EVERY_MS = 10_000;

export interface Announcer {
  /** Called after every change with what is new, and at every tick with nothing. */
  tell(news: News, nowMs: number, words: Words, language: Language): void;
}

/**
 * Speaks through two live regions that are in the page from the start. One short sentence for a
 * new priority 1; all others are counted and told together, at most every ten seconds.
 */
export function announcer(
  urgent: { textContent: string | null },
  polite: { textContent: string | null },
): Announcer {
  let untold = 0;
  let firstOther = '';
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return {
    tell(news, nowMs, words, language) {
      const first = news.now[0];
      if (first !== undefined) {
        const more = news.now.length > 1 ? `${words.list.announceNow(news.now.length)} ` : '';
        const priority = words.alert.priority[1];
        urgent.textContent = `${more}${priority}: ${why(first, language, nowMs)}`;
      }
      if (news.others[0] !== undefined) {
        if (untold === 0) firstOther = why(news.others[0], language, nowMs);
        untold += news.others.length;
      }
      if (untold === 0 || nowMs - toldAtMs < POLITE_EVERY_MS) return;
      polite.textContent = untold === 1 ? firstOther : words.list.announceMany(untold);
      toldAtMs = nowMs;
      untold = 0;
    },
  };
}
