import { distanceM, lonDelta, scaleAt, wrapLon } from '../shared/geodesy.ts';
import { assert } from '../shared/result.ts';

export type Place = readonly [lon: number, lat: number];

/** A line through places, measured along its length. */
export interface Route {
  readonly points: readonly Place[];
  /** Metres from the start to each point. */
  readonly alongM: readonly number[];
  readonly lengthM: number;
}

export interface RoutePoint {
  readonly lon: number;
  readonly lat: number;
  /** Direction of travel; null on a route without length. */
  readonly headingDeg: number | null;
}

export function routeOf(places: readonly Place[]): Route {
  const first = places[0];
  assert(first !== undefined, 'a route has a point');
  const points = [first];
  const alongM = [0];
  let lengthM = 0;
  for (const place of places.slice(1)) {
    const [lon, lat] = points[points.length - 1]!;
    const partM = distanceM(lon, lat, place[0], place[1]);
    if (partM === 0) continue;
    lengthM += partM;
    points.push(place);
    alongM.push(lengthM);
  }
  return { points, alongM, lengthM };
}

/** Before the start it is the start, after the end the end. */
export function pointAlong(route: Route, wantedM: number): RoutePoint {
  const first = route.points[0]!;
  if (route.points.length === 1) return { lon: first[0], lat: first[1], headingDeg: null };
  const alongM = Math.min(route.lengthM, Math.max(0, wantedM));
  const part = partAt(route, alongM);
  const [from, to] = [route.points[part]!, route.points[part + 1]!];
  const [fromM, toM] = [route.alongM[part]!, route.alongM[part + 1]!];
  const share = (alongM - fromM) / (toM - fromM);
  return {
    lon: wrapLon(from[0] + share * lonDelta(from[0], to[0])),
    lat: from[1] + share * (to[1] - from[1]),
    headingDeg: headingDeg(from, to),
  };
}

/** Index of the part that holds a distance along the route. */
function partAt(route: Route, alongM: number): number {
  let low = 0;
  let high = route.alongM.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (route.alongM[middle]! <= alongM) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Clockwise from true north, in [0, 360). */
export function headingDeg(from: Place, to: Place): number {
  const scale = scaleAt((from[1] + to[1]) / 2);
  const eastM = lonDelta(from[0], to[0]) * scale.lonM;
  const northM = (to[1] - from[1]) * scale.latM;
  return ((Math.atan2(eastM, northM) * 180) / Math.PI + 360) % 360;
}

/** How sharply a route bends at one of its inner points, 0 to 180 degrees. */
export function bendDeg(route: Route, index: number): number {
  const [before, at, after] = [index - 1, index, index + 1].map((i) => route.points[i]);
  assert(before && at && after, 'only inner points bend');
  const turn = Math.abs(headingDeg(at, after) - headingDeg(before, at));
  return turn > 180 ? 360 - turn : turn;
}
