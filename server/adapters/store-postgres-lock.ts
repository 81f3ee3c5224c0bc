import { ask, type Connection } from './store-postgres-connection.ts';
import { type Row, textOf } from './store-row.ts';

/**
 * One running Cordon per database: two would each think that they own the open alerts. The lock
 * belongs to the writing session and ends with it, even after kill -9.
 */

/** "Cord", "on": nobody else's by chance. */
const KEY = '1131377252, 28526';
const HOLDER = `SELECT pid, application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE locktype = 'advisory' AND granted AND objsubid = 2
    AND (classid, objid) = (1131377252::oid, 28526::oid)
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/** The session of a process that was killed just now ends within milliseconds. */
export const LOCK_WITHIN_MS = 2_000;
const LOCK_EVERY_MS = 50;

export class TakenError extends Error {
  override readonly name = 'TakenError';
}

/**
 * `own` is the application name of all our sessions: one that was cut off from us, or that we gave
 * up while the server stood still, may still hold the lock, and is ended. What it had begun is then
 * either committed or not, and no longer in doubt.
 */
export async function takeLock(connection: Connection, own: string): Promise<void> {
  const untilMs = performance.now() + LOCK_WITHIN_MS;
  for (;;) {
    const { rows } = await ask(connection, `SELECT pg_try_advisory_lock(${KEY}) AS taken`);
    if (rows[0]!['taken'] === true) return;
    const holder = (await ask(connection, HOLDER)).rows[0];
    if (holder && isOwn(holder, own)) {
      await ask(connection, 'SELECT pg_terminate_backend($1::int)', [holder['pid']]);
    } else if (performance.now() > untilMs) {
      throw new TakenError('another running Cordon uses this database');
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_EVERY_MS));
  }
}

/** Sessions of other roles do not show their names. */
const isOwn = (holder: Row, own: string): boolean =>
  holder['application_name'] !== null && textOf(holder, 'application_name') === own;
