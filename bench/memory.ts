import type { CourtOrder } from '../shared/court-order.ts';
import { loaded } from './core.ts';
import { benchWorld, nextFix, START_MS } from './core-world.ts';

/**
 * Resident memory of a process that holds so many pairs, each with two bans, a zone of 50 points
 * and fixes in its tracks. Prints bytes a pair above an empty caseload. Needs `--expose-gc`.
 */
const pairs = Number(process.argv[2] ?? 20_000);

function settledBytes(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

const empty = settledBytes();
const world = benchWorld(pairs, 42);
const caseload = loaded(world);
for (let round = 1; round <= 4; round++) {
  const atMs = START_MS + round * 5_000;
  for (const walker of world.walkers) {
    caseload.apply({ type: 'fix', atMs, deviceId: walker.deviceId, fix: nextFix(walker, atMs) });
  }
}
// What stays is what the server keeps: the world's own lists go.
(world.orders as CourtOrder[]).length = 0;
(world.walkers as unknown[]).length = 0;
(world.devices as unknown[]).length = 0;
const bytes = settledBytes() - empty;
process.stdout.write(
  `${JSON.stringify({
    pairs,
    bytesPerPair: Math.round(bytes / pairs),
    rssMb: process.memoryUsage.rss() / 1e6,
  })}\n`,
);
if ([...caseload.cases()].length !== pairs) throw new Error('the caseload was lost');
