import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { offsetBy } from '../shared/geodesy.ts';
import { toInstant } from '../shared/instant.ts';
import { type Prng, prng } from '../shared/prng.ts';

/** Court orders as a country has them, from a seed: contact bans, zones of 5 to 200 corners. */

const DAY_MS = 86_400_000;
const WEST = 4.4;
const SOUTH = 51.5;
const WIDTH_DEG = 2;
const HEIGHT_DEG = 1.3;
const CORNERS_MIN = 5;
const CORNERS_MAX = 200;

const NIGHT = {
  timeZone: 'Europe/Amsterdam',
  weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '21:00', until: '06:00' }],
};
const WEEKEND = {
  timeZone: 'Europe/Amsterdam',
  weekly: [{ days: ['sat', 'sun'], from: '00:00', until: '24:00' }],
};

/** So many files of one order each, of so many wearers, in a folder. */
export function writeOrders(folder: string, count: number, wearers: number, nowMs: number): void {
  mkdirSync(folder, { recursive: true });
  const random = prng(42);
  for (let i = 0; i < count; i++) {
    const orderId = `bench-${String(i).padStart(6, '0')}`;
    const order = { orderId, ...aCourtOrder(i, i % wearers, random, nowMs) };
    writeFileSync(join(folder, `${orderId}.json`), JSON.stringify(order));
  }
}

function aCourtOrder(index: number, wearer: number, random: Prng, nowMs: number): object {
  const contact = {
    banId: 'contact',
    kind: 'contact-ban',
    victimId: `v-bench-${index}`,
    distanceM: 100 * (1 + Math.floor(random.next() * 10)),
  };
  const center = [WEST + random.next() * WIDTH_DEG, SOUTH + random.next() * HEIGHT_DEG] as const;
  const home = {
    banId: 'home',
    kind: 'location-ban',
    name: 'around her home',
    bufferM: 200,
    zone: { type: 'Polygon', coordinates: [star(center, random)] },
    ...(random.next() < 0.3 ? { schedule: WEEKEND } : {}),
  };
  const duty = {
    banId: 'night',
    kind: 'location-duty',
    zone: { type: 'Circle', center: offsetBy(center[0], center[1], 8_000, 0), radiusM: 150 },
    schedule: NIGHT,
  };
  return {
    reference: `BENCH-${index}`,
    legalBasis: 'special-condition',
    wearerId: `w-bench-${wearer}`,
    validFrom: toInstant(nowMs - DAY_MS),
    validUntil: toInstant(nowMs + 300 * DAY_MS),
    bans: [contact, ...(random.next() < 0.8 ? [home] : []), ...(random.next() < 0.2 ? [duty] : [])],
  };
}

/** Simple, because its corners go round once. */
function star(center: readonly [number, number], random: Prng): number[][] {
  const corners = CORNERS_MIN + Math.floor(random.next() ** 2 * (CORNERS_MAX - CORNERS_MIN));
  const ring = Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    const radiusM = 300 + 400 * random.next();
    const [eastM, northM] = [radiusM * Math.cos(angle), radiusM * Math.sin(angle)];
    return offsetBy(center[0], center[1], eastM, northM).map((deg) => Number(deg.toFixed(7)));
  });
  return [...ring, ring[0]!];
}
