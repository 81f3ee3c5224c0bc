import type { Alert } from '../../shared/alert.ts';
import type { OrderId } from '../../shared/ids.ts';
import { toAlert } from '../core/alert-record.ts';
import type { AlertQuery, DumpPart, PositionQuery } from '../kept.ts';
import type { Archive, Dumped, Entry, Store } from '../ports.ts';
import {
  eventKey,
  eventOf,
  FIRST_EVENT,
  FIRST_POSITION,
  keyAfter,
  paged,
  positionKey,
} from './store-dump-page.ts';
import {
  alertChangeOf,
  alertEventOf,
  isRegistered,
  lookOf,
  orderOf,
  registrationOf,
} from './store-journal-row.ts';
import type { Select } from './store-postgres-connection.ts';
import { NEWEST_ORDERS } from './store-postgres-recovery.ts';
import { HEAD, headOf } from './store-postgres-session.ts';
import {
  type Row,
  toAccount,
  toCheckpoint,
  toDelivery,
  toJournalRow,
  toPosition,
  toSession,
} from './store-row.ts';

/** Answers to what the service and its people ask. */
export type Reads = Omit<Store, 'append' | 'close' | 'limits' | 'prune' | 'recover'>;

export function reader(select: Select): Reads {
  return {
    ...orderReader(select),
    ...alertReader(select),
    ...accessReader(select),
    ...registerReader(select),
    ...journalReader(select),
    positions: positionReader(select),
    dump: dumper(select),
  };
}

function orderReader(select: Select): Pick<Store, 'orders' | 'orderVersions'> {
  const versions = `SELECT journal.* FROM order_versions JOIN journal USING (seq)
    WHERE order_id = $1 ORDER BY version`;
  return {
    orders: async () => (await select(NEWEST_ORDERS)).map(toJournalRow).map(orderOf),
    orderVersions: async (orderId: OrderId) =>
      (await select(versions, [orderId])).map(toJournalRow).map(orderOf),
  };
}

const alertOf = (row: Row): Alert => toAlert(alertChangeOf(toJournalRow(row)).change.record);

function alertReader(select: Select): Pick<Store, 'alerts' | 'alert' | 'alertEvents'> {
  const page = (where: string): string =>
    `SELECT journal.* FROM alerts JOIN journal USING (seq) WHERE ${where}
     ORDER BY raised_at_ms DESC, alert_id DESC LIMIT $1`;
  const older = (parameter: number): string => `(raised_at_ms, alert_id) <
    (SELECT raised_at_ms, alert_id FROM alerts WHERE alert_id = $${parameter})`;
  const events = `SELECT journal.* FROM alert_events JOIN journal USING (seq)
    WHERE alert_id = $1 ORDER BY seq`;
  return {
    alerts: async ({ state, limit, after, orderId = null }: AlertQuery) => {
      const where = [state === 'open' ? 'is_open' : 'true'];
      const values: (string | number)[] = [limit];
      if (orderId !== null) where.push(`order_id = $${values.push(orderId)}`);
      if (after !== null) where.push(older(values.push(after)));
      return (await select(page(where.join(' AND ')), values)).map(alertOf);
    },
    alert: async (alertId) => {
      const one = 'SELECT journal.* FROM alerts JOIN journal USING (seq) WHERE alert_id = $1';
      const [row] = await select(one, [alertId]);
      return row ? alertOf(row) : null;
    },
    alertEvents: async (alertId) =>
      (await select(events, [alertId])).map(toJournalRow).map(alertEventOf),
  };
}

function registerReader(select: Select): Pick<Store, 'registrations' | 'deliveries'> {
  const newest = 'SELECT journal.* FROM registrations JOIN journal USING (seq) ORDER BY kind, key';
  return {
    registrations: async () =>
      (await select(newest)).map(toJournalRow).map(registrationOf).filter(isRegistered),
    deliveries: async () => (await select(DELIVERIES)).map(toDelivery),
  };
}

const DELIVERIES = 'SELECT * FROM deliveries ORDER BY subscription_id';

function accessReader(select: Select): Pick<Store, 'accounts' | 'sessions' | 'looks'> {
  const sessions = `SELECT * FROM sessions WHERE expires_at_ms > $1
    ORDER BY created_at_ms, token_hash`;
  const looks = "SELECT * FROM journal WHERE type = 'look' ORDER BY seq DESC LIMIT $1";
  return {
    accounts: async () => (await select('SELECT * FROM accounts ORDER BY username')).map(toAccount),
    sessions: async (nowMs) => (await select(sessions, [nowMs])).map(toSession),
    /** Newest first. */
    looks: async (limit) => (await select(looks, [limit])).map(toJournalRow).map(lookOf),
  };
}

function journalReader(select: Select): Pick<Store, 'journal' | 'journalHead' | 'checkpoints'> {
  const rows = 'SELECT * FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2';
  return {
    journal: async (afterSeq, limit) => (await select(rows, [afterSeq, limit])).map(toJournalRow),
    journalHead: async () => headOf(await select(HEAD)),
    checkpoints: async () =>
      (await select('SELECT * FROM checkpoints ORDER BY seq')).map(toCheckpoint),
  };
}

function positionReader(select: Select): Store['positions'] {
  const found = `SELECT * FROM every_position
    WHERE device_id = ANY ($1::text[]) AND fix_at_ms >= $2 AND fix_at_ms <= $3
    ORDER BY fix_at_ms, received_at_ms, device_id, boot, seq LIMIT $4`;
  return async ({ deviceIds, fromMs, untilMs, limit }: PositionQuery) =>
    (await select(found, [[...new Set(deviceIds)], fromMs, untilMs, limit])).map(toPosition);
}

/** Pages in the order of each table's own key: what is added meanwhile comes, or does not. */
function dumper(select: Select): Archive['dump'] {
  const positions = `SELECT * FROM every_position
    WHERE (device_id, fix_at_ms, boot, seq) > ($1, $2::bigint, $3, $4::bigint)
    ORDER BY device_id, fix_at_ms, boot, seq LIMIT $5`;
  const events = `SELECT * FROM device_events
    WHERE (device_id, boot, seq, kind) > ($1, $2, $3::bigint, $4)
    ORDER BY device_id, boot, seq, kind LIMIT $5`;
  return async (part: DumpPart, after: string | null, limit: number): Promise<Dumped> => {
    if (part === 'positions') {
      const rows = await select(positions, [...keyAfter(after, FIRST_POSITION), limit]);
      const entries = rows.map((row): Entry => ({ type: 'position', ...toPosition(row) }));
      return paged(rows, entries, limit, positionKey);
    }
    if (part === 'device-events') {
      const rows = await select(events, [...keyAfter(after, FIRST_EVENT), limit]);
      return paged(rows, rows.map(eventOf), limit, eventKey);
    }
    if (part === 'deliveries') {
      const marks = await select(DELIVERIES);
      const told = marks.map((row): Entry => ({ type: 'delivered', ...toDelivery(row) }));
      return { entries: told, next: null };
    }
    const rows = await select('SELECT * FROM accounts ORDER BY username');
    const entries = rows.map((row): Entry => ({ type: 'account', ...toAccount(row) }));
    return { entries, next: null };
  };
}
