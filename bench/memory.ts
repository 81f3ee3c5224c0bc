import { Caseload } from '../server/core/caseload.ts';
import { loaded } from './core.ts';
import { benchWorld, nextFix, START_MS } from './core-world.ts';

/**
 * Memory of a process that holds so many pairs, each with two bans, a zone of 50 points and fixes
 * in its tracks. Prints bytes a pair above an empty caseload, and all that is resident. Needs
 * `--expose-gc`.
 */
const pairs = Number(process.argv[2] ?? 20_000);
/** The world is made in parts, for the server never holds the text of all orders either. */
const PART = 500;
const REPORTS = 4;

function settledBytes(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

function enter(caseload: Caseload, from: number): void {
  const world = benchWorld(PART, 42, from);
  loaded(world, caseload);
  for (let report = 1; report <= REPORTS; report++) {
    const atMs = START_MS + report * 5_000;
    for (const walker of world.walkers) {
      const fix = nextFix(walker, atMs);
      caseload.apply({ type: 'fix', atMs, deviceId: walker.deviceId, fix });
    }
  }
}

const caseload = new Caseload();
const empty = settledBytes();
for (let from = 0; from < pairs; from += PART) enter(caseload, from);
const live = settledBytes();
const liveMb = Math.round(live / 1e6);
const bytesPerPair = Math.round((live - empty) / pairs);
const rssMb = Math.round(process.memoryUsage.rss() / 1e6);
process.stdout.write(`${JSON.stringify({ pairs, bytesPerPair, liveMb, rssMb })}\n`);
if ([...caseload.cases()].length !== pairs) throw new Error('the caseload was lost');
