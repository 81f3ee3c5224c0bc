import { lengthOf, lonDelta, offsetBy, scaleAt } from '../../shared/geodesy.ts';
import { forecastSigmaM, restlessness, speedOf, travelS } from './forecast.ts';
import { waymarkOf, type History, type Track, type Waymark, type WayPoint } from './track.ts';

/**
 * Half way between two fixes of somebody on the move, the way is off by this, times the square of
 * the seconds between them: measured on recorded trips. (DECISIONS 58)
 */
const STRAY_M_S2 = 0.011;

/**
 * Where a device was between two fixes: the smoothest way that has their places and velocities
 * (cubic Hermite), the less sure the farther from both. (SPEC BF1)
 */
export function bridged(from: WayPoint, to: WayPoint, atMs: number): WayPoint {
  const spanS = (to.atMs - from.atMs) / 1000;
  const u = (atMs - from.atMs) / (to.atMs - from.atMs);
  const scale = scaleAt(from.lat);
  const eastM = lonDelta(from.lon, to.lon) * scale.lonM;
  const northM = (to.lat - from.lat) * scale.latM;
  const leave = u * (1 - u) * (1 - u) * spanS;
  const arrive = u * u * (u - 1) * spanS;
  const share = u * u * (3 - 2 * u);
  const [lon, lat] = offsetBy(
    from.lon,
    from.lat,
    share * eastM + leave * from.eastMs + arrive * to.eastMs,
    share * northM + leave * from.northMs + arrive * to.northMs,
  );
  const speedMs = Math.max(speedOf(from), speedOf(to), lengthOf(eastM, northM) / spanS);
  const middle = 4 * u * (1 - u);
  const strayM = STRAY_M_S2 * restlessness(speedMs) * spanS * spanS * middle * middle;
  return {
    atMs,
    lon,
    lat,
    eastMs: (1 - u) * from.eastMs + u * to.eastMs,
    northMs: (1 - u) * from.northMs + u * to.northMs,
    sigmaM: lengthOf((1 - u) * from.sigmaM + u * to.sigmaM, strayM),
  };
}

/** Where the device was or will be; null before anything is known of it. */
export function placeAt(track: Track, atMs: number): WayPoint | null {
  const { last, before, history } = track;
  if (!last) return null;
  if (atMs >= last.atMs) return ahead(track, atMs);
  if (before && atMs >= before.atMs) return bridged(before, last, atMs);
  const index = indexBefore(history, atMs);
  if (index < 0) return null;
  const from = pointAt(history, index);
  const to = index + 1 < pointsIn(history) ? pointAt(history, index + 1) : before;
  return to ? bridged(from, to, atMs) : null;
}

function ahead({ last }: Track, atMs: number): WayPoint | null {
  if (!last) return null;
  const ageS = (atMs - last.atMs) / 1000;
  const speedMs = speedOf(last);
  const aheadS = travelS(speedMs, ageS);
  const [lon, lat] = offsetBy(last.lon, last.lat, last.eastMs * aheadS, last.northMs * aheadS);
  const { eastMs, northMs } = last;
  return { atMs, lon, lat, eastMs, northMs, sigmaM: forecastSigmaM(last, ageS, speedMs) };
}

const FIELDS = 8;
/** Two hours of somebody who is always turning corners, half a day of somebody at home. */
const POINTS_MAX = 128;
/** How many of the oldest go at once, so that not each fix moves the whole array. */
const POINTS_DROPPED = 16;
const TOLERANCE_M = 10;
const TOLERANCE_SIGMAS = 0.5;
/** The longest way between two points that is taken as known. */
const GAP_MOVING_MS = 60_000;
const GAP_STILL_MS = 300_000;
const STILL_MS = 0.6;

export const pointsIn = (history: History): number => history.length / FIELDS;

export function pointAt(history: History, index: number): Waymark {
  const at = index * FIELDS;
  return {
    atMs: history[at]!,
    lon: history[at + 1]!,
    lat: history[at + 2]!,
    eastMs: history[at + 3]!,
    northMs: history[at + 4]!,
    sigmaM: history[at + 5]!,
    seq: history[at + 6]!,
    receivedAtMs: history[at + 7]!,
  };
}

/** The newest point at or before an instant; -1 when there is none. */
function indexBefore(history: History, atMs: number): number {
  let low = 0;
  let high = pointsIn(history);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (history[middle * FIELDS]! <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * The farthest that a device has been from where it is, in the time before: how much a look at now
 * may overlook of it. Ways bend between points, so a share is added. (SPEC BP1)
 */
export function roamedM({ last, before, history }: Track, sinceMs: number): number {
  if (!last || !before) return 0;
  const { lonM, latM } = scaleAt(last.lat);
  let farthestM2 =
    (lonDelta(last.lon, before.lon) * lonM) ** 2 + ((before.lat - last.lat) * latM) ** 2;
  // Without making points of it: each fix passes here.
  let at = before.atMs > sinceMs ? history.length - FIELDS : -1;
  while (at >= 0) {
    const eastM = lonDelta(last.lon, history[at + 1]!) * lonM;
    const northM = (history[at + 2]! - last.lat) * latM;
    farthestM2 = Math.max(farthestM2, eastM * eastM + northM * northM);
    at = history[at]! <= sinceMs ? -1 : at - FIELDS;
  }
  const farthestM = Math.sqrt(farthestM2);
  return farthestM < ROAM_LEAST_M ? 0 : ROAM_FACTOR * farthestM;
}

const ROAM_LEAST_M = 5;
const ROAM_FACTOR = 1.5;

export const packed = (points: readonly Waymark[]): History => points.flatMap(numbersOf);

const numbersOf = (point: Waymark): number[] => [
  point.atMs,
  point.lon,
  point.lat,
  point.eastMs,
  point.northMs,
  point.sigmaM,
  point.seq,
  point.receivedAtMs,
];

/** The fixes between which the device was at that time: what a look at it rests on. */
export function marksAround({ last, before, history }: Track, atMs: number): Waymark[] {
  if (before && last && atMs >= before.atMs) return [before, waymarkOf(last)];
  const index = indexBefore(history, atMs);
  const count = pointsIn(history);
  const marks = [index, index + 1].flatMap((at) =>
    at >= 0 && at < count ? [pointAt(history, at)] : [],
  );
  if (marks.length === 2) return marks;
  const newest = [before, last && waymarkOf(last)].filter((mark) => mark !== null);
  return [...marks, ...newest].slice(0, 2);
}

/** The history with `point` behind it, unless the way on to `next` passes there anyway. */
export function remembered(history: History, point: Waymark, next: WayPoint): History {
  const count = pointsIn(history);
  if (count > 0 && isGiven(pointAt(history, count - 1), point, next)) return history;
  const kept = count < POINTS_MAX ? history.slice() : history.slice(POINTS_DROPPED * FIELDS);
  for (const value of numbersOf(point)) kept.push(value);
  return kept;
}

/** Is the point where the way from one to the next passes anyway? */
export function isGiven(from: WayPoint, point: WayPoint, next: WayPoint): boolean {
  const still = speedOf(from) < STILL_MS && speedOf(next) < STILL_MS;
  if (next.atMs - from.atMs > (still ? GAP_STILL_MS : GAP_MOVING_MS)) return false;
  const between = bridged(from, next, point.atMs);
  const scale = scaleAt(point.lat);
  const eastM = lonDelta(point.lon, between.lon) * scale.lonM;
  const northM = (between.lat - point.lat) * scale.latM;
  return lengthOf(eastM, northM) <= TOLERANCE_M + TOLERANCE_SIGMAS * point.sigmaM;
}
