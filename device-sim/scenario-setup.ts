import type { CourtOrderBody } from '../shared/court-order.ts';
import type { DeviceKind } from '../shared/device.ts';
import type { OrderId } from '../shared/ids.ts';
import { toInstant } from '../shared/instant.ts';
import type { Scenario } from './scenario.ts';

const DAY_MS = 86_400_000;
/** Before and after the scenario starts; together well under the 90 days of a behavioural order. */
const VALID_BEFORE_DAYS = 1;
const VALID_AFTER_DAYS = 60;

/** What `replay` takes as `setup.json`. (DESIGN §8) */
export interface Setup {
  readonly devices: readonly { deviceId: string; kind: DeviceKind; personId: string }[];
  readonly orders: readonly ({ orderId: OrderId } & CourtOrderBody)[];
}

/** The devices and orders of a scenario, with orders that are in force at a given time. */
export function setupOf(scenario: Scenario, nowMs: number): Setup {
  const validFrom = toInstant(nowMs - VALID_BEFORE_DAYS * DAY_MS);
  const validUntil = toInstant(nowMs + VALID_AFTER_DAYS * DAY_MS);
  return {
    devices: scenario.devices.map(({ deviceId, kind, personId }) => ({ deviceId, kind, personId })),
    orders: scenario.orders.map((order) => ({ ...order, validFrom, validUntil })),
  };
}
