import type { Alert } from '../../shared/alert.ts';
import type { Device } from '../../shared/device.ts';
import type { DeviceId, OrderId } from '../../shared/ids.ts';
import type { AlertRecord } from '../core/alert-record.ts';
import type { AskedInterval } from '../core/asked-interval.ts';
import type {
  AlertQuery,
  Entry,
  PositionQuery,
  PositionRow,
  Recovered,
  StoredAccount,
  StoredAlertEvent,
  StoredOrder,
  StoredSession,
} from '../ports.ts';
import type { Connection } from './store-sqlite-database.ts';
import { toOrder, toPosition, toSession } from './store-sqlite-row.ts';
import { integerOf, orNull, type Row, statement, textOf } from './store-sqlite-statement.ts';

/** A fix can't be measured after it came in; such a clock must not crowd out the true newest. */
const CLOCK_AHEAD_MS_MAX = 60_000;

const NEWEST_DEVICES = `
  SELECT device FROM device_versions
  WHERE id IN (SELECT max(id) FROM device_versions GROUP BY device_id) ORDER BY device_id`;

const NEWEST_ORDERS = `
  SELECT * FROM order_versions AS newest
  WHERE version = (SELECT max(version) FROM order_versions WHERE order_id = newest.order_id)
  ORDER BY order_id`;

/** As a union, so that each half reads its own index and not years of closed alerts. */
const RECOVERED_ALERTS = `
  SELECT record FROM alerts WHERE rowid IN (
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

/** Answers to what the service and its people ask. */
export function reader(connection: Connection) {
  return {
    recover: recovery(connection),
    ...orderReader(connection),
    ...alertReader(connection),
    ...accessReader(connection),
    positions: positionReader(connection),
  };
}

function recovery(connection: Connection) {
  const devices = statement(connection, NEWEST_DEVICES);
  const orders = statement(connection, NEWEST_ORDERS);
  const alerts = statement(connection, RECOVERED_ALERTS);
  const deviceIds = statement(connection, POSITIONED_DEVICES);
  const newestPositions = statement(
    connection,
    `SELECT * FROM positions WHERE device_id = ? AND fix_at_ms <= received_at_ms + ?
     ORDER BY fix_at_ms DESC, boot DESC, seq DESC LIMIT ?`,
  );
  const asked = statement(connection, 'SELECT asked FROM commands ORDER BY device_id');
  const newest = statement(connection, 'SELECT at_ms FROM newest');
  return (positionsPerDevice: number): Recovered => ({
    devices: devices.all().map((row) => JSON.parse(textOf(row, 'device')) as Device),
    orders: orders.all().map(toOrder),
    alerts: alerts.all().map((row) => JSON.parse(textOf(row, 'record')) as AlertRecord),
    positions: deviceIds
      .all()
      .flatMap((row) =>
        newestPositions
          .all(textOf(row, 'id'), CLOCK_AHEAD_MS_MAX, positionsPerDevice)
          .reverse()
          .map(toPosition),
      ),
    asked: asked.all().map((row) => JSON.parse(textOf(row, 'asked')) as AskedInterval),
    lastAtMs: orNull(integerOf, newest.get()!, 'at_ms'),
  });
}

function orderReader(connection: Connection) {
  const newest = statement(connection, NEWEST_ORDERS);
  const versions = statement(
    connection,
    'SELECT * FROM order_versions WHERE order_id = ? ORDER BY version',
  );
  return {
    orders: (): readonly StoredOrder[] => newest.all().map(toOrder),
    orderVersions: (orderId: OrderId): readonly StoredOrder[] => versions.all(orderId).map(toOrder),
  };
}

function alertReader(connection: Connection) {
  const page = (open: string, after: string): string =>
    `SELECT alert FROM alerts WHERE ${open} AND ${after}
     ORDER BY raised_at_ms DESC, alert_id DESC LIMIT ?`;
  const older = `(raised_at_ms, alert_id) <
    (SELECT raised_at_ms, alert_id FROM alerts WHERE alert_id = ?)`;
  const pages = {
    open: [page('is_open = 1', 'true'), page('is_open = 1', older)],
    all: [page('true', 'true'), page('true', older)],
  };
  const [openFirst, openNext] = pages.open.map((sql) => statement(connection, sql));
  const [allFirst, allNext] = pages.all.map((sql) => statement(connection, sql));
  const one = statement(connection, 'SELECT alert FROM alerts WHERE alert_id = ?');
  const events = statement(
    connection,
    'SELECT * FROM alert_events WHERE alert_id = ? ORDER BY seq',
  );
  const toAlert = (row: Row): Alert => JSON.parse(textOf(row, 'alert')) as Alert;
  return {
    alerts: ({ state, limit, after }: AlertQuery): readonly Alert[] => {
      const [first, next] = state === 'open' ? [openFirst!, openNext!] : [allFirst!, allNext!];
      return (after === null ? first.all(limit) : next.all(after, limit)).map(toAlert);
    },
    alert: (alertId: string): Alert | null => {
      const row = one.get(alertId);
      return row ? toAlert(row) : null;
    },
    alertEvents: (alertId: string): readonly StoredAlertEvent[] =>
      events.all(alertId).map((row) => {
        const act = orNull(textOf, row, 'act');
        return {
          seq: integerOf(row, 'seq'),
          atMs: integerOf(row, 'at_ms'),
          change: textOf(row, 'change') as StoredAlertEvent['change'],
          by: orNull(textOf, row, 'by_user'),
          act: act === null ? null : (JSON.parse(act) as StoredAlertEvent['act']),
          alert: toAlert(row),
        };
      }),
  };
}

function accessReader(connection: Connection) {
  const accounts = statement(connection, 'SELECT * FROM accounts ORDER BY username');
  const sessions = statement(
    connection,
    'SELECT * FROM sessions WHERE expires_at_ms > ? ORDER BY created_at_ms, token_hash',
  );
  const looks = statement(connection, 'SELECT * FROM looks ORDER BY id DESC LIMIT ?');
  return {
    accounts: (): readonly StoredAccount[] =>
      accounts.all().map((row) => ({
        username: textOf(row, 'username'),
        role: textOf(row, 'role') as StoredAccount['role'],
        secretHash: textOf(row, 'secret_hash'),
      })),
    sessions: (nowMs: number): readonly StoredSession[] => sessions.all(nowMs).map(toSession),
    /** Newest first. */
    looks: (limit: number): readonly Extract<Entry, { type: 'look' }>[] =>
      looks.all(limit).map((row) => ({
        type: 'look',
        atMs: integerOf(row, 'at_ms'),
        by: textOf(row, 'by_user'),
        what: textOf(row, 'what'),
        subject: textOf(row, 'subject'),
        reason: textOf(row, 'reason'),
      })),
  };
}

/** The devices are passed as a JSON array, so that one prepared statement serves any number. */
function positionReader(connection: Connection) {
  const select = statement(
    connection,
    `SELECT positions.* FROM json_each(?) AS wanted
     CROSS JOIN positions ON positions.device_id = wanted.value
     WHERE fix_at_ms >= ? AND fix_at_ms <= ?
     ORDER BY fix_at_ms, received_at_ms, device_id, boot, seq LIMIT ?`,
  );
  return ({ deviceIds, fromMs, untilMs, limit }: PositionQuery): readonly PositionRow[] => {
    const wanted = JSON.stringify([...new Set<DeviceId>(deviceIds)]);
    return select.all(wanted, fromMs, untilMs, limit).map(toPosition);
  };
}
