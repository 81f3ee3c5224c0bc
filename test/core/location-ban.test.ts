import { describe, expect, test } from 'vitest';
import type { FixSource } from '../../shared/device-message.ts';
import { banStatesOf } from '../../server/core/case-state.ts';
import { orderStateOf } from '../../server/core/order-state.ts';
import { judgeLocationBan, judgeLocationDuty } from '../../server/core/location-ban.ts';
import { pointOf } from '../../server/core/filter.ts';
import { extrapolated, type Estimate } from '../../server/core/motion.ts';
import type { Verdict } from '../../server/core/verdict.ts';
import { accuracyOf, fixOf, given, HOME, orderOf, place, square, T0 } from '../support/given.ts';

/** 400 m wide around home: the boundary lies 200 m to the east. */
const SQUARE = square(400);
const CIRCLE = { type: 'Circle', center: HOME, radiusM: 200 };
const RING = {
  type: 'Polygon',
  coordinates: [
    (square(800) as { coordinates: unknown[] }).coordinates[0],
    (square(400) as { coordinates: unknown[] }).coordinates[0],
  ],
};

interface Wearer {
  readonly eastM?: number;
  readonly sigmaM?: number;
  readonly speedMs?: number;
  readonly headingDeg?: number;
  readonly ageS?: number;
  readonly source?: FixSource;
}

function wearer({ eastM = 0, sigmaM = 20, ageS = 0, ...other }: Wearer): Estimate {
  const [lon, lat] = place(eastM);
  const atMs = T0 - ageS * 1000;
  const fix = fixOf({ lon, lat, accuracyM: accuracyOf(sigmaM), atMs, speedMs: 0, ...other });
  return extrapolated(pointOf(fix, atMs), T0, true);
}

function judged(kind: string, other: object, where: Wearer): Verdict {
  const order = orderOf([{ banId: 'b1', kind, zone: SQUARE, ...other }]);
  const [ban] = banStatesOf(orderStateOf({ order, version: 1, status: 'active' }), order.bans, T0);
  const judge = kind === 'location-ban' ? judgeLocationBan : judgeLocationDuty;
  return judge(ban!, wearer(where), T0);
}

describe('how sure it is that he is inside', () => {
  // ±20 m: certain from 32.9 m inside, possible to 32.9 m outside.
  // prettier-ignore
  test.each<[rule: string, name: string, zone: object, eastM: number, finding: string]>([
    ['LB1', 'deep inside',            SQUARE,   0, 'certain'],
    ['LB1', '34 m inside',            SQUARE, 166, 'certain'],
    ['LB1', '32 m inside',            SQUARE, 168, 'likely'],
    ['LB1', '1 m inside',             SQUARE, 199, 'likely'],
    ['LB1', '1 m outside',            SQUARE, 201, 'possible'],
    ['LB1', '32 m outside',           SQUARE, 232, 'possible'],
    ['LB1', '34 m outside',           SQUARE, 234, 'clear'],
    ['LB6', 'a circle, 34 m inside',  CIRCLE, 166, 'certain'],
    ['LB6', 'a circle, 1 m inside',   CIRCLE, 199, 'likely'],
    ['LB6', 'a circle, 1 m outside',  CIRCLE, 201, 'possible'],
    ['LB6', 'a circle, 34 m outside', CIRCLE, 234, 'clear'],
    ['LB1', 'deep in the hole',       RING,     0, 'clear'],
    ['LB1', 'in the hole, 32 m off',  RING,   168, 'possible'],
    ['LB1', '1 m out of the hole',    RING,   201, 'likely'],
    ['LB1', 'between the boundaries', RING,   300, 'certain'],
  ])('[%s] %s: %s', (_, _name, zone, eastM, finding) => {
    expect(judged('location-ban', { zone }, { eastM }).finding ?? 'clear').toBe(finding);
  });
});

describe('what it asks for', () => {
  // prettier-ignore
  test.each<[rule: string, name: string, ban: object, where: Wearer, stage: string | null, priority: number, reason: string]>([
    ['LB2', 'likely inside',                    {},              { eastM: 199 },              'breach',   1, 'inside-zone'],
    ['LB3', 'in the buffer',                    { bufferM: 100 }, { eastM: 299 },             'approach', 2, 'in-buffer'],
    ['LB3', 'outside the buffer',               { bufferM: 100 }, { eastM: 301 },             null,       4, ''],
    ['LB3', 'without a buffer',                 {},              { eastM: 240 },              null,       4, ''],
    ['LB4', 'towards it, there in 13 s',        {},              { eastM: 330, sigmaM: 5, speedMs: 10, headingDeg: 270 }, 'approach', 1, 'on-course'],
    ['LB4', 'towards it, there in 15 s',        {},              { eastM: 350, sigmaM: 5, speedMs: 10, headingDeg: 270 }, 'approach', 2, 'on-course'],
    ['LB4', 'towards it, there in 30 s',        {},              { eastM: 410, sigmaM: 5, speedMs: 10, headingDeg: 270 }, 'approach', 2, 'on-course'],
    ['LB4', 'towards it, there in 60 s',        {},              { eastM: 790, sigmaM: 5, speedMs: 10, headingDeg: 270 }, 'approach', 2, 'on-course'],
    ['LB4', 'towards it, there later',          {},              { eastM: 810, sigmaM: 5, speedMs: 10, headingDeg: 270 }, null,       4, ''],
    ['LB4', 'along it',                         {},              { eastM: 300, sigmaM: 5, speedMs: 10, headingDeg: 0 },   null,       4, ''],
    ['LB4', 'away from it',                     {},              { eastM: 300, sigmaM: 5, speedMs: 10, headingDeg: 90 },  null,       4, ''],
    ['LB4', 'too slowly to be on course',       {},              { eastM: 220, sigmaM: 5, speedMs: 0.7, headingDeg: 270 }, null,     4, ''],
    ['LB4', 'just fast enough',                 {},              { eastM: 220, sigmaM: 5, speedMs: 0.9, headingDeg: 270 }, 'approach', 2, 'on-course'],
    ['LB4', 'a cell fix is never so urgent',    {},              { eastM: 450, speedMs: 10, headingDeg: 270, source: 'cell', sigmaM: 200 }, 'approach', 2, 'on-course'],
    ['MO6', 'a cell fix inside is no breach',   {},              { source: 'cell', sigmaM: 1 }, 'approach', 2, 'cannot-rule-out'],
  ])('[%s] %s', (_, _name, ban, where, stage, priority, reason) => {
    const verdict = judged('location-ban', ban, where);
    expect([verdict.stage, verdict.priority]).toEqual([stage, stage ? priority : verdict.priority]);
    if (stage) expect(verdict.reason).toBe(reason);
  });

  // Reach at rest: 2.5 σ + 2 m/s · age, faster from 60 s on.
  // prettier-ignore
  test.each<[name: string, eastM: number, ageS: number, finding: string]>([
    ['a fix of 69 s',                   320,  69, 'clear'],
    ['a fix of 71 s',                   320,  71, 'possible'],
    ['a fix of 71 s, too far for it',   700,  71, 'clear'],
    ['a fix of 5 minutes, 10 km away', 10_000, 300, 'possible'],
  ])('[LB5] %s: %s', (_, eastM, ageS, finding) => {
    expect(judged('location-ban', {}, { eastM, ageS, sigmaM: 5 }).finding ?? 'clear').toBe(finding);
  });

  test('[LB4] a course is believed for 60 s', () => {
    const course = { speedMs: 30, headingDeg: 270, sigmaM: 5 };
    const fresh = judged('location-ban', {}, { ...course, eastM: 2_100, ageS: 55 });
    const old = judged('location-ban', {}, { ...course, eastM: 2_400, ageS: 65 });
    expect([fresh.reason, old.reason]).toEqual([
      'on-course',
      expect.not.stringMatching('on-course'),
    ]);
  });

  test('[CB7] says how near, how deep, and when', () => {
    const outside = judged(
      'location-ban',
      {},
      { eastM: 290, sigmaM: 5, speedMs: 10, headingDeg: 270 },
    );
    expect(outside.figures).toMatchObject({ distanceM: 90, timeToBreachS: 10, uncertaintyM: 5 });
    const inside = judged('location-ban', {}, { eastM: 150, sigmaM: 5 });
    expect(inside.figures).toMatchObject({ distanceM: 0, timeToBreachS: 0 });
    expect(inside.detail).toMatchObject({ depthM: 50 });
  });
});

describe('a duty', () => {
  // prettier-ignore
  test.each<[rule: string, name: string, where: Wearer, stage: string | null, certainty: string | null]>([
    ['LD1', 'inside',                       { eastM: 0 },                     null,     null],
    ['LD1', '1 m inside',                   { eastM: 199 },                   null,     null],
    ['LD1', '1 m outside',                  { eastM: 201 },                   'breach', 'likely'],
    ['LD1', '32 m outside',                 { eastM: 232 },                   'breach', 'likely'],
    ['LD1', '34 m outside',                 { eastM: 234 },                   'breach', 'certain'],
    ['LD1', 'kilometres away',              { eastM: 9_000 },                 'breach', 'certain'],
    ['LD2', 'on the way out',               { eastM: 180, sigmaM: 5, speedMs: 5, headingDeg: 90 }, null, null],
    ['LD2', 'silent for an hour',           { ageS: 3_600, sigmaM: 5 },       null,     null],
    ['MO6', 'a cell fix outside',           { eastM: 9_000, source: 'cell' }, null,     null],
  ])('[%s] %s', (_, _name, where, stage, certainty) => {
    expect(judged('location-duty', {}, where)).toMatchObject({ stage, certainty });
  });

  test('[LD1] is priority 1, and only while its schedule says so', () => {
    const schedule = {
      timeZone: 'Europe/Amsterdam',
      weekly: [{ days: ['mon'], from: '11:01', until: '11:02' }],
    };
    const world = given([{ banId: 'b1', kind: 'location-duty', zone: SQUARE, schedule }]);
    world.fixes('ankle', 0, 180, 10, { eastM: 900 });
    expect(world.times('location-duty')).toEqual(['raised 60', 'cleared 120']);
    expect(world.alert('location-duty').priority).toBe(1);
  });
});

describe('margins', () => {
  // A zone alert goes on to 20 m beyond the buffer, a breach at P ≥ 0.2 of 20 m.
  test.each([
    [315, true],
    [325, false],
  ])('[EP4] withdrawn to %i m from the middle, the approach stands: %s', (eastM, standing) => {
    const world = given([{ banId: 'b1', kind: 'location-ban', zone: SQUARE, bufferM: 100 }]);
    world.fixes('ankle', 0, 20, 5, { eastM: 290, speed: 0 });
    world.fixes('ankle', 25, 90, 5, { eastM, speed: 0 });
    expect(world.alert('location-ban').standing).toBe(standing);
  });

  test.each([
    [220, 'breach'],
    [224, 'approach'],
  ])('[EP4] withdrawn to %i m from the middle, the breach is then a %s', (eastM, stage) => {
    const world = given([{ banId: 'b1', kind: 'location-ban', zone: SQUARE, bufferM: 100 }]);
    world.fixes('ankle', 0, 20, 5, { eastM: 100, speed: 0 });
    world.fixes('ankle', 25, 90, 5, { eastM, speed: 0 });
    expect(world.alert('location-ban').stage).toBe(stage);
  });

  test.each([
    [192, true],
    [188, false],
  ])('[EP4] back to %i m from the middle, the broken duty stands: %s', (eastM, standing) => {
    const world = given([{ banId: 'b1', kind: 'location-duty', zone: SQUARE }]);
    world.fixes('ankle', 0, 20, 5, { eastM: 250, speed: 0 });
    world.fixes('ankle', 25, 90, 5, { eastM, speed: 0 });
    expect(world.alert('location-duty').standing).toBe(standing);
  });
});

test('[OR13] a ban that nobody has drawn yet is not judged, the other bans of its order are', () => {
  const undrawn = { banId: 'b2', kind: 'location-ban', place: 'Dorpsstraat 1, Utrecht' };
  const world = given([{ banId: 'b1', kind: 'location-ban', zone: square(200) }, undrawn]);
  world.fixes('ankle', 0, 60, 5);
  expect(world.alerts().map(({ banId }) => banId)).toEqual(['b1']);
});
