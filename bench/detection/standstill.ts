import type { RecordedFix } from './recorded-track.ts';

/** From which fix to which somebody stood, sat or slept, and where. */
export interface Standstill {
  readonly from: number;
  /** Inclusive. */
  readonly until: number;
  readonly eastM: number;
  readonly northM: number;
}

const SHORTEST_MS = 60_000;
/** What a window of fixes must not exceed to be one place. */
const WINDOW = 10;
const WANDER_M_MIN = 10;
/** Error of a place is much the same from one fix to the next; its median wanders so far. */
const WANDER_PER_ACCURACY = 1.2;
const SPEED_MS_MAX = 1;
const ACCURACY_UNKNOWN_M = 12;
/** Who is away from a place for longer than this, by bad fixes only, has left it. */
const AWAY_MS_MAX = 300_000;
/** A receiver that claims no better than this is under a roof, or might as well be. */
export const INDOOR_FROM_M = 16;

/** Where a device stayed for a minute or more, in order of time. */
export function standstills(fixes: readonly RecordedFix[]): Standstill[] {
  const stays: Standstill[] = [];
  for (const stand of calmStretches(fixes)) {
    // What lies between may itself look like a stand: a reflection can last for a minute.
    const back = [1, 2].find((count) => {
      const earlier = stays.at(-count);
      return earlier !== undefined && isSameStay(fixes, earlier, stand);
    });
    if (back === undefined) {
      stays.push(stand);
      continue;
    }
    const { from } = stays.splice(-back)[0]!;
    const { until } = stand;
    stays.push({ from, until, ...centreOf(fixes.slice(from, until + 1)) });
  }
  return stays.map((stay, i) => widened(fixes, stay, stays[i - 1], stays[i + 1]));
}

/** Windows end early: whoever still is where he was, and moves no more, has not left. */
function widened(
  fixes: readonly RecordedFix[],
  stay: Standstill,
  before: Standstill | undefined,
  after: Standstill | undefined,
): Standstill {
  const slack = 2 * slackM(fixes.slice(stay.from, stay.until + 1));
  const stays = (fix: RecordedFix): boolean =>
    (fix.speedMs ?? 0) <= SPEED_MS_MAX && apartM(stay, fix) <= slack;
  let { from, until } = stay;
  while (from - 1 > (before?.until ?? -1) && stays(fixes[from - 1]!)) from -= 1;
  while (until + 1 < (after?.from ?? fixes.length) && stays(fixes[until + 1]!)) until += 1;
  return { ...stay, from, until };
}

/** Indoors a man seems to wander through his neighbours' houses, and has not left his chair. */
function isSameStay(
  fixes: readonly RecordedFix[],
  earlier: Standstill,
  later: Standstill,
): boolean {
  const awayMs = fixes[later.from]!.atMs - fixes[earlier.until]!.atMs;
  if (awayMs > AWAY_MS_MAX) return false;
  const slack = 2 * slackM(fixes.slice(earlier.from, later.until + 1));
  const away = fixes.slice(earlier.until + 1, later.from);
  const unsure = away.length === 0 || medianClaimM(away) > INDOOR_FROM_M;
  const near = away.every((fix) => apartM(earlier, fix) <= slack);
  return (unsure || near) && apartM(earlier, later) <= slack;
}

function calmStretches(fixes: readonly RecordedFix[]): Standstill[] {
  const still = stillFixes(fixes);
  const found: Standstill[] = [];
  let from = 0;
  while (from < fixes.length) {
    const until = runFrom(fixes, still, from);
    if (until > from && fixes[until]!.atMs - fixes[from]!.atMs >= SHORTEST_MS) {
      found.push({ from, until, ...centreOf(fixes.slice(from, until + 1)) });
    }
    from = Math.max(until, from) + 1;
  }
  return found;
}

/** Whether each fix lies in some window that shows no motion. */
function stillFixes(fixes: readonly RecordedFix[]): boolean[] {
  const still = fixes.map(() => false);
  for (let i = 0; i + WINDOW <= fixes.length; i++) {
    const window = fixes.slice(i, i + WINDOW);
    if (showsNoMotion(window)) still.fill(true, i, i + WINDOW);
  }
  return still;
}

function showsNoMotion(window: readonly RecordedFix[]): boolean {
  const speeds = window.map(({ speedMs }) => speedMs).filter((speedMs) => speedMs !== null);
  if (speeds.length > 0 && median(speeds) > SPEED_MS_MAX) return false;
  const half = Math.floor(window.length / 2);
  return apartM(centreOf(window.slice(0, half)), centreOf(window.slice(half))) <= slackM(window);
}

/** Last fix up to which everything stays around the place where the run began. */
function runFrom(fixes: readonly RecordedFix[], still: readonly boolean[], from: number): number {
  if (!still[from]) return from;
  let until = from;
  while (until + 1 < fixes.length && still[until + 1]) {
    const next = fixes.slice(Math.max(from, until + 2 - WINDOW), until + 2);
    const first = fixes.slice(from, Math.min(until + 2, from + 3 * WINDOW));
    if (apartM(centreOf(next), centreOf(first)) > 2 * slackM([...first, ...next])) break;
    until += 1;
  }
  return until;
}

const medianClaimM = (fixes: readonly RecordedFix[]): number =>
  median(fixes.map(({ accuracyM }) => accuracyM ?? ACCURACY_UNKNOWN_M));

const slackM = (fixes: readonly RecordedFix[]): number =>
  Math.max(WANDER_M_MIN, WANDER_PER_ACCURACY * medianClaimM(fixes));

interface Place {
  readonly eastM: number;
  readonly northM: number;
}

/** Half of the fixes lie on either side: a reflection has no say. */
const centreOf = (fixes: readonly RecordedFix[]): Place => ({
  eastM: median(fixes.map(({ eastM }) => eastM)),
  northM: median(fixes.map(({ northM }) => northM)),
});

const apartM = (a: Place, b: Place): number => Math.hypot(a.eastM - b.eastM, a.northM - b.northM);

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
