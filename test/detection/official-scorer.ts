import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { DISTANCES_M, type IntervalS, officialScorer } from '../../bench/detection/case-set.ts';
import type { DistanceScore, Score } from '../../bench/detection/score.ts';

/** It lies beside the project where the cases were made, and nowhere else. */
export const hasOfficialScorer = existsSync(officialScorer);

/** What the official scorer prints: of a file of alerts, or of its own baseline. */
export function officialScore(
  folder: string,
  intervalS: IntervalS,
  alerts: string | '--naive',
): unknown {
  const args = [officialScorer, folder, String(intervalS), alerts, '--json'];
  const text = execFileSync(process.execPath, args, { encoding: 'utf8' });
  const { folder: _folder, interval: _interval, ...score } = JSON.parse(text) as Printed;
  return score;
}

interface Printed {
  readonly folder: unknown;
  readonly interval: unknown;
}

/** A score under the names that the official scorer prints, to be compared with it. */
export function officialFormOf({ cases, pairDays, breach, priority1 }: Score): object {
  const named = (at: Score['breach']): object =>
    Object.fromEntries(DISTANCES_M.map((distanceM) => [distanceM, officialNames(at[distanceM])]));
  return { cases, pairDays, breach: named(breach), priority1: named(priority1) };
}

function officialNames(score: DistanceScore): object {
  return {
    episodes: score.episodes,
    missPct: score.missPct,
    delayP50: score.delayP50S,
    delayP90: score.delayP90S,
    faPerPairDay: score.falsePerPairDay,
    farDayFaPerPairDay: score.farDayFalsePerPairDay,
    late100Pct: score.late100Pct,
  };
}
