import { describe, expect, test } from 'vitest';
import type { DevicePlan } from '../../device-sim/device-plan.ts';
import { loadScenario } from '../../device-sim/scenario-file.ts';
import { plansOf } from '../../device-sim/scenario-plans.ts';
import { Scenario } from '../../device-sim/scenario.ts';
import { askedByOwnMs, nextPace, type OwnInterval } from '../../device-sim/own-interval.ts';
import { edgeDistanceM } from '../../device-sim/zone-edge.ts';
import { arrivals } from '../../device-sim/world.ts';
import type { Zone } from '../../shared/zone.ts';
import { HOME, place, square } from '../support/given.ts';
import { type Line, tellsApart } from '../support/wearer-hears.ts';
import { positionsIn, START_MS } from './one-device.ts';

const ZONE = square(2_000, 3_500) as Zone;
const OWN: OwnInterval = { zones: [{ zone: ZONE, bufferM: 400 }], slowestMs: 60_000 };

const sensed = (
  eastM: number,
  speedMs: number | null,
  source: 'gnss' | 'wifi' | 'cell',
  atS = 0,
) => {
  const [lon, lat] = place(eastM);
  return { atMs: START_MS + atS * 1_000, lon, lat, speedMs, source };
};

describe('what its own motion asks', () => {
  // The zone lies 2,500 to 4,500 m east, its buffer from 2,100 m on.
  // prettier-ignore
  test.each<[rule: string, what: string, eastM: number, speedMs: number | null, source: 'gnss' | 'wifi' | 'cell', s: number]>([
    ['RI9', 'at rest',                            0, 0.3,  'gnss', 60],
    ['RI9', 'walking',                            0, 1.4,  'gnss', 15],
    ['RI9', 'cycling',                            0, 5,    'gnss',  5],
    ['RI9', 'at home by Wi-Fi',                   0, null, 'wifi', 60],
    ['RI9', 'by the mast',                        0, null, 'cell', 15],
    ['RI9', 'at rest at the buffer',          2_000, 0,    'gnss', 15],
    ['RI9', 'walking at the buffer',          2_000, 1.4,  'gnss',  5],
    ['RI9', 'walking at the edge',            2_450, 1.4,  'gnss',  5],
    ['RI9', 'at rest at the edge, inside',    2_600, 0,    'gnss', 15],
    ['RI9', 'at rest in the middle',          3_500, 0,    'gnss', 60],
  ])('[%s] %s', (_, __, eastM, speedMs, source, s) => {
    expect(askedByOwnMs(OWN, sensed(eastM, speedMs, source))).toBe(s * 1_000);
  });

  test('[RI9] faster at once, slower one step at a time', () => {
    let pace = { intervalMs: 60_000, sinceMs: START_MS };
    const seen: number[] = [];
    for (let s = 0; s <= 400; s += 5) {
      pace = nextPace(pace, OWN, sensed(0, s === 50 ? 10 : 0, 'gnss', s));
      if (seen.at(-1) !== pace.intervalMs) seen.push(pace.intervalMs);
      if (s < 50) expect(pace.intervalMs).toBe(60_000);
      if (s >= 50 && s < 140) expect(pace.intervalMs).toBe(5_000);
    }
    expect(seen).toEqual([60_000, 5_000, 15_000, 60_000]);
  });
});

describe('the distance to an edge', () => {
  // prettier-ignore
  test.each<[what: string, zone: Zone, eastM: number, edgeM: number]>([
    ['inside a square',   square(1_000) as Zone,                          100, 400],
    ['outside a square',  square(1_000) as Zone,                          700, 200],
    ['inside a circle',   { type: 'Circle', center: [...HOME], radiusM: 300 }, 100, 200],
    ['outside a circle',  { type: 'Circle', center: [...HOME], radiusM: 300 }, 500, 200],
  ])('%s', (_, zone, eastM, edgeM) => {
    expect(edgeDistanceM(zone, ...place(eastM))).toBeCloseTo(edgeM, 0);
  });
});

function approach(): { plans: DevicePlan[]; seed: number } {
  const loaded = loadScenario('approach');
  if (!loaded.ok) throw new Error(loaded.error);
  const { scenario, tracks } = loaded.value;
  const wish = { startMs: START_MS, seed: scenario.seed, pace: 1 };
  return { plans: plansOf(scenario, tracks, wish), seed: scenario.seed };
}

/** When each position of a device was measured, in seconds from the start. */
function reportsOf(deviceId: string, plans: DevicePlan[], seed: number): number[] {
  const world = arrivals({ plans, seed, startMs: START_MS, untilMs: START_MS + 2_400_000 });
  return [...world]
    .filter((arrival) => arrival.deviceId === deviceId)
    .flatMap(({ message }) => positionsIn(message).map(({ time }) => Date.parse(time)))
    .map((ms) => Math.round((ms - START_MS) / 1_000))
    .toSorted((a, b) => a - b)
    .filter((s, i, all) => s !== all[i - 1]);
}

describe('an adaptive ankle monitor', () => {
  test('[RI9] rests, wakes when it is moved, and comes to rest again', () => {
    const { plans, seed } = approach();
    const times = reportsOf('ankle-approach', plans, seed);
    const gapsIn = (fromS: number, untilS: number): number[] =>
      times.flatMap((s, i) => (s > fromS && s <= untilS ? [s - times[i - 1]!] : []));
    expect(Math.min(...gapsIn(30, 290))).toBeGreaterThanOrEqual(59);
    // He sets off at 300 s, in the middle of an interval.
    expect(times.some((s) => s >= 300 && s <= 310)).toBe(true);
    expect(Math.max(...gapsIn(320, 700))).toBeLessThanOrEqual(6);
    expect(Math.max(...gapsIn(1_900, 2_400))).toBeGreaterThanOrEqual(59);
  });

  test('[RI8, RI9] what it sends, and when, does not depend on where she is', () => {
    const { plans, seed } = approach();
    const [his, hers] = plans as [DevicePlan, DevicePlan];
    const elsewhere = { ...hers, whereabouts: his.whereabouts };
    const lines = (all: DevicePlan[]): Line[] =>
      [...arrivals({ plans: all, seed, startMs: START_MS, untilMs: START_MS + 1_800_000 })]
        .filter(({ deviceId }) => deviceId === his.deviceId)
        .map(({ atMs, message }) => {
          return { type: 'heard', topic: message.topic, payload: JSON.stringify([atMs, message]) };
        });
    const known = lines(plans);
    expect(known.length).toBeGreaterThan(100);
    expect(tellsApart(known, lines([his]))).toEqual([]);
    expect(tellsApart(known, lines([his, elsewhere]))).toEqual([]);
    const faster = { ...his, own: { ...his.own!, slowestMs: 30_000 } };
    expect(tellsApart(known, lines([faster]))).toHaveLength(1);
  });

  test('[RI8] knows the zones of its own order, and no person', () => {
    const { plans } = approach();
    expect(plans[0]!.own).toEqual({ zones: [], slowestMs: 60_000 });
    expect(plans[1]!.own).toBeUndefined();
    const loaded = loadScenario('demo');
    if (!loaded.ok) throw new Error(loaded.error);
    const { scenario, tracks } = loaded.value;
    const demo = plansOf(scenario, tracks, { startMs: START_MS, seed: 1, pace: 1 });
    const duty = demo.find(({ deviceId }) => deviceId === 'ankle-demo-9')!.own!.zones;
    expect(duty).toMatchObject([{ zone: { type: 'Circle' }, bufferM: 0 }]);
  });

  test('[RI9] is no victim device', () => {
    const { scenario } = (loadScenario('approach') as { value: { scenario: Scenario } }).value;
    const devices = scenario.devices.map((device) => ({ ...device, adaptive: true }));
    const parsed = Scenario.safeParse({ ...scenario, devices });
    expect(parsed.error?.issues.map(({ path }) => path)).toEqual([['devices', 1, 'adaptive']]);
  });
});
