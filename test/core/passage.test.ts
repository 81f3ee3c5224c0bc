import { describe, expect, test } from 'vitest';
import { distanceM, offsetBy } from '../../shared/geodesy.ts';
import { prng } from '../../shared/prng.ts';
import { EMPTY_TRACK, type Track } from '../../server/core/track.ts';
import { absorb } from '../../server/core/motion.ts';
import { passageOf } from '../../server/core/passage.ts';
import { bridged, placeAt, pointsIn } from '../../server/core/way.ts';
import { APART, fixOf, given, HOME, ms, place, square, type Given } from '../support/given.ts';

/** A car that goes east at a steady speed, `offM` beside the middle, at the middle at `meetS`. */
const drive = (world: Given, device: string, s: number, speed: number, meetS: number, offM = 0) =>
  world.fix(device, s, {
    eastM: speed * (s - meetS),
    northM: offM,
    speed: Math.abs(speed),
    heading: speed > 0 ? 90 : 270,
  });

/** They pass each other head on at 100 s, 20 m apart, each reporting once a minute. */
function headOn(ban: object = {}): Given {
  const world = given([{ ...APART, distanceM: 250, warningDistanceM: 250, ...ban }]);
  for (let s = 0; s <= 300; s += 30) {
    if (s % 60 === 0) drive(world, 'phone', s, -25, 100, 20);
    else drive(world, 'ankle', s, 25, 100);
    world.at(s + 29);
  }
  return world;
}

describe('two who pass each other between their fixes', () => {
  test('[BF1] are told, with the moment and how near', () => {
    const { told } = headOn();
    const breach = told.find(({ record }) => record.stage === 'breach');
    expect(breach?.record).toMatchObject({ priority: 1, code: 'contact-ban' });
    const { closestAt, closestM } = breach!.record.basis.detail;
    if (breach!.record.basis.reason === 'passed-within') {
      expect(Math.abs(Date.parse(String(closestAt)) - ms(100))).toBeLessThan(15_000);
      expect(Number(closestM)).toBeLessThan(250);
    }
  });

  test('[BF1] also where no forecast foresaw it', () => {
    const world = given([{ ...APART, distanceM: 250, warningDistanceM: 250 }]);
    // She stands; he comes by after a bend, 100 m away, and is gone before his next fix.
    world.fix('phone', 0, { speed: 0 });
    world.fix('ankle', 0, { eastM: -1_500, northM: 1_500, speed: 20, heading: 180 });
    world.fixes('phone', 20, 60, 20, { speed: 0 });
    world.fix('ankle', 60, { eastM: -1_000, northM: 300, speed: 25, heading: 120 });
    world.fixes('phone', 80, 120, 20, { speed: 0 });
    world.fix('ankle', 120, { eastM: 1_000, northM: -300, speed: 25, heading: 60 });
    const breach = world.told.find(({ record }) => record.stage === 'breach');
    expect(breach?.record.basis).toMatchObject({ reason: 'passed-within' });
  });

  test('[BF2] are told once', () => {
    const breaches = headOn().told.filter(
      ({ change, record }) => change === 'raised' || record.basis.reason === 'passed-within',
    );
    expect(new Set(breaches.map(({ record }) => record.alertId)).size).toBe(1);
    const times = headOn().times('contact-ban');
    expect(times.filter((time) => time.startsWith('raised'))).toHaveLength(1);
  });

  test('[BF1] passing 600 m apart they are not', () => {
    const world = given([{ ...APART, distanceM: 250, warningDistanceM: 250 }]);
    for (let s = 0; s <= 300; s += 30) {
      if (s % 60 === 0) drive(world, 'phone', s, -25, 100, 600);
      else drive(world, 'ankle', s, 25, 100);
    }
    expect(world.told.filter(({ record }) => record.stage === 'breach')).toEqual([]);
  });

  test('[BF1] a drive through a zone between two fixes is seen', () => {
    const zone = square(300);
    const world = given([{ banId: 'z', kind: 'location-ban', zone }]);
    for (let s = 0; s <= 120; s += 60) drive(world, 'ankle', s + 5, 25, 95);
    const breach = world.told.find(({ record }) => record.stage === 'breach');
    expect(breach?.record).toMatchObject({ code: 'location-ban', priority: 1 });
  });
});

/** The track of somebody on a bendy way, with a fix each so many seconds; and the way itself. */
function bendy(
  seed: number,
  everyS: number,
): { track: Track; at: (s: number) => [number, number] } {
  const random = prng(seed);
  const speed = 3 + 20 * random.next();
  const turns = Array.from({ length: 700 }, () => 0.05 * random.normal());
  const way: { lon: number; lat: number; heading: number }[] = [];
  let [lon, lat] = place(2_000 * random.normal(), 2_000 * random.normal());
  let heading = 2 * Math.PI * random.next();
  for (const turn of turns) {
    way.push({ lon, lat, heading });
    heading += turn;
    [lon, lat] = offsetBy(lon, lat, speed * Math.sin(heading), speed * Math.cos(heading));
  }
  let track = EMPTY_TRACK;
  for (let s = 0; s < 600; s += everyS) {
    const here = way[s]!;
    const headingDeg = ((here.heading * 180) / Math.PI + 720) % 360;
    const fix = fixOf({
      seq: s,
      atMs: ms(s),
      lon: here.lon,
      lat: here.lat,
      accuracyM: 3,
      speedMs: speed,
      headingDeg,
    });
    ({ track } = absorb(track, fix, ms(s)));
  }
  return { track, at: (s) => [way[s]!.lon, way[s]!.lat] };
}

describe('the way between fixes', () => {
  const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

  test.each(SEEDS)('[BF1] of way %i is as near to the true one as it claims', (seed) => {
    const { track, at } = bendy(seed, 10);
    let inside = 0;
    let all = 0;
    for (let s = 100; s < 580; s += 3) {
      const found = placeAt(track, ms(s))!;
      all += 1;
      if (distanceM(...at(s), found.lon, found.lat) < 3 * found.sigmaM + 12) inside += 1;
    }
    expect(inside / all).toBeGreaterThan(0.97);
  });

  test.each(SEEDS)('[BF1] the closest approach of ways %i and the next is found', (seed) => {
    const one = bendy(seed, 10);
    const other = bendy(seed + 100, 10);
    let closestM = Infinity;
    for (let s = 100; s <= 560; s++) {
      closestM = Math.min(closestM, distanceM(...one.at(s), ...other.at(s)));
    }
    // In windows of 100 s, as the past is searched.
    const found = [100, 200, 300, 400, 500].map(
      (s) => passageOf(one.track, other.track, ms(s), ms(Math.min(560, s + 100)), 250)!.apartM,
    );
    expect(Math.abs(Math.min(...found) - closestM)).toBeLessThan(40 + 0.05 * closestM);
  });

  test('[BF1] is known least half way', () => {
    const ends = [0, 60].map((s) => ({
      atMs: ms(s),
      lon: HOME[0] + s / 1_000,
      lat: HOME[1],
      eastMs: 10,
      northMs: 0,
      sigmaM: 5,
    }));
    const sigmas = [0, 15, 30, 45, 60].map((s) => bridged(ends[0]!, ends[1]!, ms(s)).sigmaM);
    expect(sigmas[0]).toBeCloseTo(5, 6);
    expect(sigmas[4]).toBeCloseTo(5, 6);
    expect(Math.max(...sigmas)).toBe(sigmas[2]);
  });

  test('[PA1] remembering it takes few points, however often they come', () => {
    let track = EMPTY_TRACK;
    for (let s = 0; s < 7_200; s += 5) {
      const [lon, lat] = place(0);
      ({ track } = absorb(track, fixOf({ seq: s, atMs: ms(s), lon, lat, speedMs: 0 }), ms(s)));
    }
    expect(pointsIn(track.history)).toBeLessThan(30);
    for (let s = 7_200; s < 80_000; s += 5) {
      const [lon, lat] = place(500 * Math.cos(s / 40), 500 * Math.sin(s / 40));
      ({ track } = absorb(track, fixOf({ seq: s, atMs: ms(s), lon, lat }), ms(s)));
    }
    expect(pointsIn(track.history)).toBeLessThanOrEqual(128);
  });
});
