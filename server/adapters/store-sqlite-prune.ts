import { type Connection, inTransaction } from './store-sqlite-connection.ts';
import { POSITIONED_DEVICES } from './store-sqlite-recovery.ts';
import { textOf } from './store-row.ts';
import { statement } from './store-sqlite-statement.ts';

/** Rows in one step: appends wait for a step, so a step must not take longer than a slow fsync. */
const STEP_ROWS_MAX = 2_000;
const STEP_DEVICES_MAX = 500;

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
  const dropBeats = statement(connection, 'DELETE FROM beats WHERE at_ms < ?');
  let devicesLeft: string[] = [];
  return (beforeMs) =>
    inTransaction(connection, () => {
      if (devicesLeft.length === 0) {
        dropRejections.run(beforeMs);
        dropSessions.run(beforeMs);
        dropBeats.run(beforeMs);
        devicesLeft = deviceIds.all().map((row) => textOf(row, 'id'));
      }
      let rowsLeft = STEP_ROWS_MAX;
      for (const deviceId of devicesLeft.slice(0, STEP_DEVICES_MAX)) {
        rowsLeft -= dropPositions.run(deviceId, beforeMs, rowsLeft).changes;
        if (rowsLeft <= 0) return true;
        devicesLeft.shift();
      }
      return devicesLeft.length > 0;
    });
}
