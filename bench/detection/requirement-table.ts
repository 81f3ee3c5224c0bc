import type { IntervalS, SetName } from './case-set.ts';
import type { Outcome } from './job.ts';
import { requirementsOf, verdictOf } from './requirements.ts';
import type { Score } from './score.ts';

/** What one run over one set at one interval gave. */
export interface Measured {
  readonly set: SetName;
  readonly intervalS: IntervalS;
  readonly outcome: Outcome;
  /** The same with other noise, if that was drawn. */
  readonly redrawn: readonly Outcome[];
}

export const figureText = (value: number | null): string =>
  value === null ? '–' : String(Number(value.toFixed(2)));

/** Mean and standard deviation over the seeds; a figure that some lack has neither. */
export function meanAndSpread(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0 || known.length < values.length) return '–';
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  if (known.length === 1) return figureText(mean);
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return `${figureText(mean)} ± ${figureText(Math.sqrt(squares / (known.length - 1)))}`;
}

/** Every requirement of one set and interval, with what was measured and whether it is reached. */
export function requirementTable({ set, intervalS, outcome, redrawn }: Measured): string {
  const { cordon, rawDistance } = outcome;
  const again = redrawn.length > 0;
  const rows = requirementsOf(set, intervalS).map((requirement) => {
    const { name, limit, figure } = requirement;
    const cells = [`≤ ${limit}`, figureText(figure(cordon.overall)), verdict(requirement)];
    const drawn = (by: 'cordon' | 'rawDistance'): string[] =>
      again ? [meanAndSpread(redrawn.map((one) => figure(one[by].overall)))] : [];
    const raw = figureText(figure(rawDistance.overall));
    return [name, ...cells, ...drawn('cordon'), raw, ...drawn('rawDistance')];
  });
  const noise = again ? ['noise re-drawn'] : [];
  const heads = ['figure', 'limit', 'Cordon', 'limit is', ...noise, 'raw distance', ...noise];
  return markdownTable(heads, rows);

  function verdict(requirement: Parameters<typeof verdictOf>[0]): string {
    const found = verdictOf(requirement, cordon.overall);
    return found === 'missed' ? '**missed**' : found;
  }
}

/** Missed % / median delay s / false alarms per pair-day of each family, Cordon and baseline. */
export function familyTable({ outcome }: Measured): string {
  const distances = [250, 500, 1000] as const;
  const triple = (score: Score, distanceM: (typeof distances)[number]): string => {
    const { missPct, delayP50S, falsePerPairDay } = score.breach[distanceM];
    return [missPct, delayP50S, falsePerPairDay].map(figureText).join(' / ');
  };
  const rows = Object.entries(outcome.cordon.families).map(([family, score]) => [
    family,
    String(score.cases),
    ...distances.flatMap((distanceM) => [
      triple(score, distanceM),
      triple(outcome.rawDistance.families[family]!, distanceM),
    ]),
  ]);
  const heads = distances.flatMap((distanceM) => [`Cordon, ${distanceM} m`, 'raw distance']);
  return markdownTable(['family', 'cases', ...heads], rows);
}

export function markdownTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
