import { booleanPointInPolygon, multiPolygon, pointToLineDistance } from '@turf/turf';
import { describe, expect, test } from 'vitest';
import { distanceM, offsetBy, wrapLon } from '../../shared/geodesy.ts';
import { prng, type Prng } from '../../shared/prng.ts';
import { shapeOf } from '../../server/core/zone-shape.ts';
import { boxDistanceM } from '../../server/core/box.ts';
import {
  cutFiner,
  placesAround,
  randomZone,
  type Point,
  type RandomZone,
  type Rings,
} from '../support/random-zone.ts';

/** The least distance to points sown along all edges, and how far apart these lie at most. */
function sownDistanceM(rings: Rings, [x, y]: Point, perEdge: number): { m: number; stepM: number } {
  let m = Infinity;
  let stepM = 0;
  for (const points of rings) {
    for (let i = 0; i + 1 < points.length; i++) {
      const [[x1, y1], [x2, y2]] = [points[i]!, points[i + 1]!];
      stepM = Math.max(stepM, distanceM(x1, y1, x2, y2) / perEdge);
      for (let k = 0; k <= perEdge; k++) {
        const share = k / perEdge;
        m = Math.min(m, distanceM(x, y, x1 + share * (x2 - x1), y1 + share * (y2 - y1)));
      }
    }
  }
  return { m, stepM };
}

// prettier-ignore
const WORLDS: readonly [name: string, center: Point, sizeM: number, corners: number, zones: number][] = [
  ['a triangle in Utrecht',         [5.12, 52.09],   800,    3, 12],
  ['a few corners in Utrecht',      [5.12, 52.09],  1_500,    8, 12],
  ['just short of an index',        [5.12, 52.09],  5_000,   30,  6],
  ['just enough for an index',      [5.12, 52.09],  5_000,   70,  6],
  ['a long boundary',               [5.12, 52.09], 10_000,  600,  3],
  ['5,000 corners',                 [5.12, 52.09], 20_000, 5_000,  1],
  ['across the date line',          [180, -17],     4_000,   12,  8],
  ['across the date line, indexed', [-180, 65],     4_000,  100,  4],
  ['on the equator',                [100, 0],       4_000,   12,  6],
  ['at 85° north',                  [20, 85],       2_000,   12,  6],
  ['at 85° south, indexed',         [-60, -85],     2_000,  100,  3],
];

function* worlds(
  center: Point,
  sizeM: number,
  corners: number,
  zones: number,
): Generator<[RandomZone, Prng]> {
  const random = prng(Math.round(1_000 * center[1]) + corners);
  for (let i = 0; i < zones; i++) yield [randomZone(random, center, sizeM, corners), random];
}

describe('a polygon', () => {
  test.each(WORLDS)('[LB6] %s: inside where turf says so', (_, center, sizeM, corners, zones) => {
    for (const [random, chance] of worlds(center, sizeM, corners, zones)) {
      const shape = shapeOf(random.zone);
      const oracle = multiPolygon(random.unwrapped as Point[][][]);
      for (const [x, y] of placesAround(chance, random, 150)) {
        const signedM = shape.signedDistanceM(wrapLon(x), y);
        const inside = booleanPointInPolygon([x, y], oracle);
        expect(signedM < 0, `${x}, ${y}: ${signedM} m`).toBe(inside);
      }
    }
  });

  test.each(WORLDS)(
    '[LB6] %s: as far from its boundary as from points sown on it',
    (_, center, sizeM, corners, zones) => {
      const perEdge = Math.ceil(400 / corners);
      for (const [random, chance] of worlds(center, sizeM, corners, zones)) {
        const shape = shapeOf(random.zone);
        const rings = random.unwrapped.flat();
        for (const [x, y] of placesAround(chance, random, corners > 1_000 ? 20 : 40)) {
          const { m, stepM } = sownDistanceM(rings, [x, y], perEdge);
          const apartM = Math.abs(shape.signedDistanceM(wrapLon(x), y));
          // Sown points can only be farther off than the edge itself, by half a step at most.
          const slackM = 0.002 * m + 0.1;
          expect(apartM).toBeLessThan(m + slackM);
          expect(apartM).toBeGreaterThan(m - stepM / 2 - slackM);
        }
      }
    },
  );

  test('[LB6] turf agrees on the distance, but for its sphere', () => {
    for (const [random, chance] of worlds([5.12, 52.09], 3_000, 12, 10)) {
      const shape = shapeOf(random.zone);
      for (const [x, y] of placesAround(chance, random, 30)) {
        const theirsM = random.unwrapped
          .flat()
          .map((coordinates) =>
            pointToLineDistance([x, y], { type: 'LineString', coordinates }, { units: 'meters' }),
          );
        const apartM = Math.abs(shape.signedDistanceM(x, y));
        expect(Math.abs(apartM - Math.min(...theirsM))).toBeLessThan(0.006 * apartM + 1);
      }
    }
  });

  test('[LB6] cut finer, so that it is indexed, it gives the same answers', () => {
    const centers: Point[] = [
      [5.12, 52.09],
      [179.99, -17],
      [20, 84.9],
    ];
    for (const center of centers) {
      for (const [random, chance] of worlds(center, 3_000, 12, 6)) {
        const walked = shapeOf({ type: 'MultiPolygon', coordinates: [...random.unwrapped] });
        const finer = random.unwrapped.map((rings) => cutFiner(rings, 12));
        const indexed = shapeOf({ type: 'MultiPolygon', coordinates: finer });
        expect(indexed.constructor).not.toBe(walked.constructor);
        for (const [x, y] of placesAround(chance, random, 60)) {
          expect(indexed.signedDistanceM(x, y)).toBeCloseTo(walked.signedDistanceM(x, y), 4);
        }
      }
    }
  });

  test('[LB6] so does a zone so tall that a degree of longitude shrinks over it', () => {
    for (const center of [
      [5, 52],
      [20, 70],
      [20, 84],
    ] as Point[]) {
      for (const [random, chance] of worlds(center, 40_000, 12, 4)) {
        const walked = shapeOf({ type: 'MultiPolygon', coordinates: [...random.unwrapped] });
        const finer = random.unwrapped.map((rings) => cutFiner(rings, 12));
        const indexed = shapeOf({ type: 'MultiPolygon', coordinates: finer });
        for (const [x, y] of placesAround(chance, random, 100)) {
          if (Math.abs(y) > 85) continue;
          expect(indexed.signedDistanceM(x, y)).toBeCloseTo(walked.signedDistanceM(x, y), 3);
        }
      }
    }
  });

  test('[LB6] is given back as it came', () => {
    for (const [{ zone }] of worlds([180, -17], 4_000, 12, 5)) {
      const again = shapeOf(zone).zone() as { coordinates: unknown };
      expect(JSON.stringify(again).length).toBeGreaterThan(100);
      expect(shapeOf(again as typeof zone).signedDistanceM(179.9, -17.1)).toBeCloseTo(
        shapeOf(zone).signedDistanceM(179.9, -17.1),
        6,
      );
    }
  });
});

describe('a circle', () => {
  // prettier-ignore
  test.each<[lon: number, lat: number, radiusM: number]>([
    [5.1, 52.1, 100], [5.1, 52.1, 20_000], [180, -17, 3_000], [-179.999, 65, 3_000], [20, 85, 5_000], [0, 0, 50],
  ])('[LB6] around %f, %f has its radius of %i m everywhere', (lon, lat, radiusM) => {
    const shape = shapeOf({ type: 'Circle', center: [lon, lat], radiusM });
    for (let degrees = 0; degrees < 360; degrees += 15) {
      const angle = (degrees * Math.PI) / 180;
      const [east, north] = [Math.cos(angle), Math.sin(angle)];
      for (const share of [0.5, 0.98, 1.02, 3]) {
        const at = offsetBy(lon, lat, share * radiusM * east, share * radiusM * north);
        expect(shape.signedDistanceM(...at)).toBeCloseTo(distanceM(lon, lat, ...at) - radiusM, 6);
        expect(shape.signedDistanceM(...at) < 0).toBe(share < 1);
        if (share < 1) expect(boxDistanceM(shape.box, ...at)).toBe(0);
      }
    }
  });
});
