import type { Decision, Entry } from '../ports.ts';

/** What every store must know of an entry, wherever it writes it. */

export type EntryOf<Type extends Entry['type']> = Extract<Entry, { type: Type }>;

/** All but decisions: those go through the journal. */
export type DataEntry = Exclude<Entry, Decision>;

/** An entry that can never be written, by its place in the batch. */
export interface BadEntry {
  readonly index: number;
  readonly message: string;
}

/** A broken device must not fill the disk with what we refused of it. */
export const REJECTIONS_MAX = 10_000;

/** A fix can't be measured after it came in; such a clock must not crowd out the true newest. */
export const CLOCK_AHEAD_MS_MAX = 60_000;

/** As many changes as a console may have missed before a snapshot is the shorter way. */
export const FEED_CHANGES_MAX = 2_000;

/** When the server took an entry in; null for what carries no such time. */
export function serverTimeOf(entry: Entry): number | null {
  switch (entry.type) {
    case 'position':
      return entry.fix.receivedAtMs;
    case 'device-event':
      return entry.receivedAtMs;
    case 'alert-change':
      return entry.change.atMs;
    case 'session':
      return entry.createdAtMs;
    case 'account':
    // Also written before the server runs, which then would seem to have run already.
    case 'registration':
    case 'session-ended':
      return null;
    default:
      return entry.atMs;
  }
}

/** The newest server time of all; null when none carries one. */
export function newestTimeOf(entries: readonly Entry[]): number | null {
  let newestMs: number | null = null;
  for (const entry of entries) {
    const atMs = serverTimeOf(entry);
    if (atMs !== null && (newestMs === null || atMs > newestMs)) newestMs = atMs;
  }
  return newestMs;
}
