import { type IntervalS, INTERVALS_S } from './case-set.ts';
import { ESTIMATORS } from './estimators.ts';
import type { RecordedFix, RecordedTrack } from './recorded-track.ts';
import { quantile } from './score.ts';
import { type TrueTrack, whereOn } from './true-track.ts';

export const PACES = ['still', 'on foot', 'vehicle'] as const;
export type Pace = (typeof PACES)[number];

/** How far an estimator was off at the next fix of each device, knowing all before it. */
export interface Prediction {
  readonly estimator: string;
  readonly intervalS: IntervalS;
  readonly pace: Pace;
  readonly count: number;
  readonly medianM: number;
  readonly p90M: number;
  readonly p95M: number;
  /** Errors within the radii that the estimator's own sigma makes of 68 % and 95 %. */
  readonly within68Pct: number;
  readonly within95Pct: number;
}

const STILL_BELOW_MS = 0.5;
const FOOT_BELOW_MS = 2.5;
/** 68 % and 95 % radius of a circular normal distribution, per deviation of an axis. */
const RADIUS_68 = 1.515;
const RADIUS_95 = 2.448;

interface Miss {
  readonly errorM: number;
  readonly sigmaM: number;
}

/** A device as recorded, and the way it is taken to have gone. */
export interface Pursued {
  readonly track: RecordedTrack;
  readonly way: TrueTrack;
}

/** Every estimator over every track, at every interval, by how its device moved. */
export function predictions(pursued: readonly Pursued[]): Prediction[] {
  return INTERVALS_S.flatMap((intervalS) =>
    Object.keys(ESTIMATORS).flatMap((estimator) => {
      const misses: Record<Pace, Miss[]> = { still: [], 'on foot': [], vehicle: [] };
      for (const one of pursued) collect(one, estimator, intervalS, misses);
      return PACES.map((pace) => summed(estimator, intervalS, pace, misses[pace]));
    }),
  );
}

function collect(
  { track, way }: Pursued,
  estimator: string,
  intervalS: IntervalS,
  misses: Record<Pace, Miss[]>,
): void {
  const { hear, expect } = ESTIMATORS[estimator]!(track.plane);
  for (const fix of thinned(track.fixes, intervalS)) {
    const expected = fix.source === 'gnss' ? expect(fix.atMs) : null;
    if (expected) {
      const { eastM, northM, eastMs, northMs } = whereOn(way, fix.atMs);
      const errorM = Math.hypot(expected.eastM - eastM, expected.northM - northM);
      misses[paceOf(Math.hypot(eastMs, northMs))].push({ errorM, sigmaM: expected.sigmaM });
    }
    hear(fix);
  }
}

/** As a device that reports so often would have it: the same instants in each recording. */
function thinned(fixes: readonly RecordedFix[], intervalS: IntervalS): readonly RecordedFix[] {
  const firstMs = fixes[0]?.atMs ?? 0;
  return fixes.filter(({ atMs }) => (atMs - firstMs) % (intervalS * 1000) === 0);
}

function paceOf(speedMs: number): Pace {
  if (speedMs < STILL_BELOW_MS) return 'still';
  return speedMs < FOOT_BELOW_MS ? 'on foot' : 'vehicle';
}

function summed(
  estimator: string,
  intervalS: IntervalS,
  pace: Pace,
  misses: readonly Miss[],
): Prediction {
  const errorsM = misses.map(({ errorM }) => errorM);
  const at = (share: number): number => quantile(errorsM, share) ?? 0;
  const withinPct = (radius: number): number =>
    (100 * misses.filter(({ errorM, sigmaM }) => errorM <= radius * sigmaM).length) /
    Math.max(1, misses.length);
  return {
    estimator,
    intervalS,
    pace,
    count: misses.length,
    medianM: at(0.5),
    p90M: at(0.9),
    p95M: at(0.95),
    within68Pct: withinPct(RADIUS_68),
    within95Pct: withinPct(RADIUS_95),
  };
}
