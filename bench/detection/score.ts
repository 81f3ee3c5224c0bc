import type { DistanceM, EncounterCase } from './case-set.ts';
import type { AlertLine } from './playback.ts';
import { claimsBreach, claimsUrgency, riseKey, type Rises, risesOf, type Span } from './rises.ts';

/** An alert so soon before or after an encounter belongs to it; so do two parts of one. */
const GRACE_MS = 60_000;
const DAY_S = 86_400;
/** Where it must long have been told: an alert that comes only nearer than this is late. */
const LATE_WITHIN_M = 100;
const APPROACH_FROM_M = 250;

/** How well a claim at one distance fits the truth. Rounded as the official scorer does. */
export interface DistanceScore {
  /** True encounters, those already running at the start left out. */
  readonly episodes: number;
  /** Of these, nothing active between entry and a minute after exit. */
  readonly missPct: number | null;
  /** First moment active after true entry, in seconds; negative is early. */
  readonly delayP50S: number | null;
  readonly delayP90S: number | null;
  /** Rises that touch no true encounter within a minute. */
  readonly falsePerPairDay: number;
  /** The same in the cases nearest to ordinary life. */
  readonly farDayFalsePerPairDay: number | null;
  /** Approaches below 100 m told only once below 100 m, or never. */
  readonly late100Pct: number | null;
  /** Of every encounter that was told, in the order of the cases. */
  readonly delaysS: readonly number[];
}

export const CLAIMS = ['breach', 'priority1'] as const;
export type Claim = (typeof CLAIMS)[number];

export interface Score {
  readonly cases: number;
  readonly pairDays: number;
  readonly breach: Readonly<Record<DistanceM, DistanceScore>>;
  readonly priority1: Readonly<Record<DistanceM, DistanceScore>>;
}

/** Holds what was said against what happened. */
export function scoreOf(cases: readonly EncounterCase[], lines: readonly AlertLine[]): Score {
  const pairDays = pairDaysOf(cases);
  const at = (rises: Rises): Record<DistanceM, DistanceScore> => ({
    100: scoreAt(100, cases, rises),
    250: scoreAt(250, cases, rises),
    500: scoreAt(500, cases, rises),
    1000: scoreAt(1000, cases, rises),
    2000: scoreAt(2000, cases, rises),
  });
  return {
    cases: cases.length,
    pairDays: rounded(pairDays, 2),
    breach: at(risesOf(lines, claimsBreach)),
    priority1: at(risesOf(lines, claimsUrgency)),
  };
}

/** The same, each family of cases by itself, in the order of their names. */
export function scoreByFamily(
  cases: readonly EncounterCase[],
  lines: readonly AlertLine[],
): Record<string, Score> {
  const kinds = [...new Set(cases.map(({ kind }) => kind))].toSorted();
  return Object.fromEntries(
    kinds.map((family) => [
      family,
      scoreOf(
        cases.filter(({ kind }) => kind === family),
        lines,
      ),
    ]),
  );
}

interface CaseTally {
  readonly delaysS: readonly number[];
  readonly missed: number;
  readonly falseRises: number;
  /** Null when the two never came close, or were close from the start. */
  readonly late: boolean | null;
}

function scoreAt(
  distanceM: DistanceM,
  cases: readonly EncounterCase[],
  rises: Rises,
): DistanceScore {
  const tallies = cases.map((one) =>
    tallyOf(one, distanceM, rises.get(riseKey(one.id, distanceM)) ?? []),
  );
  const falseIn = (kind: string | null): number =>
    sum(tallies.map((tally, i) => (!kind || cases[i]!.kind === kind ? tally.falseRises : 0)));
  const delaysS = tallies.flatMap((tally) => tally.delaysS);
  const missed = sum(tallies.map((tally) => tally.missed));
  const approaches = tallies.filter(({ late }) => late !== null);
  const late = approaches.filter((tally) => tally.late).length;
  const farDays = pairDaysOf(cases.filter(({ kind }) => kind === 'far_day'));
  return {
    episodes: delaysS.length + missed,
    missPct: percent(missed, delaysS.length + missed),
    delayP50S: quantile(delaysS, 0.5),
    delayP90S: quantile(delaysS, 0.9),
    falsePerPairDay: rounded(falseIn(null) / pairDaysOf(cases), 2),
    farDayFalsePerPairDay: farDays > 0 ? rounded(falseIn('far_day') / farDays, 2) : null,
    late100Pct: percent(late, approaches.length),
    delaysS,
  };
}

function tallyOf(one: EncounterCase, distanceM: DistanceM, rises: readonly Span[]): CaseTally {
  const endMs = one.startMs + one.durationS * 1000;
  const heard = rises.filter(([fromMs]) => fromMs <= endMs + GRACE_MS);
  const episodes = joined(one.thresholds[distanceM].episodesMs);
  const touches = ([fromMs, untilMs]: Span, [enterMs, leaveMs]: Span, earlyMs: number): boolean =>
    fromMs <= leaveMs + GRACE_MS && untilMs >= enterMs - earlyMs;
  const delaysS: number[] = [];
  let missed = 0;
  for (const episode of episodes) {
    if (episode[0] <= one.startMs) continue;
    const told = heard.filter((rise) => touches(rise, episode, 0)).map(([fromMs]) => fromMs);
    if (told.length > 0) delaysS.push((Math.min(...told) - episode[0]) / 1000);
    else missed += 1;
  }
  const isFalse = (rise: Span): boolean =>
    rise[0] <= endMs && !episodes.some((episode) => touches(rise, episode, GRACE_MS));
  const falseRises = heard.filter(isFalse).length;
  return { delaysS, missed, falseRises, late: isLate(one, distanceM, heard) };
}

function isLate(one: EncounterCase, distanceM: DistanceM, rises: readonly Span[]): boolean | null {
  const close = one.thresholds[LATE_WITHIN_M];
  const closeMs = close.firstBelowMs;
  if (distanceM < APPROACH_FROM_M || close.startsBelow || !closeMs) return null;
  if (one.thresholds[distanceM].startsBelow) return null;
  return !rises.some(([fromMs, untilMs]) => fromMs < closeMs && untilMs >= closeMs);
}

/** Two stays below the distance with less than a minute between them are one encounter. */
function joined(episodes: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const [fromMs, untilMs] of episodes) {
    const last = whole.at(-1);
    if (last && fromMs - last[1] < GRACE_MS) whole[whole.length - 1] = [last[0], untilMs];
    else whole.push([fromMs, untilMs]);
  }
  return whole;
}

/** The value below which the given share lies: the next one up, never between two. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
const pairDaysOf = (cases: readonly EncounterCase[]): number =>
  sum(cases.map(({ durationS }) => durationS)) / DAY_S;
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
const percent = (part: number, whole: number): number | null =>
  whole > 0 ? rounded((100 * part) / whole, 1) : null;
