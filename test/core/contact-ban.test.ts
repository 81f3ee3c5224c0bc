import { describe, expect, test } from 'vitest';
import type { FixSource } from '../../shared/device-message.ts';
import { banStatesOf, type BanState } from '../../server/core/case-state.ts';
import { orderStateOf } from '../../server/core/order-state.ts';
import { judgeContact } from '../../server/core/contact-ban.ts';
import { pointOf } from '../../server/core/filter.ts';
import { extrapolated, type Estimate } from '../../server/core/motion.ts';
import {
  accuracyOf,
  APART,
  fixOf,
  given,
  type Given,
  orderOf,
  place,
  T0,
} from '../support/given.ts';

function banOf(other: object = {}): BanState {
  const order = orderOf([{ ...APART, ...other }]);
  const state = orderStateOf({ order, version: 1, status: 'active' });
  return banStatesOf(state, order.bans, T0)[0]!;
}

interface Party {
  readonly eastM?: number;
  readonly northM?: number;
  readonly sigmaM?: number;
  readonly speedMs?: number;
  readonly headingDeg?: number;
  readonly ageS?: number;
  readonly source?: FixSource;
}

function party({ eastM = 0, northM = 0, sigmaM = 20, ageS = 0, ...other }: Party): Estimate {
  const [lon, lat] = place(eastM, northM);
  const atMs = T0 - ageS * 1000;
  const fix = fixOf({ lon, lat, accuracyM: accuracyOf(sigmaM), atMs, speedMs: 0, ...other });
  return extrapolated(pointOf(fix, atMs), T0, true);
}

describe('how sure it is that they are within the distance', () => {
  // Limits from an integration of the Rice density done elsewhere, 1 m to either side.
  // prettier-ignore
  test.each<[rule: string, apartM: number, wearerM: number, victimM: number, distanceM: number, finding: string]>([
    //      apart  ±wearer ±victim  D    finding
    ['CB1',   451,     20,     20,  500, 'certain'],
    ['CB1',   454,     20,     20,  500, 'likely'],
    ['CB1',   498,     20,     20,  500, 'likely'],
    ['CB1',   501,     20,     20,  500, 'possible'],
    ['CB1',   544,     20,     20,  500, 'possible'],
    ['CB1',   547,     20,     20,  500, 'clear'],
    ['CB1',   487,      5,      5,  500, 'certain'],
    ['CB1',   489,      5,      5,  500, 'likely'],
    ['CB1',   511,      5,      5,  500, 'possible'],
    ['CB1',   513,      5,      5,  500, 'clear'],
    ['CB1',    42,      3,      3,   50, 'certain'],
    ['CB1',    44,      3,      3,   50, 'likely'],
    ['CB1',     1,     30,     30,   50, 'likely'],
    ['CB1',     8,     30,     30,   50, 'possible'],
    ['CB1',   105,     30,     30,   50, 'possible'],
    ['CB1',   108,     30,     30,   50, 'clear'],
    ['CB1',   384,    300,      3,  500, 'likely'],
    ['CB1',   390,    300,      3,  500, 'possible'],
    ['CB1',   923,    300,      3,  500, 'possible'],
    ['CB1',   929,    300,      3,  500, 'clear'],
    ['CB1',     0,    300,      3,  500, 'likely'],
  ])('[%s] %i m apart, ±%i m and ±%i m, of %i m: %s', (_, apartM, wearerM, victimM, distanceM, finding) => {
    const wearer = party({ sigmaM: wearerM });
    const victim = party({ eastM: apartM, sigmaM: victimM });
    expect(judgeContact(banOf({ distanceM }), wearer, victim, T0).finding ?? 'clear').toBe(finding);
  });
});

describe('what it asks for', () => {
  // prettier-ignore
  test.each<[rule: string, name: string, apartM: number, ban: object, stage: string | null, priority: number, certainty: string | null, reason: string]>([
    ['CB2', 'certain',                  451, {},                         'breach',   1, 'certain',  'within-distance'],
    ['CB2', 'likely',                   498, {},                         'breach',   1, 'likely',   'within-distance'],
    ['CB3', 'possible is an approach',  501, {},                         'approach', 2, 'possible', 'within-warning'],
    ['CB4', 'inside twice D',           998, {},                         'approach', 2, null,       'within-warning'],
    ['CB4', 'outside twice D',         1002, {},                         null,       2, null,       'within-warning'],
    ['CB4', 'inside the W given',      1498, { warningDistanceM: 1500 }, 'approach', 2, null,       'within-warning'],
    ['CB4', 'outside the W given',     1502, { warningDistanceM: 1500 }, null,       2, null,       'within-warning'],
    ['CB4', 'W as small as D',          560, { warningDistanceM: 500 },  null,       2, null,       'within-warning'],
  ])('[%s] %s', (_, _name, apartM, other, stage, priority, certainty, reason) => {
    const verdict = judgeContact(banOf(other), party({}), party({ eastM: apartM }), T0);
    expect(verdict).toMatchObject({ stage, priority, certainty });
    if (stage) expect(verdict.reason).toBe(reason);
  });

  test('[CB3] a possible within the warning distance says so by its certainty', () => {
    const wide = judgeContact(
      banOf({ warningDistanceM: 500 }),
      party({}),
      party({ eastM: 530 }),
      T0,
    );
    expect(wide).toMatchObject({ stage: 'approach', certainty: 'possible', priority: 2 });
    expect(wide.reason).toBe('cannot-rule-out');
  });
});

describe('on course', () => {
  // The victim stands 2,000 m to the east: 1,500 m to the line.
  // prettier-ignore
  test.each<[rule: string, name: string, wearer: Party, stage: string | null, priority: number]>([
    ['CB5', 'straight at her, 116 s to the line',  { speedMs: 13, headingDeg: 90, sigmaM: 5 },           'approach', 2],
    ['CB5', 'straight at her, 125 s to the line',  { speedMs: 12, headingDeg: 90, sigmaM: 5 },           null,       2],
    ['CB5', 'away from her',                       { speedMs: 13, headingDeg: 270, sigmaM: 5 },          null,       2],
    ['CB5', 'passing by well outside the line',    { speedMs: 25, headingDeg: 65, sigmaM: 5 },           null,       2],
    ['CB5', 'passing by inside the line',          { speedMs: 25, headingDeg: 85, sigmaM: 5 },           'approach', 2],
  ])('[%s] %s', (_, _name, wearer, stage, priority) => {
    const ban = banOf({ warningDistanceM: 500 });
    const verdict = judgeContact(ban, party(wearer), party({ eastM: 2_000, sigmaM: 5 }), T0);
    expect(verdict.stage).toBe(stage);
    if (stage) expect(verdict.priority).toBe(priority);
  });

  // prettier-ignore
  test.each<[rule: string, name: string, toLineM: number, wearer: Party, priority: number]>([
    ['CB6', '13 s to the line',              13 * 10, { speedMs: 10, headingDeg: 90 },                     1],
    ['CB6', '15 s to the line',              15 * 10, { speedMs: 10, headingDeg: 90 },                     2],
    ['CB6', 'less sure of where he is',      13 * 10, { speedMs: 10, headingDeg: 90, sigmaM: 60 },         2],
    ['CB6', 'a cell fix is never so urgent', 10 * 10, { speedMs: 10, headingDeg: 90, source: 'cell' },     2],
    ['CB5', 'too slow to be on course',           8, { speedMs: 0.7, headingDeg: 90 },                     2],
    ['CB6', 'slow, but a step from the line',      8, { speedMs: 0.9, headingDeg: 90 },                    1],
  ])('[%s] %s', (_, _name, toLineM, wearer, priority) => {
    const verdict = judgeContact(
      banOf(),
      party({ sigmaM: 5, ...wearer }),
      party({ eastM: 500 + toLineM, sigmaM: 5 }), T0);
    expect(verdict.stage).toBe('approach');
    expect(verdict.priority).toBe(priority);
  });

  test.each([
    [88, true],
    [92, false],
  ])('[CB5] a fix %i s old is one to steer by: %s', (ageS, onCourse) => {
    const wearer = party({ speedMs: 20, headingDeg: 90, ageS, sigmaM: 5 });
    const ban = banOf({ distanceM: 1_500 });
    const verdict = judgeContact(ban, wearer, party({ eastM: 4_000, sigmaM: 5 }), T0);
    expect(verdict.reason === 'on-course').toBe(onCourse);
  });
});

describe('what cannot be ruled out', () => {
  // Reach at rest: 2.5 σ + 2 m/s · age up to 60 s, from there up to 36 m/s at 300 s.
  // prettier-ignore
  test.each<[rule: string, name: string, apartM: number, ageS: number, finding: string]>([
    ['CB3', 'a fix of 69 s, reach overlaps',     620,  69, 'clear'],
    ['CB3', 'a fix of 71 s, reach overlaps',     620,  71, 'possible'],
    ['CB3', 'a fix of 71 s, reach falls short',  900,  71, 'clear'],
    ['CB3', 'a fix of 5 minutes, 11 km away',  11_000, 300, 'possible'],
    ['CB3', 'a fix of 5 minutes, 12 km away',  12_000, 300, 'clear'],
  ])('[%s] %s', (_, _name, apartM, ageS, finding) => {
    const ban = banOf({ warningDistanceM: 500 });
    const wearer = party({ ageS, sigmaM: 5 });
    const verdict = judgeContact(ban, wearer, party({ eastM: apartM, sigmaM: 5 }), T0);
    expect(verdict.finding ?? 'clear').toBe(finding);
  });

  test.each([
    ['[MO6] a cell fix on top of her', 'cell' as const, 'possible', 'approach', 2],
    ['[MO6] a wifi fix on top of her', 'wifi' as const, 'certain', 'breach', 1],
  ])('%s', (_, source, finding, stage, priority) => {
    const verdict = judgeContact(banOf(), party({ source, sigmaM: 20 }), party({}), T0);
    expect(verdict).toMatchObject({ finding, stage, priority });
  });
});

describe('what an alert says', () => {
  test('[CB7] distance, speed, time to the line and to the victim', () => {
    const wearer = party({ speedMs: 10, headingDeg: 90, sigmaM: 3 });
    const victim = party({ eastM: 900, sigmaM: 4 });
    expect(judgeContact(banOf(), wearer, victim, T0).figures).toEqual({
      distanceM: 900,
      uncertaintyM: 5,
      closingSpeedMs: 10,
      timeToBreachS: 40,
      timeToContactS: 90,
    });
  });

  // prettier-ignore
  test.each<[name: string, headingDeg: number, apartM: number, figures: object]>([
    ['within the line there is no time left',  90, 400, { timeToBreachS: 0, timeToContactS: 40 }],
    ['parting, neither line nor contact',     270, 900, { timeToBreachS: null, timeToContactS: null, closingSpeedMs: -10 }],
    ['passing far enough is no contact',       65, 700, { timeToContactS: null }],
  ])('[CB7] %s', (_, headingDeg, apartM, figures) => {
    const wearer = party({ speedMs: 10, headingDeg, sigmaM: 3 });
    const verdict = judgeContact(banOf(), wearer, party({ eastM: apartM, sigmaM: 4 }), T0);
    expect(verdict.figures).toMatchObject(figures);
  });

  test('[CB7] the fixes it rests on, their age, and who moved towards whom', () => {
    const world = given();
    world.fix('phone', 10, { eastM: 550, speed: 0 });
    world.fix('ankle', 14, { speed: 5, heading: 90 });
    const { basis } = world.alert('contact-ban');
    expect(basis).toMatchObject({ rules: ['CB5', 'CB6'], reason: 'on-course', mover: 'wearer' });
    expect(basis).toMatchObject({ orderVersion: 1, limits: { distanceM: 500, warningM: 1000 } });
    const ages = basis.fixes.map(({ deviceId, role, ageS }) => [deviceId, role, ageS]);
    expect(ages).toEqual([
      ['ankle', 'wearer', 0],
      ['phone', 'victim', 4],
    ]);
  });
});

describe('her phone fell silent at home five minutes ago', () => {
  test('[MO6] he who comes to where she was breaks the ban', () => {
    const world = given([APART]);
    world.fixes('phone', 0, 60, 20, { speed: 0 });
    for (let s = 300; s <= 420; s += 10) {
      world.fix('ankle', s, { eastM: 1_300 - 10 * (s - 300), speed: 10, heading: 270 });
    }
    expect(world.alert('contact-ban')).toMatchObject({ stage: 'breach', priority: 1 });
  });

  test('[MO6] of where she was driving nothing more can be said than that it is possible', () => {
    const world = given([APART]);
    for (let s = 0; s <= 60; s += 20) {
      world.fix('phone', s, { eastM: -20 * s, speed: 20, heading: 270 });
    }
    world.fixes('ankle', 300, 420, 10, { eastM: -5_000, speed: 0 });
    const breaches = world.told.filter(({ record }) => record.stage === 'breach');
    expect(breaches).toEqual([]);
  });
});

describe('who moved towards whom', () => {
  /** Two minutes of both, each at a steady speed from where they are; then who is told. */
  function moverOf(his: number, hers: number, apartM = 900): string | null {
    const world = given([{ ...APART, warningDistanceM: 4_000 }]);
    for (let s = 0; s <= 120; s += 10) {
      const at = (startM: number, speed: number): object => ({
        eastM: startM + speed * (s - 120),
        speed: Math.abs(speed),
        ...(speed === 0 ? {} : { heading: speed > 0 ? 90 : 270 }),
      });
      world.fix('phone', s, at(apartM, hers));
      world.fix('ankle', s + 1, at(his, his));
    }
    return world.alert('contact-ban').basis.mover;
  }

  // prettier-ignore
  test.each<[name: string, his: number, hers: number, mover: string]>([
    ['he to her',                       3,  0,  'wearer'],
    ['she to him',                      0, -3,  'victim'],
    ['each to the other',               3, -3,  'both'],
    ['neither',                         0,  0,  'neither'],
    ['he follows her car on the road',  16, 15, 'together'],
    ['she drives away from him',        0,  15, 'neither'],
  ])('[CB7] %s', (_, his, hers, mover) => {
    expect(moverOf(his, hers, hers > 0 ? 3_000 : 900)).toBe(mover);
  });
});

describe('one instant', () => {
  /** Two cars, one behind the other, each with a fix every 10 s, the second 5 s after the first. */
  function tandem(apartM: number): Given {
    const world = given([{ ...APART, warningDistanceM: 500 }]);
    const speed = 25;
    for (let s = 0; s <= 300; s += 10) {
      world.fix('phone', s, { eastM: apartM + speed * s, speed, heading: 90 });
      const later = s + 5;
      world.fix('ankle', later, { eastM: speed * later, speed, heading: 90 });
    }
    return world;
  }

  test('[MO1] two cars 600 m apart at 25 m/s are never within 500 m', () => {
    const findings = tandem(600).told.map(({ record }) => record.basis.finding);
    expect(findings.filter((finding) => finding === 'likely' || finding === 'certain')).toEqual([]);
  });

  test('[CB5] nobody is on course only because the fix of the other is older', () => {
    const reasons = tandem(750).told.map(({ record }) => record.basis.reason);
    expect(reasons).not.toContain('on-course');
  });

  test('[CB6] nor is that ever urgent', () => {
    expect(tandem(600).told.filter(({ record }) => record.priority === 1)).toEqual([]);
  });

  test('[MO1] fixes of different times, 250 m apart on paper, are one place', () => {
    const world = given([{ ...APART, distanceM: 100 }]);
    world.fix('phone', 0, { eastM: 0, speed: 25, heading: 90 });
    world.fix('ankle', 10, { eastM: 212, speed: 25, heading: 90 });
    expect(world.alert('contact-ban')).toMatchObject({ stage: 'breach' });
  });
});
