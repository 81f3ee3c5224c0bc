import { area, difference, featureCollection, intersect, multiPolygon } from '@turf/turf';
import { describe, expect, test } from 'vitest';
import { prng } from '../../shared/prng.ts';
import type { LonLat, Zone } from '../../shared/zone.ts';
import { ringsOf, shapeFaults } from '../../server/core/ring-check.ts';
import { zoneAreaM2 } from '../../server/core/zone-area.ts';
import { mayMeet, overlayOf } from '../../server/core/zone-overlay.ts';
import { place, square } from '../support/given.ts';
import { type Point, randomZone } from '../support/random-zone.ts';

const PAIRS = 60;

/** A hole of few corners may reach outside: such a zone never comes in. */
const isSound = (zone: Zone): boolean => shapeFaults(ringsOf(zone)).length === 0;

/** Two zones that may lie beside, across or in each other. */
function* pairs(): Generator<[first: Zone, second: Zone]> {
  for (let seed = 1; seed <= PAIRS; seed++) {
    const random = prng(seed);
    const near = (): Point => [5.1 + 0.02 * random.next(), 52.1 + 0.01 * random.next()];
    const zone = () =>
      randomZone(random, near(), 200 + 1_000 * random.next(), 3 + random.below(20)).zone;
    const [first, second] = [zone(), zone()];
    if (isSound(first) && isSound(second)) yield [first, second];
  }
}

const feature = (zone: Zone) => {
  if (zone.type === 'Circle') throw new Error('random zones are polygons');
  const polygons = zone.type === 'Polygon' ? [zone.coordinates] : zone.coordinates;
  return multiPolygon(polygons);
};

describe('two zones on each other', () => {
  test('[PV3] share what turf cuts out of them, and leave what it leaves', () => {
    for (const [first, second] of pairs()) {
      const { bothM2, onlyFirstM2, onlySecondM2 } = overlayOf(first, second);
      const both = featureCollection([feature(first), feature(second)]);
      const turned = featureCollection([feature(second), feature(first)]);
      const wanted = [intersect(both), difference(both), difference(turned)];
      for (const [at, foundM2] of [bothM2, onlyFirstM2, onlySecondM2].entries()) {
        const sphereM2 = wanted[at] ? area(wanted[at]) : 0;
        // The sphere of turf has 0.3 % less ground here.
        expect(Math.abs(foundM2 - 1.0036 * sphereM2)).toBeLessThan(2e-3 * sphereM2 + 1e-3);
      }
    }
  });

  test('[PV3] have between them each its own area', () => {
    for (const [first, second] of pairs()) {
      const { bothM2, onlyFirstM2, onlySecondM2 } = overlayOf(first, second);
      const [a, b] = [zoneAreaM2(first), zoneAreaM2(second)];
      expect(Math.abs(bothM2 + onlyFirstM2 - a)).toBeLessThan(1e-7 * a);
      expect(Math.abs(bothM2 + onlySecondM2 - b)).toBeLessThan(1e-7 * b);
    }
  });

  test('[PV3] change places without changing what they share', () => {
    for (const [first, second] of pairs()) {
      const there = overlayOf(first, second);
      const back = overlayOf(second, first);
      expect(back.bothM2).toBeCloseTo(there.bothM2, 3);
      expect(back.onlyFirstM2).toBeCloseTo(there.onlySecondM2, 3);
    }
  });

  test('[PV3] that are the same have nothing alone, however they were drawn', () => {
    for (const [zone] of pairs()) {
      const turned = backwards(zone);
      const { onlyFirstM2, onlySecondM2 } = overlayOf(zone, turned);
      expect(onlyFirstM2).toBeLessThan(1e-3);
      expect(onlySecondM2).toBeLessThan(1e-3);
    }
  });

  test('[PV3] may not meet only when they share nothing', () => {
    for (const [first, second] of pairs()) {
      if (!mayMeet(first, second)) expect(overlayOf(first, second).bothM2).toBe(0);
    }
    const far: Zone = { type: 'Circle', center: place(5_000), radiusM: 100 };
    expect(mayMeet(square(500) as Zone, far)).toBe(false);
  });

  // prettier-ignore
  test.each([
    // apart   both       first alone   two circles of 100 m
    [   0,     31_415.9,  0       ],
    [ 100,     12_283.7,  19_132.2],
    [ 201,     0,         31_415.9],
  ])('[PV3] circles %i m apart', (apartM, both, alone) => {
    const circle = (eastM: number): Zone => ({ type: 'Circle', center: place(eastM), radiusM: 100 });
    const { bothM2, onlyFirstM2 } = overlayOf(circle(0), circle(apartM));
    expect(Math.abs(bothM2 - both)).toBeLessThan(1);
    expect(Math.abs(onlyFirstM2 - alone)).toBeLessThan(1);
  });
});

function backwards(zone: Zone): Zone {
  const turn = (rings: LonLat[][]): LonLat[][] => rings.map((ring) => ring.toReversed());
  switch (zone.type) {
    case 'Polygon':
      return { ...zone, coordinates: turn(zone.coordinates) };
    case 'MultiPolygon':
      return { ...zone, coordinates: zone.coordinates.map(turn).toReversed() };
    case 'Circle':
      return zone;
  }
}
