import { lonDelta, scaleAt } from '../shared/geodesy.ts';
import { polygonsOf, type LonLat, type Zone } from '../shared/zone.ts';

/** How far it is from a place to the nearest edge of a zone, from inside as from outside. */
export function edgeDistanceM(zone: Zone, lon: number, lat: number): number {
  const scale = scaleAt(lat);
  const metresTo = ([toLon, toLat]: LonLat): [eastM: number, northM: number] => [
    lonDelta(lon, toLon) * scale.lonM,
    (toLat - lat) * scale.latM,
  ];
  if (zone.type === 'Circle') {
    return Math.abs(Math.hypot(...metresTo(zone.center)) - zone.radiusM);
  }
  let nearestM = Infinity;
  for (const ring of polygonsOf(zone).flat()) {
    for (let i = 1; i < ring.length; i++) {
      nearestM = Math.min(nearestM, toSegmentM(metresTo(ring[i - 1]!), metresTo(ring[i]!)));
    }
  }
  return nearestM;
}

/** From the origin to a segment. */
function toSegmentM(
  [fromE, fromN]: readonly [number, number],
  [toE, toN]: readonly [number, number],
): number {
  const [eastM, northM] = [toE - fromE, toN - fromN];
  const lengthM2 = eastM * eastM + northM * northM;
  const along = lengthM2 === 0 ? 0 : -(fromE * eastM + fromN * northM) / lengthM2;
  const share = Math.max(0, Math.min(1, along));
  return Math.hypot(fromE + share * eastM, fromN + share * northM);
}
