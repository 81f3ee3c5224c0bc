import type { Problem } from '../shared/problem.ts';
import type { ApprovalWords, ZoneWords } from './approval-words.ts';

/** In the reader's words where we have them; the server's own, in English, where we do not. */
export const problemText = ({ code, title, detail }: Problem, words: ApprovalWords): string =>
  words.problem[code] ?? `${title} ${detail}`.trim();

export interface ZoneFault {
  /** Which field it is about; null when it is the zone as a whole. */
  readonly at: 'centre' | 'radius' | number | null;
  readonly text: string;
}

/** Each fault with the field that it is about, from its JSON pointer. (SPEC AV8) */
export function zoneFaults(
  { errors, ...problem }: Problem,
  corners: number,
  words: ApprovalWords,
): ZoneFault[] {
  if (errors === undefined || errors.length === 0) {
    return [{ at: null, text: problemText(problem, words) }];
  }
  return errors.map(({ pointer, detail }) => ({
    at: placeOf(pointer, corners),
    text: meaningOf(detail, words.zone),
  }));
}

function placeOf(pointer: string, corners: number): ZoneFault['at'] {
  if (/\/center(\/|$)/.test(pointer)) return 'centre';
  if (pointer.endsWith('/radiusM')) return 'radius';
  const found = /\/coordinates\/0\/(\d+)(?:\/[01])?$/.exec(pointer)?.[1];
  if (found === undefined) return null;
  // The last position of a ring is the first again.
  return corners === 0 ? null : Number(found) % corners;
}

function meaningOf(detail: string, { serverFaults }: ZoneWords): string {
  const meanings = serverFaults.filter(([said]) => said.test(detail)).map(([, meaning]) => meaning);
  return meanings.length > 0 ? meanings.join('; ') : detail;
}
