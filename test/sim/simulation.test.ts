import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { replayed, type Run, simulate } from './simulation.ts';
import { storyOf } from './story.ts';

const SEEDS = readFileSync(new URL('./seeds.txt', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => Number.parseInt(line, 10))
  .filter((seed) => !Number.isNaN(seed));
/** Each twice is enough: all worlds run through the same code. */
const TWICE = SEEDS.slice(0, 4);

const written = (run: Run): string =>
  JSON.stringify([run.told, run.heard.map(({ arrival }) => arrival)]);

describe('simulated worlds', () => {
  test.each(SEEDS)('seed %i keeps every promise', async (seed) => {
    const run = await simulate(seed);
    const violations = check(run);
    if (violations.length > 0) throw new Error(storyOf(run, violations));
  });

  test.each(TWICE)('[EV1] seed %i played twice is equal to the byte', async (seed) => {
    expect(written(await simulate(seed))).toBe(written(await simulate(seed)));
  });

  test.each(TWICE)(
    '[EV2] seed %i replayed from its messages gives the same alerts',
    async (seed) => {
      const run = await simulate(seed);
      const live = run.told.filter(({ process }) => process === 0).map(({ change }) => change);
      const again = replayed(run);
      // The last second before a kill may hold a tick that no later message repeats.
      expect(again.length).toBeGreaterThan(0);
      expect(JSON.stringify(again)).toBe(JSON.stringify(live.slice(0, again.length)));
      expect(live.length - again.length).toBeLessThanOrEqual(TAIL_MAX);
    },
  );
});

/** Changes by time alone after the last message: at most a tick's. */
const TAIL_MAX = 5;
