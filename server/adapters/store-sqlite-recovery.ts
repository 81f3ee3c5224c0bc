import type { Recovered } from '../ports.ts';
import { CLOCK_AHEAD_MS_MAX, FEED_CHANGES_MAX } from './store-entry.ts';
import { alertChangeOf, commandOf, deviceOf, feedChangeOf, orderOf } from './store-journal-row.ts';
import type { Connection } from './store-sqlite-connection.ts';
import { integerOf, orNull, textOf, toJournalRow, toPosition } from './store-row.ts';
import { statement } from './store-sqlite-statement.ts';

const NEWEST_DEVICES =
  'SELECT journal.* FROM devices JOIN journal USING (seq) ORDER BY devices.device_id';

/** Of each order its newest version, by the key alone. */
export const NEWEST_ORDERS = `
  SELECT journal.* FROM journal JOIN order_versions AS newest USING (seq)
  WHERE version = (SELECT max(version) FROM order_versions WHERE order_id = newest.order_id)
  ORDER BY order_id`;

const NEWEST_COMMANDS =
  'SELECT journal.* FROM commands JOIN journal USING (seq) ORDER BY commands.device_id';

/** As a union, so that each half reads its own index and not years of closed alerts. */
const RECOVERED_ALERTS = `
  SELECT journal.* FROM alerts JOIN journal USING (seq) WHERE alerts.rowid IN (
    SELECT rowid FROM alerts WHERE is_closed = 0
    UNION
    SELECT rowid FROM alerts WHERE (cause, episode) IN
      (SELECT cause, max(episode) FROM alerts GROUP BY cause)
  )
  ORDER BY raised_at_ms, alert_id`;

/** Hops from one device to the next over the key, instead of reading every position. */
export const POSITIONED_DEVICES = `
  WITH RECURSIVE device(id) AS (
    SELECT min(device_id) FROM positions
    UNION ALL
    SELECT (SELECT min(device_id) FROM positions WHERE device_id > device.id)
    FROM device WHERE device.id IS NOT NULL
  )
  SELECT id FROM device WHERE id IS NOT NULL`;

const NEWEST_POSITIONS = `
  SELECT * FROM positions WHERE device_id = ? AND fix_at_ms <= received_at_ms + ?
  ORDER BY fix_at_ms DESC, boot DESC, seq DESC LIMIT ?`;

const NEWEST_CHANGES =
  "SELECT * FROM journal WHERE type = 'alert-change' ORDER BY seq DESC LIMIT ?";

/** All that the service goes on from. */
export function recovery(connection: Connection): (positionsPerDevice: number) => Recovered {
  const devices = statement(connection, NEWEST_DEVICES);
  const orders = statement(connection, NEWEST_ORDERS);
  const alerts = statement(connection, RECOVERED_ALERTS);
  const commands = statement(connection, NEWEST_COMMANDS);
  const deviceIds = statement(connection, POSITIONED_DEVICES);
  const newestPositions = statement(connection, NEWEST_POSITIONS);
  const changes = statement(connection, NEWEST_CHANGES);
  const newest = statement(connection, 'SELECT at_ms FROM newest');
  const positionsOf = (deviceId: string, count: number) =>
    newestPositions.all(deviceId, CLOCK_AHEAD_MS_MAX, count).reverse().map(toPosition);
  return (positionsPerDevice) => ({
    devices: devices
      .all()
      .map(toJournalRow)
      .map((row) => deviceOf(row).device),
    orders: orders.all().map(toJournalRow).map(orderOf),
    alerts: alerts
      .all()
      .map(toJournalRow)
      .map((row) => alertChangeOf(row).change.record),
    positions: deviceIds.all().flatMap((row) => positionsOf(textOf(row, 'id'), positionsPerDevice)),
    asked: commands
      .all()
      .map(toJournalRow)
      .map((row) => commandOf(row).asked),
    feed: changes
      .all(FEED_CHANGES_MAX)
      .reverse()
      .map(toJournalRow)
      .map(feedChangeOf)
      .filter((change) => change !== null),
    lastAtMs: orNull(integerOf, newest.get()!, 'at_ms'),
  });
}
