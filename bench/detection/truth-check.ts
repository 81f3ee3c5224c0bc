import { DISTANCES_M, type EncounterCase } from './case-set.ts';
import { quantile } from './score.ts';

/** How near the truth by definition is to the recorded truth, which it never saw. */
export interface TruthCheck {
  readonly closestOffMedianM: number;
  readonly closestOffP90M: number;
  /** Of cases and distances, those with as many encounters as were recorded. */
  readonly sameCountPct: number;
  /** Of the encounters of these: difference of their beginnings. */
  readonly entryOffMedianS: number;
  readonly entryOffP90S: number;
}

export function truthCheck(
  recorded: readonly EncounterCase[],
  defined: readonly EncounterCase[],
): TruthCheck {
  const closestOffM = recorded.map(({ closestApproachM }, i) =>
    Math.abs(closestApproachM - defined[i]!.closestApproachM),
  );
  const pairs = recorded.flatMap(({ thresholds }, i) =>
    DISTANCES_M.map((distanceM) => ({
      was: thresholds[distanceM].episodesMs,
      is: defined[i]!.thresholds[distanceM].episodesMs,
    })),
  );
  const same = pairs.filter(({ was, is }) => was.length === is.length);
  const entryOffS = same.flatMap(({ was, is }) =>
    was.map(([fromMs], i) => Math.abs(fromMs - is[i]![0]) / 1000),
  );
  return {
    closestOffMedianM: quantile(closestOffM, 0.5) ?? 0,
    closestOffP90M: quantile(closestOffM, 0.9) ?? 0,
    sameCountPct: (100 * same.length) / pairs.length,
    entryOffMedianS: quantile(entryOffS, 0.5) ?? 0,
    entryOffP90S: quantile(entryOffS, 0.9) ?? 0,
  };
}
