/**
 * Which sequence numbers of one device were taken in already, as sorted ranges `[from, until]`.
 * Devices count up, so a handful of ranges holds days of messages.
 */
export interface SeenSeqs {
  readonly boot: string | null;
  readonly ranges: readonly (readonly [from: number, until: number])[];
}

/** More gaps than this and the oldest are forgotten: their doubles are late fixes, and harmless. */
export const SEEN_RANGES_MAX = 32;

export const nothingSeen = (boot: string | null): SeenSeqs => ({ boot, ranges: [] });

export function hasSeen(seen: SeenSeqs, seq: number): boolean {
  for (let i = seen.ranges.length - 1; i >= 0; i--) {
    const [from, until] = seen.ranges[i]!;
    if (seq > until) return false;
    if (seq >= from) return true;
  }
  return false;
}

/** The same with one more; numbers next to a range extend it. */
export function withSeen(seen: SeenSeqs, seq: number): SeenSeqs {
  const { ranges } = seen;
  const newest = ranges[ranges.length - 1];
  if (newest && seq === newest[1] + 1) {
    const grown = ranges.slice();
    grown[grown.length - 1] = [newest[0], seq];
    return { boot: seen.boot, ranges: grown };
  }
  const at = ranges.findIndex(([from]) => from > seq);
  const index = at === -1 ? ranges.length : at;
  const before = ranges[index - 1];
  const after = ranges[index];
  const joinsBefore = before !== undefined && before[1] + 1 === seq;
  const joinsAfter = after !== undefined && after[0] - 1 === seq;
  const merged: readonly [number, number] = [
    joinsBefore ? before[0] : seq,
    joinsAfter ? after[1] : seq,
  ];
  const next = [
    ...ranges.slice(0, joinsBefore ? index - 1 : index),
    merged,
    ...ranges.slice(joinsAfter ? index + 1 : index),
  ];
  return { boot: seen.boot, ranges: next.slice(-SEEN_RANGES_MAX) };
}
