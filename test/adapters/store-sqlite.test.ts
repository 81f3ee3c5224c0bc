import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqliteStore } from '../../server/adapters/store-sqlite.ts';
import { pragma } from '../../server/adapters/store-sqlite-connection.ts';
import { openDatabase } from '../../server/adapters/store-sqlite-database.ts';
import { REJECTIONS_MAX } from '../../server/adapters/store-entry.ts';
import { BALLAST_BYTES, ballastIn } from '../../server/adapters/store-sqlite-ballast.ts';
import { fsyncWarning, measureFsync } from '../../server/adapters/store-sqlite-fsync.ts';
import { batchWriter } from '../../server/adapters/store-sqlite-write.ts';
import { describeStore, folders } from '../support/store-contract.ts';
import { aLook, aPosition, aRejection, T0_MS } from '../support/store-samples.ts';

describeStore('SQLite', {
  ...folders,
  open: sqliteStore,
  moduleUrl: new URL('../../server/adapters/store-sqlite.ts', import.meta.url),
  opener: 'sqliteStore',
});

const under = { dir: '' };
beforeEach(() => {
  under.dir = mkdtempSync(join(tmpdir(), 'cordon-sqlite-'));
});
afterEach(() => rmSync(under.dir, { recursive: true, force: true }));

describe('SQLite opens', () => {
  test('durability and safety are switched on', () => {
    const { connection, close } = openDatabase(under.dir);
    expect(pragma(connection, 'journal_mode')).toBe('wal');
    expect(pragma(connection, 'synchronous')).toBe(2);
    expect(pragma(connection, 'foreign_keys')).toBe(1);
    expect(pragma(connection, 'trusted_schema')).toBe(0);
    expect(pragma(connection, 'cell_size_check')).toBe(1);
    close();
  });

  test('a database of a newer program is refused', async () => {
    const { connection, close } = openDatabase(under.dir);
    connection.exec("INSERT INTO migrations VALUES (999, '999-future.sql', 'tomorrow')");
    close();
    await expect(sqliteStore(under.dir)).rejects.toThrow(
      /has version 999, this program knows only/,
    );
  });

  test('a damaged database is refused', async () => {
    const { connection, close } = openDatabase(under.dir);
    connection.exec('PRAGMA writable_schema = ON');
    connection.exec("UPDATE sqlite_schema SET rootpage = 4 WHERE name = 'accounts'");
    close();
    await expect(sqliteStore(under.dir)).rejects.toThrow();
  });

  test('a folder has one owner, and a new one once he is gone', async () => {
    const first = await sqliteStore(under.dir);
    await expect(sqliteStore(under.dir)).rejects.toThrow(
      /another running Cordon uses the data folder/,
    );
    await first.close();
    await (await sqliteStore(under.dir)).close();
  });
});

describe('SQLite writes', () => {
  test('a full disk refuses all loudly, loses nothing, and works again with room', () => {
    const { connection, close } = openDatabase(under.dir);
    const write = batchWriter(connection);
    const count = (): unknown => connection.prepare('SELECT count(*) FROM journal').raw().get();
    write([aLook('before')]);
    connection.exec(`PRAGMA max_page_count = ${Number(pragma(connection, 'page_count')) + 2}`);
    const large = { ...aLook('large'), reason: 'x'.repeat(100_000) };
    expect(() => write([aLook('small'), large])).toThrow(/full/);
    expect(count()).toEqual([1]);
    connection.exec('PRAGMA max_page_count = 100000');
    expect(write([aLook('small'), large])).toEqual([]);
    expect(count()).toEqual([3]);
    close();
  });

  test('a full disk is not mistaken for a bad entry in the same batch', () => {
    const { connection, close } = openDatabase(under.dir);
    const write = batchWriter(connection);
    connection.exec(`PRAGMA max_page_count = ${Number(pragma(connection, 'page_count')) + 2}`);
    const bad = { ...aLook('bad'), what: undefined } as unknown as ReturnType<typeof aLook>;
    const large = { ...aLook('large'), reason: 'x'.repeat(100_000) };
    expect(() => write([bad, large])).toThrow(/full/);
    close();
  });

  test('the journal can be neither changed nor shortened', () => {
    const { connection, close } = openDatabase(under.dir);
    batchWriter(connection)([aLook('w-1')]);
    expect(() => connection.exec("UPDATE journal SET body = '{}'")).toThrow(/append-only/);
    expect(() => connection.exec('DELETE FROM journal')).toThrow(/append-only/);
    expect(() => connection.exec('DELETE FROM checkpoints WHERE seq = 1')).not.toThrow();
    close();
  });

  test('only the newest rejections are kept', () => {
    const { connection, close } = openDatabase(under.dir);
    const rejections = Array.from({ length: REJECTIONS_MAX + 5 }, (_, n) => aRejection(T0_MS + n));
    batchWriter(connection)(rejections);
    const sql = 'SELECT count(*), min(at_ms) FROM rejections';
    expect(connection.prepare(sql).raw().get()).toEqual([REJECTIONS_MAX, T0_MS + 5]);
    close();
  });

  test('tracks and pruning are read by key, never by a scan of all positions', () => {
    const { connection, close } = openDatabase(under.dir);
    batchWriter(connection)([aPosition('o-1', 1)]);
    const sql = `EXPLAIN QUERY PLAN SELECT * FROM positions
      WHERE device_id = 'o-1' AND fix_at_ms >= 0 AND fix_at_ms <= 9 ORDER BY fix_at_ms`;
    const plan = connection.prepare(sql).raw().all() as unknown[][];
    expect(plan.map((step) => step.at(-1))).toEqual([
      expect.stringMatching(/^SEARCH positions USING PRIMARY KEY/),
    ]);
    close();
  });

  test('a disk that answers too fast is told to the administrator', () => {
    expect(measureFsync(under.dir, 5)).toBeGreaterThan(0);
    expect(fsyncWarning(19.9)).toMatch(/does not wait for its writes/);
    expect(fsyncWarning(20.1)).toBeNull();
  });
});

describe('[ST8] a full disk', () => {
  const position = aPosition('o-1', 1);
  /** Thrown out once; tight until the test makes room. */
  const ballast = () => {
    const state = { tight: false, thrownOut: 0 };
    return {
      state,
      isTight: () => state.tight,
      throwOut() {
        state.thrownOut += 1;
        state.tight = true;
        return state.thrownOut === 1;
      },
    };
  };

  test('throws out its ballast, keeps to decisions, and takes positions again with room', () => {
    const { connection, close } = openDatabase(under.dir);
    const heavy = ballast();
    const write = batchWriter(connection, heavy);
    write([position]);
    const pages = Number(pragma(connection, 'page_count'));
    connection.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const large = { ...position, payload: 'x'.repeat(100_000) };
    expect(() => write([{ ...large, fix: { ...large.fix, seq: 2 } }])).toThrow(/^disk full/);
    expect(heavy.state.thrownOut).toBe(1);
    connection.exec('PRAGMA max_page_count = 100000');
    expect(() => write([aLook('a'), position])).toThrow(/^disk full: kept for decisions/);
    expect(write([aLook('b')])).toEqual([]);
    heavy.state.tight = false;
    expect(write([aLook('c'), position])).toEqual([]);
    close();
  });

  test('its ballast is a file that really takes room', () => {
    const { isTight, throwOut } = ballastIn(under.dir);
    const path = join(under.dir, 'ballast');
    expect(statSync(path).blocks * 512).toBeGreaterThanOrEqual(BALLAST_BYTES);
    expect(isTight()).toBe(false);
    expect(throwOut()).toBe(true);
    expect(existsSync(path)).toBe(false);
    expect(throwOut()).toBe(false);
    // There is room on this disk: it is laid in again.
    expect(isTight()).toBe(false);
    expect(existsSync(path)).toBe(true);
  });
});
