import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { postgresStore } from '../server/adapters/store-postgres.ts';
import { sqliteStore } from '../server/adapters/store-sqlite.ts';
import type { Entry, Store } from '../server/ports.ts';
import type { DeviceId } from '../shared/ids.ts';
import { prng } from '../shared/prng.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { newDatabase } from '../test/support/postgres-places.ts';

/**
 * `npx tsx bench/stores.ts`: both stores on this machine's disk, every write synced, turn by turn in
 * one run; and how long a restart reads what a large fleet left.
 */
const BATCHES = [1, 100, 1_000] as const;
const TURN_MS = 4_000;
const TURNS = 3;
const DEVICES = 2_000;
const FLEET = 100_000;
const PER_DEVICE = 4;

const T0_MS = Date.UTC(2026, 10, 23, 10);
const random = prng(42);
let seq = 0;

function aPosition(deviceId: string, atMs: number): Entry {
  seq++;
  const fix = {
    seq,
    boot: 'b1',
    atMs,
    receivedAtMs: atMs + 250,
    lon: 5 + random.next(),
    lat: 52 + random.next(),
    accuracyM: 4 + random.next(),
    speedMs: random.next(),
    headingDeg: random.next() * 360,
    source: 'gnss' as const,
    battery: random.next(),
  };
  return { type: 'position', deviceId: deviceId as DeviceId, fix, payload: JSON.stringify(fix) };
}

const batchOf = (size: number): Entry[] =>
  Array.from({ length: size }, () => aPosition(`d-${seq % DEVICES}`, T0_MS + seq * 10));

/** Rows a second, one append after the other, and what each costs the thread that evaluates. */
async function rate(store: Store, size: number) {
  const untilMs = performance.now() + TURN_MS;
  const startMs = performance.now();
  let rows = 0;
  let busyMs = 0;
  while (performance.now() < untilMs) {
    const batch = batchOf(size);
    const before = performance.eventLoopUtilization();
    await store.append(batch);
    busyMs += performance.eventLoopUtilization(before).active;
    rows += size;
  }
  return {
    rows: rows / ((performance.now() - startMs) / 1000),
    busyUs: (busyMs * 1000) / rows,
  };
}

const middleOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function recovery(store: Store): Promise<string> {
  for (let round = 0; round < PER_DEVICE; round++) {
    for (let first = 0; first < FLEET; first += 2_000) {
      const atMs = T0_MS + 86_400_000 + round * 30_000;
      const ids = Array.from({ length: 2_000 }, (_, i) => `f-${first + i}`);
      await store.append(ids.map((id) => aPosition(id, atMs)));
    }
  }
  const startMs = performance.now();
  const { positions } = await store.recover(PER_DEVICE);
  return `${positions.length} positions in ${((performance.now() - startMs) / 1000).toFixed(1)} s`;
}

const dir = mkdtempSync(join(tmpdir(), 'cordon-bench-'));
const server = await startPostgres();
const stores: readonly (readonly [string, Store])[] = [
  ['SQLite', await sqliteStore(dir)],
  ['PostgreSQL', await postgresStore(await newDatabase(server))],
];
for (const size of BATCHES) {
  const found = new Map(stores.map(([name]) => [name, [] as Awaited<ReturnType<typeof rate>>[]]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [name, store] of stores) found.get(name)!.push(await rate(store, size));
  }
  for (const [name, figures] of found) {
    const rows = Math.round(middleOf(figures.map((each) => each.rows))).toLocaleString('en');
    const busy = middleOf(figures.map((each) => each.busyUs)).toFixed(1);
    console.log(`${name} in batches of ${size}: ${rows} rows/s, ${busy} µs of this thread a row`);
  }
}
for (const [name, store] of stores) console.log(`${name} recovers ${await recovery(store)}`);
for (const [, store] of stores) await store.close();
await server.stop();
rmSync(dir, { recursive: true, force: true });
