import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, Option } from 'commander';
import { benchCore, benchStages } from './core.ts';
import { benchDurable } from './durable.ts';
import { benchIntake } from './intake.ts';
import { ordersText } from './orders.ts';
import { benchPath, type PathFigures } from './path.ts';

/** `npm run bench`: every figure of bench/RESULTS.md, from seeded worlds, in one run. */
const FEW = 10_000;
const MANY = 100_000;
const CORE_ROUNDS = 40;
const CORE_ROUNDS_MANY = 18;

const { against, only } = new Command('bench')
  .description('every figure of bench/RESULTS.md, from seeded worlds, in one run')
  .option('--against <folder>', 'a checkout of another version to compare the core with')
  .addOption(
    new Option('--only <part>', 'print one part and write nothing').choices(['durable', 'orders']),
  )
  .parse()
  .opts<{ against?: string; only?: string }>();

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const ratio = (a: number, b: number): string => `${(a / b).toFixed(2)} ×`;

function coreText(): string {
  const few = benchCore(FEW, CORE_ROUNDS);
  const many = benchCore(MANY, CORE_ROUNDS_MANY);
  const rows = [few, many].map(
    ({ wearers, perSecond, nsPerEvaluation }) =>
      `| ${whole(wearers)} | ${whole(perSecond)} | ${whole(nsPerEvaluation)} |`,
  );
  const growth = ratio(many.nsPerEvaluation, few.nsPerEvaluation);
  return `## Core, one thread

Each wearer has a contact ban and a location ban with a zone of 50 points; both parties report.

| wearers | positions evaluated a second | ns each (median round) |
|---|---|---|
${rows.join('\n')}

Cost at ${whole(MANY)} wearers against ${whole(FEW)}: **${growth}** (may be at most 1.50 ×; at least
300,000 a second).
`;
}

const AGAINST_TURNS = 5;

const middleOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The same world through the core of another checkout, turn by turn in the same run. */
async function againstText(folder: string): Promise<string> {
  const path = resolve(folder, 'bench/core.ts');
  const other = (await import(pathToFileURL(path).href)) as { benchCore: typeof benchCore };
  const commit = execFileSync('git', ['-C', folder, 'rev-parse', '--short', 'HEAD']);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let turn = 0; turn < AGAINST_TURNS; turn++) {
    theirs.push(other.benchCore(FEW, CORE_ROUNDS).nsPerEvaluation);
    ours.push(benchCore(FEW, CORE_ROUNDS).nsPerEvaluation);
  }
  const [now, before] = [middleOf(ours), middleOf(theirs)];
  return `## Core against another version

Medians of ${AGAINST_TURNS} turns each, ${whole(FEW)} wearers; \`npm run bench -- --against FOLDER\`.

| version | ns a position |
|---|---|
| ${commit.toString().trim()} | ${whole(before)} |
| this one | ${whole(now)} |

This one costs **${whole(now - before)} ns** a position more, ${ratio(now, before)}.
`;
}

async function stagesText(): Promise<string> {
  const intake = { name: 'weigh one message against its allowance', ns: await benchIntake() };
  const rows = [intake, ...benchStages()].map(({ name, ns }) => `| ${name} | ${whole(ns)} |`);
  return `## Stages

| stage | ns |
|---|---|
${rows.join('\n')}
`;
}

function memoryText(): string {
  const rows = [10_000, 50_000, 100_000].map((pairs) => {
    const flags = ['--expose-gc', '--import', 'tsx', 'bench/memory.ts', String(pairs)];
    const out = execFileSync(process.execPath, flags, { encoding: 'utf8' });
    const { bytesPerPair, liveMb, rssMb } = JSON.parse(out) as Record<string, number>;
    const cells = [pairs, bytesPerPair!, liveMb!, rssMb!, 150 + (pairs * 5_120) / 1e6].map(whole);
    return `| ${cells.join(' | ')} |`;
  });
  return `## Memory

Case states, indexes and zones after four reports of each device. Live is what a garbage collection
leaves, resident what the process then still holds of the system, collector's slack included.

| pairs | live bytes a pair | live MB in all | resident MB | allowed MB (150 + 5 KB a pair) |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

async function durableText(): Promise<string> {
  const figures = await benchDurable();
  const free = figures[0]!.perSecond;
  const rows = figures.map(
    ({ name, perSecond }) =>
      `| ${name} | ${whole(perSecond)} | ${Math.round((1 - perSecond / free) * 100)} % |`,
  );
  return `## What durable writing costs

Positions of 2,000 devices through the whole service, each answered after its write; medians of
turns that take turns. \`npm run bench -- --only durable\`.

| store | positions a second | less |
|---|---|---|
${rows.join('\n')}

It may cost at most 30 %.
`;
}

function pathText(figures: readonly PathFigures[]): string {
  const rows = figures.map(
    ({ name, probes, medianMs, p99Ms }) =>
      `| ${name} | ${probes} | ${medianMs.toFixed(2)} | ${p99Ms.toFixed(1)} |`,
  );
  const [aedes, embedded, mosquitto, outside] = figures.map(({ medianMs }) => medianMs);
  return `## From publish to console frame

1,000 devices send 1,000 positions a second; broker, sender, server and store (SQLite, every write
synced) share this machine. The echo is of the same broker alone under the same load.

| what | probes | median ms | p99 ms |
|---|---|---|---|
${rows.join('\n')}

Median against the broker's own echo: embedded **${ratio(embedded!, aedes!)}**, Mosquitto
**${ratio(outside!, mosquitto!)}** (may be at most 2.00 ×).
`;
}

const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`;
const today = new Date().toISOString().slice(0, 10);
if (only !== undefined) {
  process.stdout.write(await (only === 'durable' ? durableText() : ordersText()));
  process.exit(0);
}
const parts = [coreText()];
if (against !== undefined) parts.push(await againstText(against));
parts.push(await stagesText(), memoryText(), await durableText(), await ordersText());
parts.push(pathText(await benchPath()));
const text = `# Results

\`npm run bench\` on ${machine}, ${today}. Seeded worlds (seed 42). The
machine is shared: ratios hold, absolute figures drift.

${parts.join('\n')}`;
await writeFile(new URL('RESULTS.md', import.meta.url), text);
process.stdout.write(text);
process.exit(0);
