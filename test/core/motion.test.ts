import { describe, expect, test } from 'vitest';
import { distanceM } from '../../shared/geodesy.ts';
import type { FixSource } from '../../shared/device-message.ts';
import {
  absorb,
  EMPTY_TRACK,
  estimatesAt,
  extrapolated,
  pointOf,
  reachM,
  sigmaOf,
  type Track,
} from '../../server/core/motion.ts';
import type { Fix } from '../../server/core/case-event.ts';
import { APART, fixOf, given, HOME, ms, place } from '../support/given.ts';

/** A fix so many seconds after the start, so far east. */
function at(s: number, eastM: number, other: Partial<Fix> = {}): Fix {
  const [lon, lat] = place(eastM);
  return fixOf({ seq: s, atMs: ms(s), lon, lat, accuracyM: 7.575, ...other });
}

const taken = (...fixes: Fix[]): { track: Track; absorbed: string[] } => {
  let track = EMPTY_TRACK;
  const absorbed = fixes.map((fix) => {
    const next = absorb(track, fix, fix.atMs);
    track = next.track;
    return next.absorbed;
  });
  return { track, absorbed };
};

describe('error of a fix', () => {
  // prettier-ignore
  test.each<[rule: string, source: FixSource | null, accuracyM: number | null, sigmaM: number]>([
    ['MO2', 'gnss',   15.15, 10],
    ['MO2', 'gnss',   1,      3],
    ['MO2', 'gnss',   null,   8],
    ['MO2', 'gnss',   0,      8],
    ['MO2', null,     null,   8],
    ['MO2', null,     1,      3],
    ['MO2', 'wifi',   1,     12],
    ['MO2', 'wifi',   null,  30],
    ['MO2', 'cell',   1,    200],
    ['MO2', 'cell',   null, 600],
    ['MO2', 'beacon', 1,      5],
    ['MO2', 'beacon', null,  10],
  ])('[%s] %s of ±%s m: σ %i m', (_, source, accuracyM, sigmaM) => {
    expect(sigmaOf(fixOf({ source, accuracyM }))).toBeCloseTo(sigmaM, 6);
  });
});

describe('velocity of a fix', () => {
  // σ is 5 m each: a way counts from 2 · √50 = 14.1 m.
  // prettier-ignore
  test.each<[name: string, fixes: Fix[], eastMs: number]>([
    ['as reported',                        [at(0, 0, { speedMs: 9, headingDeg: 90 })],                    9],
    ['to the west',                        [at(0, 0, { speedMs: 9, headingDeg: 270 })],                  -9],
    ['0.5 m/s moves',                      [at(0, 0, { speedMs: 0.5, headingDeg: 90 })],                  0.5],
    ['0.4 m/s is at rest',                 [at(0, 0, { speedMs: 0.4, headingDeg: 90 })],                  0],
    ['unknown without a fix before',       [at(0, 0)],                                                    0],
    ['speed without heading or before',    [at(0, 0, { speedMs: 9 })],                                    0],
    ['from the way since the last',        [at(0, 0), at(10, 50)],                                        5],
    ['a way of 15 m is one',               [at(0, 0), at(10, 15)],                                        1.5],
    ['a way of 13 m is error',             [at(0, 0), at(10, 13)],                                        0],
    ['the direction of the way, the speed reported', [at(0, 0), at(10, 50, { speedMs: 9 })],              9],
    ['from a fix 119 s before',            [at(0, 0), at(119, 1190)],                                    10],
    ['not from one 121 s before',          [at(0, 0), at(121, 1210)],                                     0],
    ['not from one half a second before',  [at(0, 0), at(0.5, 30)],                                       0],
    ['not to a Wi-Fi fix',                 [at(0, 0), at(10, 150, { source: 'wifi', accuracyM: 20 })],    0],
    ['not from a Wi-Fi fix',               [at(0, 0, { source: 'wifi', accuracyM: 20 }), at(10, 150)],    0],
  ])('[MO4] %s', (_, fixes, eastMs) => {
    expect(taken(...fixes).track.last!.eastMs).toBeCloseTo(eastMs, 1);
  });

  test('[PL3] a reported speed above 100 m/s is not used', () => {
    const point = (speedMs: number) => pointOf(at(0, 0, { speedMs, headingDeg: 90 }), ms(0), null);
    expect(point(100).eastMs).toBeCloseTo(100, 6);
    expect(point(101).eastMs).toBe(0);
  });
});

describe('an estimate for a later instant', () => {
  const moved = (s: number, speedMs: number) =>
    extrapolated(pointOf(at(0, 0, { speedMs, headingDeg: 90 }), ms(0), null), ms(s), true);

  // prettier-ignore
  test.each<[rule: string, ageS: number, speedMs: number, eastM: number, nowMs: number, sigmaM: number]>([
    //    age  speed   east    speed    σ
    ['MO3',  0,   10,    0,      10,     5],
    ['MO3', 10,   10,   85.04,    7.165, Math.hypot(5, 31)],
    ['MO3', 30,   10,  189.64,    3.679, Math.hypot(5, 93)],
    ['MO3', 99,    0,    0,       0,     Math.hypot(5, 29.7)],
  ])('[%s] after %i s at %i m/s', (_, ageS, speedMs, eastM, nowMs, sigmaM) => {
    const estimate = moved(ageS, speedMs);
    expect(distanceM(HOME[0], HOME[1], estimate.lon, estimate.lat)).toBeCloseTo(eastM, 1);
    expect(estimate.eastMs).toBeCloseTo(nowMs, 2);
    expect(estimate.sigmaM).toBeCloseTo(sigmaM, 6);
    expect(estimate.ageMs).toBe(ageS * 1000);
  });

  // σ 5 m gives 12.5 m; top speed 2 m/s or 1.5 times the speed, up to 36 m/s at 300 s.
  // prettier-ignore
  test.each<[ageS: number, speedMs: number, reach: number]>([
    [  0,  0,     12.5],
    [ 60,  0,    132.5],
    [ 60, 10,    912.5],
    [180,  0,   3432.5],
    [300,  0,  10812.5],
    [300, 40,  18012.5],
    [600,  0,  21612.5],
  ])('[MO5] after %i s at %i m/s the reach is %f m', (ageS, speedMs, reach) => {
    const point = pointOf(at(0, 0, { speedMs, headingDeg: 90 }), ms(0), null);
    expect(reachM(point, ageS, speedMs)).toBeCloseTo(reach, 6);
  });

  test.each([
    ['gnss', true],
    ['wifi', true],
    ['beacon', true],
    ['cell', false],
  ] as const)('[MO6] a %s fix is trusted: %s', (source, trusted) => {
    const estimate = extrapolated(pointOf(fixOf({ source }), ms(0), null), ms(0), true);
    expect(estimate.trusted).toBe(trusted);
  });
});

describe('a track takes a fix', () => {
  // A jump is more than 85 m/s · 10 s + 4 · (5 + 5) m + 100 m = 990 m; coarse is 3 times the σ of
  // 5.8 m to which the last has grown.
  // prettier-ignore
  test.each<[rule: string, name: string, fixes: Fix[], absorbed: string[], eastM: number]>([
    ['FX1', 'the newest is the present',     [at(0, 0), at(10, 20)],                                 ['new', 'new'],                  20],
    ['FX2', 'an older one is late',          [at(10, 20), at(0, 0)],                                 ['new', 'late'],                 20],
    ['FX3', 'the same time is a double',     [at(10, 20), at(10, 0)],                                ['new', 'double'],               20],
    ['FX4', 'σ 17 m says more than nothing', [at(0, 0), at(10, 20, { accuracyM: 26 })],              ['new', 'new'],                  20],
    ['FX4', 'σ 18 m says less than the last', [at(0, 0), at(10, 20, { accuracyM: 27 })],             ['new', 'coarse'],                0],
    ['PL2', '980 m in 10 s are believed',    [at(0, 0), at(10, 980)],                                ['new', 'new'],                 980],
    ['PL2', '1,000 m are not',               [at(0, 0), at(10, 1000)],                               ['new', 'suspect'],               0],
    ['PL2', 'until a second agrees',         [at(0, 0), at(10, 9000), at(20, 9010)],                 ['new', 'suspect', 'confirmed'], 9010],
    ['PL2', 'not one elsewhere',             [at(0, 0), at(10, 9000), at(20, 30_000)],               ['new', 'suspect', 'suspect'],    0],
    ['PL2', 'nor the same one again',        [at(0, 0), at(10, 9000), at(10, 9000)],                 ['new', 'suspect', 'double'],     0],
    ['PL2', 'a true one ends the doubt',     [at(0, 0), at(10, 9000), at(20, 10), at(30, 9000)],     ['new', 'suspect', 'new', 'suspect'], 10],
  ])('[%s] %s', (_, _name, fixes, absorbed, eastM) => {
    const { track, absorbed: got } = taken(...fixes);
    expect(got).toEqual(absorbed);
    const { lon, lat } = track.last!.fix;
    expect(distanceM(HOME[0], HOME[1], lon, lat)).toBeCloseTo(eastM, 2);
  });

  test('[PL2] while in doubt both places are judged, the doubted one without trust', () => {
    const { track } = taken(at(0, 0), at(10, 9000));
    expect(estimatesAt(track, ms(10)).map(({ trusted }) => trusted)).toEqual([true, false]);
  });
});

describe('a jump', () => {
  test('[PL2] towards her is told, is no breach yet, and is one with the second fix', () => {
    const world = given([APART]);
    world.fix('phone', 0);
    world.fix('ankle', 0, { eastM: 9_000 });
    world.fix('ankle', 10, { eastM: 100 });
    expect(world.alert('contact-ban')).toMatchObject({
      stage: 'approach',
      certainty: 'possible',
      priority: 2,
    });
    expect(world.alert('implausible').basis.reason).toBe('teleport');
    world.fix('ankle', 20, { eastM: 100 });
    expect(world.alert('contact-ban')).toMatchObject({ stage: 'breach', priority: 1 });
  });

  test('[PL2] away from her clears nothing', () => {
    const world = given([APART]);
    for (let s = 0; s <= 60; s += 10) {
      world.fix('phone', s);
      // Every other fix lies elsewhere, each time somewhere else.
      world.fix('ankle', s, { eastM: s % 20 === 10 ? 9_000 + 900 * s : 100 });
    }
    expect(world.alert('contact-ban')).toMatchObject({ standing: true, stage: 'breach' });
  });

  test('[PL2] does not keep a true breach from being raised', () => {
    const world = given([APART]);
    world.fix('phone', 0);
    world.fix('ankle', 0, { eastM: 1_200 });
    world.fix('ankle', 10, { eastM: 9_000 });
    world.fix('ankle', 20, { eastM: 400 });
    expect(world.alert('contact-ban')).toMatchObject({ stage: 'breach', priority: 1 });
  });

  test('[PL2] a first fix that was wrong costs one fix, not more', () => {
    const world = given([APART]);
    world.fix('phone', 0);
    world.fix('ankle', 0, { eastM: 900_000 });
    world.fix('ankle', 5, { eastM: 100 });
    world.fix('ankle', 10, { eastM: 100 });
    expect(world.alert('contact-ban').stage).toBe('breach');
  });
});
