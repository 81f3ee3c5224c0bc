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
import { testAlerts, testTheRest } from './store-contract-records.ts';
import { positionsOf, type Under } from './store-under-test.ts';

export interface StoreOpener {
  /** The adapter's file and the function in it that opens a folder, for a process of its own. */
  readonly moduleUrl: URL;
  readonly opener: string;
  open(dir: string): Promise<Store>;
}

const KILLS = 3;

/** What every store does, wherever it writes. */
export function describeStore(name: string, adapter: StoreOpener): void {
  describe(`store in ${name}`, () => {
    const under: Under = { dir: '', store: null as unknown as Store, reopen: async () => {} };
    beforeEach(async () => {
      under.dir = mkdtempSync(join(tmpdir(), 'cordon-store-'));
      under.store = await adapter.open(under.dir);
      under.reopen = async () => {
        await under.store.close();
        under.store = await adapter.open(under.dir);
      };
    });
    afterEach(async () => {
      await under.store.close();
      rmSync(under.dir, { recursive: true, force: true });
    });

    describe('positions', () => testPositions(under));
    describe('alerts', () => testAlerts(under));
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
  const dir = join(under.dir, `crash-${seed}`);
  const script = fileURLToPath(new URL('./store-crash.ts', import.meta.url));
  const parameters = [script, adapter.moduleUrl.href, adapter.opener, dir];
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
  under.store = await adapter.open(dir);
  const stored = new Set((await positionsOf(under, 'o-1')).map(({ fix }) => fix.seq));
  expect(acknowledged.filter((seq) => !stored.has(seq))).toEqual([]);
  await under.store.close();
}
