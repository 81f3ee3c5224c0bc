import type { CourtOrder } from '../../shared/court-order.ts';
import type { DeviceId, OrderId } from '../../shared/ids.ts';
import type { Fix } from '../core/case-event.ts';
import type { PositionRow, StoredOrder, StoredSession } from '../ports.ts';
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

export function toOrder(row: Row): StoredOrder {
  return {
    orderId: textOf(row, 'order_id') as OrderId,
    version: integerOf(row, 'version'),
    status: textOf(row, 'status') as StoredOrder['status'],
    order: JSON.parse(textOf(row, 'court_order')) as CourtOrder,
    atMs: integerOf(row, 'at_ms'),
    by: textOf(row, 'by_user'),
    cause: textOf(row, 'cause'),
    reason: orNull(textOf, row, 'reason'),
  };
}

export function toSession(row: Row): StoredSession {
  return {
    tokenHash: textOf(row, 'token_hash'),
    username: textOf(row, 'username'),
    role: textOf(row, 'role') as StoredSession['role'],
    createdAtMs: integerOf(row, 'created_at_ms'),
    expiresAtMs: integerOf(row, 'expires_at_ms'),
  };
}
