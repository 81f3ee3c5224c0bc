import { describe, expect, test } from 'vitest';
import { distanceM } from '../../shared/geodesy.ts';
import type { FixSource } from '../../shared/device-message.ts';
import { pointOf } from '../../server/core/filter.ts';
import { lastingSigmaOf, sigmaOf } from '../../server/core/fix-error.ts';
import { reachM } from '../../server/core/forecast.ts';
import { EMPTY_TRACK, type Track } from '../../server/core/track.ts';
import { absorb, estimatesAt, extrapolated } from '../../server/core/motion.ts';
import type { Fix } from '../../server/core/case-event.ts';
import { prng } from '../../shared/prng.ts';
import { accuracyOf, APART, fixOf, given, HOME, ms, place } from '../support/given.ts';

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
    ['MO2', 'gnss',   4.545,  3.2],
    ['MO2', 'gnss',   8,      7.92],
    ['MO2', 'gnss',   15.15, 20],
    ['MO2', 'gnss',   30.3,  40],
    ['MO2', 'gnss',   1,      3],
    ['MO2', 'gnss',   null,   8],
    ['MO2', 'gnss',   0,      8],
    ['MO2', null,     null,   8],
    ['MO2', null,     1,      3],
    ['MO2', 'wifi',   30.3,  25],
    ['MO2', 'wifi',   1,     12],
    ['MO2', 'wifi',   null,  30],
    ['MO2', 'cell',   1,    200],
    ['MO2', 'cell',   null, 600],
    ['MO2', 'beacon', 1,      5],
    ['MO2', 'beacon', null,  10],
  ])('[%s] %s of ±%s m: σ %i m', (_, source, accuracyM, sigmaM) => {
    expect(sigmaOf(fixOf({ source, accuracyM }))).toBeCloseTo(sigmaM, 1);
  });

  test('[MO2] a claim of kilometres is caution, not optimism', () => {
    expect(sigmaOf(fixOf({ accuracyM: 10_000 }))).toBeCloseTo(10_000 / 1.515, 0);
  });
});

describe('velocity of a fix', () => {
  // prettier-ignore
  test.each<[name: string, fixes: Fix[], eastMs: number, withinMs: number]>([
    ['as reported',                        [at(0, 0, { speedMs: 9, headingDeg: 90 })],                    9,   0.01],
    ['to the west',                        [at(0, 0, { speedMs: 9, headingDeg: 270 })],                  -9,   0.01],
    ['0.5 m/s moves',                      [at(0, 0, { speedMs: 0.5, headingDeg: 90 })],                  0.5, 0.01],
    ['0.4 m/s is at rest',                 [at(0, 0, { speedMs: 0.4, headingDeg: 90 })],                  0,   0.01],
    ['unknown without a fix before',       [at(0, 0)],                                                    0,   0.01],
    ['speed without heading or before',    [at(0, 0, { speedMs: 9 })],                                    0,   0.01],
    ['1 m/s without heading is aimless',   [at(0, 0), at(5, 5), at(10, 10, { speedMs: 1 })],               0,   0.3],
    ['from the way since the last',        [at(0, 0), at(10, 50), at(20, 100)],                           5,   0.5],
    ['the direction of the way, the speed reported', [at(0, 0), at(10, 50, { speedMs: 9 })],              9,   0.01],
    ['a new one is believed at once',      [at(0, 0, { speedMs: 9, headingDeg: 90 }), at(10, 50, { speedMs: 1, headingDeg: 90 })], 1, 0.5],
    ['not to a Wi-Fi fix',                 [at(0, 0), at(10, 150, { source: 'wifi', accuracyM: 20 })],    0,   0.01],
    ['not between Wi-Fi fixes',            [0, 1, 2, 3].map((i) => at(10 * i, 60 * (i % 2), { source: 'wifi', accuracyM: 20 })), 0, 0.01],
  ])('[MO4] %s', (_, fixes, eastMs, withinMs) => {
    const { last } = taken(...fixes).track;
    expect(Math.abs(last!.eastMs - eastMs)).toBeLessThan(withinMs);
  });

  test('[PL3] a reported speed above 100 m/s is not used', () => {
    const point = (speedMs: number) => pointOf(at(0, 0, { speedMs, headingDeg: 90 }), ms(0));
    expect(point(100).eastMs).toBeCloseTo(100, 6);
    expect(point(101).eastMs).toBe(0);
  });
});

describe('many fixes of one place', () => {
  test('[MO3] are together better than one, but never better than what they all share', () => {
    const random = prng(7);
    const fixes = Array.from({ length: 60 }, (_, i) =>
      at(5 * i, 6 * random.normal(), { speedMs: 0, accuracyM: 8 }),
    );
    const { last } = taken(...fixes).track;
    expect(distanceM(HOME[0], HOME[1], last!.lon, last!.lat)).toBeLessThan(4);
    const first = sigmaOf(fixes[0]!);
    expect(last!.sigmaM).toBeGreaterThanOrEqual(lastingSigmaOf(fixes[0]!, first) - 1e-9);
    expect(last!.sigmaM).toBeLessThan(first);
  });

  test('[MO3] a reflection of 80 m against the speeds reported hardly moves it', () => {
    const rest = { speedMs: 0, accuracyM: 5 };
    const still = [0, 5, 10, 15, 20].map((s) => at(s, 0, rest));
    const { last } = taken(...still, at(25, 80, rest)).track;
    expect(distanceM(HOME[0], HOME[1], last!.lon, last!.lat)).toBeLessThan(15);
  });

  test('[MO3] a second one in a row is believed', () => {
    const rest = { speedMs: 0, accuracyM: 5 };
    const still = [0, 5, 10, 15, 20].map((s) => at(s, 0, rest));
    const { last } = taken(...still, at(25, 80, rest), at(30, 80, rest)).track;
    expect(distanceM(...place(80), last!.lon, last!.lat)).toBeLessThan(15);
  });

  test('[MO3] 400 m are no reflection: he is believed to be there at once', () => {
    const rest = { speedMs: 0, accuracyM: 5 };
    const { last } = taken(at(0, 0, rest), at(5, 0, rest), at(10, 400, rest)).track;
    expect(distanceM(...place(400), last!.lon, last!.lat)).toBeLessThan(5);
  });
});

describe('an estimate for a later instant', () => {
  const moved = (s: number, speedMs: number) =>
    extrapolated(pointOf(at(0, 0, { speedMs, headingDeg: 90 }), ms(0)), ms(s), true);

  // σ of the fix is 7.3 m; what the way adds is known from recorded trips.
  // prettier-ignore
  test.each<[rule: string, ageS: number, speedMs: number, eastM: number, nowMs: number, swerveM: number]>([
    //    age  speed   east     speed   swerve
    ['MO3',  0,   10,    0,      10,      0],
    ['MO3', 10,   10,   94.65,    8.948, 12.25],
    ['MO3', 30,   10,  255.1,     7.165, 88.2],
    ['MO3', 30,   30,  886.7,    29.11,  91.6],
    ['MO3', 30,    0,    0,       0,      3.53],
    ['MO3', 60,    0,    0,       0,     10.86],
  ])('[%s] after %i s at %i m/s', (_, ageS, speedMs, eastM, nowMs, swerveM) => {
    const estimate = moved(ageS, speedMs);
    expect(distanceM(HOME[0], HOME[1], estimate.lon, estimate.lat)).toBeCloseTo(eastM, 0);
    expect(estimate.eastMs).toBeCloseTo(nowMs, 2);
    const fixM = sigmaOf(at(0, 0));
    expect(estimate.sigmaM).toBeCloseTo(Math.hypot(fixM, swerveM), 0);
    expect(estimate.ageMs).toBe(ageS * 1000);
  });

  test('[MO3] who drove a minute ago and stands may drive on: less is known of him', () => {
    const fast = { speedMs: 15, headingDeg: 90 };
    const { track } = taken(at(0, 0, fast), at(5, 75, fast), at(10, 110, { speedMs: 0 }));
    const [driver] = estimatesAt(track, ms(40));
    const home = taken(at(0, 0, { speedMs: 0 }), at(10, 0, { speedMs: 0 })).track;
    const [sitter] = estimatesAt(home, ms(40));
    expect(driver!.sigmaM).toBeGreaterThan(2 * sitter!.sigmaM);
  });

  // σ 4 m gives 10 m; top speed 2 m/s or 1.5 times the speed, up to 36 m/s at 300 s.
  // prettier-ignore
  test.each<[ageS: number, speedMs: number, reach: number]>([
    [  0,  0,     10],
    [ 60,  0,    130],
    [ 60, 10,    910],
    [180,  0,   3430],
    [300,  0,  10810],
    [300, 40,  18010],
    [600,  0,  21610],
  ])('[MO5] after %i s at %i m/s the reach is %f m', (ageS, speedMs, reach) => {
    const fix = at(0, 0, { speedMs, headingDeg: 90, accuracyM: accuracyOf(4) });
    const point = pointOf(fix, ms(0));
    expect(reachM(point, ageS, speedMs)).toBeCloseTo(reach, 6);
  });

  test.each([
    ['gnss', true],
    ['wifi', true],
    ['beacon', true],
    ['cell', false],
  ] as const)('[MO6] a %s fix is trusted: %s', (source, trusted) => {
    const estimate = extrapolated(pointOf(fixOf({ source }), ms(0)), ms(0), true);
    expect(estimate.trusted).toBe(trusted);
  });
});

describe('a track takes a fix', () => {
  // A jump is more than 85 m/s · 10 s + 4 · (7.3 + 7.3) m + 100 m = 1,008 m.
  // prettier-ignore
  test.each<[rule: string, name: string, fixes: Fix[], absorbed: string[], eastM: number]>([
    ['FX1', 'the newest is the present',     [at(0, 0), at(10, 20)],                                 ['new', 'new'],                  20],
    ['FX2', 'an older one is late',          [at(10, 20), at(0, 0)],                                 ['new', 'late'],                 20],
    ['FX3', 'the same time is a double',     [at(10, 20), at(10, 0)],                                ['new', 'double'],               20],
    ['FX4', 'a mast says less than the last', [at(0, 0, { speedMs: 0 }), at(10, 200, { source: 'cell' })], ['new', 'coarse'],             0],
    ['PL2', '990 m in 10 s are believed',    [at(0, 0), at(10, 990)],                                ['new', 'new'],                 990],
    ['PL2', '1,020 m are not',               [at(0, 0), at(10, 1020)],                               ['new', 'suspect'],               0],
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

  test('[FX4] a mast that contradicts what is known is judged too, without trust', () => {
    const { track, absorbed } = taken(
      at(0, 0, { speedMs: 0 }),
      at(10, 3_000, { source: 'cell', accuracyM: 300 }),
    );
    expect(absorbed).toEqual(['new', 'suspect']);
    expect(estimatesAt(track, ms(10)).map(({ trusted }) => trusted)).toEqual([true, false]);
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
    world.fix('phone', 0, { speed: 0 });
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
