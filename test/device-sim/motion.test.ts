import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldTime, planItinerary, whereAt } from '../../device-sim/itinerary.ts';
import { HABITS, motionAt, MovingMode, planMotion } from '../../device-sim/motion.ts';
import { headingDeg, pointAlong, routeOf } from '../../device-sim/route.ts';
import { distanceM, offsetBy } from '../../shared/geodesy.ts';
import { prng } from '../../shared/prng.ts';

const HERE = [4.3571, 52.0116] as const;
const place = fc
  .tuple(fc.integer({ min: -3_000, max: 3_000 }), fc.integer({ min: -3_000, max: 3_000 }))
  .map(([eastM, northM]) => offsetBy(...HERE, eastM, northM));
const places = fc.array(place, { minLength: 2, maxLength: 8 });

describe('route', () => {
  test('a point so far along lies so far from the start, measured along the route', () => {
    fc.assert(
      fc.property(places, fc.double({ min: 0, max: 1, noNaN: true }), (line, share) => {
        const route = routeOf(line);
        const alongM = share * route.lengthM;
        const { lon, lat } = pointAlong(route, alongM);
        const part = Math.max(
          0,
          route.alongM.findLastIndex((fromM) => fromM <= alongM),
        );
        const [fromLon, fromLat] = route.points[part]!;
        const restM = alongM - route.alongM[part]!;
        expect(distanceM(fromLon, fromLat, lon, lat)).toBeCloseTo(restM, 0);
      }),
      { seed: 1 },
    );
  });

  test.each([
    ['north', 0, 100, 0],
    ['east', 100, 0, 90],
    ['south', 0, -100, 180],
    ['west', -100, 0, 270],
  ])('heading %s', (_name, eastM, northM, wantedDeg) => {
    expect(headingDeg(HERE, offsetBy(...HERE, eastM, northM))).toBeCloseTo(wantedDeg, 1);
  });
});

describe('motion', () => {
  const mode = fc.constantFrom(...MovingMode.options);

  test('never faster, never accelerating or braking harder than people and vehicles do', () => {
    fc.assert(
      fc.property(places, mode, fc.boolean(), fc.nat(), (line, moving, stops, seed) => {
        const motion = planMotion(routeOf(line), moving, { stops }, prng(seed));
        const { topMs, accelerationMs2, brakingMs2 } = HABITS[moving];
        let before = motionAt(motion, 0);
        for (let atS = 0.5; atS < Math.min(motion.durationS + 2, 900); atS += 0.5) {
          const now = motionAt(motion, atS);
          expect(now.speedMs).toBeLessThanOrEqual(topMs + 1e-6);
          expect(now.speedMs - before.speedMs).toBeLessThanOrEqual(0.5 * accelerationMs2 + 1e-6);
          expect(before.speedMs - now.speedMs).toBeLessThanOrEqual(0.5 * brakingMs2 + 1e-6);
          expect(now.alongM - before.alongM).toBeGreaterThanOrEqual(-1e-6);
          expect(now.alongM - before.alongM).toBeLessThanOrEqual(0.5 * topMs + 1e-6);
          before = now;
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('arrives, and stands still there', () => {
    fc.assert(
      fc.property(places, mode, fc.nat(), (line, moving, seed) => {
        const route = routeOf(line);
        const motion = planMotion(route, moving, { stops: true }, prng(seed));
        const end = motionAt(motion, motion.durationS + 60);
        expect(end.alongM).toBeCloseTo(route.lengthM, 3);
        expect(end.speedMs).toBe(0);
      }),
      { seed: 1 },
    );
  });

  test('a tram stops on the way, a scripted ride does not', () => {
    const route = routeOf([HERE, offsetBy(...HERE, 5_000, 0)]);
    const stopsIn = (stops: boolean): number =>
      planMotion(route, 'tram', { stops }, prng(1)).phases.filter(
        ({ speedMs, accelerationMs2 }) => speedMs === 0 && accelerationMs2 === 0,
      ).length - 1;
    expect(stopsIn(true)).toBeGreaterThan(4);
    expect(stopsIn(false)).toBe(0);
  });
});

describe('itinerary', () => {
  const itinerary = planItinerary(
    {
      start: HERE,
      legs: [
        { mode: 'cycle', via: [offsetBy(...HERE, 1_000, 200)], stops: true },
        { mode: 'dwell', forS: 60, environment: 'indoor-wifi' },
      ],
      atEnd: 'ping-pong',
      environment: 'suburban',
    },
    prng(3),
  );

  test('there and back again for ever, without a jump', () => {
    let before = whereAt(itinerary, 0);
    for (let atS = 1; atS < 5 * itinerary.durationS; atS++) {
      const now = whereAt(itinerary, atS);
      expect(distanceM(before.lon, before.lat, now.lon, now.lat)).toBeLessThan(HABITS.cycle.topMs);
      before = now;
    }
  });

  test('each leg has its environment', () => {
    expect(whereAt(itinerary, 5).environment).toBe('suburban');
    expect(whereAt(itinerary, itinerary.durationS - 5).environment).toBe('indoor-wifi');
  });

  test('time folds', () => {
    expect(foldTime(25, 10, 'stay').atS).toBe(10);
    expect(foldTime(13, 10, 'ping-pong')).toEqual({ atS: 7, reversed: true, lapStartS: 10 });
    expect(foldTime(23, 10, 'ping-pong')).toEqual({ atS: 3, reversed: false, lapStartS: 20 });
  });
});
