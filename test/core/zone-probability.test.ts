import { describe, expect, test } from 'vitest';
import { offsetBy } from '../../shared/geodesy.ts';
import { prng } from '../../shared/prng.ts';
import { insideP, straightP } from '../../server/core/zone-probability.ts';
import { shapeOf, type ZoneShape } from '../../server/core/zone-shape.ts';
import { HOME, place, square } from '../support/given.ts';
import { randomZone } from '../support/random-zone.ts';

/** The oracle: so many places where he may really be, counted. */
const DRAWS = 4_000;

function counted(shape: ZoneShape, lon: number, lat: number, sigmaM: number, seed: number): number {
  const random = prng(seed);
  let inside = 0;
  for (let i = 0; i < DRAWS; i++) {
    const [x, y] = offsetBy(lon, lat, sigmaM * random.normal(), sigmaM * random.normal());
    if (shape.signedDistanceM(x, y) < 0) inside += 1;
  }
  return inside / DRAWS;
}

const probabilityIn = (shape: ZoneShape, lon: number, lat: number, sigmaM: number): number =>
  insideP(shape, lon, lat, shape.signedDistanceM(lon, lat), sigmaM);

interface Figures {
  readonly mean: number;
  readonly worst: number;
  /** The same of a boundary taken as straight. */
  readonly meanStraight: number;
}

/** How far off over many zones of about this size, at places near their boundaries. */
function errorsAt(radiusM: number, sigmaM: number): Figures {
  const random = prng(radiusM);
  const off: number[] = [];
  const offStraight: number[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const { zone } = randomZone(random, [...HOME], radiusM, 3 + (seed % 9));
    const shape = shapeOf(zone);
    const reachM = radiusM + sigmaM;
    const [lon, lat] = place(
      reachM * 2 * (random.next() - 0.5),
      reachM * 2 * (random.next() - 0.5),
    );
    const truth = counted(shape, lon, lat, sigmaM, seed);
    off.push(Math.abs(probabilityIn(shape, lon, lat, sigmaM) - truth));
    offStraight.push(Math.abs(straightP(shape.signedDistanceM(lon, lat), sigmaM) - truth));
  }
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
  return { mean: mean(off), worst: Math.max(...off), meanStraight: mean(offStraight) };
}

describe('P(inside) against counting', () => {
  // 4,000 draws are themselves off by 0.008.
  test.each([
    [400, 20, 0.015, 0.06],
    [100, 20, 0.02, 0.1],
    [40, 20, 0.04, 0.15],
  ])('[LB1] zones of %i m, σ %i m', (radiusM, sigmaM, meanMax, worstMax) => {
    const { mean, worst, meanStraight } = errorsAt(radiusM, sigmaM);
    expect(mean).toBeLessThan(meanMax);
    expect(worst).toBeLessThan(worstMax);
    expect(mean).toBeLessThanOrEqual(meanStraight + 0.002);
  });

  // The worst place for it: a right angle, where a straight boundary would be off by 0.25.
  test('[LB1] at a corner a quarter is inside, and it is off by less than 0.08', () => {
    const shape = shapeOf(square(1_000) as never);
    const [lon, lat] = place(500, 500);
    expect(Math.abs(probabilityIn(shape, lon, lat, 20) - 0.25)).toBeLessThan(0.08);
  });

  test('[LB1] along a straight boundary it is the normal distribution', () => {
    const shape = shapeOf(square(2_000) as never);
    for (const eastM of [940, 970, 1_000, 1_030, 1_060]) {
      const [lon, lat] = place(eastM);
      const straight = straightP(eastM - 1_000, 20);
      expect(probabilityIn(shape, lon, lat, 20)).toBeCloseTo(straight, 2);
    }
  });
});
