import { readdirSync, readFileSync } from 'node:fs';
import { ask, type Connection } from './store-postgres-connection.ts';
import { integerOf } from './store-row.ts';

const MIGRATIONS = new URL('../sql/postgres/', import.meta.url);

interface Migration {
  readonly version: number;
  readonly name: string;
}

const knownMigrations = (): readonly Migration[] =>
  readdirSync(MIGRATIONS)
    .filter((name) => /^\d{3}-.+\.sql$/.test(name))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 3)), name }));

/** 0 for a database that never had Cordon in it. */
export async function presentVersion(connection: Connection): Promise<number> {
  const found = await ask(connection, "SELECT to_regclass('migrations') IS NOT NULL AS found");
  if (found.rows[0]!['found'] !== true) return 0;
  const { rows } = await ask(connection, 'SELECT coalesce(max(version), 0) AS v FROM migrations');
  return integerOf(rows[0]!, 'v');
}

export const newestVersion = (): number => knownMigrations().at(-1)!.version;

/** Brings the tables to the version of this program; called by who holds the lock alone. */
export async function migrate(connection: Connection): Promise<void> {
  const present = await presentVersion(connection);
  const newest = newestVersion();
  if (present > newest) {
    throw new Error(
      `the database has version ${present}, this program knows only ${newest}: ` +
        'start the newer program, or restore a backup from before it',
    );
  }
  for (const { version, name } of knownMigrations()) {
    if (version > present) await apply(connection, version, name);
  }
}

/** All of it or nothing. */
async function apply(connection: Connection, version: number, name: string): Promise<void> {
  const sql = readFileSync(new URL(name, MIGRATIONS), 'utf8');
  await ask(
    connection,
    `BEGIN;
     CREATE TABLE IF NOT EXISTS migrations (
       version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL
     );
     ${sql}
     INSERT INTO migrations VALUES (${version}, '${name}', now());
     COMMIT`,
  ).catch(async (error: unknown) => {
    await ask(connection, 'ROLLBACK').catch(() => undefined);
    throw error;
  });
}
