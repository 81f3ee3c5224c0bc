import { area as sphereM2 } from '@turf/turf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { offsetBy, scaleAt } from '../../shared/geodesy.ts';
import { prng } from '../../shared/prng.ts';
import type { LonLat, Zone } from '../../shared/zone.ts';
import { zoneAreaM2, zonePoints } from '../../server/core/zone-area.ts';
import { overlayOf } from '../../server/core/zone-overlay.ts';
import { cutFiner, type Point, randomZone } from '../support/random-zone.ts';

const within = (found: number, wanted: number, share: number): void => {
  expect(Math.abs(found - wanted) / wanted).toBeLessThan(share);
};

const square = ([lon, lat]: Point, sideM: number): LonLat[] => {
  const half = sideM / 2;
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
    [-1, -1],
  ] as const;
  return corners.map(([x, y]): LonLat => offsetBy(lon, lat, x * half, y * half));
};

/** How much more ground the ellipsoid has at a latitude than the sphere of turf: 0.4 % at 52°. */
function groundOnSphere(latDeg: number): number {
  const { lonM, latM } = scaleAt(latDeg);
  const degreeM = (Math.PI / 180) * 6_371_008.8;
  return (lonM * latM) / (degreeM * degreeM * Math.cos((latDeg * Math.PI) / 180));
}

/** Places on the European and the Caribbean side. */
const lonLat = fc.record({
  lon: fc.double({ min: -69, max: 7, noNaN: true }),
  lat: fc.double({ min: 11, max: 54, noNaN: true }),
});

describe('the area of a zone', () => {
  test('[PV2] of a square of so many metres is its side squared', () => {
    fc.assert(
      fc.property(lonLat, fc.double({ min: 10, max: 20_000, noNaN: true }), (at, sideM) => {
        const zone: Zone = { type: 'Polygon', coordinates: [square([at.lon, at.lat], sideM)] };
        within(zoneAreaM2(zone), sideM * sideM, 1e-4);
      }),
      { seed: 5 },
    );
  });

  test('[PV2] of a box of degrees is what its strips of a hundredth of a degree add up to', () => {
    const box = (west: number, south: number, east: number, north: number): LonLat[] => [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ];
    const zone: Zone = { type: 'Polygon', coordinates: [box(4.5, 51.5, 6, 52.5)] };
    let stripsM2 = 0;
    for (let i = 0; i < 1000; i++) {
      const { lonM, latM } = scaleAt(51.5 + (i + 0.5) / 1000);
      stripsM2 += (1.5 * lonM * latM) / 1000;
    }
    within(zoneAreaM2(zone), stripsM2, 1e-8);
  });

  test('[PV2] is that of turf but for what its sphere gets wrong, whatever the shape', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = prng(seed);
      const center: Point = [3.2 + 4 * random.next(), 50.8 + 2.8 * random.next()];
      const sizeM = 200 + 49_800 * random.next();
      const { zone } = randomZone(random, center, sizeM, 12 + random.below(60));
      if (zone.type === 'Circle') throw new Error('random zones are polygons');
      within(zoneAreaM2(zone), sphereM2(zone) * groundOnSphere(center[1]), 2e-4);
    }
  });

  test('[PV2] does not depend on where edges are cut, nor on which way round a ring runs', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = prng(seed);
      const { zone, unwrapped } = randomZone(random, [5, 52], 30_000, 8);
      const finer = unwrapped.map((rings) => cutFiner(rings, 7));
      const backwards = unwrapped.map((rings) => rings.map((ring) => ring.toReversed()));
      for (const coordinates of [finer, backwards]) {
        within(zoneAreaM2({ type: 'MultiPolygon', coordinates }), zoneAreaM2(zone), 1e-9);
      }
    }
  });

  test('[PV2] of a circle is that of a circle on the ground, also at 100 km', () => {
    for (const radiusM of [10, 500, 20_000, 100_000]) {
      const zone: Zone = { type: 'Circle', center: [5, 52], radiusM };
      within(zoneAreaM2(zone), Math.PI * radiusM * radiusM, 1e-4);
      // Its polygon has corners at the right distance, and 1.3e-5 less ground.
      const { bothM2 } = overlayOf(zone, zone);
      within(bothM2, zoneAreaM2(zone), 5e-4);
    }
  });

  test('[PV2] lacks its holes, and corners are counted once', () => {
    const outer = square([5, 52], 1_000);
    const hole = square([5, 52], 100);
    const zone: Zone = { type: 'Polygon', coordinates: [outer, hole] };
    within(zoneAreaM2(zone), 1e6 - 1e4, 1e-4);
    expect(zonePoints(zone)).toBe(8);
    expect(zonePoints({ type: 'Circle', center: [5, 52], radiusM: 10 })).toBe(1);
  });

  test('[PV2] goes on over the date line', () => {
    const zone: Zone = { type: 'Polygon', coordinates: [square([179.999, -17], 2_000)] };
    within(zoneAreaM2(zone), 4e6, 1e-4);
  });
});
