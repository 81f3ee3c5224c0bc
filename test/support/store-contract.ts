import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prng } from '../../shared/prng.ts';
import type { Store } from '../../server/ports.ts';
import { testDurability, testRetention } from './store-contract-durability.ts';
import { testJournal, testRecoveryAndDump } from './store-contract-journal.ts';
import { testPositions } from './store-contract-positions.ts';
import { testAlerts, testOrderPages, testTheRest } from './store-contract-records.ts';
import { positionsOf, type Under } from './store-under-test.ts';

/** Where a store is: a folder, or the address of a database; each test has one of its own. */
export interface Places {
  newPlace(): Promise<string>;
  removePlace(place: string): Promise<void>;
}

export interface StoreOpener extends Places {
  /** The adapter's file and the function in it that opens a place, for a process of its own. */
  readonly moduleUrl: URL;
  readonly opener: string;
  open(place: string): Promise<Store>;
}

export const folders: Places = {
  newPlace: async () => mkdtempSync(join(tmpdir(), 'cordon-store-')),
  removePlace: async (place) => rmSync(place, { recursive: true, force: true }),
};

const KILLS = 3;

/** What every store does, wherever it writes. */
export function describeStore(name: string, adapter: StoreOpener): void {
  describe(`store in ${name}`, () => {
    const under: Under = { place: '', store: null as unknown as Store, reopen: async () => {} };
    beforeEach(async () => {
      under.place = await adapter.newPlace();
      under.store = await adapter.open(under.place);
      under.reopen = async () => {
        await under.store.close();
        under.store = await adapter.open(under.place);
      };
    });
    afterEach(async () => {
      await under.store.close();
      await adapter.removePlace(under.place);
    });

    describe('positions', () => testPositions(under));
    describe('alerts', () => testAlerts(under));
    describe('pages of orders', () => testOrderPages(under));
    describe('the rest', () => testTheRest(under));
    describe('journal', () => testJournal(under));
    describe('recovery and dump', () => testRecoveryAndDump(under));
    describe('durability', () => testDurability(under));
    describe('retention', () => testRetention(under));
    test('an append that was acknowledged survives kill -9', async () => {
      await under.store.close();
      for (let seed = 1; seed <= KILLS; seed++) await killOnce(under, adapter, seed);
    });
  });
}

/** Lets a process append, kills it at a seeded moment, and looks for all that it was promised. */
async function killOnce(under: Under, adapter: StoreOpener, seed: number): Promise<void> {
  const place = await adapter.newPlace();
  const script = fileURLToPath(new URL('./store-crash.ts', import.meta.url));
  const parameters = [script, adapter.moduleUrl.href, adapter.opener, place];
  const child = spawn(process.execPath, ['--import', 'tsx', ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const killAfter = 200 + prng(seed).below(3000);
  const acknowledged: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line));
    if (acknowledged.length === killAfter) child.kill('SIGKILL');
  }
  await exited;
  expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter);
  under.store = await adapter.open(place);
  const stored = new Set((await positionsOf(under, 'o-1')).map(({ fix }) => fix.seq));
  expect(acknowledged.filter((seq) => !stored.has(seq))).toEqual([]);
  await under.store.close();
  await adapter.removePlace(place);
}
