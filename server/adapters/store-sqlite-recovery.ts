import type { DeviceId } from '../../shared/ids.ts';
import type { Fix } from '../core/case-event.ts';
import type { Recovered } from '../kept.ts';

import { CLOCK_AHEAD_MS_MAX, FEED_CHANGES_MAX } from './store-entry.ts';
import { alertChangeOf, commandOf, deviceOf, feedChangeOf, orderOf } from './store-journal-row.ts';
import type { Connection } from './store-sqlite-connection.ts';
import { integerOf, orNull, toJournalRow } from './store-row.ts';
import { reliedDevices } from './store-relied.ts';
import { statement } from './store-sqlite-statement.ts';

const NEWEST_DEVICES =
  'SELECT journal.* FROM devices JOIN journal USING (seq) ORDER BY devices.device_id';

/** Of each order its newest version, by the key alone. */
export const NEWEST_ORDERS = `
  SELECT journal.* FROM journal JOIN order_versions AS newest USING (seq)
  WHERE version = (SELECT max(version) FROM order_versions WHERE order_id = newest.order_id)
  ORDER BY order_id`;

/** In the order of the primary key: a page reads no more than itself. */
export const NEWEST_ORDERS_AFTER = `
  SELECT journal.* FROM order_versions AS newest CROSS JOIN journal USING (seq)
  WHERE order_id > ? AND version =
    (SELECT max(version) FROM order_versions WHERE order_id = newest.order_id)
  ORDER BY order_id LIMIT ?`;

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

/**
 * One statement for many devices, and without the payloads: with one for each a fleet of 100,000
 * took twice as long. Oldest first within each device.
 */
const NEWEST_POSITIONS = `
  SELECT positions.device_id, fix_at_ms, boot, seq, received_at_ms, lon, lat, accuracy_m, speed_ms,
    heading_deg, source, battery
  FROM json_each(?3) AS device
  CROSS JOIN positions ON positions.device_id = device.value AND fix_at_ms >= ifnull((
    SELECT fix_at_ms FROM positions AS newer
    WHERE newer.device_id = device.value AND newer.fix_at_ms <= newer.received_at_ms + ?1
    ORDER BY newer.fix_at_ms DESC LIMIT 1 OFFSET ?2
  ), -9e15)
  WHERE fix_at_ms <= received_at_ms + ?1`;

/** A row of that, as it crosses from one thread to the other: arrays are quicker than objects. */
type RawPosition = readonly [
  deviceId: DeviceId,
  atMs: number,
  boot: string,
  seq: number,
  receivedAtMs: number,
  lon: number,
  lat: number,
  accuracyM: number | null,
  speedMs: number | null,
  headingDeg: number | null,
  source: Fix['source'],
  battery: number | null,
];

type RawRecovered = Omit<Recovered, 'positions'> & { readonly positions: readonly RawPosition[] };

/** What the thread that reads has sent, as the service wants it. */
export function recoveredOf(text: string): Recovered {
  const { positions, ...rest } = JSON.parse(text) as RawRecovered;
  return { ...rest, positions: positions.map((row) => ({ deviceId: row[0], fix: fixOf(row) })) };
}

const fixOf = (row: RawPosition): Fix => ({
  seq: row[3],
  boot: row[2] || null,
  atMs: row[1],
  receivedAtMs: row[4],
  lon: row[5],
  lat: row[6],
  accuracyM: row[7],
  speedMs: row[8],
  headingDeg: row[9],
  source: row[10],
  battery: row[11],
});

const NEWEST_CHANGES =
  "SELECT * FROM journal WHERE type = 'alert-change' ORDER BY seq DESC LIMIT ?";

/** All that the service goes on from. */
export function recovery(connection: Connection): (relied: number, other: number) => RawRecovered {
  const devices = statement(connection, NEWEST_DEVICES);
  const orders = statement(connection, NEWEST_ORDERS);
  const alerts = statement(connection, RECOVERED_ALERTS);
  const commands = statement(connection, NEWEST_COMMANDS);
  const newestPositions = positionsReader(connection);
  const changes = statement(connection, NEWEST_CHANGES);
  const newest = statement(connection, 'SELECT at_ms FROM newest');
  return (relied, other) => {
    const all = devices
      .all()
      .map(toJournalRow)
      .map((row) => deviceOf(row).device);
    const ordered = orders.all().map(toJournalRow).map(orderOf);
    const ofRelied = reliedDevices(all, ordered);
    return {
      devices: all,
      orders: ordered,
      alerts: alerts
        .all()
        .map(toJournalRow)
        .map((row) => alertChangeOf(row).change.record),
      positions: newestPositions(ofRelied, relied, other),
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
    };
  };
}

/** The newest so many positions of each device that is relied on, then of each other one. */
function positionsReader(connection: Connection) {
  const known = connection.prepare(POSITIONED_DEVICES).raw();
  const newest = connection.prepare(NEWEST_POSITIONS).raw();
  const read = (ids: readonly string[], count: number): RawPosition[] => {
    const rows = newest.all([CLOCK_AHEAD_MS_MAX, count - 1, JSON.stringify(ids)]) as RawPosition[];
    // Of two fixes of one instant both came: one more than asked for.
    return rows.filter((row, i) => rows[i + count]?.[0] !== row[0]);
  };
  return (ofRelied: ReadonlySet<string>, relied: number, other: number): RawPosition[] => {
    const ids = (known.all() as [string][]).map(([id]) => id);
    const first = ids.filter((id) => ofRelied.has(id));
    const rest = ids.filter((id) => !ofRelied.has(id));
    return [...read(first, relied), ...read(rest, other)];
  };
}
