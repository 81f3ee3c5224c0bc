import { DeviceId, OrderId, PersonId } from '../shared/ids.ts';
import { CourtOrderBody } from '../shared/court-order.ts';
import { offsetBy } from '../shared/geodesy.ts';
import { toInstant } from '../shared/instant.ts';
import type { Setup } from './scenario-setup.ts';

/** The south-western corner of the pairs' grid, between Breda and Tilburg. */
const ORIGIN: readonly [lon: number, lat: number] = [4.8, 51.6];
const COLUMNS = 100;
const PAIR_GRID_M = 1_000;
/** He keeps this far north of her; bans are at 500 m, so that the load raises nothing. */
const APART_M = 3_000;
const CIRCLE_M = 120;
const WALK_MS = 1.4;
const ORDER_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Device 0 and 1 are the first pair's, 2 and 3 the second's: the wearer's is always the even one.
 */
export const fleetDeviceId = (index: number): string =>
  `load-${index % 2 === 0 ? 'ankle' : 'victim'}-${Math.floor(index / 2)}`;

/** The inverse; null for a device that is not ours. */
export function fleetIndex(deviceId: string): number | null {
  const [, kind, pair] = /^load-(ankle|victim)-(\d+)$/.exec(deviceId) ?? [];
  return pair === undefined ? null : 2 * Number(pair) + (kind === 'victim' ? 1 : 0);
}

/** Where a device of the fleet is: everybody walks in circles, each pair in its own square. */
export function fleetPlace(index: number, atMs: number): [lon: number, lat: number] {
  const pair = Math.floor(index / 2);
  const angle = ((atMs / 1_000) * WALK_MS) / CIRCLE_M + index;
  const eastM = (pair % COLUMNS) * PAIR_GRID_M + CIRCLE_M * Math.cos(angle);
  const rowM = Math.floor(pair / COLUMNS) * PAIR_GRID_M;
  const northM = rowM + (index % 2 === 0 ? APART_M : 0) + CIRCLE_M * Math.sin(angle);
  return offsetBy(ORIGIN[0], ORIGIN[1], eastM, northM);
}

/** The position as it goes over the wire. Written by hand: load must cost the sender little. */
export function fleetPayload(index: number, seq: number, boot: string, atMs: number): string {
  const [lon, lat] = fleetPlace(index, atMs);
  const place = `"lat":${lat.toFixed(6)},"lon":${lon.toFixed(6)},"accuracy":6.5,"speed":1.4`;
  const rest = `"source":"gnss","battery":0.8,"boot":"${boot}"`;
  return `{"seq":${seq},"time":"${toInstant(atMs)}",${place},${rest}}`;
}

export function fleetSetup(devices: number, nowMs: number): Setup {
  const indexes = Array.from({ length: devices }, (_, index) => index);
  return {
    devices: indexes.map((index) => ({
      deviceId: DeviceId.parse(fleetDeviceId(index)),
      kind: index % 2 === 0 ? 'ankle-monitor' : 'victim-device',
      personId: personOf(index),
    })),
    orders: indexes
      .filter((index) => index % 2 === 1)
      .map((index) => fleetOrder(Math.floor(index / 2), nowMs)),
  };
}

const personOf = (index: number): string =>
  `load-${index % 2 === 0 ? 'w' : 'v'}-${Math.floor(index / 2)}`;

function fleetOrder(pair: number, nowMs: number): Setup['orders'][number] {
  const body = CourtOrderBody.parse({
    reference: `CJIB-LOAD-${pair}`,
    legalBasis: 'behavioural-order',
    wearerId: PersonId.parse(personOf(2 * pair)),
    validFrom: toInstant(nowMs - DAY_MS),
    validUntil: toInstant(nowMs + ORDER_DAYS * DAY_MS),
    bans: [{ banId: 'b1', kind: 'contact-ban', victimId: personOf(2 * pair + 1), distanceM: 500 }],
  });
  return { orderId: OrderId.parse(`load-order-${pair}`), ...body };
}
