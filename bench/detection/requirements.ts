import type { IntervalS, SetName } from './case-set.ts';
import type { DistanceScore, Score } from './score.ts';

/** Distances at which something is required of Cordon. */
const REQUIRED_M = [250, 500, 1000] as const;
type RequiredM = (typeof REQUIRED_M)[number];
/** Ordinary life must stay quiet at these. */
const QUIET_M = [100, 250, 500, 1000] as const;
const URGENT_AT_M = 500;

type Breach = readonly [missPct: number, delayS: number, falsePerPairDay: number];
type Urgent = readonly [late100Pct: number, falsePerPairDay: number];

// prettier-ignore
const BREACH: Readonly<Record<IntervalS, Readonly<Record<RequiredM, Breach>>>> = {
  //      miss %, median delay s, false alarms per pair-day
  5:  { 250: [1.5, 2, 1.0],  500: [0.7, 1.5, 0.6], 1000: [0, 1.5, 0.5] },
  15: { 250: [2.5, 4, 1.2],  500: [1, 3.5, 0.8],   1000: [0, 3.5, 0.6] },
  60: { 250: [20, 18, 1.0],  500: [7, 12, 1.0],    1000: [1.5, 12, 0.8] },
};

/** So few pair-days that a single false alarm is more than the other set allows. */
const FALSE_REAL_RECEIVERS: Readonly<Record<RequiredM, number>> = { 250: 5, 500: 1, 1000: 1 };

const URGENT: Readonly<Record<IntervalS, Urgent>> = { 5: [0, 2], 15: [1, 2], 60: [12, 2] };

/** One figure that has a limit. */
export interface Requirement {
  readonly name: string;
  readonly limit: number;
  readonly figure: (score: Score) => number | null;
}

/** Everything required of one set of cases at one report interval. */
export function requirementsOf(set: SetName, intervalS: IntervalS): Requirement[] {
  const [lateMax, urgentFalseMax] = URGENT[intervalS];
  const urgent = ({ priority1 }: Score): DistanceScore => priority1[URGENT_AT_M];
  return [
    ...REQUIRED_M.flatMap((distanceM) => breachRequirements(set, intervalS, distanceM)),
    {
      name: `priority 1 at ${URGENT_AT_M} m, late at 100 m, %`,
      limit: lateMax,
      figure: (score) => urgent(score).late100Pct,
    },
    {
      name: `priority 1 at ${URGENT_AT_M} m, false per pair-day`,
      limit: urgentFalseMax,
      figure: (score) => urgent(score).falsePerPairDay,
    },
    { name: 'far days, false per pair-day, any distance to 1000 m', limit: 0, figure: worstFarDay },
  ];
}

function breachRequirements(
  set: SetName,
  intervalS: IntervalS,
  distanceM: RequiredM,
): Requirement[] {
  const [missMax, delayMax, simulatedFalseMax] = BREACH[intervalS][distanceM];
  const falseMax = set === 'real-receivers' ? FALSE_REAL_RECEIVERS[distanceM] : simulatedFalseMax;
  const at = ({ breach }: Score): DistanceScore => breach[distanceM];
  const name = `breach at ${distanceM} m`;
  return [
    { name: `${name}, missed, %`, limit: missMax, figure: (score) => at(score).missPct },
    { name: `${name}, median delay, s`, limit: delayMax, figure: (score) => at(score).delayP50S },
    {
      name: `${name}, false per pair-day`,
      limit: falseMax,
      figure: (score) => at(score).falsePerPairDay,
    },
  ];
}

/** The worst of both claims: quiet means quiet. */
function worstFarDay(score: Score): number | null {
  const all = QUIET_M.flatMap((distanceM) => [
    score.breach[distanceM].farDayFalsePerPairDay,
    score.priority1[distanceM].farDayFalsePerPairDay,
  ]).filter((one) => one !== null);
  return all.length > 0 ? Math.max(...all) : null;
}

export type Verdict = 'reached' | 'missed' | 'not measured';

export function verdictOf({ figure, limit }: Requirement, score: Score): Verdict {
  const value = figure(score);
  if (value === null) return 'not measured';
  return value <= limit ? 'reached' : 'missed';
}
