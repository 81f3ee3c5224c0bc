import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import {
  type Connection,
  inTransaction,
  pragma,
  SQLITE_BUSY,
  sqliteCodeOf,
} from './store-sqlite-connection.ts';
import { carryOver } from './store-sqlite-carry-over.ts';

const MIGRATIONS = new URL('../sql/sqlite/', import.meta.url);

/**
 * What durability and safety rest on: set, then read back, for SQLite ignores a pragma that it
 * cannot honour. (RELIABILITY §5)
 */
const PRAGMAS: readonly (readonly [name: string, value: string | number])[] = [
  ['journal_mode', 'wal'],
  /** FULL: COMMIT waits for the disk. */
  ['synchronous', 2],
  ['foreign_keys', 1],
  ['busy_timeout', 5000],
  ['trusted_schema', 0],
  ['cell_size_check', 1],
  /** KiB: the pages that a fleet's newest positions lie on stay in memory, 2,000 and more. */
  ['cache_size', -65_536],
  /** Pages, 64 MiB: each of those is then copied into the database once, not at every commit. */
  ['wal_autocheckpoint', 16_384],
];

export interface OpenDatabase {
  readonly connection: Connection;
  close(): void;
}

/** Opens the database of a data folder, or throws a sentence that says why it must not be used. */
export function openDatabase(dataDir: string): OpenDatabase {
  mkdirSync(dataDir, { recursive: true });
  const lock = lockDataDir(dataDir);
  const connection = new Database(join(dataDir, 'cordon.db'));
  const close = (): void => {
    connection.close();
    lock.close();
  };
  try {
    setPragmas(connection);
    checkIntegrity(connection);
    migrate(connection);
  } catch (error) {
    close();
    throw error;
  }
  return { connection, close };
}

/** For reading beside a server that writes; the tables must be those of this program. */
export function openReadOnly(dataDir: string): Connection {
  const connection = new Database(join(dataDir, 'cordon.db'));
  connection.exec('PRAGMA query_only = ON');
  connection.exec('PRAGMA trusted_schema = OFF');
  const version = presentVersion(connection);
  const newest = knownMigrations().at(-1)!.version;
  if (version === newest) return connection;
  connection.close();
  throw new Error(
    `the database has version ${version}, this program reads ${newest}: start the server once, ` +
      'or use the program that goes with it',
  );
}

/**
 * One process per data folder: two would each think that they own the open alerts. The lock is a
 * write transaction that is never committed, in a database of its own: the kernel drops it even
 * after kill -9, and the data itself stays readable for a backup.
 */
function lockDataDir(dataDir: string): Connection {
  const lock = new Database(join(dataDir, 'lock.db'));
  try {
    lock.exec('BEGIN IMMEDIATE');
  } catch (error) {
    lock.close();
    if (sqliteCodeOf(error) !== SQLITE_BUSY) throw error;
    throw new Error(`another running Cordon uses the data folder ${dataDir}`, { cause: error });
  }
  return lock;
}

function setPragmas(connection: Connection): void {
  for (const [name, value] of PRAGMAS) {
    connection.exec(`PRAGMA ${name} = ${value}`);
    const actual = pragma(connection, name);
    if (actual !== value) {
      throw new Error(`SQLite does not keep ${name} = ${value}, it says ${actual}`);
    }
  }
}

function checkIntegrity(connection: Connection): void {
  const answer = pragma(connection, 'quick_check(1)');
  if (answer !== 'ok') throw new Error(`the database is damaged, restore a backup: ${answer}`);
}

interface Migration {
  readonly version: number;
  readonly name: string;
}

function knownMigrations(): readonly Migration[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => /^\d{3}-.+\.sql$/.test(name))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 3)), name }));
}

function presentVersion(connection: Connection): number {
  const found = connection.prepare('SELECT max(version) FROM migrations').raw().get() as unknown[];
  return Number(found[0] ?? 0);
}

/** The one migration that SQL alone cannot do: it computes a hash for each row. */
const JOURNAL_VERSION = 2;

/** Brings the tables to the version of this program. */
function migrate(connection: Connection): void {
  connection.exec(`CREATE TABLE IF NOT EXISTS migrations (
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL
  ) STRICT`);
  const present = presentVersion(connection);
  const known = knownMigrations();
  const newest = known.at(-1)!.version;
  if (present > newest) {
    throw new Error(
      `the database has version ${present}, this program knows only ${newest}: ` +
        'start the newer program, or restore a backup from before it',
    );
  }
  for (const migration of known) {
    if (migration.version > present) apply(connection, migration);
  }
}

function apply(connection: Connection, { version, name }: Migration): void {
  const sql = readFileSync(new URL(name, MIGRATIONS), 'utf8');
  inTransaction(connection, () => {
    connection.exec(sql);
    if (version === JOURNAL_VERSION) carryOver(connection);
    connection
      .prepare("INSERT INTO migrations VALUES (?, ?, datetime('now'))")
      .run([version, name]);
  });
}
