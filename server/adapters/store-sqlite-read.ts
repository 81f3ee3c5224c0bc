import type { Alert } from '../../shared/alert.ts';
import type { DeviceId, OrderId } from '../../shared/ids.ts';
import { toAlert } from '../core/alert-record.ts';
import { storedHead } from './store-sqlite-decision.ts';
import type {
  AlertQuery,
  Checkpoint,
  Delivery,
  JournalRow,
  PositionQuery,
  Registration,
  StoredAccount,
  StoredAlertEvent,
  StoredOrder,
  StoredSession,
} from '../kept.ts';
import type { PositionRow } from '../ports.ts';
import {
  alertChangeOf,
  alertEventOf,
  isRegistered,
  lookOf,
  orderOf,
  registrationOf,
} from './store-journal-row.ts';
import type { EntryOf } from './store-entry.ts';
import type { Connection } from './store-sqlite-connection.ts';
import { dumper } from './store-sqlite-dump.ts';
import { NEWEST_ORDERS, recovery } from './store-sqlite-recovery.ts';
import {
  type Row,
  toAccount,
  toCheckpoint,
  toDelivery,
  toJournalRow,
  toPosition,
  toSession,
} from './store-row.ts';
import { type Statement, statement } from './store-sqlite-statement.ts';

/** Answers to what the service and its people ask. */
export function reader(connection: Connection) {
  return {
    recover: recovery(connection),
    ...orderReader(connection),
    ...alertReader(connection),
    ...accessReader(connection),
    ...registerReader(connection),
    ...journalReader(connection),
    positions: positionReader(connection),
    dump: dumper(connection),
  };
}

function orderReader(connection: Connection) {
  const newest = statement(connection, NEWEST_ORDERS);
  const versions = statement(
    connection,
    `SELECT journal.* FROM order_versions JOIN journal USING (seq)
     WHERE order_id = ? ORDER BY version`,
  );
  return {
    orders: (): readonly StoredOrder[] => newest.all().map(toJournalRow).map(orderOf),
    orderVersions: (orderId: OrderId): readonly StoredOrder[] =>
      versions.all(orderId).map(toJournalRow).map(orderOf),
  };
}

function alertReader(connection: Connection) {
  const one = statement(
    connection,
    'SELECT journal.* FROM alerts JOIN journal USING (seq) WHERE alert_id = ?',
  );
  const events = statement(
    connection,
    `SELECT journal.* FROM alert_events JOIN journal USING (seq)
     WHERE alert_id = ? ORDER BY seq`,
  );
  const alertOf = (row: Row): Alert => toAlert(alertChangeOf(toJournalRow(row)).change.record);
  return {
    alerts: alertPages(connection, alertOf),
    alert: (alertId: string): Alert | null => {
      const row = one.get(alertId);
      return row ? alertOf(row) : null;
    },
    alertEvents: (alertId: string): readonly StoredAlertEvent[] =>
      events.all(alertId).map(toJournalRow).map(alertEventOf),
  };
}

/** One statement for each shape of a query, prepared when it first comes. */
function alertPages(connection: Connection, alertOf: (row: Row) => Alert) {
  const older = `(raised_at_ms, alert_id) <
    (SELECT raised_at_ms, alert_id FROM alerts WHERE alert_id = ?)`;
  const prepared = new Map<string, Statement>();
  const pageOf = (where: string): Statement => {
    const sql = `SELECT journal.* FROM alerts JOIN journal USING (seq) WHERE ${where}
      ORDER BY raised_at_ms DESC, alert_id DESC LIMIT ?`;
    const found = prepared.get(where) ?? statement(connection, sql);
    prepared.set(where, found);
    return found;
  };
  return ({ state, limit, after, orderId = null }: AlertQuery): readonly Alert[] => {
    const where = [state === 'open' ? 'is_open = 1' : 'true'];
    if (orderId !== null) where.push('order_id = ?');
    if (after !== null) where.push(older);
    const values = [orderId, after].filter((value) => value !== null);
    return pageOf(where.join(' AND '))
      .all(...values, limit)
      .map(alertOf);
  };
}

function registerReader(connection: Connection) {
  const newest = statement(
    connection,
    'SELECT journal.* FROM registrations JOIN journal USING (seq) ORDER BY kind, key',
  );
  const deliveries = statement(connection, 'SELECT * FROM deliveries ORDER BY subscription_id');
  return {
    registrations: (): readonly Registration[] =>
      newest.all().map(toJournalRow).map(registrationOf).filter(isRegistered),
    deliveries: (): readonly Delivery[] => deliveries.all().map(toDelivery),
  };
}

function accessReader(connection: Connection) {
  const accounts = statement(connection, 'SELECT * FROM accounts ORDER BY username');
  const sessions = statement(
    connection,
    'SELECT * FROM sessions WHERE expires_at_ms > ? ORDER BY created_at_ms, token_hash',
  );
  const looks = statement(
    connection,
    "SELECT * FROM journal WHERE type = 'look' ORDER BY seq DESC LIMIT ?",
  );
  return {
    accounts: (): readonly StoredAccount[] => accounts.all().map(toAccount),
    sessions: (nowMs: number): readonly StoredSession[] => sessions.all(nowMs).map(toSession),
    /** Newest first. */
    looks: (limit: number): readonly EntryOf<'look'>[] =>
      looks.all(limit).map(toJournalRow).map(lookOf),
  };
}

function journalReader(connection: Connection) {
  const rows = statement(connection, 'SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT ?');
  const checkpoints = statement(connection, 'SELECT * FROM checkpoints ORDER BY seq');
  return {
    journal: (afterSeq: number, limit: number): readonly JournalRow[] =>
      rows.all(afterSeq, limit).map(toJournalRow),
    journalHead: () => storedHead(connection),
    checkpoints: (): readonly Checkpoint[] => checkpoints.all().map(toCheckpoint),
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
