import { type Connection, inTransaction } from './store-sqlite-database.ts';
import { POSITIONED_DEVICES } from './store-sqlite-read.ts';
import { statement, textOf } from './store-sqlite-statement.ts';

/** Rows in one step: appends wait for a step, so a step must not take longer than a slow fsync. */
const STEP_ROWS_MAX = 2_000;

/** Drops some of what is older; true when there is more, so that appends can go in between. */
export type PruneStep = (beforeMs: number) => boolean;

export function pruner(connection: Connection): PruneStep {
  const deviceIds = statement(connection, POSITIONED_DEVICES);
  const dropPositions = statement(
    connection,
    `DELETE FROM positions WHERE (device_id, fix_at_ms, boot, seq) IN (
       SELECT device_id, fix_at_ms, boot, seq FROM positions AS old
       WHERE device_id = ? AND fix_at_ms < ? AND NOT EXISTS (
         SELECT 1 FROM alert_tracks WHERE alert_tracks.device_id = old.device_id
         AND old.fix_at_ms >= from_ms AND (until_ms IS NULL OR old.fix_at_ms <= until_ms))
       LIMIT ?)`,
  );
  const dropRejections = statement(connection, 'DELETE FROM rejections WHERE at_ms < ?');
  const dropSessions = statement(connection, 'DELETE FROM sessions WHERE expires_at_ms < ?');
  return (beforeMs) =>
    inTransaction(connection, () => {
      dropRejections.run(beforeMs);
      dropSessions.run(beforeMs);
      let room = STEP_ROWS_MAX;
      for (const row of deviceIds.all()) {
        room -= dropPositions.run(textOf(row, 'id'), beforeMs, room).changes;
        if (room <= 0) return true;
      }
      return false;
    });
}
