import Flatbush from 'flatbush';
import { lonDelta, scaleAt, wrapLon } from '../../shared/geodesy.ts';
import { type LonLat, polygonsOf, type Zone } from '../../shared/zone.ts';

/**
 * How much two zones cover alone and together, without cutting out what they share: the latitudes
 * of all corners and crossings make strips in which no edge begins, ends or crosses another zone's,
 * so that widths change evenly, and each strip is summed up by Simpson's rule. Inside is an odd
 * count of edges, as where alerts are decided.
 */
export interface Overlay {
  readonly onlyFirstM2: number;
  readonly onlySecondM2: number;
  readonly bothM2: number;
}

/** A circle as a polygon this fine, its corners on the circle, lacks 1.3e-5 of its area. */
const CIRCLE_CORNERS = 720;

/** `x` counts on from a common longitude; `low` is the end with the lower latitude. */
interface Edge {
  readonly second: boolean;
  readonly lowX: number;
  readonly lowY: number;
  readonly highX: number;
  readonly highY: number;
}

export function overlayOf(first: Zone, second: Zone): Overlay {
  const originLon = firstLonOf(first);
  const ours = edgesOf(first, originLon, false);
  const theirs = edgesOf(second, originLon, true);
  const sum = { onlyFirstM2: 0, onlySecondM2: 0, bothM2: 0 };
  for (const strip of stripsOf(ours, theirs)) addStrip(sum, strip);
  return sum;
}

/** Could two zones share anything? A few comparisons, for most do not. */
export function mayMeet(first: Zone, second: Zone): boolean {
  const originLon = firstLonOf(first);
  const [a, b] = [first, second].map((zone) => boxOf(ringsOf(zone, originLon).flat()));
  return a![0] <= b![2] && b![0] <= a![2] && a![1] <= b![3] && b![1] <= a![3];
}

const firstLonOf = (zone: Zone): number =>
  zone.type === 'Circle' ? zone.center[0] : polygonsOf(zone)[0]![0]![0]![0];

const boxOf = (points: readonly Point[]): [number, number, number, number] =>
  points.reduce<[number, number, number, number]>(
    ([west, south, east, north], [x, y]) => [
      Math.min(west, x),
      Math.min(south, y),
      Math.max(east, x),
      Math.max(north, y),
    ],
    [Infinity, Infinity, -Infinity, -Infinity],
  );

type Point = readonly [x: number, y: number];

function ringsOf(zone: Zone, originLon: number): Point[][] {
  const rings = zone.type === 'Circle' ? [circleRing(zone)] : polygonsOf(zone).flat();
  return rings.map((ring) => {
    let x = lonDelta(originLon, ring[0]![0]);
    let before = ring[0]![0];
    return ring.map(([lon, lat]): Point => {
      x += lonDelta(before, lon);
      before = lon;
      return [x, lat];
    });
  });
}

/** Each corner lies so far from the middle as Cordon measures it. */
function circleRing({ center, radiusM }: Extract<Zone, { type: 'Circle' }>): LonLat[] {
  const [lon, lat] = center;
  const corners = Array.from({ length: CIRCLE_CORNERS }, (_, i): LonLat => {
    const angle = (2 * Math.PI * i) / CIRCLE_CORNERS;
    const [eastM, northM] = [radiusM * Math.cos(angle), radiusM * Math.sin(angle)];
    // Distances are measured with the scale half-way, which depends on where the corner lies.
    let halfWay = scaleAt(lat);
    for (let round = 0; round < 3; round++) halfWay = scaleAt(lat + northM / halfWay.latM / 2);
    return [wrapLon(lon + eastM / halfWay.lonM), lat + northM / halfWay.latM];
  });
  return [...corners, corners[0]!];
}

/** Level edges bound no strip. */
function edgesOf(zone: Zone, originLon: number, second: boolean): Edge[] {
  return ringsOf(zone, originLon).flatMap((ring) =>
    ring.slice(1).flatMap((b, i): Edge[] => {
      const a = ring[i]!;
      if (a[1] === b[1]) return [];
      const [low, high] = a[1] < b[1] ? [a, b] : [b, a];
      return [{ second, lowX: low[0], lowY: low[1], highX: high[0], highY: high[1] }];
    }),
  );
}

/** All edges that run through from its lower to its upper latitude. */
interface Strip {
  readonly fromY: number;
  readonly untilY: number;
  readonly edges: readonly Edge[];
}

function* stripsOf(ours: readonly Edge[], theirs: readonly Edge[]): Generator<Strip> {
  const edges = [...ours, ...theirs].toSorted((a, b) => a.lowY - b.lowY);
  const ends = edges.flatMap(({ lowY, highY }) => [lowY, highY]);
  const levels = [...new Set([...ends, ...crossings(ours, theirs)])].toSorted((a, b) => a - b);
  let next = 0;
  let running: Edge[] = [];
  for (let i = 0; i + 1 < levels.length; i++) {
    const [fromY, untilY] = [levels[i]!, levels[i + 1]!];
    running = running.filter(({ highY }) => highY > fromY);
    while (next < edges.length && edges[next]!.lowY <= fromY) running.push(edges[next++]!);
    if (running.length > 0) yield { fromY, untilY, edges: running };
  }
}

/** Latitudes at which an edge of one zone crosses one of the other. */
function crossings(ours: readonly Edge[], theirs: readonly Edge[]): number[] {
  if (ours.length === 0 || theirs.length === 0) return [];
  const index = new Flatbush(theirs.length);
  for (const edge of theirs) index.add(...spanOf(edge));
  index.finish();
  return ours.flatMap((edge) =>
    index.search(...spanOf(edge)).flatMap((at) => crossing(edge, theirs[at]!)),
  );
}

const spanOf = ({ lowX, lowY, highX, highY }: Edge): [number, number, number, number] => [
  Math.min(lowX, highX),
  lowY,
  Math.max(lowX, highX),
  highY,
];

const xAt = ({ lowX, lowY, highX, highY }: Edge, y: number): number =>
  lowX + ((y - lowY) / (highY - lowY)) * (highX - lowX);

/** Where both run, one passes the other when it begins on one side and ends on the other. */
function crossing(a: Edge, b: Edge): number[] {
  const [fromY, untilY] = [Math.max(a.lowY, b.lowY), Math.min(a.highY, b.highY)];
  if (fromY >= untilY) return [];
  const before = xAt(a, fromY) - xAt(b, fromY);
  const after = xAt(a, untilY) - xAt(b, untilY);
  if (before * after >= 0) return [];
  return [fromY + (before / (before - after)) * (untilY - fromY)];
}

type Sum = { -readonly [Key in keyof Overlay]: number };

/** From west to east: each edge is where one of the zones begins or ends. */
function addStrip(sum: Sum, { fromY, untilY, edges }: Strip): void {
  const middleY = (fromY + untilY) / 2;
  const placed = edges
    .map((edge) => ({ edge, x: xAt(edge, middleY) }))
    .toSorted((a, b) => a.x - b.x);
  const [low, middle, high] = [fromY, middleY, untilY].map(squareDegreeM2);
  const heightDeg = untilY - fromY;
  let inFirst = false;
  let inSecond = false;
  for (let i = 0; i + 1 < placed.length; i++) {
    const [here, there] = [placed[i]!, placed[i + 1]!];
    if (here.edge.second) inSecond = !inSecond;
    else inFirst = !inFirst;
    if (!inFirst && !inSecond) continue;
    const key = inFirst ? (inSecond ? 'bothM2' : 'onlyFirstM2') : 'onlySecondM2';
    const lowDeg = xAt(there.edge, fromY) - xAt(here.edge, fromY);
    const highDeg = xAt(there.edge, untilY) - xAt(here.edge, untilY);
    sum[key] +=
      (heightDeg / 6) * (lowDeg * low! + 4 * (there.x - here.x) * middle! + highDeg * high!);
  }
}

function squareDegreeM2(latDeg: number): number {
  const { lonM, latM } = scaleAt(latDeg);
  return lonM * latM;
}
