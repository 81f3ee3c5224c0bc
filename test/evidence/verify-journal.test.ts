import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signingKey } from '../../server/adapters/signing-key.ts';
import { sqliteArchive, sqliteStore } from '../../server/adapters/store-sqlite.ts';
import { signedCheckpoint } from '../../server/evidence/checkpoint.ts';
import { hashAfter } from '../../server/evidence/journal-chain.ts';
import { type Verification, verifyJournal } from '../../server/evidence/verify-journal.ts';
import type { Checkpoint } from '../../server/kept.ts';
import { withoutOurs } from '../support/server-process.ts';
import {
  aChange,
  aLook,
  anAlert,
  anOrderVersion,
  aRegistration,
  T0_MS,
} from '../support/store-samples.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SIGNED_AT = 6;

const under = { dir: '', witnessed: [] as Checkpoint[] };

beforeEach(async () => {
  under.dir = mkdtempSync(join(tmpdir(), 'cordon-journal-'));
  const signer = signingKey(under.dir);
  const store = await sqliteStore(under.dir);
  await store.append([
    anOrderVersion(1),
    anOrderVersion(2),
    aLook('w-1'),
    aChange(anAlert('a-1')),
    aLook('w-2'),
    aChange(anAlert('a-1', { state: 'acknowledged' }), { change: 'updated' }),
  ]);
  const checkpoint = signedCheckpoint(await store.journalHead(), T0_MS, signer);
  await store.append([{ type: 'checkpoint', ...checkpoint }, aLook('w-3'), aLook('w-4')]);
  under.witnessed = [checkpoint];
  await store.close();
});
afterEach(() => rmSync(under.dir, { recursive: true, force: true }));

async function verified(witnessed: readonly Checkpoint[] = []): Promise<Verification> {
  const { keyId, publicKeyPem } = signingKey(under.dir);
  const archive = sqliteArchive(under.dir);
  const trust = { keys: new Map([[keyId, publicKeyPem]]), witnessed };
  const verification = await verifyJournal(archive, trust);
  await archive.close();
  return verification;
}

/** As somebody with all rights on the file: no trigger and no key holds him. */
function tamper(...sql: readonly string[]): void {
  const db = new Database(join(under.dir, 'cordon.db'));
  db.exec('PRAGMA foreign_keys = OFF');
  for (const table of ['journal', 'checkpoints']) {
    db.exec(`DROP TRIGGER ${table}_keep; DROP TRIGGER ${table}_stay`);
  }
  for (const each of sql) db.exec(each);
  db.close();
}

/** Makes all hashes right again from a row on, as a forger would who knows how. */
function rechain(fromSeq: number): void {
  const db = new Database(join(under.dir, 'cordon.db'));
  const rows = db.prepare('SELECT * FROM journal ORDER BY seq').all() as {
    seq: number;
    at_ms: number;
    body: string;
    hash: string;
  }[];
  let hash = '0'.repeat(64);
  for (const row of rows) {
    const fresh = hashAfter(hash, { seq: row.seq, atMs: row.at_ms, body: row.body });
    if (row.seq >= fromSeq) {
      db.prepare('UPDATE journal SET hash = ? WHERE seq = ?').run([fresh, row.seq]);
      hash = fresh;
    } else hash = row.hash;
  }
  db.prepare('UPDATE journal_head SET hash = ?').run([hash]);
  db.close();
}

const whats = ({ faults }: Verification): string[] => faults.map(({ what }) => what);

describe('a journal', () => {
  test('[JN2] that nobody touched is whole', async () => {
    const { rows, checkpoints, unsigned, faults } = await verified(under.witnessed);
    expect({ rows, checkpoints, unsigned, faults }).toEqual({
      rows: 8,
      checkpoints: 1,
      unsigned: 2,
      faults: [],
    });
  });

  const flip = "UPDATE journal SET body = replace(body, 'w-2', 'w-9') WHERE seq = 5";
  const table: [what: string, sql: string[], fault: RegExp][] = [
    ['with a row flipped', [flip], /row 5 does not fit/],
    ['with its time changed', ['UPDATE journal SET at_ms = 1 WHERE seq = 3'], /row 3 does not fit/],
    ['with a row dropped', ['DELETE FROM journal WHERE seq = 3'], /row 3 is missing/],
    [
      'with two rows dropped and the others moved up',
      [
        'DELETE FROM journal WHERE seq IN (7, 8)',
        'DELETE FROM journal WHERE seq = 3',
        'UPDATE journal SET seq = seq - 1 WHERE seq > 3',
      ],
      /row 3 does not fit/,
    ],
    [
      'with two rows swapped',
      [
        'UPDATE journal SET seq = 99 WHERE seq = 7',
        'UPDATE journal SET seq = 7 WHERE seq = 8',
        'UPDATE journal SET seq = 8 WHERE seq = 99',
      ],
      /row 7 does not fit/,
    ],
    ['cut short', ['DELETE FROM journal WHERE seq > 7'], /cut short: the last row is 7, it was 8/],
    [
      'with another kind written over a row',
      ["UPDATE journal SET type = 'device' WHERE seq = 3"],
      /row 3 is no device/,
    ],
    [
      'with an alert that is found otherwise than it was told',
      ['UPDATE alerts SET seq = 4'],
      /alert a-1 does not stand as last told/,
    ],
    [
      'with an order version that is found no more',
      ['DELETE FROM order_versions WHERE version = 2'],
      /order order-1 is not found in its version 2/,
    ],
    ['with a checkpoint moved on', ['UPDATE checkpoints SET seq = 7'], /checkpoint 7 is forged/],
  ];
  test.each(table)('[JN2] %s', async (_what, sql, fault) => {
    tamper(...sql);
    expect(whats(await verified()).join('; ')).toMatch(fault);
  });

  test('[JN2] chained anew by a forger is found by its checkpoint', async () => {
    tamper(flip);
    rechain(5);
    expect(whats(await verified())).toEqual([
      `the rows up to ${SIGNED_AT} are not those that checkpoint ${SIGNED_AT} was signed for`,
    ]);
  });

  test('[JN2] cut off together with its checkpoint is found by the witness outside', async () => {
    const last = 'SELECT hash FROM journal WHERE seq = 3';
    tamper(
      'DELETE FROM journal WHERE seq > 3',
      'DELETE FROM checkpoints',
      'DELETE FROM alerts',
      `UPDATE journal_head SET seq = 3, hash = (${last})`,
    );
    expect(whats(await verified())).toEqual([]);
    expect(whats(await verified(under.witnessed))).toEqual([
      'cut short: witnessed checkpoint 6 is beyond the last row, 3',
    ]);
  });

  const registered: [what: string, sql: string, fault: RegExp | null][] = [
    ['as they were', 'SELECT 1', null],
    [
      'with a key that was replaced put back',
      "UPDATE registrations SET seq = 9 WHERE key = 'cjib'",
      /client cjib does not stand as last told/,
    ],
    [
      'with a client that was taken back',
      "UPDATE registrations SET seq = 11 WHERE key = 'old'",
      /client old does not stand as last told/,
    ],
    [
      'without a client',
      "DELETE FROM registrations WHERE key = 'cjib'",
      /client cjib is told in the journal and not found/,
    ],
  ];
  test.each(registered)('[JN2] of registrations %s', async (_what, sql, fault) => {
    const store = await sqliteStore(under.dir);
    await store.append([
      aRegistration('cjib', { keys: ['stolen'] }),
      aRegistration('cjib', { keys: ['new'] }),
      aRegistration('old', { keys: ['old'] }),
      aRegistration('old', null),
    ]);
    await store.close();
    tamper(sql);
    const { faults } = await verified();
    if (fault === null) expect(faults).toEqual([]);
    else expect(faults.map(({ what }) => what).join()).toMatch(fault);
  });

  test('[JN2] signed with another key is not believed', async () => {
    rmSync(join(under.dir, 'signing-key.pem'));
    expect(whats(await verified()).join()).toMatch(/checkpoint 6 is signed by unknown key/);
  });
});

describe('npm run verify', () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'server/verify.ts', ...args],
      {
        cwd: ROOT,
        env: { ...withoutOurs(process.env), CORDON_DATA_DIR: under.dir },
        encoding: 'utf8',
      },
    );
    return { status, told: stdout + stderr };
  };

  test('says that the journal is whole, also with the file of a witness', () => {
    const witness = join(under.dir, 'checkpoints.ndjson');
    writeFileSync(witness, '');
    for (const each of under.witnessed) appendFileSync(witness, `${JSON.stringify(each)}\n`);
    const { status, told } = run('--witness', witness);
    expect(told).toMatch(/the journal is whole: 8 rows, 1 checkpoints, 2 rows not signed for yet/);
    expect(status).toBe(0);
  });

  test('ends with 1 and names the row when it is not', () => {
    tamper('DELETE FROM journal WHERE seq = 3');
    const { status, told } = run();
    expect(told).toMatch(/NOT AS IT WAS WRITTEN.*\n.*row 3 is missing/);
    expect(status).toBe(1);
  });

  test('says what is missing where there is no store', () => {
    rmSync(join(under.dir, 'cordon.db'));
    const { status, told } = run();
    expect(told).toMatch(/there is no .*cordon.db: set CORDON_DATA_DIR/);
    expect(status).toBe(2);
  });
});
