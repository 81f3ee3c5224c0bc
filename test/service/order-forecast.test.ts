import { describe, expect, test } from 'vitest';
import { arrivals } from '../../device-sim/world.ts';
import { RECORDING_START } from '../../device-sim/recording.ts';
import { loadScenario } from '../../device-sim/scenario-file.ts';
import { plansOf } from '../../device-sim/scenario-plans.ts';
import { setupOf } from '../../device-sim/scenario-setup.ts';
import { newestPositions } from '../../server/adapters/preview-positions.ts';
import { forecastOf } from '../../server/core/order-forecast.ts';
import type { PositionRow } from '../../server/ports.ts';
import type { CourtOrder } from '../../shared/court-order.ts';
import { prng } from '../../shared/prng.ts';
import { topicOf } from '../../shared/topics.ts';
import { ANKLE, APART, fixOf, orderOf, PHONE, place, square, T0 } from '../support/given.ts';
import { Device } from '../../shared/device.ts';
import { fromInstant, toInstant } from '../../shared/instant.ts';
import {
  type HeldStore,
  heldStore,
  serviceWorld,
  type ServiceWorld,
} from '../support/service-world.ts';

const START_MS = fromInstant(RECORDING_START);

/** What was written is what is read, as from a store. */
function readableStore(): HeldStore {
  const store = heldStore();
  store.positions = async ({ deviceIds, fromMs, untilMs, limit }) =>
    store.written
      .flatMap((entry) => (entry.type === 'position' ? [entry] : []))
      .filter(({ deviceId }) => deviceIds.includes(deviceId))
      .filter(({ fix }) => fix.atMs >= fromMs && fix.atMs <= untilMs)
      .toSorted((a, b) => a.fix.atMs - b.fix.atMs)
      .slice(0, limit);
  return store;
}

/** A scenario through the whole service, each message at the instant at which it arrives. */
async function played(name: string, seed: number, seconds: number) {
  const loaded = loadScenario(name);
  if (!loaded.ok) throw new Error(loaded.error);
  const { scenario, tracks } = loaded.value;
  const { devices: carried, orders } = setupOf(scenario, START_MS);
  const setup = { devices: carried.map((device) => Device.parse(device)), orders };
  const store = readableStore();
  const world = await serviceWorld(store, { startMs: START_MS });
  for (const device of setup.devices) await world.service.putDevice(device, 'administrator');
  for (const order of setup.orders) await world.service.putOrder(order, null, 'cjib');
  const plans = plansOf(scenario, tracks, { startMs: START_MS, seed, pace: 1 });
  const untilMs = START_MS + seconds * 1_000;
  for (const { atMs, message } of arrivals({ plans, seed, startMs: START_MS, untilMs })) {
    world.clock.advance(Math.max(0, atMs - world.clock.nowMs()));
    await world.service.onMessage(message.topic, Buffer.from(JSON.stringify(message.payload)));
  }
  world.clock.advance(Math.max(0, untilMs - world.clock.nowMs()));
  return { world, store, setup };
}

/** Different alerts that consoles heard of, of one ban and perhaps of one stage. */
function raisedLive(
  { heard }: ServiceWorld,
  { orderId }: CourtOrder,
  banId: string,
  stage?: string,
) {
  const of = heard.filter((alert) => alert.orderId === orderId && alert.banId === banId);
  return new Set(of.filter((a) => stage === undefined || a.stage === stage).map((a) => a.alertId))
    .size;
}

async function recordedIn(store: HeldStore, deviceIds: PositionRow['deviceId'][], nowMs: number) {
  const rows: PositionRow[] = [];
  for await (const page of newestPositions(store, deviceIds, nowMs)) rows.push(...page);
  return rows;
}

// prettier-ignore
const PLAYS: readonly [scenario: string, seed: number, seconds: number][] = [
  ['pass-by',        1, 1_500],
  ['pass-by',        2, 1_500],
  ['zone-visit',     1, 2_400],
  ['follow',         1, 1_800],
  ['head-on',        1, 1_200],
  ['outage-backlog', 1, 2_400],
];

const ZONE = { banId: 'z', kind: 'location-ban', zone: square(600, 1_500), bufferM: 200 };
const EVENINGS = {
  timeZone: 'Europe/Amsterdam',
  weekly: [{ days: ['mon'], from: '11:00', until: '12:10' }],
};
const BUSY_DEVICES = [ANKLE, PHONE];
const BUSY_ORDER = orderOf([APART, ZONE, { ...ZONE, banId: 'evening', schedule: EVENINGS }]);
const BUSY_S = 3 * 3_600;

/** He comes by every quarter of an hour, at another distance; some messages come minutes late. */
async function busyWorld(seed: number) {
  const random = prng(seed);
  const messages: { atS: number; deviceId: string; body: object }[] = [];
  for (let s = 0; s < BUSY_S; s += 15) {
    const nearestM = 900 * (1 + Math.sin(1.7 * Math.floor(s / 900)));
    const eastM = 3_000 * Math.cos((Math.PI * s) / 900);
    for (const { deviceId } of BUSY_DEVICES) {
      const [x, y] = deviceId === ANKLE.deviceId ? [eastM, nearestM] : [0, 0];
      const [lon, lat] = place(x + 6 * random.normal(), y + 6 * random.normal());
      const lateS = random.next() < 0.05 ? 20 + 200 * random.next() : 0.2 + random.next();
      const time = toInstant(T0 + s * 1_000);
      messages.push({ atS: s + lateS, deviceId, body: { seq: s, time, lon, lat, accuracy: 8 } });
    }
  }
  const store = readableStore();
  const world = await serviceWorld(store, { startMs: T0 });
  for (const device of BUSY_DEVICES) await world.service.putDevice(device, 'administrator');
  await world.service.putOrder(BUSY_ORDER, null, 'cjib');
  for (const { atS, deviceId, body } of messages.toSorted((a, b) => a.atS - b.atS)) {
    world.clock.advance(Math.max(0, T0 + Math.round(1_000 * atS) - world.clock.nowMs()));
    await world.send(topicOf(deviceId, 'position'), body);
  }
  world.clock.advance(600_000);
  return { world, store };
}

describe('a forecast over what was stored', () => {
  test.each(PLAYS)('[PV7] finds the alerts that were raised live: %s, seed %i', async (...play) => {
    const { world, store, setup } = await played(...play);
    const nowMs = world.clock.nowMs();
    const recorded = await recordedIn(
      store,
      setup.devices.map(({ deviceId }) => deviceId),
      nowMs,
    );
    let raised = 0;
    for (const order of setup.orders) {
      const forecast = forecastOf(order, setup.devices, recorded, nowMs)!;
      const weeks = forecast.recordedDays / 7;
      for (const { banId, alertsPerWeek, breachesPerWeek } of forecast.bans) {
        const live = raisedLive(world, order, banId);
        expect(Math.round(alertsPerWeek * weeks)).toBe(live);
        expect(Math.round(breachesPerWeek * weeks)).toBe(raisedLive(world, order, banId, 'breach'));
        raised += live;
      }
    }
    expect(raised).toBeGreaterThan(0);
  });

  test.each([1, 2, 3])('[PV7] nor does it miss one of many in a row: seed %i', async (seed) => {
    const { world, store } = await busyWorld(seed);
    const nowMs = world.clock.nowMs();
    const recorded = await recordedIn(
      store,
      BUSY_DEVICES.map((d) => d.deviceId),
      nowMs,
    );
    const forecast = forecastOf(BUSY_ORDER, BUSY_DEVICES, recorded, nowMs)!;
    const counted = forecast.bans.map(({ banId, alertsPerWeek, breachesPerWeek }) => [
      banId,
      Math.round((alertsPerWeek * forecast.recordedDays) / 7),
      Math.round((breachesPerWeek * forecast.recordedDays) / 7),
    ]);
    const live = BUSY_ORDER.bans.map(({ banId }) => [
      banId,
      raisedLive(world, BUSY_ORDER, banId),
      raisedLive(world, BUSY_ORDER, banId, 'breach'),
    ]);
    expect(counted).toEqual(live);
    const alerts = live.reduce((sum, [, raised]) => sum + Number(raised), 0);
    expect(alerts).toBeGreaterThan(10);
  });

  const [first] = [ANKLE].map(({ deviceId }) => deviceId);
  const standing = (minutes: number, deviceId = first!): PositionRow[] =>
    Array.from({ length: minutes }, (_, i) => {
      const [lon, lat] = place(0);
      const atMs = T0 + i * 60_000;
      const fix = fixOf({ seq: i, atMs, lon, lat, accuracyM: 10 });
      const payload = JSON.stringify({ seq: i, time: toInstant(atMs), lon, lat, accuracy: 10 });
      return { deviceId, fix, payload };
    });
  const inside = { banId: 'z', kind: 'location-ban', zone: square(600) };
  const END_MS = T0 + 3_600_000;

  test('[PV7] is of an order that is not in force yet as if it were', () => {
    const later = { validFrom: '2027-03-01T00:00:00Z', validUntil: '2027-04-01T00:00:00Z' };
    const forecast = forecastOf(orderOf([inside], later), [ANKLE], standing(60), END_MS)!;
    expect(Math.round((forecast.alertsPerWeek * forecast.recordedDays) / 7)).toBe(1);
    expect(forecast).toMatchObject({ positions: 60, bans: [{ banId: 'z', judged: true }] });
    expect(forecast.priority1PerWeek).toBe(forecast.alertsPerWeek);
  });

  test('[PV7] leaves exceptions as they are', () => {
    const exception = { banIds: ['z'], from: toInstant(T0), until: toInstant(END_MS + 1) };
    const order = orderOf([inside], { exceptions: [exception] });
    expect(forecastOf(order, [ANKLE], standing(60), END_MS)!.alertsPerWeek).toBe(0);
  });

  test('[PV7] says of whom nothing was recorded, and of which ban nobody is held to it', () => {
    const undrawn = { banId: 'u', kind: 'location-ban', place: 'her street' };
    const order = orderOf([APART, undrawn, inside]);
    expect(forecastOf(order, [ANKLE, PHONE], [], END_MS)).toBeNull();
    expect(forecastOf(order, [ANKLE, PHONE], standing(60, PHONE.deviceId), END_MS)).toBeNull();
    const { bans } = forecastOf(order, [ANKLE, PHONE], standing(60), END_MS)!;
    expect(bans.map(({ banId, judged }) => [banId, judged])).toEqual([
      ['b1', false],
      ['z', true],
    ]);
  });

  test('[PV7] begins anew after a long silence, and counts what it finds then', () => {
    const again = standing(60).map(({ fix, ...row }) => {
      const [seq, atMs] = [fix.seq + 100, fix.atMs + 20 * 86_400_000];
      const payload = { ...(JSON.parse(row.payload) as object), seq, time: toInstant(atMs) };
      const moved = { ...fix, seq, atMs, receivedAtMs: atMs };
      return { ...row, fix: moved, payload: JSON.stringify(payload) };
    });
    const recorded = [...again, ...standing(60)];
    const endMs = END_MS + 20 * 86_400_000;
    const forecast = forecastOf(orderOf([inside]), [ANKLE], recorded, endMs)!;
    expect(Math.round((forecast.alertsPerWeek * forecast.recordedDays) / 7)).toBe(2);
  });

  test('[PV7] goes on after a position that the engine cannot take', () => {
    const broken = standing(60).map((row, i) => (i === 3 ? { ...row, payload: '{' } : row));
    const forecast = forecastOf(orderOf([inside]), [ANKLE], broken, END_MS)!;
    expect(Math.round((forecast.alertsPerWeek * forecast.recordedDays) / 7)).toBe(1);
  });
});
