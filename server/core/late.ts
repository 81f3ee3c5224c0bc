import { lonDelta, offsetBy, scaleAt } from '../../shared/geodesy.ts';
import type { Fix } from './case-event.ts';
import { pointOf } from './filter.ts';
import { waymarkOf, type History, type Track, type Waymark, type WayPoint } from './track.ts';
import { bridged, isGiven, packed, pointAt, pointsIn } from './way.ts';

/** Older than this the way is not remembered well enough to be judged again. (SPEC PA3) */
export const LATE_MAX_MS = 6 * 3_600_000;
/** Late fixes wait unthinned until they are judged: six hours at one each 20 s. */
const WAITING_MAX = 1_024;
/** What neighbours cannot average out, for they err alike. */
const SHARED = 0.8;

/** The track with a fix that came after newer ones; the present stays as it is. (SPEC PA2) */
export function withLate(track: Track, fix: Fix, atMs: number): Track {
  const { last, before, history } = track;
  if (!last || fix.source === 'cell' || last.atMs - atMs > LATE_MAX_MS) return track;
  const points = pointsOf(history, before);
  const index = points.findIndex((point) => point.atMs >= atMs);
  if (index >= 0 && points[index]!.atMs === atMs) return track;
  const at = index < 0 ? points.length : index;
  const found = pointOf(fix, atMs);
  const told = fix.speedMs !== null && fix.headingDeg !== null;
  const mark = waymarkOf(found);
  points.splice(at, 0, told ? mark : onTheWay(mark, points[at - 1] ?? null, points[at] ?? last));
  return withPoints(track, points.slice(-WAITING_MAX));
}

/** When the fixes before and after a late one were measured. */
export function neighboursOf({ last, before, history }: Track, atMs: number): [number, number] {
  const times = [...pointsOf(history, before), ...(last ? [last] : [])].map((point) => point.atMs);
  const earlier = times.filter((time) => time < atMs);
  const later = times.filter((time) => time > atMs);
  return [earlier.at(-1) ?? atMs, later[0] ?? atMs];
}

/** A velocity for a fix that tells none: that of the way between its neighbours. */
function onTheWay(point: Waymark, from: WayPoint | null, to: WayPoint): Waymark {
  const start = from ?? point;
  const spanS = (to.atMs - start.atMs) / 1000;
  if (spanS <= 0) return point;
  const scale = scaleAt(point.lat);
  return {
    ...point,
    eastMs: (lonDelta(start.lon, to.lon) * scale.lonM) / spanS,
    northMs: ((to.lat - start.lat) * scale.latM) / spanS,
  };
}

/**
 * The track when no more late fixes come: each place of that time is weighed with the way between
 * its neighbours, before and after, and what the way gives anyway is left out again.
 */
export function settled(track: Track, fromMs: number, untilMs: number): Track {
  const { last } = track;
  if (!last) return track;
  const points = pointsOf(track.history, track.before);
  const smooth = points.map((point, i) => {
    const from = points[i - 1];
    const to = points[i + 1] ?? last;
    const inside = point.atMs >= fromMs && point.atMs <= untilMs;
    return from && inside ? weighed(point, bridged(from, to, point.atMs)) : point;
  });
  return withPoints(track, thinned(smooth, last));
}

function weighed(point: Waymark, way: WayPoint): Waymark {
  const share = point.sigmaM ** 2 / (point.sigmaM ** 2 + way.sigmaM ** 2);
  const scale = scaleAt(point.lat);
  const [lon, lat] = offsetBy(
    point.lon,
    point.lat,
    share * lonDelta(point.lon, way.lon) * scale.lonM,
    share * (way.lat - point.lat) * scale.latM,
  );
  const sigmaM = Math.max(SHARED * point.sigmaM, Math.sqrt(1 - share) * point.sigmaM);
  return { ...point, lon, lat, sigmaM };
}

function thinned(points: readonly Waymark[], last: WayPoint): Waymark[] {
  const kept: Waymark[] = [];
  for (const [i, point] of points.entries()) {
    const from = kept.at(-1);
    const isLast = i === points.length - 1;
    if (isLast || !from || !isGiven(from, point, points[i + 1] ?? last)) kept.push(point);
  }
  return kept;
}

function pointsOf(history: History, before: Waymark | null): Waymark[] {
  const points = Array.from({ length: pointsIn(history) }, (_, i) => pointAt(history, i));
  return before ? [...points, before] : points;
}

const withPoints = (track: Track, points: readonly Waymark[]): Track => ({
  ...track,
  before: points.at(-1) ?? null,
  history: packed(points.slice(0, -1)),
});
