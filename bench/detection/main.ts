import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { copiedFolder, fullFolder, hasAllCases, INTERVALS_S } from './case-set.ts';
import { readCaseSet, readMessages, type SetName } from './case-set.ts';
import { doJobs } from './crew.ts';
import { delayChart } from './delay-chart.ts';
import { type Job, knownGround } from './job.ts';
import { leadChart } from './lead-chart.ts';
import { optionsOf } from './options.ts';
import { type Prediction, predictions } from './prediction.ts';
import { recordedTracks } from './recorded-track.ts';
import { measuredText, reportText } from './report.ts';
import type { Measured } from './requirement-table.ts';
import { type TruthCheck, truthCheck } from './truth-check.ts';

/** `npm run detection`: every figure of bench/DETECTION.md in one run. */
const options = optionsOf(process.argv.slice(2));
const allCases = !options.quick && hasAllCases();
const folderOf = (set: SetName): string => (allCases ? fullFolder(set) : copiedFolder(set));

/** Errors of real receivers are what they are: only simulated ones can be drawn again. */
const REDRAWN: SetName = 'simulated-noise';

async function measure(): Promise<Measured[]> {
  const wanted = options.sets.flatMap((set) =>
    options.intervalsS.map((intervalS) => ({ set, intervalS })),
  );
  const seeds = Array.from({ length: options.seeds }, (_, i) => i + 1);
  const again = wanted.filter(({ set }) => set === REDRAWN);
  const planned = [
    ...wanted.map((one) => ({ ...one, seed: null })),
    ...seeds.flatMap((seed) => again.map((one) => ({ ...one, seed }))),
  ];
  const jobs = planned.map(({ set, intervalS, seed }): Job => ({
    folder: folderOf(set),
    intervalS,
    seed,
  }));
  const outcomes = await doJobs(jobs, availableParallelism());
  return wanted.map(({ set, intervalS }, index) => ({
    set,
    intervalS,
    outcome: outcomes[index]!,
    redrawn: outcomes.filter((_, i) => {
      const job = planned[i]!;
      return job.seed !== null && job.set === set && job.intervalS === intervalS;
    }),
  }));
}

function compared(): { check: TruthCheck; predicted: Prediction[] } {
  const set = readCaseSet(folderOf(REDRAWN));
  const { cases, devices } = knownGround(set);
  const tracks = recordedTracks(readMessages(set.folder, INTERVALS_S[0]));
  const wayOf = new Map(devices.map(({ deviceId, way }) => [deviceId, way]));
  const pursued = tracks.map((track) => ({ track, way: wayOf.get(track.deviceId)! }));
  return { check: truthCheck(set.cases, cases), predicted: predictions(pursued) };
}

const commandOf = (given: readonly string[]): string =>
  ['npm run detection', ...(given.length > 0 ? ['--', ...given] : [])].join(' ');

const measured = await measure();
if (!options.writes) process.stdout.write(`${measuredText(measured)}\n`);
else {
  const { check, predicted } = compared();
  const circumstances = {
    command: commandOf(process.argv.slice(2)),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`,
    date: new Date().toISOString().slice(0, 10),
    allCases,
    seeds: options.seeds,
  };
  const text = reportText(circumstances, measured, check, predicted);
  const docs = (name: string): URL => new URL(`../../docs/${name}`, import.meta.url);
  await writeFile(docs('detection-delay.svg'), delayChart(measured));
  await writeFile(docs('detection-lead.svg'), leadChart(measured));
  await writeFile(new URL('../DETECTION.md', import.meta.url), text);
  process.stdout.write(text);
}
