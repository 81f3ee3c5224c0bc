import { expect, test } from 'vitest';
import { loadScenario } from '../../device-sim/scenario-file.ts';
import { plansOf } from '../../device-sim/scenario-plans.ts';
import { setupOf } from '../../device-sim/scenario-setup.ts';
import { acknowledge, arrivals } from '../../device-sim/world.ts';
import { Engine } from '../../server/core/engine.ts';
import { CourtOrder } from '../../shared/court-order.ts';
import { Device } from '../../shared/device.ts';
import { distanceM } from '../../shared/geodesy.ts';
import { fromInstant } from '../../shared/instant.ts';
import { positionsIn, START_MS } from './one-device.ts';

const HER_LON = 4.356954;
const HER_LAT = 52.0116;

/** The scenario `approach` with the real engine as the server, commands and all. */
function play() {
  const loaded = loadScenario('approach');
  if (!loaded.ok) throw new Error(loaded.error);
  const { scenario, tracks } = loaded.value;
  const engine = new Engine();
  const setup = setupOf(scenario, START_MS);
  for (const device of setup.devices) engine.setDevice(Device.parse(device), START_MS);
  for (const order of setup.orders) {
    engine.setOrder({ order: CourtOrder.parse(order), version: 1, status: 'active' }, START_MS);
  }
  const breaches: number[] = [];
  const asked: { atS: number; seconds: number; apartM: number }[] = [];
  const hers: number[] = [];
  let apartM = Infinity;
  let nowMs = START_MS;
  const world = arrivals({
    plans: plansOf(scenario, tracks, { startMs: START_MS, seed: scenario.seed, pace: 1 }),
    seed: scenario.seed,
    startMs: START_MS,
    untilMs: START_MS + 2_700_000,
    answer: acknowledge,
    tell: () =>
      engine.takeCommands().map(({ deviceId, command }) => {
        const seconds = command.kind === 'report-interval' ? command.seconds : NaN;
        asked.push({ atS: (nowMs - START_MS) / 1_000, seconds, apartM });
        return { deviceId, inbound: { type: 'command', command } };
      }),
  });
  for (const { atMs, deviceId, message } of world) {
    nowMs = atMs;
    for (const { lon, lat, time } of positionsIn(message)) {
      if (deviceId === 'ankle-approach') apartM = distanceM(lon, lat, HER_LON, HER_LAT);
      else hers.push((fromInstant(time) - START_MS) / 1_000);
    }
    const { changes } = engine.message(message.topic, JSON.stringify(message.payload), atMs);
    for (const { record } of changes) {
      if (record.stage === 'breach') breaches.push(record.raisedAtMs);
    }
  }
  return { asked, hers: hers.toSorted((a, b) => a - b), breaches };
}

test('[RI1, RI2] she reports each minute while he is far, and each 5 s before he is near', () => {
  const { asked, hers, breaches } = play();
  const steps = asked.map(({ seconds }) => seconds).filter((s, i, all) => s !== all[i - 1]);
  expect(steps.join(' ')).toMatch(/^(5 )?(15 )?60 15 5 15 60$/);
  const gap = (atS: number): number => {
    const next = hers.findIndex((s) => s > atS);
    return hers[next]! - hers[next - 1]!;
  };
  expect(gap(290)).toBeCloseTo(60, -1);
  expect(gap(1_000)).toBeLessThanOrEqual(6);
  expect(breaches.length).toBeGreaterThan(0);
  // She is at 5 s well before he is within the warning distance of 1 km.
  const fast = asked.find(({ seconds, atS }) => seconds === 5 && atS > 300)!;
  expect(fast.apartM).toBeGreaterThan(1_500);
  expect(gap(2_600)).toBeCloseTo(60, -1);
});
