import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { sqliteStore } from '../../server/adapters/store-sqlite.ts';
import { toAlert, type AlertRecord } from '../../server/core/alert-record.ts';
import { decisionOf, GENESIS, hashAfter } from '../../server/evidence/journal-chain.ts';
import type { OrderId } from '../../shared/ids.ts';
import {
  aDevice,
  aLook,
  anAlert,
  anOrderVersion,
  closedBy,
  T0_MS,
} from '../support/store-samples.ts';

const TABLES = new URL('../../server/sql/sqlite/001-tables.sql', import.meta.url);

/** A database as version 1 left it, with an alert's life, an order, a device and a look. */
function writeVersionOne(dir: string, raised: AlertRecord, closed: AlertRecord): void {
  const db = new Database(join(dir, 'cordon.db'));
  db.exec(readFileSync(TABLES, 'utf8'));
  db.exec('CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT, applied_at TEXT)');
  db.exec("INSERT INTO migrations VALUES (1, '001-tables.sql', 'then')");
  const json = JSON.stringify;
  const { alertId, caseId, orderId, banId } = raised;
  const subject = [alertId, 'cause', 7, 'contact', caseId, orderId, banId, null, 0, 1];
  const stands = [closed.raisedAtMs, closed.updatedAtMs, json(closed), json(toAlert(closed))];
  db.prepare('INSERT INTO alerts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)').run([
    ...subject,
    ...stands,
  ]);
  const event = db.prepare('INSERT INTO alert_events VALUES (?,?,?,?,?,?,?)');
  event.run([1, alertId, T0_MS + 10, 'raised', null, null, json(toAlert(raised))]);
  const act = json({ type: 'close', finding: 'test' });
  event.run([2, alertId, T0_MS + 30, 'closed', 'anna', act, json(toAlert(closed))]);
  const { order, status, cause, by } = anOrderVersion(1);
  const version = ['order-1', 1, T0_MS + 1, by, status, cause, null, json(order)];
  db.prepare('INSERT INTO order_versions VALUES (?,?,?,?,?,?,?,?)').run(version);
  const device = json(aDevice().device);
  db.prepare('INSERT INTO device_versions VALUES (?,?,?,?,?)').run([
    1,
    'o-1',
    T0_MS,
    'anna',
    device,
  ]);
  const look = aLook('w-1');
  const looked = [1, T0_MS + 20, look.by, look.what, look.subject, look.reason];
  db.prepare('INSERT INTO looks VALUES (?,?,?,?,?,?)').run(looked);
  db.prepare('INSERT INTO alert_tracks VALUES (?,?,?,?)').run(['o-1', alertId, 1, 2]);
  db.close();
}

test('what version 1 kept is carried over into the journal, in the order of time', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cordon-version-1-'));
  const raised = anAlert('a-1', { episode: 7, raisedAtMs: T0_MS + 10 });
  const closed = { ...raised, ...closedBy('anna', T0_MS + 30) };
  writeVersionOne(dir, raised, closed);
  const store = await sqliteStore(dir);
  const rows = await store.journal(0, 100);
  const types = ['device', 'order-version', 'alert-change', 'look', 'alert-change'];
  expect(rows.map(({ type }) => type)).toEqual(types);
  let before = GENESIS.hash;
  for (const row of rows) {
    expect(row.hash).toBe(hashAfter(before, row));
    before = row.hash;
  }
  expect(decisionOf(rows[2]!)).toMatchObject({ change: { change: 'raised', record: raised } });
  const events = await store.alertEvents('a-1');
  expect(events.map(({ change, by }) => [change, by])).toEqual([
    ['raised', null],
    ['closed', 'anna'],
  ]);
  expect(await store.alert('a-1')).toEqual(toAlert(closed));
  expect((await store.recover(1)).alerts).toEqual([closed]);
  expect(await store.orderVersions('order-1' as OrderId)).toHaveLength(1);
  expect(await store.looks(9)).toEqual([{ ...aLook('w-1'), atMs: T0_MS + 20 }]);
  await store.close();
  const again = await sqliteStore(dir);
  expect(await again.journalHead()).toEqual({ seq: 5, hash: before });
  await again.close();
  rmSync(dir, { recursive: true, force: true });
});
