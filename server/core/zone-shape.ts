import Flatbush from 'flatbush';
import { distanceM, lonDelta, scaleAt, wrapLon, type Scale } from '../../shared/geodesy.ts';
import { polygonsOf, type LonLat, type Zone } from '../../shared/zone.ts';
import { boxAround, type Box } from './box.ts';

/** A zone made ready to be asked about many times, packed: thousands lie in memory. */
export interface ZoneShape {
  readonly box: Box;
  /** Metres from the boundary: positive outside, negative inside. */
  signedDistanceM(lon: number, lat: number): number;
  /** The zone again, for showing it. */
  zone(): Zone;
}

/** From this many edges on an index pays; below it, walking all edges is quicker. */
const INDEX_FROM_EDGES = 64;

export function shapeOf(zone: Zone): ZoneShape {
  if (zone.type === 'Circle') return new CircleShape(zone.center[0], zone.center[1], zone.radiusM);
  const outline = outlineOf(polygonsOf(zone));
  return outline.edges >= INDEX_FROM_EDGES ? new IndexedShape(outline) : new WalkedShape(outline);
}

class CircleShape implements ZoneShape {
  readonly box: Box;
  readonly #lon: number;
  readonly #lat: number;
  readonly #radiusM: number;

  constructor(lon: number, lat: number, radiusM: number) {
    this.#lon = lon;
    this.#lat = lat;
    this.#radiusM = radiusM;
    this.box = boxAround(lon, lat, radiusM);
  }

  signedDistanceM(lon: number, lat: number): number {
    return distanceM(this.#lon, this.#lat, lon, lat) - this.#radiusM;
  }

  zone(): Zone {
    return { type: 'Circle', center: [this.#lon, this.#lat], radiusM: this.#radiusM };
  }
}

/**
 * All rings of a zone, holes included: inside is where a ray crosses an odd number of edges. Edge
 * `i` runs from point `i` to point `i + 1`; the last point of a ring begins none.
 */
interface Outline {
  /** `x, y` of each point in degrees, longitudes counted on from `originLon`. */
  readonly points: readonly number[];
  readonly originLon: number;
  /** Index of the first point after each ring. */
  readonly ringEnds: readonly number[];
  /** How many rings each polygon has. */
  readonly ringsOfPolygon: readonly number[];
  readonly edges: number;
  readonly box: Box;
}

function outlineOf(polygons: LonLat[][][]): Outline {
  const originLon = polygons[0]?.[0]?.[0]?.[0] ?? 0;
  const points: number[] = [];
  const ringEnds: number[] = [];
  for (const ring of polygons.flat()) {
    let x = lonDelta(originLon, ring[0]![0]);
    let before = ring[0]![0];
    for (const [lon, lat] of ring) {
      // Each point is counted on from the last one, so that an edge over the date line stays short.
      x += lonDelta(before, lon);
      before = lon;
      points.push(x, lat);
    }
    ringEnds.push(points.length / 2);
  }
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (let i = 0; i < points.length; i += 2) {
    box.minX = Math.min(box.minX, originLon + points[i]!);
    box.maxX = Math.max(box.maxX, originLon + points[i]!);
    box.minY = Math.min(box.minY, points[i + 1]!);
    box.maxY = Math.max(box.maxY, points[i + 1]!);
  }
  return {
    // Copies, for an array that grew by pushing holds half as much again.
    points: points.slice(),
    originLon,
    ringEnds: ringEnds.slice(),
    ringsOfPolygon: polygons.map((rings) => rings.length),
    edges: points.length / 2 - ringEnds.length,
    box,
  };
}

function zoneOf({ points, originLon, ringEnds, ringsOfPolygon }: Outline): Zone {
  let start = 0;
  const rings = ringEnds.map((end) => {
    const ring: LonLat[] = [];
    for (let i = start; i < end; i++) {
      ring.push([wrapLon(originLon + points[2 * i]!), points[2 * i + 1]!]);
    }
    start = end;
    return ring;
  });
  let first = 0;
  const polygons = ringsOfPolygon.map((count) => rings.slice(first, (first += count)));
  return polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0]! }
    : { type: 'MultiPolygon', coordinates: polygons };
}

/** Does edge `i` cross the ray that runs east from a place? */
function crosses(points: readonly number[], edge: number, x: number, y: number): boolean {
  const at = 2 * edge;
  const y1 = points[at + 1]!;
  const y2 = points[at + 3]!;
  if (y1 > y === y2 > y) return false;
  const x1 = points[at]!;
  return x < x1 + ((y - y1) / (y2 - y1)) * (points[at + 2]! - x1);
}

/** Square of the distance in metres from a place to edge `i`, flat around that place. */
function squaredM2(
  points: readonly number[],
  edge: number,
  x: number,
  y: number,
  lonM: number,
  latM: number,
): number {
  const at = 2 * edge;
  const ax = (points[at]! - x) * lonM;
  const ay = (points[at + 1]! - y) * latM;
  const dx = (points[at + 2]! - x) * lonM - ax;
  const dy = (points[at + 3]! - y) * latM - ay;
  const length2 = dx * dx + dy * dy;
  const along = length2 > 0 ? Math.max(0, Math.min(1, -(ax * dx + ay * dy) / length2)) : 0;
  const ex = ax + along * dx;
  const ey = ay + along * dy;
  return ex * ex + ey * ey;
}

/** A polygon of few points: all edges are walked. */
class WalkedShape implements ZoneShape {
  readonly box: Box;
  readonly #outline: Outline;

  constructor(outline: Outline) {
    this.#outline = outline;
    this.box = outline.box;
  }

  signedDistanceM(lon: number, lat: number): number {
    const { points, originLon, ringEnds } = this.#outline;
    const { lonM, latM } = scaleAt(lat);
    const x = lonDelta(originLon, lon);
    let inside = false;
    let best = Infinity;
    let edge = 0;
    for (const end of ringEnds) {
      for (; edge < end - 1; edge++) {
        if (crosses(points, edge, x, lat)) inside = !inside;
        best = Math.min(best, squaredM2(points, edge, x, lat, lonM, latM));
      }
      edge = end;
    }
    return inside ? -Math.sqrt(best) : Math.sqrt(best);
  }

  zone(): Zone {
    return zoneOf(this.#outline);
  }
}

const NEAREST_FIRST_TRY = 16;
/**
 * The index measures with one scale for the whole zone, the answer with the scale at the place
 * asked about; over 100 km of latitude the two differ by under 3 %.
 */
const SCALE_SLACK = 1.05;

/** A long boundary: bands of latitude tell inside, an R-tree over the edges tells how near. */
class IndexedShape implements ZoneShape {
  readonly box: Box;
  readonly #outline: Outline;
  readonly #bands: readonly Int32Array[];
  readonly #index: Flatbush;
  readonly #edgeOf: Int32Array;
  readonly #scale: Scale;

  constructor(outline: Outline) {
    this.#outline = outline;
    this.box = outline.box;
    this.#scale = scaleAt((outline.box.minY + outline.box.maxY) / 2);
    this.#edgeOf = edgesIn(outline);
    this.#bands = bandsOf(outline, this.#edgeOf);
    this.#index = indexOf(outline, this.#edgeOf, this.#scale);
  }

  signedDistanceM(lon: number, lat: number): number {
    const x = lonDelta(this.#outline.originLon, lon);
    const apartM = Math.sqrt(this.#nearestM2(x, lat));
    return this.#isInside(x, lat) ? -apartM : apartM;
  }

  zone(): Zone {
    return zoneOf(this.#outline);
  }

  #isInside(x: number, y: number): boolean {
    const { minY, maxY } = this.box;
    if (y < minY || y > maxY) return false;
    let inside = false;
    for (const edge of this.#bands[bandOf(y, this.box, this.#bands.length)]!) {
      if (crosses(this.#outline.points, edge, x, y)) inside = !inside;
    }
    return inside;
  }

  /** Edges in order of their boxes' distance, until none can be nearer. */
  #nearestM2(x: number, y: number): number {
    const { points } = this.#outline;
    const { lonM, latM } = scaleAt(y);
    const indexX = x * this.#scale.lonM;
    const indexY = y * this.#scale.latM;
    let best = Infinity;
    for (const at of this.#index.neighbors(indexX, indexY, NEAREST_FIRST_TRY)) {
      best = Math.min(best, squaredM2(points, this.#edgeOf[at]!, x, y, lonM, latM));
    }
    const reachM = Math.sqrt(best) * SCALE_SLACK;
    const rivals = this.#index.search(
      indexX - reachM,
      indexY - reachM,
      indexX + reachM,
      indexY + reachM,
    );
    for (const at of rivals) {
      best = Math.min(best, squaredM2(points, this.#edgeOf[at]!, x, y, lonM, latM));
    }
    return best;
  }
}

function edgesIn({ ringEnds, edges }: Outline): Int32Array {
  const all = new Int32Array(edges);
  let edge = 0;
  let at = 0;
  for (const end of ringEnds) {
    for (; edge < end - 1; edge++) all[at++] = edge;
    edge = end;
  }
  return all;
}

const bandOf = (y: number, box: Box, count: number): number => {
  const height = (box.maxY - box.minY) / count || 1;
  return Math.max(0, Math.min(count - 1, Math.floor((y - box.minY) / height)));
};

/** Cuts the zone into bands of latitude, each with the edges that reach into it. */
function bandsOf({ points, edges, box }: Outline, edgeOf: Int32Array): Int32Array[] {
  const count = Math.ceil(edges / 2);
  const lists: number[][] = Array.from({ length: count }, () => []);
  for (const edge of edgeOf) {
    const a = bandOf(points[2 * edge + 1]!, box, count);
    const b = bandOf(points[2 * edge + 3]!, box, count);
    for (let band = Math.min(a, b); band <= Math.max(a, b); band++) lists[band]!.push(edge);
  }
  return lists.map((list) => Int32Array.from(list));
}

function indexOf({ points }: Outline, edgeOf: Int32Array, scale: Scale): Flatbush {
  const index = new Flatbush(edgeOf.length);
  for (const edge of edgeOf) {
    const x1 = points[2 * edge]! * scale.lonM;
    const y1 = points[2 * edge + 1]! * scale.latM;
    const x2 = points[2 * edge + 2]! * scale.lonM;
    const y2 = points[2 * edge + 3]! * scale.latM;
    index.add(Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2));
  }
  index.finish();
  return index;
}
