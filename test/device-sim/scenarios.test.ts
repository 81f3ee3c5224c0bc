import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { booleanPointInPolygon } from '@turf/turf';
import { demoSetup } from '../../device-sim/demo-setup.ts';
import { type DevicePlan, scenarioS } from '../../device-sim/device-plan.ts';
import { type Truth, whereAt } from '../../device-sim/itinerary.ts';
import {
  type LoadedScenario,
  loadScenario,
  scenarioNames,
} from '../../device-sim/scenario-file.ts';
import { plansOf } from '../../device-sim/scenario-plans.ts';
import { setupOf } from '../../device-sim/scenario-setup.ts';
import { sampleAt } from '../../device-sim/track.ts';
import { CourtOrder } from '../../shared/court-order.ts';
import { Device } from '../../shared/device.ts';
import { distanceM } from '../../shared/geodesy.ts';

const HOUR_S = 3_600;

function load(name: string): LoadedScenario {
  const loaded = loadScenario(name);
  if (!loaded.ok) throw new Error(loaded.error);
  return loaded.value;
}

function plansByDevice(name: string): Map<string, DevicePlan> {
  const { scenario, tracks } = load(name);
  const plans = plansOf(scenario, tracks, { startMs: 0, seed: scenario.seed, pace: 1 });
  return new Map(plans.map((plan) => [plan.deviceId, plan]));
}

function trueAt(plan: DevicePlan, atS: number): Pick<Truth, 'lon' | 'lat'> {
  const elapsedS = scenarioS(plan, plan.startMs + atS * 1_000);
  const { whereabouts } = plan;
  if (whereabouts.kind === 'itinerary') return whereAt(whereabouts.itinerary, elapsedS);
  return sampleAt(whereabouts.track, elapsedS, whereabouts.atEnd)!.sample;
}

/** True distance of wearer and victim, every 5 s. */
function apartM(plans: Map<string, DevicePlan>, pair: string, untilS: number): number[] {
  const wearer = plans.get(`ankle-${pair}`)!;
  const victim = plans.get(`victim-${pair}`)!;
  return Array.from({ length: Math.floor(untilS / 5) + 1 }, (_, i) => {
    const [a, b] = [trueAt(wearer, i * 5), trueAt(victim, i * 5)];
    return distanceM(a.lon, a.lat, b.lon, b.lat);
  });
}

describe('scenario files', () => {
  test.each(scenarioNames())('%s is valid and named as its file', (name) => {
    expect(load(name).scenario.name).toBe(name);
  });

  test.each(scenarioNames())('the setup of %s is what the server takes', (name) => {
    const setup = setupOf(load(name).scenario, Date.UTC(2026, 10, 23));
    for (const device of setup.devices) expect(Device.safeParse(device).error).toBeUndefined();
    for (const order of setup.orders) expect(CourtOrder.safeParse(order).error).toBeUndefined();
    expect(setup.orders.length).toBeGreaterThan(0);
  });

  test('a bad file is refused with its name and each wrong field', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'scenario-')), 'bad.json');
    const device = {
      deviceId: 'a b',
      kind: 'ankle-monitor',
      personId: 'p',
      journey: { start: [4] },
    };
    const happenings = [{ kind: 'silence', fromS: 9, untilS: 3 }];
    const devices = [{ ...device, happenings }];
    writeFileSync(path, JSON.stringify({ name: 'bad', description: 'x', seed: -1, devices }));
    const loaded = loadScenario(path);
    expect(loaded.ok).toBe(false);
    const text = loaded.ok ? '' : loaded.error;
    expect(text).toContain(path);
    for (const field of ['seed', 'devices[0].deviceId', 'devices[0].journey.start']) {
      expect(text).toContain(`  ${field}`);
    }
    expect(text).toContain('devices[0].happenings[0].untilS: must be later than fromS');
  });

  test.each([
    ['no-such', 'there is no scenario "no-such"'],
    ['/nowhere/x.json', '/nowhere/x.json: ENOENT'],
  ])('%s does not exist', (name, wanted) => {
    const loaded = loadScenario(name);
    expect(loaded.ok ? '' : loaded.error).toContain(wanted);
  });
});

describe('demo', () => {
  const plans = plansByDevice('demo');

  test.each(['demo-1', 'demo-5'])(
    '%s comes from beyond 700 m to within 500 m in 30 to 55 s',
    (pair) => {
      const distances = apartM(plans, pair, 55);
      expect(distances[0]).toBeGreaterThan(700);
      expect(distances.slice(0, 7).every((apart) => apart > 500)).toBe(true);
      expect(Math.min(...distances)).toBeLessThan(450);
    },
  );

  test('demo-2 is outside the zone at first and inside within 40 s, far from the victim', () => {
    const order = demoSetup(0).orders.find(({ wearerId }) => wearerId === 'w-demo-2')!;
    const ban = order.bans.find(({ kind }) => kind === 'location-ban');
    if (ban?.kind !== 'location-ban' || ban.zone?.type !== 'Polygon') throw new Error('no zone');
    const { zone } = ban;
    const inside = (atS: number): boolean => {
      const { lon, lat } = trueAt(plans.get('ankle-demo-2')!, atS);
      return booleanPointInPolygon([lon, lat], zone);
    };
    expect(inside(0)).toBe(false);
    expect(inside(40)).toBe(true);
    expect(Math.min(...apartM(plans, 'demo-2', HOUR_S))).toBeGreaterThan(10_000);
  });

  test('demo-4 presses SOS with her wearer 30 km away', () => {
    expect(plans.get('victim-demo-4')!.happenings).toMatchObject([{ kind: 'sos', atS: 25 }]);
    expect(Math.min(...apartM(plans, 'demo-4', HOUR_S))).toBeGreaterThan(30_000);
  });

  test.each(['demo-3', 'demo-6', 'demo-7', 'demo-8', 'demo-9'])(
    'in an hour %s never comes within 2 km',
    (pair) => {
      expect(Math.min(...apartM(plans, pair, HOUR_S))).toBeGreaterThan(2_000);
    },
  );

  test('demo-9 obeys the duty to be at home', () => {
    const duty = demoSetup(0)
      .orders.flatMap(({ bans }) => bans)
      .find(({ kind }) => kind === 'location-duty');
    if (duty?.kind !== 'location-duty' || duty.zone?.type !== 'Circle') throw new Error('no duty');
    const { lon, lat } = trueAt(plans.get('ankle-demo-9')!, 600);
    const [homeLon, homeLat] = duty.zone.center;
    expect(distanceM(lon, lat, homeLon, homeLat)).toBeLessThan(duty.zone.radiusM / 2);
  });

  test('the setup names the devices of the scenario, and orders that are in force', () => {
    const nowMs = Date.UTC(2026, 10, 23, 10);
    const { devices, orders } = demoSetup(nowMs);
    expect(devices.map(({ deviceId }) => deviceId)).toEqual([...plans.keys()]);
    for (const { validFrom, validUntil } of orders) {
      expect(Date.parse(validFrom)).toBeLessThan(nowMs);
      expect(Date.parse(validUntil)).toBeGreaterThan(nowMs + 3_600_000);
    }
  });
});

describe('the other scenarios do what they say', () => {
  // prettier-ignore
  const NEAREST: [name: string, untilS: number, fromM: number, toM: number][] = [
    ['head-on',        700,   10,    30],
    ['pass-by',        1_200, 290,   310],
    ['follow',         2_500, 80,    200],
    ['outage-backlog', 1_200, 199,   215],
    ['zone-visit',     1_800, 10_000, 50_000],
    ['tamper',         1_800, 10_000, 50_000],
    ['motorway',       140,   0,     100],
  ];
  test.each(NEAREST)('%s', (name, untilS, fromM, toM) => {
    const nearestM = Math.min(...apartM(plansByDevice(name), name, untilS));
    expect(nearestM).toBeGreaterThanOrEqual(fromM);
    expect(nearestM).toBeLessThanOrEqual(toM);
  });

  test.each(['normal-1', 'normal-2', 'normal-3'])('on a normal day %s never comes near', (pair) => {
    const plans = plansByDevice('normal-day');
    expect(Math.min(...apartM(plans, pair, 8 * HOUR_S))).toBeGreaterThan(5_000);
  });
});
