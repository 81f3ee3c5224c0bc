import { E2, EQUATOR_M, lonDelta } from '../../shared/geodesy.ts';
import { type LonLat, polygonsOf, type Zone } from '../../shared/zone.ts';

/**
 * Areas on the WGS84 ellipsoid. An edge is straight in longitude and latitude, as everywhere in
 * Cordon: under it lies the area between equator and latitude (Snyder, Map Projections, USGS 1395,
 * 1987, formula 3-12) for each bit of longitude, which is summed up along the ring.
 */
const RAD = Math.PI / 180;
const E = Math.sqrt(E2);
/** Of a sphere as curved as the ellipsoid is about 52° north. */
const CIRCLE_SPHERE_M = 6_382_000;

/** Square metres from the equator to a latitude, for one radian of longitude. */
function bandM2(latRad: number): number {
  const s = Math.sin(latRad);
  const q = s / (1 - E2 * s * s) + Math.log((1 + E * s) / (1 - E * s)) / (2 * E);
  return ((EQUATOR_M * EQUATOR_M * (1 - E2)) / 2) * q;
}

/** Gauss and Legendre's three places between two ends: exact to 1e-12 on an edge of a degree. */
const ASIDE = Math.sqrt(3 / 5) / 2;
function meanBandM2(latA: number, latB: number): number {
  const middle = ((latA + latB) / 2) * RAD;
  const aside = (latB - latA) * ASIDE * RAD;
  return (5 * bandM2(middle - aside) + 8 * bandM2(middle) + 5 * bandM2(middle + aside)) / 18;
}

function ringM2(ring: readonly LonLat[]): number {
  let sum = 0;
  for (let i = 0; i + 1 < ring.length; i++) {
    const [lonA, latA] = ring[i]!;
    const [lonB, latB] = ring[i + 1]!;
    sum += lonDelta(lonA, lonB) * RAD * meanBandM2(latA, latB);
  }
  return Math.abs(sum);
}

/** Square metres of a zone, holes left out. A circle's is that of a cap: 1e-6 off at 100 km. */
export function zoneAreaM2(zone: Zone): number {
  if (zone.type === 'Circle') {
    const half = Math.sin(zone.radiusM / CIRCLE_SPHERE_M / 2);
    return 4 * Math.PI * (CIRCLE_SPHERE_M * half) ** 2;
  }
  return polygonsOf(zone).reduce((sum, [outer, ...holes]) => {
    return sum + ringM2(outer!) - holes.reduce((cut, hole) => cut + ringM2(hole), 0);
  }, 0);
}

/** Corners, each counted once; a circle has its middle only. */
export function zonePoints(zone: Zone): number {
  if (zone.type === 'Circle') return 1;
  return polygonsOf(zone)
    .flat()
    .reduce((sum, ring) => sum + ring.length - 1, 0);
}
