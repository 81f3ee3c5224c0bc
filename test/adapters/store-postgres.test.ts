import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  postgresArchive,
  postgresStore,
  type PostgresStore,
} from '../../server/adapters/store-postgres.ts';
import { type Connection, connect } from '../../server/adapters/store-postgres-connection.ts';
import { unfitness } from '../../server/adapters/store-postgres-durability.ts';
import { BadEntryError } from '../../server/adapters/store-append-queue.ts';
import { REJECTIONS_MAX } from '../../server/adapters/store-entry.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { databases, nameOf, newDatabase } from '../support/postgres-places.ts';
import { describeStore } from '../support/store-contract.ts';
import { aLook, anOrderVersion, aPosition, aRejection, T0_MS } from '../support/store-samples.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const places = databases(() => server);

describeStore('PostgreSQL', {
  ...places,
  open: postgresStore,
  moduleUrl: new URL('../../server/adapters/store-postgres.ts', import.meta.url),
  opener: 'postgresStore',
});

describe('PostgreSQL as it is set up', () => {
  const fit = {
    version: 150_018,
    encoding: 'UTF8',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    standbys: '',
    read_only: 'off',
  };
  test.each([
    // what differs                                              faults
    [{}, 0],
    [{ version: 140_000 }, 0],
    [{ version: 139_999 }, 1],
    [{ synchronous_commit: 'remote_apply', standbys: 's1' }, 0],
    [{ synchronous_commit: 'remote_write', standbys: 's1' }, 0],
    [{ synchronous_commit: 'local' }, 0],
    [{ synchronous_commit: 'local', standbys: 's1' }, 1],
    [{ synchronous_commit: 'off' }, 1],
    [{ fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }, 3],
  ])('with %j it has %i faults', (differs, faults) => {
    expect(unfitness({ ...fit, ...differs })).toHaveLength(faults);
  });
});

const under = { place: '' };
const eachInItsOwn = (): void =>
  beforeEach(async () => {
    under.place = await places.newPlace();
  });

/** A reload reaches new sessions a moment after it was asked for. */
async function setServer(setting: string, value: string): Promise<void> {
  await server.query(`ALTER SYSTEM SET ${setting} = ${value}`);
  await server.query('SELECT pg_reload_conf()');
  await expect.poll(() => server.query(`SHOW ${setting}`)).toEqual([[value]]);
}

describe('PostgreSQL opens', () => {
  eachInItsOwn();

  test.each([
    ['fsync', /fsync is off.*set fsync = on in postgresql\.conf/],
    ['full_page_writes', /full_page_writes is off.*set full_page_writes = on in postgresql\.conf/],
    ['synchronous_commit', /synchronous_commit is off.*set it to on/],
  ])('[ST10] not with %s off for the whole server', async (setting, told) => {
    await setServer(setting, 'off');
    await expect(postgresStore(under.place)).rejects.toThrow(told);
    await setServer(setting, 'on');
    await (await postgresStore(under.place)).close();
  });

  test('not with synchronous_commit off for its database or its role alone', async () => {
    const database = nameOf(under.place);
    for (const owner of [`DATABASE ${database}`, `ROLE cordon IN DATABASE ${database}`]) {
      await server.query(`ALTER ${owner} SET synchronous_commit = off`);
      await expect(postgresStore(under.place)).rejects.toThrow(/synchronous_commit is off/);
      await server.query(`ALTER ${owner} RESET synchronous_commit`);
    }
    await (await postgresStore(under.place)).close();
  });

  test('not where it cannot keep every name, or not write', async () => {
    const ascii = await newDatabase(server, "ENCODING 'SQL_ASCII' TEMPLATE template0");
    await expect(postgresStore(ascii)).rejects.toThrow(/encoding is SQL_ASCII.*'UTF8'/);
    const readOnly = 'SET default_transaction_read_only = on';
    await server.query(`ALTER DATABASE ${nameOf(under.place)} ${readOnly}`);
    await expect(postgresStore(under.place)).rejects.toThrow(/read-only/);
  });

  test('a database of a newer program is refused', async () => {
    await (await postgresStore(under.place)).close();
    const connection = await connect(under.place);
    await connection.query("INSERT INTO migrations VALUES (999, '999-future.sql', now())");
    await connection.end();
    await expect(postgresStore(under.place)).rejects.toThrow(
      /has version 999, this program knows only/,
    );
  });

  test('[ST11] a database has one owner, and a new one once he is gone', async () => {
    const first = await postgresStore(under.place);
    await expect(postgresStore(under.place)).rejects.toThrow(
      /another running Cordon uses this database/,
    );
    await first.close();
    await (await postgresStore(under.place)).close();
  });

  test('whatever is wrong, the password is not told', async () => {
    const wrong = new URL(under.place);
    wrong.password = 'topsecret';
    const absent = new URL(wrong);
    absent.port = '1';
    for (const url of [wrong, absent]) {
      const opened = postgresStore(url.href, { openWithinMs: 0 });
      const error = await opened.then(
        () => null,
        (refused: Error) => refused,
      );
      expect(error!.message).toMatch(/CORDON_DATABASE_URL.*(authentication|ECONNREFUSED)/);
      expect(error!.message).not.toContain('topsecret');
    }
  });

  test('to be read beside a running server, but not with tables of another version', async () => {
    await expect(postgresArchive(under.place)).rejects.toThrow(/has version 0, this program reads/);
    const store = await postgresStore(under.place);
    await store.append([aLook('w-1')]);
    const archive = await postgresArchive(under.place);
    expect(await archive.journalHead()).toEqual(await store.journalHead());
    await archive.close();
    await store.close();
  });

  test('the administrator is told of pages without checksums', async () => {
    const store = await postgresStore(under.place);
    expect(store.warnings).toEqual([expect.stringMatching(/pg_checksums --enable/)]);
    await store.close();
  });
});

describe('PostgreSQL writes', () => {
  eachInItsOwn();
  const open = {} as { store: PostgresStore; connection: Connection; troubles: unknown[] };
  beforeEach(async () => {
    open.troubles = [];
    const onTrouble = (trouble: string | null): void => void open.troubles.push(trouble);
    open.store = await postgresStore(under.place, { onTrouble });
    open.connection = await connect(under.place);
  });
  afterEach(async () => {
    await open.connection.end();
    await open.store.close();
  });
  const numbers = async (sql: string): Promise<unknown[]> => {
    const { rows } = await open.connection.query({ text: sql, rowMode: 'array' });
    return rows.flat();
  };
  const subjects = async (): Promise<string[]> =>
    (await open.store.looks(99)).map(({ subject }) => subject);

  test('[ST10] nothing once fsync is switched off under it, and goes on once it is on', async () => {
    await open.store.append([aLook('before')]);
    await setServer('fsync', 'off');
    await expect(open.store.append([aLook('unsafe')])).rejects.toThrow(/fsync is off/);
    await setServer('fsync', 'on');
    await open.store.append([aLook('after')]);
    expect(await subjects()).toEqual(['after', 'before']);
    expect(open.troubles).toEqual([expect.stringMatching(/fsync is off/), null]);
  });

  test('the journal and its checkpoints can be neither changed nor shortened', async () => {
    await open.store.append([aLook('w-1')]);
    for (const table of ['journal', 'checkpoints']) {
      for (const change of [
        `UPDATE ${table} SET hash = ''`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table} CASCADE`,
      ]) {
        await expect(open.connection.query(change)).rejects.toThrow(`${table} is append-only`);
      }
    }
  });

  test('the bad among a thousand are found, and all others written in order', async () => {
    await open.store.append([anOrderVersion(1), anOrderVersion(2)]);
    const many = Array.from({ length: 1_000 }, (_, n) => aLook(`w-${n}`));
    const entries = [...many, anOrderVersion(1), ...many, anOrderVersion(2), anOrderVersion(3)];
    const error = await open.store.append(entries).catch((refused: unknown) => refused);
    expect((error as BadEntryError).bad.map(({ index }) => index)).toEqual([1_000, 2_001]);
    const rows = await open.store.journal(0, 9_999);
    expect(rows).toHaveLength(2 + 2_000 + 1);
    expect(rows.map(({ seq }) => seq - 1)).toEqual([...rows.keys()]);
  });

  test('what it refuses is not quoted', async () => {
    const bad = { ...aPosition('o-1', 1), fix: { ...aPosition('o-1', 1).fix, seq: 1e30 } };
    await expect(open.store.append([bad])).rejects.toThrow('position: a value is out of range');
  });

  test('only the newest rejections are kept', async () => {
    const rejections = Array.from({ length: REJECTIONS_MAX + 5 }, (_, n) => aRejection(T0_MS + n));
    await open.store.append(rejections);
    const sql = 'SELECT count(*), min(at_ms) FROM rejections';
    expect(await numbers(sql)).toEqual([REJECTIONS_MAX, T0_MS + 5]);
  });

  test('a full disk refuses all loudly, loses nothing, and works again with room', async () => {
    await open.connection.query(`
      CREATE FUNCTION be_full() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION USING ERRCODE = ''disk_full'', MESSAGE = ''no space left''; END';
      CREATE TRIGGER full_disk BEFORE INSERT ON beats EXECUTE FUNCTION be_full()`);
    const beat = { type: 'beat', atMs: T0_MS, tookMs: 1 } as const;
    const bad = anOrderVersion(NaN);
    const refused = await open.store.append([aLook('a'), bad, beat]).catch((e: Error) => e);
    expect(String(refused)).toMatch(/no space left/);
    expect(refused).not.toBeInstanceOf(BadEntryError);
    expect(await subjects()).toEqual([]);
    await open.connection.query('DROP TRIGGER full_disk ON beats');
    await open.store.append([aLook('a'), beat]);
    expect(await subjects()).toEqual(['a']);
  });

  test('[ST11] never again after somebody else has written', async () => {
    await open.store.append([aLook('a')]);
    await open.connection.query(`
      INSERT INTO journal VALUES (2, ${T0_MS}, 'look', '{}', 'x');
      UPDATE journal_head SET seq = 2, hash = 'x'`);
    for (const attempt of ['b', 'c']) {
      const appended = open.store.append([aPosition('o-1', 1), aLook(attempt)]);
      await expect(appended).rejects.toThrow(/somebody else wrote to the journal after row 1/);
    }
    await expect(open.store.append([aPosition('o-1', 2)])).rejects.toThrow(/somebody else/);
    expect(await numbers('SELECT count(*) FROM positions')).toEqual([0]);
  });
});
