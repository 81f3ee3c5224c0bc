import { scaleAt, wrapLon } from '../../shared/geodesy.ts';
import type { Prng } from '../../shared/prng.ts';
import type { Zone } from '../../shared/zone.ts';

export type Point = [x: number, y: number];
export type Rings = Point[][];

/** A zone as a file says it, and the same with longitudes that go on over the date line. */
export interface RandomZone {
  readonly zone: Zone;
  readonly unwrapped: readonly Rings[];
  readonly center: Point;
  readonly sizeM: number;
}

/** A ring around a place, its corners in order of their bearing, so that no edges cross. */
function ring(
  random: Prng,
  [lon, lat]: Point,
  fromM: number,
  untilM: number,
  corners: number,
): Point[] {
  const scale = scaleAt(lat);
  const points = Array.from({ length: corners }, (_, i): Point => {
    const angle = (2 * Math.PI * (i + 0.8 * random.next())) / corners;
    const radiusM = fromM + (untilM - fromM) * random.next();
    return [
      lon + (radiusM * Math.cos(angle)) / scale.lonM,
      lat + (radiusM * Math.sin(angle)) / scale.latM,
    ];
  });
  return [...points, points[0]!];
}

const polygon = (
  random: Prng,
  center: Point,
  sizeM: number,
  corners: number,
  hole: boolean,
): Rings => [
  ring(random, center, sizeM / 2, sizeM, corners),
  ...(hole ? [ring(random, center, sizeM / 8, sizeM / 3, corners)] : []),
];

/** One or two polygons of so many corners a ring, some with a hole. */
export function randomZone(
  random: Prng,
  center: Point,
  sizeM: number,
  corners: number,
): RandomZone {
  const several = random.next() < 0.3;
  const next: Point = [center[0] + (2.5 * sizeM) / scaleAt(center[1]).lonM, center[1]];
  const centers = several ? [center, next] : [center];
  const unwrapped = centers.map((middle) =>
    polygon(random, middle, sizeM, corners, random.next() < 0.5),
  );
  const coordinates = unwrapped.map((rings) =>
    rings.map((points) => points.map(([x, y]): Point => [wrapLon(x), y])),
  );
  const zone: Zone = several
    ? { type: 'MultiPolygon', coordinates }
    : { type: 'Polygon', coordinates: coordinates[0]! };
  return { zone, unwrapped, center, sizeM };
}

/** Places inside, near and some way off a zone, with longitudes that go on over the date line. */
export function placesAround(random: Prng, { center, sizeM }: RandomZone, count: number): Point[] {
  const scale = scaleAt(center[1]);
  return Array.from({ length: count }, (): Point => {
    const spreadM = sizeM * 4 * (random.next() - 0.35);
    const otherM = sizeM * 3 * (random.next() - 0.5);
    return [center[0] + spreadM / scale.lonM, center[1] + otherM / scale.latM];
  });
}

/** Each edge cut into so many: the same zone with a longer boundary. */
export const cutFiner = (rings: Rings, pieces: number): Rings =>
  rings.map((points) => [
    ...points.slice(0, -1).flatMap(([x1, y1], i) => {
      const [x2, y2] = points[i + 1]!;
      return Array.from({ length: pieces }, (_, k): Point => {
        const share = k / pieces;
        return [x1 + share * (x2 - x1), y1 + share * (y2 - y1)];
      });
    }),
    points.at(-1)!,
  ]);
