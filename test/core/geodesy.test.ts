import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distanceM, lonDelta, offsetBy, wrapLon } from '../../shared/geodesy.ts';
import { boxDistanceM } from '../../server/core/box.ts';

const A = 6_378_137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const RAD = Math.PI / 180;

/** Vincenty's inverse formula on WGS84: half a millimetre, for all but antipodes. */
function vincentyM(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const L = (lon2 - lon1) * RAD;
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD));
  const [su1, cu1, su2, cu2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = L;
  for (let i = 0; i < 100; i++) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sinSigma = Math.hypot(cu2 * sl, cu1 * su2 - su1 * cu2 * cl);
    if (sinSigma === 0) return 0;
    const cosSigma = su1 * su2 + cu1 * cu2 * cl;
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (cu1 * cu2 * sl) / sinSigma;
    const cos2Alpha = 1 - sinAlpha * sinAlpha;
    const cos2Sm = cos2Alpha === 0 ? 0 : cosSigma - (2 * su1 * su2) / cos2Alpha;
    const C = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
    const inner = cos2Sm + C * cosSigma * (2 * cos2Sm * cos2Sm - 1);
    const next = L + (1 - C) * F * sinAlpha * (sigma + C * sinSigma * inner);
    if (Math.abs(next - lambda) < 1e-13)
      return lengthM(cos2Alpha, cos2Sm, sigma, sinSigma, cosSigma);
    lambda = next;
  }
  throw new Error('Vincenty does not converge');
}

function lengthM(
  cos2Alpha: number,
  cos2Sm: number,
  sigma: number,
  sin: number,
  cos: number,
): number {
  const uu = (cos2Alpha * (A * A - B * B)) / (B * B);
  const big = 1 + (uu / 16_384) * (4_096 + uu * (-768 + uu * (320 - 175 * uu)));
  const small = (uu / 1_024) * (256 + uu * (-128 + uu * (74 - 47 * uu)));
  const last = (small / 6) * cos2Sm * (4 * sin * sin - 3) * (4 * cos2Sm * cos2Sm - 3);
  const delta = small * sin * (cos2Sm + (small / 4) * (cos * (2 * cos2Sm * cos2Sm - 1) - last));
  return B * big * (sigma - delta);
}

const lon = fc.double({ min: -180, max: 180, noNaN: true });
const lat = (max: number) => fc.double({ min: -max, max, noNaN: true });
const turn = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true });
const far = (max: number) => fc.double({ min: 1, max, noNaN: true });
const runs = (seed: number) => ({ numRuns: 500, seed });

// prettier-ignore
test.each<[toM: number, latMax: number, relative: number]>([
  [   500, 60, 1e-8],
  [ 5_000, 60, 1e-6],
  [20_000, 53, 1e-5],
  [ 1_000, 85, 1e-6],
])('[MO1] a distance up to %i m, at latitudes up to %i°, is the geodesic one within %f', (toM, latMax, relative) => {
  fc.assert(
    fc.property(lon, lat(latMax), turn, far(toM), (x, y, angle, wayM) => {
      const [x2, y2] = offsetBy(x, y, wayM * Math.cos(angle), wayM * Math.sin(angle));
      const trueM = vincentyM(x, y, x2, y2);
      // Vincenty itself is good to half a millimetre.
      expect(Math.abs(distanceM(x, y, x2, y2) - trueM)).toBeLessThan(relative * trueM + 5e-4);
    }),
    runs(11),
  );
});

test('[MO1] known distances: a street in Utrecht, a degree, a crossing of the date line', () => {
  expect(distanceM(5.1214, 52.0907, 5.1314, 52.0907)).toBeCloseTo(
    vincentyM(5.1214, 52.0907, 5.1314, 52.0907),
    3,
  );
  expect(distanceM(0, 0, 0.01, 0)).toBeCloseTo(1_113.195, 3);
  expect(distanceM(179.99, 10, -179.99, 10)).toBeCloseTo(distanceM(0, 10, 0.02, 10), 6);
});

test('[MO1] a way out and back ends where it began', () => {
  fc.assert(
    fc.property(lon, lat(80), turn, far(2_000), (x, y, angle, wayM) => {
      const [east, north] = [wayM * Math.cos(angle), wayM * Math.sin(angle)];
      const there = offsetBy(x, y, east, north);
      expect(Math.abs(there[0])).toBeLessThanOrEqual(180);
      // The scale is that of the place one starts from.
      expect(distanceM(x, y, ...there)).toBeCloseTo(wayM, -Math.log10(0.005 * wayM + 0.01));
    }),
    runs(12),
  );
});

test('[MO1] a difference of longitudes goes the short way round', () => {
  fc.assert(
    fc.property(lon, lon, (a, b) => {
      const delta = lonDelta(a, b);
      expect(Math.abs(delta)).toBeLessThanOrEqual(180);
      expect(Math.abs(wrapLon(a + delta) - b) % 360).toBeCloseTo(0, 9);
    }),
    runs(13),
  );
});

test('[BP3] the distance to a box is never more than that to anything in it', () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const size = fc.double({ min: 0, max: 2, noNaN: true });
  fc.assert(
    fc.property(lon, lat(83), size, size, part, part, lon, lat(85), (x, y, w, h, u, v, x2, y2) => {
      const box = { minX: x, minY: y, maxX: x + w, maxY: y + h };
      const inX = wrapLon(x + u * w);
      const apartM = distanceM(inX, y + v * h, x2, y2);
      // Beyond some hundred kilometres flat metres mean little, and nobody asks.
      if (apartM > 200_000) return;
      expect(boxDistanceM(box, x2, y2)).toBeLessThanOrEqual(apartM + 1e-6);
    }),
    { numRuns: 2_000, seed: 14 },
  );
});
