import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { ALL_FAULTS } from './all-faults.ts';
import { chosenStore, type StoreName } from './chosen-store.ts';
import type { Fault, FaultContext, Outcome } from './fault.ts';
import { type Row, tableText, verdictOf } from './fault-table.ts';

/**
 * `npm run faults`: the failure tests of one machine, on real processes. Rows of bench/FAULTS.md that
 * were run are written anew after each; those of a `--quick` run are only printed.
 */
const TABLE = fileURLToPath(new URL('../FAULTS.md', import.meta.url));
/** The same draws in every run. */
const SEED = 42;

interface Options {
  readonly only?: readonly string[];
  readonly quick: boolean;
  readonly store: StoreName | 'both';
}

const options = new Command('faults')
  .description('breaks one thing after the other and measures what then holds')
  .option('--only <numbers>', 'such as 1,9,restart', (list) => list.split(','))
  .option('--quick', 'fewer rounds, and no table written', false)
  .addOption(
    new Option('--store <store>', 'where servers keep what they have')
      .choices(['sqlite', 'postgres', 'both'])
      .default('sqlite'),
  )
  .parse()
  .opts<Options>();

const stores: readonly StoreName[] =
  options.store === 'both' ? ['sqlite', 'postgres'] : [options.store];

/** A fault that breaks the bench itself has failed, and the others go on. */
async function outcomeIn(fault: Fault, context: FaultContext): Promise<Outcome> {
  try {
    return await fault.run(context);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${text}\n`);
    const [first = ''] = text.split('\n');
    return { passed: false, figures: '–', notes: `it did not come to an end: ${first}` };
  }
}

async function rowOf(fault: Fault, store: StoreName): Promise<Row> {
  const tell = (text: string): void => void process.stdout.write(`  ${text}\n`);
  process.stdout.write(`${fault.number} ${fault.name} (${store})\n`);
  const context = {
    quick: options.quick,
    seed: SEED,
    patience: 1,
    store: chosenStore(store),
    tell,
  };
  const outcome = await outcomeIn(fault, context);
  tell(`${verdictOf(outcome)}: ${outcome.figures}. ${outcome.notes}`);
  return {
    fault,
    store: fault.perStore ? store : null,
    outcome,
    load: loadavg()[0]! / cpus().length,
    date: new Date().toISOString().slice(0, 10),
  };
}

const chosen = ALL_FAULTS.filter(
  ({ number }) => options.only === undefined || options.only.includes(String(number)),
);
const strange = options.only?.filter(
  (number) => !ALL_FAULTS.some((fault) => String(fault.number) === number),
);
if (strange !== undefined && strange.length > 0) {
  process.stderr.write(`no fault has the number ${strange.join(', ')}\n`);
  process.exit(1);
}
const rows: Row[] = [];
for (const fault of chosen) {
  for (const store of fault.perStore ? stores : [stores[0]!]) {
    rows.push(await rowOf(fault, store));
    if (options.quick) continue;
    const earlier = existsSync(TABLE) ? await readFile(TABLE, 'utf8') : '';
    await writeFile(TABLE, tableText(rows, earlier, ALL_FAULTS));
  }
}
const failed = rows.filter(({ outcome }) => outcome.passed === false);
process.stdout.write(`${rows.length} faults, ${failed.length} failed\n`);
process.exit(failed.length === 0 ? 0 : 1);
