import type { Alert } from '../../shared/alert.ts';
import type { DeviceId, OrderId } from '../../shared/ids.ts';
import { toAlert } from '../core/alert-record.ts';
import { storedHead } from './store-sqlite-decision.ts';
import type {
  AlertQuery,
  Checkpoint,
  JournalRow,
  OrderPage,
  PositionQuery,
  StoredAccount,
  StoredAlertEvent,
  StoredOrder,
  StoredSession,
} from '../kept.ts';
import type { PositionRow } from '../ports.ts';
import { alertChangeOf, alertEventOf, lookOf, orderOf } from './store-journal-row.ts';
import type { EntryOf } from './store-entry.ts';
import type { Connection } from './store-sqlite-connection.ts';
import { dumper } from './store-sqlite-dump.ts';
import { NEWEST_ORDERS, NEWEST_ORDERS_AFTER, recovery } from './store-sqlite-recovery.ts';
import {
  type Row,
  toAccount,
  toCheckpoint,
  toJournalRow,
  toPosition,
  toSession,
} from './store-row.ts';
import { statement } from './store-sqlite-statement.ts';

/** Answers to what the service and its people ask. */
export function reader(connection: Connection) {
  return {
    recover: recovery(connection),
    ...orderReader(connection),
    ...alertReader(connection),
    ...accessReader(connection),
    ...journalReader(connection),
    positions: positionReader(connection),
    dump: dumper(connection),
  };
}

function orderReader(connection: Connection) {
  const newest = statement(connection, NEWEST_ORDERS);
  const newestAfter = statement(connection, NEWEST_ORDERS_AFTER);
  const versions = statement(
    connection,
    `SELECT journal.* FROM order_versions JOIN journal USING (seq)
     WHERE order_id = ? ORDER BY version`,
  );
  return {
    orders: (page?: OrderPage): readonly StoredOrder[] => {
      const rows = page ? newestAfter.all(page.after ?? '', page.limit) : newest.all();
      return rows.map(toJournalRow).map(orderOf);
    },
    orderVersions: (orderId: OrderId): readonly StoredOrder[] =>
      versions.all(orderId).map(toJournalRow).map(orderOf),
  };
}

function alertReader(connection: Connection) {
  const page = (open: string, after: string): string =>
    `SELECT journal.* FROM alerts JOIN journal USING (seq) WHERE ${open} AND ${after}
     ORDER BY raised_at_ms DESC, alert_id DESC LIMIT ?`;
  const older = `(raised_at_ms, alert_id) <
    (SELECT raised_at_ms, alert_id FROM alerts WHERE alert_id = ?)`;
  const pages = {
    open: [page('is_open = 1', 'true'), page('is_open = 1', older)],
    all: [page('true', 'true'), page('true', older)],
  };
  const [openFirst, openNext] = pages.open.map((sql) => statement(connection, sql));
  const [allFirst, allNext] = pages.all.map((sql) => statement(connection, sql));
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
    alerts: ({ state, limit, after }: AlertQuery): readonly Alert[] => {
      const [first, next] = state === 'open' ? [openFirst!, openNext!] : [allFirst!, allNext!];
      return (after === null ? first.all(limit) : next.all(after, limit)).map(alertOf);
    },
    alert: (alertId: string): Alert | null => {
      const row = one.get(alertId);
      return row ? alertOf(row) : null;
    },
    alertEvents: (alertId: string): readonly StoredAlertEvent[] =>
      events.all(alertId).map(toJournalRow).map(alertEventOf),
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
