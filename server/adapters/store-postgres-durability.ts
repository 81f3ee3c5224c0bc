import { ask, type Connection } from './store-postgres-connection.ts';
import { integerOf, type Row, textOf } from './store-row.ts';

/**
 * Whether a database keeps what it says it has kept. Read in a session of our own, so that what is
 * set for this role or database alone counts too, and again in every transaction that writes: a
 * reload of the settings takes effect in the middle of one.
 */

/** All that an acknowledgement rests on; part of a SELECT or a RETURNING. */
export const DURABILITY = `current_setting('fsync') AS fsync,
  current_setting('full_page_writes') AS full_page_writes,
  current_setting('synchronous_commit') AS synchronous_commit,
  current_setting('synchronous_standby_names') AS standbys`;

const FITNESS = `SELECT ${DURABILITY}, current_setting('server_version_num')::int AS version,
  current_setting('server_encoding') AS encoding,
  current_setting('data_checksums') AS checksums,
  current_setting('transaction_read_only') AS read_only`;

/** Older ones have no `client_connection_check_interval`, and are no longer mended. */
const VERSION_MIN = 140_000;

/** The database must not be written to as it is set up. */
export class UnfitError extends Error {
  override readonly name = 'UnfitError';
}

/** Each fault with its remedy; none when a commit is on disk once it is answered. */
export function durabilityFaults(row: Row): string[] {
  const faults: string[] = [];
  if (textOf(row, 'fsync') !== 'on') {
    faults.push(
      'fsync is off, so that a power failure may lose everything: set fsync = on in ' +
        'postgresql.conf and reload',
    );
  }
  if (textOf(row, 'full_page_writes') !== 'on') {
    faults.push(
      'full_page_writes is off, so that a power failure may damage pages: set ' +
        'full_page_writes = on in postgresql.conf and reload',
    );
  }
  const commit = textOf(row, 'synchronous_commit');
  if (!waitsForDisk(commit, textOf(row, 'standbys') !== '')) {
    faults.push(
      `synchronous_commit is ${commit}, so that what was acknowledged may be lost: set it to on, ` +
        'for the server, this database and this role',
    );
  }
  return faults;
}

/**
 * All but `off` wait for the server's own disk, and so does `local`; but where standbys are to be
 * waited for, somebody means to go on from one of them, and `local` acknowledges what none has.
 * `remote_write` does not wait for the standby's disk: what is lost then must be lost on both.
 */
const waitsForDisk = (commit: string, hasStandbys: boolean): boolean =>
  commit === 'on' ||
  commit === 'remote_apply' ||
  commit === 'remote_write' ||
  (commit === 'local' && !hasStandbys);

/** Why this database cannot be Cordon's; empty when it can. */
export function unfitness(row: Row): string[] {
  const version = integerOf(row, 'version');
  const faults = durabilityFaults(row);
  if (version < VERSION_MIN) {
    const told = `${Math.floor(version / 10_000)}`;
    faults.unshift(`it is PostgreSQL ${told}: take 14 or newer, best the one that Cordon names`);
  }
  if (textOf(row, 'encoding') !== 'UTF8') {
    const encoding = textOf(row, 'encoding');
    faults.push(
      `its encoding is ${encoding}, which cannot hold every name: CREATE DATABASE … ENCODING ` +
        "'UTF8' TEMPLATE template0",
    );
  }
  if (textOf(row, 'read_only') !== 'off') {
    faults.push(
      'it is read-only (default_transaction_read_only, or a standby): let CORDON_DATABASE_URL ' +
        'name the primary',
    );
  }
  return faults;
}

/** Throws `UnfitError`, with a remedy for each fault; else what the administrator should know. */
export async function checkFitness(connection: Connection): Promise<readonly string[]> {
  const row = (await ask(connection, FITNESS)).rows[0]!;
  const faults = unfitness(row);
  if (faults.length > 0) throw new UnfitError(`the database is not safe: ${faults.join('; ')}`);
  if (textOf(row, 'checksums') === 'on') return [];
  return [
    'the database has no data checksums: a disk that returns something else than was written ' +
      'goes unnoticed; stop PostgreSQL and run pg_checksums --enable',
  ];
}
