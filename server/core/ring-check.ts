import Flatbush from 'flatbush';
import { scaleAt } from '../../shared/geodesy.ts';
import { type LonLat, polygonsOf, type Zone } from '../../shared/zone.ts';

/**
 * Do the rings of a zone enclose what they seem to? The evaluation counts edges (even-odd), so
 * whatever would turn inside into outside is refused: rings that cross themselves or each other,
 * holes outside their outer ring, polygons that overlap.
 */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** No receiver can tell the inside of a smaller place from its outside. */
export const ZONE_AREA_M2_MIN = 25;
/** Pairs of edges looked at per zone: a real boundary needs a few per edge, an attack billions. */
const EDGE_PAIRS_MAX = 5_000_000;
/** Places located per zone, a microsecond or two each. */
const SURVEYS_MAX = 200_000;
/** About 0.1 mm: what lies this close to a boundary lies on it. */
const ON_BOUNDARY_DEG = 1e-9;

const TOO_INTRICATE: Fault = { path: [], message: 'is too intricate to be checked' };
export const TOO_SMALL = `encloses less than ${ZONE_AREA_M2_MIN} m²: too small to tell apart`;

export interface Ring {
  readonly path: readonly PropertyKey[];
  readonly polygon: number;
  readonly hole: boolean;
  readonly given: readonly LonLat[];
  /** Without the closing position and without repeats of the one before. */
  readonly points: readonly LonLat[];
}

export function ringsOf(zone: Zone): Ring[] {
  return polygonsOf(zone).flatMap((polygon, at) =>
    polygon.map((given, index) => {
      const inner = zone.type === 'MultiPolygon' ? [at, index] : [index];
      const path = ['coordinates', ...inner];
      return { path, polygon: at, hole: index > 0, given, points: distinct(given) };
    }),
  );
}

function distinct(given: readonly LonLat[]): LonLat[] {
  const points = given.filter((point, i) => i === 0 || !same(point, given[i - 1]!));
  while (points.length > 1 && same(points[0]!, points.at(-1)!)) points.pop();
  return points;
}

const same = (a: LonLat, b: LonLat): boolean => a[0] === b[0] && a[1] === b[1];

export function shapeFaults(rings: readonly Ring[]): Fault[] {
  const flat = rings.flatMap(flatFaults);
  const sound = rings.filter((ring) => !flat.some(({ path }) => path === ring.path));
  const crossings = crossingFaults(sound);
  // Inside and outside of rings that cross mean nothing: the one fault would be told twice.
  return [...flat, ...crossings, ...(crossings.length > 0 ? [] : nestingFaults(sound))];
}

function flatFaults({ path, points }: Ring): Fault[] {
  if (points.length < 3) {
    return [{ path, message: 'has fewer than three different positions, so it encloses nothing' }];
  }
  const flat = areaM2(points) < ZONE_AREA_M2_MIN && isThin(points);
  return flat ? [{ path, message: TOO_SMALL }] : [];
}

function areaM2(points: readonly LonLat[]): number {
  const [lon0, lat0] = points[0]!;
  const { lonM, latM } = scaleAt(lat0);
  let doubled = 0;
  for (let i = 0; i < points.length; i++) {
    const [lonA, latA] = points[i]!;
    const [lonB, latB] = points[(i + 1) % points.length]!;
    doubled += (lonA - lon0) * (latB - lat0) - (lonB - lon0) * (latA - lat0);
  }
  return (Math.abs(doubled) / 2) * lonM * latM;
}

/** A bow-tie encloses nothing by its signed area: it is told as a crossing, not as too small. */
function isThin(points: readonly LonLat[]): boolean {
  return points.length < 4 || firstCrossing([{ points }]) === null;
}

interface Crossing {
  readonly ring: number;
  readonly other: number;
  readonly point: LonLat;
}

function crossingFaults(rings: readonly Ring[]): Fault[] {
  const found = firstCrossing(rings);
  if (found === null) return [];
  if (found === 'too-intricate') return [TOO_INTRICATE];
  const { path } = rings[found.ring]!;
  const what =
    found.ring === found.other
      ? 'crosses or touches itself'
      : `crosses the ring at /${rings[found.other]!.path.join('/')}`;
  return [{ path, message: `${what} at ${nameOf(found.point)}` }];
}

interface Edge {
  readonly ring: number;
  readonly at: number;
  readonly a: LonLat;
  readonly b: LonLat;
}

/** An index of boxes leaves each edge only its neighbours: 10,000 edges take milliseconds. */
function firstCrossing(rings: readonly Pick<Ring, 'points'>[]): Crossing | 'too-intricate' | null {
  const edges = edgesOf(rings);
  if (edges.length === 0) return null;
  const index = edgeIndex(edges);
  let pairs = 0;
  for (const [i, edge] of edges.entries()) {
    const rivals = index.search(...boxOf(edge.a, edge.b), (j) => j > i);
    pairs += rivals.length;
    if (pairs > EDGE_PAIRS_MAX) return 'too-intricate';
    for (const j of rivals) {
      const other = edges[j]!;
      const point = meet(edge, other, rings[edge.ring]!.points.length);
      if (point !== null) return { ring: edge.ring, other: other.ring, point };
    }
  }
  return null;
}

const edgesOf = (rings: readonly Pick<Ring, 'points'>[]): Edge[] =>
  rings.flatMap(({ points }, ring) =>
    points.map((a, at) => ({ ring, at, a, b: points[(at + 1) % points.length]! })),
  );

function edgeIndex(edges: readonly Edge[]): Flatbush {
  const index = new Flatbush(edges.length);
  for (const { a, b } of edges) index.add(...boxOf(a, b));
  index.finish();
  return index;
}

const boxOf = (a: LonLat, b: LonLat): [number, number, number, number] => [
  Math.min(a[0], b[0]),
  Math.min(a[1], b[1]),
  Math.max(a[0], b[0]),
  Math.max(a[1], b[1]),
];

/** Twice the signed area of a triangle: its sign tells on which side of `a b` the place lies. */
const side = (a: LonLat, b: LonLat, at: LonLat): number =>
  (b[0] - a[0]) * (at[1] - a[1]) - (b[1] - a[1]) * (at[0] - a[0]);

/** Where two edges meet that may not; edges of different rings may touch, but not cross. */
function meet(one: Edge, two: Edge, ringLength: number): LonLat | null {
  const [p, q] = [side(one.a, one.b, two.a), side(one.a, one.b, two.b)];
  const [u, v] = [side(two.a, two.b, one.a), side(two.a, two.b, one.b)];
  if (p * q < 0 && u * v < 0) {
    const along = u / (u - v);
    return [one.a[0] + along * (one.b[0] - one.a[0]), one.a[1] + along * (one.b[1] - one.a[1])];
  }
  if (one.ring !== two.ring) return null;
  const next = two.at === one.at + 1;
  if (next || (one.at === 0 && two.at === ringLength - 1)) {
    const [before, after] = next ? [one, two] : [two, one];
    return foldsBack(before, after) ? after.a : null;
  }
  if (p === 0 && within(one, two.a)) return two.a;
  if (q === 0 && within(one, two.b)) return two.b;
  if (u === 0 && within(two, one.a)) return one.a;
  if (v === 0 && within(two, one.b)) return one.b;
  return null;
}

function within({ a, b }: Edge, [lon, lat]: LonLat): boolean {
  const [west, south, east, north] = boxOf(a, b);
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

function foldsBack(before: Edge, after: Edge): boolean {
  if (side(before.a, before.b, after.b) !== 0) return false;
  const [dx, dy] = [before.b[0] - before.a[0], before.b[1] - before.a[1]];
  return dx * (after.b[0] - after.a[0]) + dy * (after.b[1] - after.a[1]) < 0;
}

// How rings that do not cross lie to each other.

type Where = 'inside' | 'outside' | 'boundary';

/** Answers where places lie; `left` counts down so that no zone can keep the server busy. */
interface Surveyor {
  anyLies(ring: Ring, around: Ring, where: Where): boolean;
  readonly left: () => number;
}

function nestingFaults(rings: readonly Ring[]): Fault[] {
  const { anyLies, left } = surveyor();
  const shells = rings.filter((ring) => !ring.hole);
  const holes = rings.filter((ring) => ring.hole);
  const isWithin = (ring: Ring, around: Ring): boolean => !anyLies(ring, around, 'outside');
  const overlap = (one: Ring, two: Ring): boolean =>
    anyLies(one, two, 'inside') ||
    anyLies(two, one, 'inside') ||
    (isWithin(one, two) && isWithin(two, one));
  const inHole = (shell: Ring, around: Ring): boolean =>
    holes.some((hole) => hole.polygon === around.polygon && isWithin(shell, hole));
  const astray = holes.filter(
    (hole) => !shells.some((shell) => shell.polygon === hole.polygon && isWithin(hole, shell)),
  );
  const inEachOther = laterClashes(
    holes,
    (one, two) => one.polygon === two.polygon && overlap(one, two),
  );
  const onEachOther = laterClashes(
    shells,
    (one, two) => overlap(one, two) && !inHole(one, two) && !inHole(two, one),
  );
  if (left() <= 0) return [TOO_INTRICATE];
  return [
    ...told(astray, 'is a hole that reaches outside its outer ring'),
    ...told(inEachOther, 'is a hole that overlaps another hole'),
    ...told(onEachOther, 'overlaps another polygon of this zone'),
  ];
}

const told = (rings: readonly Ring[], message: string): Fault[] =>
  rings.map(({ path }) => ({ path, message }));

const laterClashes = (rings: readonly Ring[], clash: (one: Ring, two: Ring) => boolean): Ring[] =>
  rings.filter((ring, i) => rings.slice(0, i).some((earlier) => clash(ring, earlier)));

/** Corners and middles of edges stand for a ring: without a crossing one of them would tell. */
function surveyor(): Surveyor {
  const indexes = new Map<Ring, Flatbush>();
  let left = SURVEYS_MAX;
  const locate = (at: LonLat, around: Ring): Where => {
    left -= 1;
    const index = indexes.get(around) ?? edgeIndex(edgesOf([around]));
    indexes.set(around, index);
    return lies(at, around.points, index);
  };
  return {
    left: () => left,
    anyLies: ({ points }, around, where) =>
      points.some((a, i) => {
        if (left <= 0) return false;
        const b = points[(i + 1) % points.length]!;
        const middle: LonLat = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
        return locate(a, around) === where || locate(middle, around) === where;
      }),
  };
}

/** Counts the edges that a ray to the east crosses; only those at this latitude are looked at. */
function lies([lon, lat]: LonLat, points: readonly LonLat[], index: Flatbush): Where {
  const near = ON_BOUNDARY_DEG;
  let inside = false;
  for (const i of index.search(lon - near, lat - near, Infinity, lat + near)) {
    const [ax, ay] = points[i]!;
    const [bx, by] = points[(i + 1) % points.length]!;
    const [dx, dy] = [bx - ax, by - ay];
    const along = Math.max(
      0,
      Math.min(1, ((lon - ax) * dx + (lat - ay) * dy) / (dx * dx + dy * dy)),
    );
    if (Math.hypot(ax + along * dx - lon, ay + along * dy - lat) < near) return 'boundary';
    if (ay > lat !== by > lat && lon < ax + ((lat - ay) / dy) * dx) inside = !inside;
  }
  return inside ? 'inside' : 'outside';
}

export const nameOf = ([lon, lat]: LonLat): string => `(${round(lon)}, ${round(lat)})`;
/** Seven decimals are about a centimetre. */
const round = (deg: number): number => Math.round(deg * 1e7) / 1e7;
