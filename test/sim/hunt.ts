import { Command } from 'commander';
import { check } from './check.ts';
import { simulate } from './simulation.ts';
import { storyOf } from './story.ts';

/** Looks for seeds that break a promise. Such a seed goes into `seeds.txt`, for ever. */
async function hunt(first: number, count: number): Promise<void> {
  let broken = 0;
  for (let seed = first; seed < first + count; seed++) {
    const run = await simulate(seed);
    const violations = check(run);
    if (violations.length === 0) continue;
    broken += 1;
    process.stdout.write(`${storyOf(run, violations)}\n\n`);
  }
  process.stdout.write(`${count} seeds from ${first} on: ${broken} break a promise\n`);
  process.exitCode = broken > 0 ? 1 : 0;
}

await new Command('seeds')
  .description('play simulated worlds and look for broken promises')
  .option('--seeds <count>', 'how many', '50')
  .option('--from <seed>', 'the first; by default a new place each minute')
  .option('--seed <seed>', 'only this one')
  .action(async (options: { seeds: string; from?: string; seed?: string }) => {
    if (options.seed !== undefined) return hunt(Number(options.seed), 1);
    const first = options.from ?? String(Math.floor(Date.now() / 60_000) % 1_000_000_000);
    return hunt(Number(first), Number(options.seeds));
  })
  .parseAsync();
