import { lonDelta, scaleAt } from '../shared/geodesy.ts';
import { type LonLat, polygonsOf, type Zone } from '../shared/zone.ts';
import { circleRing } from './map-overlay.ts';

/** Square metres, flat around the middle of each ring; the server's own figure is the exact one. */
export function areaM2(zone: Zone): number {
  if (zone.type === 'Circle') return Math.PI * zone.radiusM ** 2;
  return polygonsOf(zone).reduce((sum, [outer, ...holes]) => {
    const gaps = holes.reduce((area, hole) => area + ringAreaM2(hole), 0);
    return sum + (outer === undefined ? 0 : ringAreaM2(outer)) - gaps;
  }, 0);
}

function ringAreaM2(ring: readonly LonLat[]): number {
  const [origin] = ring;
  if (origin === undefined) return 0;
  const lats = ring.map(([, lat]) => lat);
  const scale = scaleAt((Math.min(...lats) + Math.max(...lats)) / 2);
  const flat = ring.map(([lon, lat]) => [
    lonDelta(origin[0], lon) * scale.lonM,
    (lat - origin[1]) * scale.latM,
  ]);
  const twice = flat.reduce((sum, [x = 0, y = 0], at) => {
    const [nextX = 0, nextY = 0] = flat[(at + 1) % flat.length]!;
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}

/** Rings to draw: of a circle one that looks round. */
export const drawnRings = (zone: Zone): LonLat[][][] =>
  zone.type === 'Circle' ? [[circleRing(zone.center, zone.radiusM) as LonLat[]]] : polygonsOf(zone);
