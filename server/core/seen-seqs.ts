/**
 * Which sequence numbers of one device were taken in already. Devices count up, so nearly always
 * one range says it all: it stands in the value itself, ranges below it in `older`.
 */
export interface SeenSeqs {
  readonly boot: string | null;
  /** The newest range; empty while `until < from`. */
  readonly from: number;
  readonly until: number;
  /** Ranges `[from, until]` below the newest, sorted. */
  readonly older: readonly (readonly [from: number, until: number])[];
}

/** More gaps than this and the oldest are forgotten: their doubles are late fixes, and harmless. */
export const SEEN_RANGES_MAX = 32;

const NO_RANGES: SeenSeqs['older'] = [];

const NOTHING: SeenSeqs = { boot: null, from: 0, until: -1, older: NO_RANGES };

export const nothingSeen = (boot: string | null): SeenSeqs =>
  boot === null ? NOTHING : { ...NOTHING, boot };

export const isEmpty = (seen: SeenSeqs): boolean => seen.until < seen.from;

export function hasSeen(seen: SeenSeqs, seq: number): boolean {
  if (seq >= seen.from) return seq <= seen.until;
  return seen.older.some(([from, until]) => from <= seq && seq <= until);
}

/** The same with one more; numbers next to a range extend it. */
export function withSeen(seen: SeenSeqs, seq: number): SeenSeqs {
  const { boot, from, until, older } = seen;
  if (isEmpty(seen)) return { boot, from: seq, until: seq, older };
  if (seq === until + 1) return { boot, from, until: seq, older };
  const joined = joinedWith([...older, [from, until]], seq);
  const [newestFrom, newestUntil] = joined[joined.length - 1]!;
  return {
    boot,
    from: newestFrom,
    until: newestUntil,
    older: joined.slice(-1 - SEEN_RANGES_MAX, -1),
  };
}

function joinedWith(ranges: SeenSeqs['older'], seq: number): SeenSeqs['older'] {
  const at = ranges.findIndex(([from]) => from > seq);
  const index = at === -1 ? ranges.length : at;
  const before = ranges[index - 1];
  const after = ranges[index];
  const joinsBefore = before !== undefined && before[1] + 1 === seq;
  const joinsAfter = after !== undefined && after[0] - 1 === seq;
  return [
    ...ranges.slice(0, joinsBefore ? index - 1 : index),
    [joinsBefore ? before[0] : seq, joinsAfter ? after[1] : seq],
    ...ranges.slice(joinsAfter ? index + 1 : index),
  ];
}
