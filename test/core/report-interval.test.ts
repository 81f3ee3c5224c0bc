import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  neededM,
  REPORT_INTERVALS_S,
  slowestInTimeS,
  wantedIntervalS,
} from '../../server/core/report-interval.ts';
import {
  APART,
  deviceOf,
  given,
  type Given,
  ms,
  orderOf,
  PHONE,
  type Said,
} from '../support/given.ts';

const BAN = { distanceM: 500, warningM: 1_000 };
const KM = 1_000;

describe('how far he must be', () => {
  // R ≥ D + v · (interval + 20 s + 120 s), and the least of each step.
  // prettier-ignore
  test.each<[rule: string, closingMs: number, intervalS: 60 | 15 | 5, neededM: number]>([
    ['RI2',  2, 60, 5_000],
    ['RI2',  2, 15, 1_250],
    ['RI2',  6, 15, 1_430],
    ['RI2', 14, 15, 2_670],
    ['RI2', 14, 60, 5_000],
    ['RI2', 36, 15, 6_080],
    ['RI2', 36, 60, 7_700],
  ])('[%s] at %d m/s and every %d s: %d m', (_, closingMs, intervalS, wanted) => {
    expect(neededM(BAN, closingMs, intervalS)).toBeCloseTo(wanted, 6);
  });

  test('[RI2] a wide ban begins to count from further away', () => {
    expect(neededM({ distanceM: 5 * KM, warningM: 10 * KM }, 2, 60)).toBe(20 * KM);
    expect(neededM({ distanceM: 5 * KM, warningM: 10 * KM }, 2, 15)).toBe(12.5 * KM);
  });

  test('[RI2] the slowest that does is chosen, and it does; nothing slower would', () => {
    const ban = fc
      .record({ distanceM: fc.integer({ min: 10, max: 5_000 }), factor: fc.double(FACTOR) })
      .map(({ distanceM, factor }) => ({ distanceM, warningM: factor * distanceM }));
    fc.assert(
      fc.property(ban, fc.double(APART_M), fc.double(SPEED), (line, apartM, speedMs) => {
        const chosenS = slowestInTimeS(line, apartM, speedMs);
        const slower = REPORT_INTERVALS_S.filter((each) => each > chosenS);
        for (const each of slower) expect(apartM).toBeLessThan(neededM(line, speedMs, each));
        if (chosenS > 5) {
          expect(apartM).toBeGreaterThanOrEqual(line.distanceM + speedMs * (chosenS + 20 + 120));
        }
      }),
      { seed: 1 },
    );
  });
});

const FACTOR = { min: 1, max: 4, noNaN: true } as const;
const APART_M = { min: 0, max: 30_000, noNaN: true } as const;
const SPEED = { min: 2, max: 60, noNaN: true } as const;

const wanted = (world: Given, s: number, deviceId = 'phone', personId = 'v-1') =>
  wantedIntervalS(world.engine.caseload.caseOfDevice(deviceId as never)!, personId as never, ms(s));

/** She at home, he where and as it is said, both heard at 0. */
function apart(said: Said, bans?: object[]): Given {
  const world = given(bans);
  world.fix('phone', 0);
  world.fix('ankle', 0, said);
  return world;
}

describe('what the danger asks', () => {
  // prettier-ignore
  test.each<[rule: string, what: string, said: Said, intervalS: number]>([
    ['RI2', 'far away',                           { eastM: 9 * KM },                           60],
    ['RI2', 'just beyond 5 km',                   { eastM: 5_040 },                            60],
    ['RI2', 'just under 5 km',                    { eastM: 4_990 },                            15],
    ['RI2', 'at rest, beyond 1.25 W',             { eastM: 1_300 },                            15],
    ['RI2', 'at rest, within 1.25 W',             { eastM: 1_240 },                             5],
    ['RI2', 'cycling 1.3 km away',                { eastM: 1_300, speed: 6, heading: 0 },       5],
    ['RI2', 'driving 2.7 km away',                { eastM: 2_750, speed: 14, heading: 0 },     15],
    ['RI2', 'driving 2.6 km away',                { eastM: 2_650, speed: 14, heading: 90 },     5],
    ['RI2', 'on the motorway, 7.6 km',            { eastM: 7_600, speed: 36, heading: 0 },     15],
    ['RI2', 'on the motorway, 8 km',              { eastM: 8_000, speed: 36, heading: 0 },     60],
    ['RI3', 'by the mast only, 5.2 km',           { eastM: 5_200, source: 'cell', accuracy: 900 }, 15],
    ['RI3', 'by the mast only, 2 km',             { eastM: 2_000, source: 'cell', accuracy: 900 }, 5],
  ])('[%s] he is %s', (_, __, said, intervalS) => {
    expect(wanted(apart(said), 0)).toBe(intervalS);
  });

  // From a minute on he may ever more have got into a car.
  // prettier-ignore
  test.each<[rule: string, km: number, ageS: number, intervalS: number]>([
    ['RI3',  6,   0, 60],
    ['RI3',  6, 100, 60],
    ['RI3',  6, 150, 15],
    ['RI3',  6, 300,  5],
    ['RI3', 40, 300, 60],
    ['RI3', 40, 900,  5],
  ])('[%s] he was %d km away %d s ago', (_, km, ageS, intervalS) => {
    const world = apart({ eastM: km * KM });
    world.fix('phone', ageS);
    expect(wanted(world, ageS)).toBe(intervalS);
  });

  test('[RI3] her own old place counts as much', () => {
    const world = apart({ eastM: 6 * KM });
    world.fix('ankle', 300, { eastM: 6 * KM });
    expect(wanted(world, 300)).toBe(5);
  });

  test('[RI3] nothing known of one of them', () => {
    expect(wanted(given(), 0)).toBe(5);
    const she = given();
    she.fix('phone', 0);
    expect(wanted(she, 0)).toBe(5);
    const he = given();
    he.fix('ankle', 0, { eastM: 20 * KM });
    expect(wanted(he, 0)).toBe(5);
  });

  test('[RI3] without a device of his there is nothing to compare', () => {
    const world = given();
    world.device(deviceOf('ankle', 'ankle-monitor', 'w-9'), 1);
    world.fix('phone', 2);
    expect(wanted(world, 2)).toBe(60);
  });

  test('[RI3] a doubted fix nearer to her counts until it is told to be wrong', () => {
    const world = apart({ eastM: 30 * KM });
    world.fix('ankle', 5, { eastM: 4_000 });
    expect(wanted(world, 5)).toBe(15);
    world.fix('ankle', 10, { eastM: 30 * KM });
    expect(wanted(world, 10)).toBe(60);
  });

  test('[RI1] of several wearers the nearest decides', () => {
    const world = apart({ eastM: 20 * KM });
    world.device(deviceOf('ankle-2', 'ankle-monitor', 'w-2'));
    const bans = [{ banId: 'b1', kind: 'contact-ban', victimId: 'v-1', distanceM: 500 }];
    world.order(orderOf(bans, { orderId: 'ord-2', wearerId: 'w-2' }), 1);
    world.fix('ankle-2', 2, { eastM: -3 * KM });
    expect(wanted(world, 2)).toBe(15);
    // Once all are heard again, what could not be ruled out meanwhile clears.
    for (const s of [2_000, 2_040]) {
      world.fix('phone', s);
      world.fix('ankle', s, { eastM: 20 * KM });
      world.fix('ankle-2', s, { eastM: -20 * KM });
    }
    expect(wanted(world, 2_041)).toBe(60);
  });

  test('[RI4] an alert of the ban that stands, whatever the distance', () => {
    const world = apart({ eastM: 700 });
    // Both go on reporting, he from far away: for half a minute the alert still stands.
    for (let s = 60; s <= 80; s += 10) {
      world.fix('phone', s);
      world.fix('ankle', s, { eastM: 5_500 });
    }
    expect(world.alert('contact-ban').standing).toBe(true);
    expect(wanted(world, 81)).toBe(5);
  });

  test('[RI4] an SOS of hers, until a person closes it', () => {
    const world = apart({ eastM: 20 * KM });
    world.event('phone', 'sos', 1);
    expect(wanted(world, 2)).toBe(5);
    const { alertId } = world.alert('sos');
    world.act(alertId, { type: 'acknowledge' }, 3);
    expect(wanted(world, 4)).toBe(5);
    world.act(alertId, { type: 'close', finding: 'test' }, 5);
    expect(wanted(world, 6)).toBe(60);
  });

  test('[RI1] no contact ban that applies: nothing is asked', () => {
    const world = apart({ eastM: 100 });
    world.order(orderOf([APART]), 10, 2, 'suspended');
    world.device(PHONE, 11);
    expect(wanted(world, 11)).toBeNull();
  });
});
