import { ask, connect, type Connection } from './store-postgres-connection.ts';
import {
  DAY_MS,
  dayOf,
  isTableBusy,
  type PartitionBook,
  partitionOf,
  presentDays,
  TABLE_LOCK_WITHIN_MS,
} from './store-postgres-partitions.ts';
import { endSession } from './store-postgres-session.ts';
import { textOf } from './store-row.ts';

/**
 * Drops what is too old, in a session of its own, so that appends go on. A day that is past goes
 * with its files; of the day in which the term ends, rows go one by one.
 */

/** A few seconds' work, in a transaction that does not hold others' old rows back for long. */
const DEVICES_AT_ONCE = 200;
/** Of one statement: a day of a large fleet, on a slow disk. */
const PRUNED_WITHIN_MS = 600_000;
/** Somebody may be reading: so often a table is tried before it is left to the next hour. */
const DROP_TRIES = 10;
const DROP_AGAIN_AFTER_MS = 1_000;

const ON_TRACK = `SELECT FROM alert_tracks WHERE alert_tracks.device_id = old.device_id
  AND old.fix_at_ms >= from_ms AND (until_ms IS NULL OR old.fix_at_ms <= until_ms)`;

export async function prune(url: string, partitions: PartitionBook, before: number): Promise<void> {
  const beforeMs = Math.ceil(before);
  const connection = await connect(url, PRUNED_WITHIN_MS);
  try {
    await ask(connection, "SET application_name = 'cordon pruning'");
    for (const [table, column] of TERMED) {
      await ask(connection, `DELETE FROM ${table} WHERE ${column} < $1::bigint`, [beforeMs]);
    }
    const days = await presentDays(async (text) => (await ask(connection, text)).rows);
    for (const day of days.filter((each) => (each + 1) * DAY_MS <= beforeMs)) {
      await partitions.retire(day, () => dropDay(connection, day));
    }
    if (days.includes(dayOf(beforeMs))) {
      await dropRows(connection, partitionOf(dayOf(beforeMs)), beforeMs);
    }
    await dropRows(connection, 'positions_default', beforeMs);
  } finally {
    await endSession(connection);
  }
}

const TERMED = [
  ['rejections', 'at_ms'],
  ['sessions', 'expires_at_ms'],
  ['beats', 'at_ms'],
] as const;

/** Tracks are kept and the rest goes in one transaction: no reader sees a row twice or never. */
async function dropDay(connection: Connection, day: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await tryDropDay(connection, day);
      return;
    } catch (error) {
      await ask(connection, 'ROLLBACK');
      if (!isTableBusy(error) || tries === DROP_TRIES) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, DROP_AGAIN_AFTER_MS));
  }
}

/**
 * The last step locks all of `positions`, so it comes last and gives up early; before that only this
 * day is locked, and only against writing.
 */
async function tryDropDay(connection: Connection, day: number): Promise<void> {
  const table = partitionOf(day);
  await ask(
    connection,
    `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
     SET LOCAL lock_timeout = ${TABLE_LOCK_WITHIN_MS};
     LOCK TABLE ${table} IN EXCLUSIVE MODE;
     INSERT INTO kept_positions
       SELECT old.* FROM alert_tracks AS track JOIN ${table} AS old
         ON old.device_id = track.device_id AND old.fix_at_ms >= track.from_ms
         AND old.fix_at_ms <= coalesce(track.until_ms, ${Number.MAX_SAFE_INTEGER})
       WHERE track.from_ms < ${(day + 1) * DAY_MS}
         AND coalesce(track.until_ms, ${Number.MAX_SAFE_INTEGER}) >= ${day * DAY_MS}
       ON CONFLICT DO NOTHING;
     DROP TABLE ${table};
     COMMIT`,
  );
}

/** Device by device over the key: a scan would read again and again what is already gone. */
async function dropRows(connection: Connection, table: string, beforeMs: number): Promise<void> {
  const drop = `DELETE FROM ${table} AS old WHERE device_id = ANY ($1::text[])
    AND fix_at_ms < $2::bigint AND NOT EXISTS (${ON_TRACK})`;
  const next = `SELECT device_id FROM positioned WHERE device_id > $1 ORDER BY device_id LIMIT $2`;
  for (let last = ''; ;) {
    const { rows } = await ask(connection, next, [last, DEVICES_AT_ONCE]);
    const deviceIds = rows.map((row) => textOf(row, 'device_id'));
    if (deviceIds.length === 0) return;
    await ask(connection, drop, [deviceIds, beforeMs]);
    last = deviceIds.at(-1)!;
  }
}
