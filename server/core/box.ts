import { lonDelta, scaleAt } from '../../shared/geodesy.ts';

/** The shortest a degree of latitude gets on the ellipsoid, at the equator. */
export const METERS_PER_DEGREE_LAT_MIN = 110_574;

/** Degrees; `minX` may be below -180 or `maxX` above 180 where a zone crosses the date line. */
export interface Box {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** Distance in metres to a box, 0 inside it; never more than to anything the box holds. */
export function boxDistanceM(box: Box, lon: number, lat: number): number {
  const { lonM, latM } = scaleAt(
    Math.min(89.9, Math.max(Math.abs(lat), Math.abs(box.minY), Math.abs(box.maxY))),
  );
  const center = (box.minX + box.maxX) / 2;
  const eastM = Math.max(0, Math.abs(lonDelta(center, lon)) - (box.maxX - box.minX) / 2) * lonM;
  const northM =
    Math.max(0, box.minY - lat, lat - box.maxY) * Math.min(latM, METERS_PER_DEGREE_LAT_MIN);
  return Math.sqrt(eastM * eastM + northM * northM);
}

/** A box that certainly holds the circle; near the poles it goes all the way round. */
export function boxAround(lon: number, lat: number, halfM: number): Box {
  const dLat = halfM / METERS_PER_DEGREE_LAT_MIN;
  const steepest = Math.abs(lat) + dLat;
  const dLon = steepest >= 89.9 ? 180 : Math.min(180, halfM / scaleAt(steepest).lonM);
  return { minX: lon - dLon, minY: lat - dLat, maxX: lon + dLon, maxY: lat + dLat };
}
