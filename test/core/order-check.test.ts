import { kinks } from '@turf/turf';
import fc from 'fast-check';
import type { Polygon } from 'geojson';
import { describe, expect, test } from 'vitest';
import { checkOrder } from '../../server/core/order-check.ts';
import { pointerOf } from '../../shared/problem.ts';
import { prng } from '../../shared/prng.ts';

const AREA = [[3.1, 50.7, 7.3, 53.7]];
type Point = [lon: number, lat: number];

/** A ring around Utrecht from steps of 0.01° (about 700 m east, 1,100 m north). */
const ring = (...steps: Point[]): Point[] =>
  [...steps, steps[0]!].map(([x, y]) => [5.1 + x / 100, 52.1 + y / 100]);
const SQUARE = ring([0, 0], [4, 0], [4, 4], [0, 4]);

function faultsOf(zone: unknown): string[] {
  const order = { bans: [{ kind: 'location-ban', zone }] };
  return checkOrder(order, AREA).map(({ path, message }) => `${pointerOf(path)} ${message}`);
}
const polygon = (...coordinates: Point[][]) => ({ type: 'Polygon', coordinates });
const multi = (...coordinates: Point[][][]) => ({ type: 'MultiPolygon', coordinates });
const circle = (center: Point, radiusM: number) => ({ type: 'Circle', center, radiusM });

describe('what a court can have meant is accepted', () => {
  // prettier-ignore
  test.each<[name: string, zone: unknown]>([
    ['a square',                          polygon(SQUARE)],
    ['a square clockwise',                polygon(SQUARE.toReversed())],
    ['a square with a repeated corner',   polygon(ring([0, 0], [4, 0], [4, 0], [4, 4], [0, 4]))],
    ['a corner in the middle of a side',  polygon(ring([0, 0], [2, 0], [4, 0], [4, 4], [0, 4]))],
    ['a square with a hole',              polygon(SQUARE, ring([1, 1], [2, 1], [2, 2], [1, 2]))],
    ['a hole that touches the edge',      polygon(SQUARE, ring([0, 2], [2, 1], [2, 3]))],
    ['two holes side by side',            polygon(SQUARE, ring([1, 1], [2, 1], [2, 2], [1, 2]), ring([2, 1], [3, 1], [3, 2], [2, 2]))],
    ['two squares apart',                 multi([SQUARE], [ring([6, 0], [8, 0], [8, 2], [6, 2])])],
    ['two squares that share a side',     multi([SQUARE], [ring([4, 0], [8, 0], [8, 4], [4, 4])])],
    ['an island in a hole',               multi([SQUARE, ring([1, 1], [3, 1], [3, 3], [1, 3])], [ring([1.5, 1.5], [2, 1.5], [2, 2])])],
    ['a circle',                          circle([5.1, 52.1], 100)],
    ['a circle of three metres',          circle([5.1, 52.1], 3)],
  ])('%s', (_name, zone) => {
    expect(faultsOf(zone)).toEqual([]);
  });
});

describe('what encloses nothing, or not what it seems to, is refused with its place', () => {
  // prettier-ignore
  test.each<[name: string, zone: unknown, fault: RegExp]>([
    ['a bow-tie',               polygon(ring([0, 0], [4, 4], [4, 0], [0, 4])),           /^\/bans\/0\/zone\/coordinates\/0 crosses or touches itself at \(5\.12, 52\.12\)$/],
    ['a bow-tie with one wing', polygon(ring([0, 0], [4, 4], [4, 0], [0, 1])),           /coordinates\/0 crosses or touches itself/],
    ['a pinched waist',         polygon(ring([0, 0], [2, 2], [4, 0], [4, 4], [2, 2], [0, 4])), /crosses or touches itself at \(5\.12, 52\.12\)/],
    ['a spike',                 polygon(ring([0, 0], [4, 0], [4, 4], [4, 6], [4, 4], [0, 4])), /crosses or touches itself at/],
    ['all corners the same',    polygon(ring([1, 1], [1, 1], [1, 1])),                   /coordinates\/0 has fewer than three/],
    ['there and back',          polygon(ring([0, 0], [1, 1], [0, 0])),                   /has fewer than three/],
    ['all on one line',         polygon(ring([0, 0], [1, 1], [2, 2])),                   /encloses less than 25 m²/],
    ['a square of 3 m',         polygon(ring([0, 0], [.004, 0], [.004, .003], [0, .003])), /encloses less than 25 m²/],
    ['a circle of 2 m',         circle([5.1, 52.1], 2),                                  /zone\/radiusM encloses less than 25 m²/],
    ['a hole across the edge',  polygon(SQUARE, ring([3, 1], [6, 1], [6, 2], [3, 2])),   /coordinates\/0 crosses the ring at \/coordinates\/1 at/],
    ['a hole outside',          polygon(SQUARE, ring([5, 1], [6, 1], [6, 2], [5, 2])),   /coordinates\/1 is a hole that reaches outside/],
    ['a hole in a hole',        polygon(SQUARE, ring([1, 1], [3, 1], [3, 3], [1, 3]), ring([1.5, 1.5], [2, 1.5], [2, 2])), /coordinates\/2 is a hole that overlaps another/],
    ['a hole twice',            polygon(SQUARE, ring([1, 1], [3, 1], [3, 3], [1, 3]), ring([1, 1], [3, 1], [3, 3], [1, 3])), /coordinates\/2 is a hole that overlaps another/],
    ['overlapping squares',     multi([SQUARE], [ring([2, 2], [6, 2], [6, 6], [2, 6])]), /crosses the ring at \/coordinates\/1\/0 at/],
    ['overlap along the grid',  multi([SQUARE], [ring([2, 0], [6, 0], [6, 4], [2, 4])]), /coordinates\/1\/0 overlaps another polygon/],
    ['a square in a square',    multi([SQUARE], [ring([1, 1], [2, 1], [2, 2], [1, 2])]), /overlaps another polygon/],
    ['the same square twice',   multi([SQUARE], [SQUARE]),                               /overlaps another polygon/],
  ])('%s', (_name, zone, fault) => {
    const faults = faultsOf(zone);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(fault);
  });
});

describe('a zone lies where Cordon watches', () => {
  const swapped = SQUARE.map(([lon, lat]): Point => [lat, lon]);
  // prettier-ignore
  test.each<[name: string, zone: unknown, fault: RegExp]>([
    ['a swapped polygon',       polygon(swapped),                       /zone\/coordinates \(52\.1, 5\.1\) lies outside .*longitude and latitude seem swapped/],
    ['a swapped circle',        circle([52.1, 5.1], 100),               /zone\/center .*seem swapped/],
    ['Paris',                   circle([2.35, 48.86], 100),             /zone\/center \(2\.35, 48\.86\) lies outside the area that Cordon watches$/],
    ['the sea at zero',         circle([0, 0], 100),                    /lies outside the area that Cordon watches$/],
    ['one corner astray',       polygon(ring([0, 0], [400, 0], [4, 4])), /zone\/coordinates\/0\/1 \(9\.1, 52\.1\) lies outside/],
    ['metres of the Dutch map', { type: 'Polygon', coordinates: [[[136000, 455000], [137000, 455000]]] }, /zone looks like RD/],
    ['a circle in map metres',  { type: 'Circle', center: [136000, 455000], radiusM: 100 }, /zone looks like RD/],
  ])('%s', (_name, zone, fault) => {
    expect(faultsOf(zone)).toEqual([expect.stringMatching(fault)]);
  });
});

test('every zone of an order is told of, also when other fields are wrong', () => {
  const bowTie = polygon(ring([0, 0], [4, 4], [4, 0], [0, 4]));
  const bans = [{ zone: bowTie }, null, { zone: 7 }, { kind: '?', zone: circle([0, 0], 1) }];
  const places = checkOrder({ bans, validFrom: 'never' }, AREA).map(({ path }) => pointerOf(path));
  expect(places).toEqual([
    '/bans/0/zone/coordinates/0',
    '/bans/3/zone/radiusM',
    '/bans/3/zone/center',
  ]);
});

test.each([null, undefined, 7, 'order', [], {}, { bans: 7 }, { bans: [7, [], { zone: [] }] }])(
  'nonsense has no geometry to be wrong: %j',
  (body) => {
    expect(checkOrder(body, AREA)).toEqual([]);
  },
);

/** A star with uneven rays: simple, because its corners go round once. */
function star(corners: number): Point[] {
  const random = prng(corners);
  const points = Array.from({ length: corners }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / corners;
    const radius = 0.2 + 0.1 * random.next();
    return [5.1 + radius * Math.cos(angle), 52.1 + radius * Math.sin(angle)];
  });
  return [...points, points[0]!];
}

test('ten thousand corners are checked well within the time of one heartbeat', () => {
  const big = star(9_999);
  const beforeMs = performance.now();
  expect(faultsOf(polygon(big))).toEqual([]);
  expect(performance.now() - beforeMs).toBeLessThan(1_000);
});

test('more corners than a zone takes are refused unchecked', () => {
  expect(faultsOf(polygon(star(10_001)))).toEqual([
    expect.stringContaining('a zone takes at most'),
  ]);
});

test('a hatching that makes every edge a neighbour of every other is refused, not worked out', () => {
  const teeth = Array.from({ length: 3_000 }, (_, i): Point[] => [
    [i / 3_000, -i / 3_000],
    [i / 3_000 + 3, 3 - i / 3_000],
  ]);
  const beforeMs = performance.now();
  expect(faultsOf(polygon(ring(...teeth.flat(), [3.9, -3]))).length).toBeGreaterThan(0);
  expect(performance.now() - beforeMs).toBeLessThan(2_000);
});

test('crossings are found where turf finds them', () => {
  const step = fc.integer({ min: 0, max: 1_000_000 });
  const corners = fc.array(fc.tuple(step, step), { minLength: 4, maxLength: 12 });
  fc.assert(
    fc.property(corners, (steps) => {
      const zone = polygon(ring(...steps.map(([x, y]): Point => [x / 250_000, y / 250_000])));
      const told = faultsOf(zone).some((fault) => fault.includes('crosses or touches itself'));
      expect(told).toBe(kinks(zone as Polygon).features.length > 0);
    }),
    { seed: 1, numRuns: 500 },
  );
});
