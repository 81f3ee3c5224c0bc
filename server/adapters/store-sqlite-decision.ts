import { isOpen } from '../../shared/alert.ts';
import { assertNever } from '../../shared/result.ts';
import type { AlertRecord } from '../core/alert-record.ts';
import { GENESIS, headOf, rowAfter } from '../evidence/journal-chain.ts';
import type { JournalHead } from '../kept.ts';
import type { Decision } from '../ports.ts';
import { causeOf, trackOf } from './store-alert-row.ts';
import type { Connection } from './store-sqlite-connection.ts';
import { integerOf, textOf } from './store-row.ts';
import { type Statement, statement } from './store-sqlite-statement.ts';

/** Writes decisions: into the journal, and into what is looked up of it. */
export interface DecisionWriter {
  write(decision: Decision): void;
  /** Where the journal stands within the transaction under way. */
  readonly head: JournalHead;
  /** The transaction, or a part of it, is not to be: the journal stands where it stood. */
  returnTo(head: JournalHead): void;
  /** Called before the commit of a transaction that wrote a decision. */
  saveHead(): void;
}

export function decisionWriter(connection: Connection): DecisionWriter {
  const insert = statement(connection, 'INSERT INTO journal VALUES (?, ?, ?, ?, ?)');
  const updateHead = statement(connection, 'UPDATE journal_head SET seq = ?, hash = ?');
  const index = indexWriter(connection);
  let head = storedHead(connection);
  return {
    get head() {
      return head;
    },
    returnTo: (earlier) => {
      head = earlier;
    },
    saveHead: () => void updateHead.run(head.seq, head.hash),
    write(decision) {
      const row = rowAfter(head, decision);
      insert.run(row.seq, row.atMs, row.type, row.body, row.hash);
      index(decision, row.seq);
      head = headOf(row);
    },
  };
}

export function storedHead(connection: Connection): JournalHead {
  const row = statement(connection, 'SELECT seq, hash FROM journal_head').get();
  return row ? { seq: integerOf(row, 'seq'), hash: textOf(row, 'hash') } : GENESIS;
}

const INTO_REGISTRATIONS = `INSERT INTO registrations VALUES (?, ?, ?)
  ON CONFLICT (kind, key) DO UPDATE SET seq = excluded.seq`;

function indexWriter(connection: Connection): (decision: Decision, seq: number) => void {
  const alert = alertWriter(connection);
  const order = statement(connection, 'INSERT INTO order_versions VALUES (?, ?, ?)');
  const device = statement(
    connection,
    'INSERT INTO devices VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq',
  );
  const command = statement(
    connection,
    'INSERT INTO commands VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq',
  );
  // When it is first needed: migration 2 writes decisions too, and does not know this table yet.
  let registration: Statement | null = null;
  const register = (kind: string, key: string, seq: number): void => {
    registration ??= statement(connection, INTO_REGISTRATIONS);
    registration.run(kind, key, seq);
  };
  return (decision, seq) => {
    switch (decision.type) {
      case 'alert-change':
        return alert(decision.change.record, seq);
      case 'order-version':
        return void order.run(decision.orderId, decision.version, seq);
      case 'device':
        return void device.run(decision.device.deviceId, seq);
      case 'command':
        return void command.run(decision.deviceId, seq);
      case 'registration':
        return register(decision.kind, decision.key, seq);
      case 'look':
      case 'system-event':
        return;
      default:
        assertNever(decision);
    }
  };
}

function alertWriter(connection: Connection): (record: AlertRecord, seq: number) => void {
  const upsert = statement(
    connection,
    `INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (alert_id) DO UPDATE SET
       cause = excluded.cause, episode = excluded.episode, is_open = excluded.is_open,
       is_closed = excluded.is_closed, raised_at_ms = excluded.raised_at_ms,
       updated_at_ms = excluded.updated_at_ms, seq = excluded.seq`,
  );
  const event = statement(connection, 'INSERT INTO alert_events VALUES (?, ?)');
  const tracks = trackWriter(connection);
  return (record, seq) => {
    const { alertId, episode, kind, caseId, orderId, banId, deviceId } = record;
    const cause = causeOf(record);
    const open = isOpen(record) ? 1 : 0;
    const closed = record.state === 'closed' ? 1 : 0;
    const { raisedAtMs, updatedAtMs } = record;
    const subject = [alertId, cause, episode, kind, caseId, orderId, banId, deviceId];
    upsert.run(...subject, open, closed, raisedAtMs, updatedAtMs, seq);
    event.run(alertId, seq);
    tracks(record);
  };
}

function trackWriter(connection: Connection) {
  const upsert = statement(
    connection,
    `INSERT INTO alert_tracks VALUES (?, ?, ?, NULL) ON CONFLICT (device_id, alert_id)
     DO UPDATE SET from_ms = min(from_ms, excluded.from_ms)`,
  );
  const setEnd = statement(connection, 'UPDATE alert_tracks SET until_ms = ? WHERE alert_id = ?');
  return (record: AlertRecord): void => {
    const { deviceIds, fromMs, untilMs } = trackOf(record);
    for (const deviceId of deviceIds) upsert.run(deviceId, record.alertId, fromMs);
    setEnd.run(untilMs, record.alertId);
  };
}
