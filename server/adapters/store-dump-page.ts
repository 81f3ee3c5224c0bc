import type { DeviceId } from '../../shared/ids.ts';
import type { Dumped, Entry } from '../ports.ts';
import { integerOf, type Row, textOf } from './store-row.ts';

/** Pages of a dump, each beginning after the key of the row that ended the last one. */

/** The key of the last row of a page, as JSON. */
export type Key = readonly (string | number)[];

export const FIRST_POSITION: Key = ['', -1e15, '', -1];
export const FIRST_EVENT: Key = ['', '', -1, ''];

export const keyAfter = (after: string | null, first: Key): Key =>
  after === null ? first : (JSON.parse(after) as Key);

export function paged(
  rows: readonly Row[],
  entries: readonly Entry[],
  limit: number,
  keyOf: (row: Row) => Key,
): Dumped {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return { entries, next: last ? JSON.stringify(keyOf(last)) : null };
}

export const positionKey = (row: Row): Key => [
  textOf(row, 'device_id'),
  integerOf(row, 'fix_at_ms'),
  textOf(row, 'boot'),
  integerOf(row, 'seq'),
];

export const eventKey = (row: Row): Key => [
  textOf(row, 'device_id'),
  textOf(row, 'boot'),
  integerOf(row, 'seq'),
  textOf(row, 'kind'),
];

export const eventOf = (row: Row): Entry => ({
  type: 'device-event',
  deviceId: textOf(row, 'device_id') as DeviceId,
  boot: textOf(row, 'boot') || null,
  seq: integerOf(row, 'seq'),
  kind: textOf(row, 'kind'),
  eventAtMs: integerOf(row, 'event_at_ms'),
  receivedAtMs: integerOf(row, 'received_at_ms'),
  payload: textOf(row, 'payload'),
});
