import { availableParallelism } from 'node:os';
import { copiedFolder, fullFolder, hasAllCases, type SetName } from './case-set.ts';
import { doJobs } from './crew.ts';
import { optionsOf } from './options.ts';
import { familyTable, type Measured, requirementTable } from './requirement-table.ts';

/** `npm run detection`: every figure of bench/DETECTION.md in one run. */
const options = optionsOf(process.argv.slice(2));
const full = !options.quick && hasAllCases();
const folderOf = (set: SetName): string => (full ? fullFolder(set) : copiedFolder(set));

const wanted = options.sets.flatMap((set) =>
  options.intervalsS.map((intervalS) => ({ set, intervalS })),
);
const jobs = wanted.map(({ set, intervalS }) => ({ folder: folderOf(set), intervalS, seed: null }));
const outcomes = await doJobs(jobs, availableParallelism());
const measured: Measured[] = wanted.map((one, index) => ({
  ...one,
  outcome: outcomes[index]!,
  redrawn: [],
}));

const sections = measured.map((one) => {
  const { cases, pairDays } = one.outcome.cordon.overall;
  const head = `## ${one.set}, reports every ${one.intervalS} s`;
  const size = `${cases} cases, ${pairDays} pair-days.`;
  return [head, size, requirementTable(one), familyTable(one)].join('\n\n');
});
process.stdout.write(`${sections.join('\n\n')}\n`);
