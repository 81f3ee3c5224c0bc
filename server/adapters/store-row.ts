import type { DeviceId } from '../../shared/ids.ts';
import type { Fix } from '../core/case-event.ts';
import type { Checkpoint, Delivery, JournalRow, StoredAccount, StoredSession } from '../kept.ts';
import type { PositionRow } from '../ports.ts';
import { assert } from '../../shared/result.ts';

/** Rows of every store: its columns have the same names wherever they are. */

export type Row = Record<string, unknown>;
export type Storable = string | number | null;

/**
 * What every store can give back as it was. libsql ends the whole process on a boolean, keeps NaN
 * and undefined as NULL, and cuts a text off at its first NUL. A NUL is kept as its visible sign,
 * since PostgreSQL cannot hold it either.
 */
export function storable(value: unknown): Storable {
  if (value === null) return null;
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '␀') : value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new TypeError(`cannot store ${typeof value === 'number' ? value : typeof value}`);
}

export const textOf = (row: Row, column: string): string => {
  const value = row[column];
  assert(typeof value === 'string', `column ${column} holds ${typeof value}, not text`);
  return value;
};

/** A whole number as JavaScript can hold it: beyond 2^53 it would silently be another number. */
export const integerOf = (row: Row, column: string): number => {
  const value = row[column];
  assert(Number.isSafeInteger(value), `column ${column} holds ${value}, not a safe integer`);
  return value as number;
};

export const numberOf = (row: Row, column: string): number => {
  const value = row[column];
  assert(typeof value === 'number', `column ${column} holds ${typeof value}, not a number`);
  return value;
};

export const orNull = <T>(read: (row: Row, column: string) => T, row: Row, column: string) =>
  row[column] === null ? null : read(row, column);

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

export const toDelivery = (row: Row): Delivery => ({
  subscriptionId: textOf(row, 'subscription_id'),
  seq: integerOf(row, 'seq'),
  atMs: integerOf(row, 'at_ms'),
});

export const toCheckpoint = (row: Row): Checkpoint => ({
  seq: integerOf(row, 'seq'),
  hash: textOf(row, 'hash'),
  atMs: integerOf(row, 'at_ms'),
  keyId: textOf(row, 'key_id'),
  signature: textOf(row, 'signature'),
});
