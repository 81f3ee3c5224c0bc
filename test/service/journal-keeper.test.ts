import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { signingKey } from '../../server/adapters/signing-key.ts';
import { type SqliteStore, sqliteStore } from '../../server/adapters/store-sqlite.ts';
import { isGenuine } from '../../server/evidence/checkpoint.ts';
import type { SystemFault } from '../../server/core/case-event.ts';
import { JournalKeeper } from '../../server/service/journal-keeper.ts';
import { fakeClock } from '../support/fake-store.ts';
import { aLook } from '../support/store-samples.ts';

let dir = '';
let store: SqliteStore;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cordon-keeper-'));
  store = await sqliteStore(dir);
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function keeping() {
  const told: SystemFault[] = [];
  const signer = signingKey(dir);
  const keeper = new JournalKeeper({
    store,
    clock: fakeClock(),
    alarms: { report: (fault) => void told.push(fault) },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    signer,
  });
  await keeper.start();
  return { keeper, told, signer };
}

test('[JN1] signs for what is new, once, and says with which key', async () => {
  const { keeper, signer } = await keeping();
  await store.append([aLook('a')]);
  await keeper.look();
  await keeper.look();
  const [checkpoint, ...others] = await store.checkpoints();
  expect(others).toEqual([]);
  expect(checkpoint).toEqual(keeper.latest);
  expect(checkpoint).toMatchObject({ seq: 2, hash: (await store.journalHead()).hash });
  expect(isGenuine(checkpoint!, signer.publicKeyPem)).toBe(true);
  const [key] = await store.journal(0, 1);
  expect(key!.body).toContain(signer.keyId);
  await store.append([aLook('b')]);
  await keeper.look();
  expect((await store.checkpoints()).map(({ seq }) => seq)).toEqual([2, 3]);
});

test('[JN3] a running server finds a row that was changed under it', async () => {
  const { keeper, told } = await keeping();
  await store.append([aLook('a'), aLook('b'), aLook('c')]);
  await keeper.look();
  await keeper.look();
  expect(told).toEqual([]);
  const other = new Database(join(dir, 'cordon.db'));
  other.exec('DROP TRIGGER journal_keep');
  other.exec("UPDATE journal SET body = replace(body, 'anna', 'bert') WHERE seq = 3");
  other.close();
  await keeper.look();
  expect(told).toMatchObject([{ code: 'journal-broken', standing: true }]);
  expect(told[0]!.detail).toMatch(/row 3 does not fit/);
});

test('[JN3] and a journal that was cut short', async () => {
  const { keeper, told } = await keeping();
  await store.append([aLook('a'), aLook('b')]);
  await keeper.look();
  const other = new Database(join(dir, 'cordon.db'));
  other.exec('DROP TRIGGER journal_stay');
  other.exec('DELETE FROM journal WHERE seq > 1');
  other.close();
  await keeper.look();
  await keeper.look();
  expect(told.map(({ detail }) => detail).join()).toMatch(/cut short: the last row is 1, it was 3/);
});
