import { assertNever } from '../../shared/result.ts';
import type { DumpPart } from '../kept.ts';
import type { Dumped, Entry } from '../ports.ts';
import {
  eventKey,
  eventOf,
  FIRST_EVENT,
  FIRST_POSITION,
  keyAfter,
  paged,
  positionKey,
} from './store-dump-page.ts';
import { toAccount, toDelivery, toPosition } from './store-row.ts';
import type { Connection } from './store-sqlite-connection.ts';
import { statement } from './store-sqlite-statement.ts';

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
  const deliveries = statement(connection, 'SELECT * FROM deliveries ORDER BY subscription_id');
  const accounts = statement(connection, 'SELECT * FROM accounts ORDER BY username');
  return (part: DumpPart, after: string | null, limit: number): Dumped => {
    switch (part) {
      case 'positions': {
        const rows = positions.all(...keyAfter(after, FIRST_POSITION), limit);
        const entries = rows.map((row): Entry => ({ type: 'position', ...toPosition(row) }));
        return paged(rows, entries, limit, positionKey);
      }
      case 'device-events': {
        const rows = events.all(...keyAfter(after, FIRST_EVENT), limit);
        return paged(rows, rows.map(eventOf), limit, eventKey);
      }
      case 'accounts': {
        const entries = accounts
          .all()
          .map((row): Entry => ({ type: 'account', ...toAccount(row) }));
        return { entries, next: null };
      }
      case 'deliveries': {
        const entries = deliveries
          .all()
          .map((row): Entry => ({ type: 'delivered', ...toDelivery(row) }));
        return { entries, next: null };
      }
      default:
        return assertNever(part);
    }
  };
}
