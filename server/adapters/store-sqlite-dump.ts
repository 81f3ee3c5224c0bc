import type { DeviceId } from '../../shared/ids.ts';
import { assertNever } from '../../shared/result.ts';
import type { DumpPart } from '../kept.ts';
import type { Dumped, Entry } from '../ports.ts';
import type { Connection } from './store-sqlite-connection.ts';
import { toAccount, toPosition } from './store-sqlite-row.ts';
import { integerOf, type Row, statement, textOf } from './store-sqlite-statement.ts';

/** The key of the last row of a page, as JSON. */
type Key = readonly (string | number)[];

const FIRST_POSITION: Key = ['', -1e15, '', -1];
const FIRST_EVENT: Key = ['', '', -1, ''];

/** Pages in the order of each table's own key: what is added meanwhile comes, or does not. */
export function dumper(connection: Connection) {
  const positions = statement(
    connection,
    `SELECT * FROM positions WHERE (device_id, fix_at_ms, boot, seq) > (?, ?, ?, ?)
     ORDER BY device_id, fix_at_ms, boot, seq LIMIT ?`,
  );
  const events = statement(
    connection,
    `SELECT * FROM device_events WHERE (device_id, boot, seq, kind) > (?, ?, ?, ?)
     ORDER BY device_id, boot, seq, kind LIMIT ?`,
  );
  const accounts = statement(connection, 'SELECT * FROM accounts ORDER BY username');
  return (part: DumpPart, after: string | null, limit: number): Dumped => {
    const from = (first: Key): Key => (after === null ? first : (JSON.parse(after) as Key));
    switch (part) {
      case 'positions': {
        const rows = positions.all(...from(FIRST_POSITION), limit);
        const entries = rows.map((row): Entry => ({ type: 'position', ...toPosition(row) }));
        return paged(rows, entries, limit, positionKey);
      }
      case 'device-events': {
        const rows = events.all(...from(FIRST_EVENT), limit);
        return paged(rows, rows.map(eventOf), limit, eventKey);
      }
      case 'accounts': {
        const entries = accounts
          .all()
          .map((row): Entry => ({ type: 'account', ...toAccount(row) }));
        return { entries, next: null };
      }
      default:
        return assertNever(part);
    }
  };
}

function paged(
  rows: readonly Row[],
  entries: readonly Entry[],
  limit: number,
  keyOf: (row: Row) => Key,
): Dumped {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return { entries, next: last ? JSON.stringify(keyOf(last)) : null };
}

const positionKey = (row: Row): Key => [
  textOf(row, 'device_id'),
  integerOf(row, 'fix_at_ms'),
  textOf(row, 'boot'),
  integerOf(row, 'seq'),
];

const eventKey = (row: Row): Key => [
  textOf(row, 'device_id'),
  textOf(row, 'boot'),
  integerOf(row, 'seq'),
  textOf(row, 'kind'),
];

const eventOf = (row: Row): Entry => ({
  type: 'device-event',
  deviceId: textOf(row, 'device_id') as DeviceId,
  boot: textOf(row, 'boot') || null,
  seq: integerOf(row, 'seq'),
  kind: textOf(row, 'kind'),
  eventAtMs: integerOf(row, 'event_at_ms'),
  receivedAtMs: integerOf(row, 'received_at_ms'),
  payload: textOf(row, 'payload'),
});
