import type { DeviceId } from '../../shared/ids.ts';
import type { Fix } from '../core/case-event.ts';
import type { JournalRow, StoredAccount, StoredSession } from '../kept.ts';
import type { PositionRow } from '../ports.ts';
import { integerOf, numberOf, orNull, type Row, textOf } from './store-sqlite-statement.ts';

/** The position exactly as it was appended. */
export function toPosition(row: Row): PositionRow {
  return {
    deviceId: textOf(row, 'device_id') as DeviceId,
    fix: {
      seq: integerOf(row, 'seq'),
      boot: textOf(row, 'boot') || null,
      atMs: integerOf(row, 'fix_at_ms'),
      receivedAtMs: integerOf(row, 'received_at_ms'),
      lon: numberOf(row, 'lon'),
      lat: numberOf(row, 'lat'),
      accuracyM: orNull(numberOf, row, 'accuracy_m'),
      speedMs: orNull(numberOf, row, 'speed_ms'),
      headingDeg: orNull(numberOf, row, 'heading_deg'),
      source: orNull(textOf, row, 'source') as Fix['source'],
      battery: orNull(numberOf, row, 'battery'),
    },
    payload: textOf(row, 'payload'),
  };
}

export const toJournalRow = (row: Row): JournalRow => ({
  seq: integerOf(row, 'seq'),
  atMs: integerOf(row, 'at_ms'),
  type: textOf(row, 'type'),
  body: textOf(row, 'body'),
  hash: textOf(row, 'hash'),
});

export const toAccount = (row: Row): StoredAccount => ({
  username: textOf(row, 'username'),
  role: textOf(row, 'role') as StoredAccount['role'],
  secretHash: textOf(row, 'secret_hash'),
});

export function toSession(row: Row): StoredSession {
  return {
    tokenHash: textOf(row, 'token_hash'),
    username: textOf(row, 'username'),
    role: textOf(row, 'role') as StoredSession['role'],
    createdAtMs: integerOf(row, 'created_at_ms'),
    expiresAtMs: integerOf(row, 'expires_at_ms'),
  };
}
