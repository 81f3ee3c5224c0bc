import { lonDelta, offsetBy, scaleAt } from '../../shared/geodesy.ts';
import type { CourtOrder } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import type { FixSource } from '../../shared/device-message.ts';
import { prng, type Prng } from '../../shared/prng.ts';
import type { CaseEvent } from '../../server/core/case-event.ts';
import { deviceOf, fixOf, ms, orderOf } from './given.ts';
import { randomZone, type Point } from './random-zone.ts';

/** One case full of bans, and what its devices say while everybody roams about. */
export interface RandomWorld {
  readonly devices: readonly Device[];
  readonly orders: readonly CourtOrder[];
  /** In order of time, after the devices and orders were set. */
  readonly events: readonly CaseEvent[];
}

interface Walker {
  readonly device: Device;
  at: Point;
  headingDeg: number;
  speedMs: number;
  /** Seconds between reports. */
  readonly everyS: number;
  readonly tells: boolean;
  seq: number;
  nextS: number;
}

const CENTERS: readonly Point[] = [
  [5.1, 52.1],
  [179.99, -17],
  [-179.98, 66],
  [20, 83],
];
const SPEEDS_MS = [0, 0, 1.4, 5, 14, 36];
const WAIT_S = [1, 5, 10, 30, 55];
const WORLD_S = 600;

const pick = <T>(random: Prng, from: readonly T[]): T => from[random.below(from.length)]!;

/** `mutual`: both wear a monitor and each must stay away from the other. */
export function randomWorld(seed: number, mutual = false): RandomWorld {
  const random = prng(seed);
  const center = CENTERS[seed % CENTERS.length]!;
  const spreadM = pick(random, [1_500, 6_000, 20_000]);
  const somewhere = (): Point =>
    offsetBy(...center, spreadM * (random.next() - 0.5), spreadM * (random.next() - 0.5));
  const devices = [
    deviceOf('o-1', 'ankle-monitor', 'w-1'),
    deviceOf('o-2', 'ankle-monitor', 'w-2'),
    ...(mutual ? [] : [deviceOf('p-2', 'victim-device', 'v-2')]),
    deviceOf('p-1', 'victim-device', 'v-1'),
  ];
  const orders = [
    orderOf(bansOf(random, ['v-1', mutual ? 'w-2' : 'v-2'], somewhere)),
    orderOf(bansOf(random, mutual ? ['w-1', 'v-1'] : ['v-1'], somewhere), {
      orderId: 'ord-2',
      wearerId: 'w-2',
    }),
  ];
  const walkers = devices.map((device) => walkerOf(random, device, somewhere()));
  return { devices, orders, events: [...roaming(random, walkers)] };
}

function bansOf(random: Prng, victims: readonly string[], somewhere: () => Point): object[] {
  const contact = victims.map((victimId, i) => {
    const distanceM = pick(random, [50, 250, 1_000, 3_000]);
    return { banId: `c${i}`, kind: 'contact-ban', victimId, distanceM };
  });
  const zones = [3, 9, 80].map((corners, i) => {
    const { zone } = randomZone(random, somewhere(), pick(random, [150, 900, 4_000]), corners);
    return { banId: `z${i}`, kind: 'location-ban', zone, bufferM: pick(random, [0, 200, 2_000]) };
  });
  const round = { type: 'Circle', center: somewhere(), radiusM: pick(random, [80, 2_500]) };
  const circle = { banId: 'k', kind: 'location-ban', zone: round };
  const duty = { banId: 'd', kind: 'location-duty', zone: { ...round, radiusM: 9_000 } };
  return [...contact, ...zones, circle, ...(random.next() < 0.3 ? [duty] : [])];
}

const walkerOf = (random: Prng, device: Device, at: Point): Walker => ({
  device,
  at,
  headingDeg: 360 * random.next(),
  speedMs: pick(random, SPEEDS_MS),
  everyS: pick(random, WAIT_S),
  tells: random.next() < 0.5,
  seq: 0,
  nextS: 1 + random.below(10),
});

function* roaming(random: Prng, walkers: readonly Walker[]): Generator<CaseEvent> {
  for (;;) {
    const walker = walkers.reduce((a, b) => (b.nextS < a.nextS ? b : a));
    if (walker.nextS > WORLD_S) return;
    const s = walker.nextS;
    yield reported(random, walker, s);
    // Sometimes it is lost for a while.
    const pauseS = random.next() < 0.03 ? 100 : 0;
    const elapsedS = walker.everyS + pauseS + Math.round(1_000 * random.next()) / 1_000;
    walker.nextS = s + elapsedS;
    move(walker, elapsedS);
    if (random.next() < 0.15) turn(random, walker, walkers);
  }
}

function move(walker: Walker, elapsedS: number): void {
  const angle = (walker.headingDeg * Math.PI) / 180;
  const wayM = walker.speedMs * elapsedS;
  walker.at = offsetBy(...walker.at, wayM * Math.sin(angle), wayM * Math.cos(angle));
}

/** Somewhere else, or straight towards somebody. */
function turn(random: Prng, walker: Walker, walkers: readonly Walker[]): void {
  const [lon, lat] = walker.at;
  const [toLon, toLat] = pick(random, walkers).at;
  const scale = scaleAt(lat);
  const bearing = Math.atan2(lonDelta(lon, toLon) * scale.lonM, (toLat - lat) * scale.latM);
  const towards = ((bearing * 180) / Math.PI + 360) % 360;
  walker.headingDeg = random.next() < 0.6 ? towards : 360 * random.next();
  walker.speedMs = pick(random, SPEEDS_MS);
}

function reported(random: Prng, walker: Walker, s: number): CaseEvent {
  const source: FixSource = random.next() < 0.05 ? pick(random, ['wifi', 'cell']) : 'gnss';
  const accuracyM = source === 'gnss' ? pick(random, [3, 8, 40]) : null;
  // Now and then it is somewhere else altogether.
  const jumpM = random.next() < 0.02 ? 30_000 : 0;
  const errorM = (accuracyM ?? 30) / 1.5;
  const [lon, lat] = offsetBy(
    ...walker.at,
    jumpM + errorM * random.normal(),
    errorM * random.normal(),
  );
  const delayMs = random.below(2_000);
  walker.seq += 1;
  const fix = fixOf({
    seq: walker.seq,
    atMs: ms(s) - delayMs,
    receivedAtMs: ms(s),
    lon,
    lat,
    accuracyM,
    source,
    speedMs: walker.tells ? walker.speedMs : null,
    headingDeg: walker.tells ? walker.headingDeg : null,
  });
  return { type: 'fix', atMs: ms(s), deviceId: walker.device.deviceId, fix };
}
