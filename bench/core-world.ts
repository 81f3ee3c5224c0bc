import type { CourtOrder } from '../shared/court-order.ts';
import type { Device } from '../shared/device.ts';
import type { BanId, DeviceId, OrderId, PersonId } from '../shared/ids.ts';
import { offsetBy } from '../shared/geodesy.ts';
import { prng, type Prng } from '../shared/prng.ts';
import type { Fix } from '../server/core/case-event.ts';

/** Wearers, victims, orders and a walk for each, the same for a seed. */
export interface BenchWorld {
  readonly devices: readonly Device[];
  readonly orders: readonly CourtOrder[];
  /** Where each device starts, and its steps east and north per report in metres. */
  readonly walkers: readonly Walker[];
}

interface Walker {
  readonly deviceId: DeviceId;
  lon: number;
  lat: number;
  readonly eastM: number;
  readonly northM: number;
  seq: number;
}

const ZONE_POINTS = 50;
export const START_MS = Date.UTC(2026, 10, 24, 12);

/**
 * Each wearer has two bans: to stay away from a victim, and from a zone of 50 points. `from`
 * numbers the first, so that a large world can be made in parts.
 */
export function benchWorld(wearers: number, seed: number, from = 0): BenchWorld {
  const random = prng(seed + from);
  const devices: Device[] = [];
  const orders: CourtOrder[] = [];
  const walkers: Walker[] = [];
  for (let i = from; i < from + wearers; i++) {
    // The Netherlands' area: denser with more wearers, as it would be.
    const home = place(random);
    const victim = place(random);
    orders.push(orderOf(i, offsetBy(home[0], home[1], 3_000, 0), random));
    for (const [deviceId, kind, personId, at] of [
      [`o-${i}`, 'ankle-monitor', `w-${i}`, home],
      [`p-${i}`, 'victim-device', `v-${i}`, victim],
    ] as const) {
      devices.push({
        deviceId: deviceId as DeviceId,
        kind,
        personId: personId as PersonId,
      });
      walkers.push({
        deviceId: deviceId as DeviceId,
        lon: at[0],
        lat: at[1],
        eastM: random.normal() * 10,
        northM: random.normal() * 10,
        seq: 0,
      });
    }
  }
  return { devices, orders, walkers };
}

const place = (random: Prng): [number, number] => [
  4 + random.next() * 2.8,
  51.4 + random.next() * 1.8,
];

function orderOf(i: number, center: readonly [number, number], random: Prng): CourtOrder {
  const ring: [number, number][] = [];
  for (let k = 0; k < ZONE_POINTS - 1; k++) {
    const angle = (2 * Math.PI * k) / (ZONE_POINTS - 1);
    const radiusM = 300 + 200 * random.next();
    ring.push(offsetBy(center[0], center[1], radiusM * Math.cos(angle), radiusM * Math.sin(angle)));
  }
  ring.push(ring[0]!);
  return {
    orderId: `order-${i}` as OrderId,
    reference: `BENCH-${i}`,
    legalBasis: 'special-condition',
    wearerId: `w-${i}` as PersonId,
    validFrom: '2026-01-01T00:00:00Z',
    validUntil: '2027-01-01T00:00:00Z',
    bans: [
      {
        banId: 'contact' as BanId,
        kind: 'contact-ban',
        victimId: `v-${i}` as PersonId,
        distanceM: 500,
      },
      {
        banId: 'place' as BanId,
        kind: 'location-ban',
        bufferM: 200,
        zone: { type: 'Polygon', coordinates: [ring] },
      },
    ],
  };
}

/** The next report of a walker: it goes to and fro, so that it stays in its part of the country. */
export function nextFix(walker: Walker, atMs: number): Fix {
  const sign = walker.seq % 40 < 20 ? 1 : -1;
  [walker.lon, walker.lat] = offsetBy(
    walker.lon,
    walker.lat,
    sign * walker.eastM,
    sign * walker.northM,
  );
  walker.seq += 1;
  return {
    seq: walker.seq,
    boot: null,
    atMs,
    receivedAtMs: atMs,
    lon: walker.lon,
    lat: walker.lat,
    accuracyM: 6,
    speedMs: Math.hypot(walker.eastM, walker.northM) / 5,
    headingDeg: (Math.atan2(sign * walker.eastM, sign * walker.northM) * 180) / Math.PI,
    source: 'gnss',
    battery: 0.8,
  };
}
