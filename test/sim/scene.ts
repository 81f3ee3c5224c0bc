import { CourtOrder } from '../../shared/court-order.ts';
import { Device } from '../../shared/device.ts';
import { offsetBy } from '../../shared/geodesy.ts';
import { prng, type Prng } from '../../shared/prng.ts';
import type { DevicePlan } from '../../device-sim/device-plan.ts';
import { HOSTILE_NETWORK, NETWORK, type NetworkSettings } from '../../device-sim/network.ts';
import { Scenario } from '../../device-sim/scenario.ts';
import { plansOf } from '../../device-sim/scenario-plans.ts';
import { setupOf } from '../../device-sim/scenario-setup.ts';
import { type Journey, PLOTS } from './plots.ts';

/** A Monday, 11:00 in Amsterdam. */
export const START_MS = Date.UTC(2026, 10, 23, 10, 0, 0);
export const WORLD_S = 45 * 60;
const CASES = 9;
/** Pairs live too far apart to meet another one's victim. */
const APART_M = 30_000;

/** All that a seed decides before anything happens. */
export interface Scene {
  readonly seed: number;
  readonly startMs: number;
  readonly untilMs: number;
  readonly plans: readonly DevicePlan[];
  readonly devices: readonly Device[];
  readonly orders: readonly CourtOrder[];
  /** By order id, which pair it is about and what they do: for the story. */
  readonly plots: ReadonlyMap<string, string>;
  readonly network: NetworkSettings;
  /** When the server is killed, and when it is back. */
  readonly crashes: readonly Crash[];
}

export interface Crash {
  readonly fromMs: number;
  readonly untilMs: number;
}

export function sceneOf(seed: number): Scene {
  const random = prng(seed);
  const names = Object.keys(PLOTS);
  const plots = new Map<string, string>();
  const devices: object[] = [];
  const orders: object[] = [];
  for (let i = 0; i < CASES; i++) {
    const own = random.fork(`case-${i}`);
    const name = names[(i + seed) % names.length]!;
    const middle = offsetBy(5, 52, (i % 3) * APART_M, Math.floor(i / 3) * APART_M);
    const ground = (eastM: number, northM: number) => offsetBy(...middle, eastM, northM);
    const plot = PLOTS[name]!(ground, own.fork('plot'), `v-${i}`);
    plots.set(`o-${i}`, name);
    devices.push(deviceOf(i, 'ankle-monitor', plot.wearer, own.fork('wearer')));
    devices.push(deviceOf(i, 'victim-device', plot.victim, own.fork('victim')));
    const order = { orderId: `o-${i}`, reference: `SIM-${i}`, wearerId: `w-${i}` };
    // So that an order rests on her device too, as nearly all orders do.
    const apart = { banId: 'apart', kind: 'contact-ban', victimId: `v-${i}`, distanceM: 100 };
    const bans = plot.ban.kind === 'contact-ban' ? [plot.ban] : [plot.ban, apart];
    orders.push({ ...order, legalBasis: 'special-condition', bans });
  }
  const scenario = Scenario.parse({ name: 'sim', description: 'sim', seed, devices, orders });
  const setup = setupOf(scenario, START_MS);
  return {
    seed,
    startMs: START_MS,
    untilMs: START_MS + WORLD_S * 1_000,
    plans: plansOf(scenario, new Map(), { startMs: START_MS, seed, pace: 1 }),
    devices: setup.devices.map((device) => Device.parse(device)),
    orders: setup.orders.map((order) => CourtOrder.parse(order)),
    plots,
    network: networkOf(random.fork('network')),
    crashes: crashesOf(random.fork('crashes')),
  };
}

const ENVIRONMENTS = ['open-sky', 'suburban', 'urban', 'urban-canyon', 'indoor-wifi'];
const INTERVALS_S = [5, 15, 60];

function deviceOf(
  index: number,
  kind: 'ankle-monitor' | 'victim-device',
  journey: Journey,
  random: Prng,
): object {
  const worn = kind === 'ankle-monitor';
  return {
    deviceId: worn ? `ankle-${index}` : `phone-${index}`,
    personId: worn ? `w-${index}` : `v-${index}`,
    kind,
    reportIntervalS: INTERVALS_S[random.below(INTERVALS_S.length)],
    environment: ENVIRONMENTS[random.below(ENVIRONMENTS.length)],
    journey,
    happenings: happeningsOf(worn, random.fork('happenings')),
    battery: random.next() < 0.1 ? 0.16 : 0.9,
    clock: { offsetS: 2 * random.next() - 1, driftPpm: 40 * random.next() - 20 },
    coverageLossesPerHour: random.next() < 0.3 ? 6 : 0,
  };
}

/** What goes wrong with a device, or is done to it; most devices lead a quiet life. */
function happeningsOf(worn: boolean, random: Prng): object[] {
  const happenings: object[] = [];
  const atS = (): number => Math.round(random.next() * (WORLD_S - 900));
  const lasting = (kind: string, longestS: number): object => {
    const fromS = atS();
    return { kind, fromS, untilS: fromS + 30 + Math.round(random.next() * longestS) };
  };
  const times = random.next() < 0.4 ? 1 + random.below(3) : 0;
  for (let i = 0; i < times; i++) happenings.push({ kind: worn ? 'strap-cut' : 'sos', atS: atS() });
  if (worn && random.next() < 0.15) happenings.push({ kind: 'case-opened', atS: atS() });
  if (random.next() < 0.15) happenings.push(lasting('silence', 600));
  if (random.next() < 0.15) happenings.push(lasting('coverage-loss', 400));
  if (random.next() < 0.15) happenings.push(lasting('power-off', 300));
  if (worn && random.next() < 0.15) happenings.push(lasting('jam', 300));
  return happenings;
}

/** Half of all worlds have a usual network, the others one that is out to break us. */
function networkOf(random: Prng): NetworkSettings {
  if (random.next() < 0.5) return { ...NETWORK, coverageLossesPerHour: 0 };
  if (random.next() < 0.5) return HOSTILE_NETWORK;
  const fromMs = START_MS + random.below(WORLD_S / 2) * 1_000;
  const cut = { fromMs, untilMs: fromMs + 20_000 + random.below(120_000) };
  return { ...HOSTILE_NETWORK, partitions: [cut] };
}

function crashesOf(random: Prng): Crash[] {
  const times = random.below(3);
  return Array.from({ length: times }, (_, i) => {
    const fromMs = START_MS + (i + random.next()) * (WORLD_S / times) * 1_000;
    return { fromMs, untilMs: fromMs + 1_000 + 30_000 * random.next() };
  });
}
