import Flatbush from 'flatbush';
import { lonDelta, scaleAt } from '../../shared/geodesy.ts';
import { polygonsOf, type LonLat, type Zone } from '../../shared/zone.ts';

/** Degrees; `minX` may be below -180 or `maxX` above 180 where a zone crosses the date line. */
export interface Box {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** A zone made ready to be asked about many times. */
export interface ZoneShape {
  readonly box: Box;
  /** Metres from the boundary: positive outside, negative inside. */
  signedDistanceM(lon: number, lat: number): number;
}

/** From this many edges on an index pays; below it, walking all edges is quicker. */
const INDEX_FROM_EDGES = 64;
const METERS_PER_DEGREE_LAT_MIN = 110_574;

export function shapeOf(zone: Zone): ZoneShape {
  if (zone.type === 'Circle') return circleShape(zone.center, zone.radiusM);
  return polygonShape(edgesOf(polygonsOf(zone)));
}

function circleShape(center: LonLat, radiusM: number): ZoneShape {
  const [lon, lat] = center;
  const dLat = radiusM / METERS_PER_DEGREE_LAT_MIN;
  const steepest = Math.min(89.9, Math.abs(lat) + dLat);
  const dLon = radiusM / scaleAt(steepest).lonM;
  return {
    box: { minX: lon - dLon, minY: lat - dLat, maxX: lon + dLon, maxY: lat + dLat },
    signedDistanceM(atLon, atLat) {
      const scale = scaleAt((lat + atLat) / 2);
      return Math.hypot(lonDelta(lon, atLon) * scale.lonM, (atLat - lat) * scale.latM) - radiusM;
    },
  };
}

/** All edges of all rings, holes included: inside is where a ray crosses an odd number of them. */
interface Edges {
  readonly count: number;
  /** `x1, y1, x2, y2` of each edge in degrees, longitudes counted on from `originLon`. */
  readonly ends: Float64Array;
  readonly originLon: number;
  readonly box: Box;
}

function edgesOf(polygons: LonLat[][][]): Edges {
  const originLon = polygons[0]?.[0]?.[0]?.[0] ?? 0;
  const ends: number[] = [];
  for (const ring of polygons.flat()) {
    for (let i = 1; i < ring.length; i++) {
      const [lonA, latA] = ring[i - 1]!;
      const [lonB, latB] = ring[i]!;
      const xA = lonDelta(originLon, lonA);
      // The next point is counted from the last one, so that an edge over the date line stays short.
      ends.push(xA, latA, xA + lonDelta(lonA, lonB), latB);
    }
  }
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (let i = 0; i < ends.length; i += 2) {
    box.minX = Math.min(box.minX, originLon + ends[i]!);
    box.maxX = Math.max(box.maxX, originLon + ends[i]!);
    box.minY = Math.min(box.minY, ends[i + 1]!);
    box.maxY = Math.max(box.maxY, ends[i + 1]!);
  }
  return { count: ends.length / 4, ends: Float64Array.from(ends), originLon, box };
}

function polygonShape(edges: Edges): ZoneShape {
  const large = edges.count >= INDEX_FROM_EDGES;
  const crossings = large ? slabs(edges) : (): null => null;
  const nearestM = large ? indexedNearest(edges) : walkedNearest(edges);
  return {
    box: edges.box,
    signedDistanceM(lon, lat) {
      const x = lonDelta(edges.originLon, lon);
      const inside = isInside(edges, x, lat, crossings(lat));
      const apartM = nearestM(x, lat);
      return inside ? -apartM : apartM;
    },
  };
}

/** Even-odd rule over the edges that may cross this latitude. */
function isInside(edges: Edges, x: number, y: number, among: Int32Array | null): boolean {
  const { ends } = edges;
  const count = among ? among.length : edges.count;
  let inside = false;
  for (let i = 0; i < count; i++) {
    const at = 4 * (among ? among[i]! : i);
    const y1 = ends[at + 1]!;
    const y2 = ends[at + 3]!;
    if (y1 > y === y2 > y) continue;
    const x1 = ends[at]!;
    if (x < x1 + ((y - y1) / (y2 - y1)) * (ends[at + 2]! - x1)) inside = !inside;
  }
  return inside;
}

/** Cuts the zone into bands of latitude, each with the edges that reach into it. */
function slabs(edges: Edges): (y: number) => Int32Array {
  const { minY, maxY } = edges.box;
  const count = Math.ceil(edges.count / 2);
  const height = (maxY - minY) / count || 1;
  const lists: number[][] = Array.from({ length: count }, () => []);
  const slabOf = (y: number): number =>
    Math.max(0, Math.min(count - 1, Math.floor((y - minY) / height)));
  for (let i = 0; i < edges.count; i++) {
    const a = slabOf(edges.ends[4 * i + 1]!);
    const b = slabOf(edges.ends[4 * i + 3]!);
    for (let slab = Math.min(a, b); slab <= Math.max(a, b); slab++) lists[slab]!.push(i);
  }
  const bands = lists.map((list) => Int32Array.from(list));
  const none = new Int32Array(0);
  return (y) => (y < minY || y > maxY ? none : bands[slabOf(y)]!);
}

/** Distance in metres from a place to one edge, flat around that place. */
function edgeDistanceM(
  ends: Float64Array,
  edge: number,
  x: number,
  y: number,
  lonM: number,
  latM: number,
): number {
  const at = 4 * edge;
  const ax = (ends[at]! - x) * lonM;
  const ay = (ends[at + 1]! - y) * latM;
  const dx = (ends[at + 2]! - x) * lonM - ax;
  const dy = (ends[at + 3]! - y) * latM - ay;
  const length2 = dx * dx + dy * dy;
  const along = length2 > 0 ? Math.max(0, Math.min(1, -(ax * dx + ay * dy) / length2)) : 0;
  return Math.hypot(ax + along * dx, ay + along * dy);
}

type Nearest = (x: number, y: number) => number;

function walkedNearest(edges: Edges): Nearest {
  return (x, y) => {
    const { lonM, latM } = scaleAt(y);
    let best = Infinity;
    for (let edge = 0; edge < edges.count; edge++) {
      best = Math.min(best, edgeDistanceM(edges.ends, edge, x, y, lonM, latM));
    }
    return best;
  };
}

const NEAREST_FIRST_TRY = 16;
/**
 * The index measures with one scale for the whole zone, the answer with the scale at the place
 * asked about; over 100 km of latitude the two differ by under 3 %.
 */
const SCALE_SLACK = 1.05;

/** Long boundaries are not walked: boxes of edges in order of their distance, until none can beat. */
function indexedNearest(edges: Edges): Nearest {
  const index = new Flatbush(edges.count);
  const zoneScale = scaleAt((edges.box.minY + edges.box.maxY) / 2);
  for (let i = 0; i < edges.count; i++) {
    const [x1, y1, x2, y2] = edges.ends.subarray(4 * i, 4 * i + 4) as unknown as number[];
    index.add(
      Math.min(x1!, x2!) * zoneScale.lonM,
      Math.min(y1!, y2!) * zoneScale.latM,
      Math.max(x1!, x2!) * zoneScale.lonM,
      Math.max(y1!, y2!) * zoneScale.latM,
    );
  }
  index.finish();
  return (x, y) => {
    const { lonM, latM } = scaleAt(y);
    const indexX = x * zoneScale.lonM;
    const indexY = y * zoneScale.latM;
    let best = Infinity;
    for (const edge of index.neighbors(indexX, indexY, NEAREST_FIRST_TRY)) {
      best = Math.min(best, edgeDistanceM(edges.ends, edge, x, y, lonM, latM));
    }
    const reachM = best * SCALE_SLACK;
    const rivals = index.search(indexX - reachM, indexY - reachM, indexX + reachM, indexY + reachM);
    // Far away nearly all edges are rivals; there the first answer is refined by walking them.
    for (const edge of rivals) {
      best = Math.min(best, edgeDistanceM(edges.ends, edge, x, y, lonM, latM));
    }
    return best;
  };
}
