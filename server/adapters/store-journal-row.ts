import { toAlert } from '../core/alert-record.ts';
import { assert } from '../../shared/result.ts';
import { decisionOf } from '../evidence/journal-chain.ts';
import type {
  FeedChange,
  JournalRow,
  Registration,
  StoredAlertEvent,
  StoredOrder,
} from '../kept.ts';
import type { Decision } from '../ports.ts';
import type { EntryOf } from './store-entry.ts';

/** Rows of the journal as what they once were; the same for every store. */

function read<Type extends Decision['type']>(row: JournalRow, type: Type): EntryOf<Type> {
  const decision = decisionOf(row);
  assert(decision.type === type, `journal row ${row.seq} is ${decision.type}, not ${type}`);
  return decision as EntryOf<Type>;
}

export const alertChangeOf = (row: JournalRow): EntryOf<'alert-change'> =>
  read(row, 'alert-change');
export const commandOf = (row: JournalRow): EntryOf<'command'> => read(row, 'command');
export const deviceOf = (row: JournalRow): EntryOf<'device'> => read(row, 'device');
export const lookOf = (row: JournalRow): EntryOf<'look'> => read(row, 'look');

export function orderOf(row: JournalRow): StoredOrder {
  const { type: _type, ...stored } = read(row, 'order-version');
  return stored;
}

export function registrationOf(row: JournalRow): Registration {
  const { type: _type, ...registration } = read(row, 'registration');
  return registration;
}

export const isRegistered = ({ value }: Registration): boolean => value !== null;

export function alertEventOf(row: JournalRow): StoredAlertEvent {
  const { atMs, change, act, record } = alertChangeOf(row).change;
  const by = act?.by ?? null;
  return { seq: row.seq, atMs, change, by, act: act?.act ?? null, alert: toAlert(record) };
}

/** Null for a change that no console heard of. */
export function feedChangeOf(row: JournalRow): FeedChange | null {
  const { feed, change } = alertChangeOf(row);
  return feed && { ...feed, alert: toAlert(change.record) };
}
