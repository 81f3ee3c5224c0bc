import { offsetBy } from '../../shared/geodesy.ts';
import { normalCdf } from './probability.ts';
import type { ZoneShape } from './zone-shape.ts';

/** Beyond so many deviations from the boundary its shape does not matter. */
const SIGMAS_FAR = 3;
/** Where seven looks and one differ by more than this, the boundary is not straight. */
const BENT_P = 0.02;
/** The error as a cloud of smaller ones: its middle, and six around, each so much smaller. */
const SPREAD = 0.7;
const SMALLER = Math.sqrt(1 - SPREAD * SPREAD);
const AROUND: readonly (readonly [eastSigmas: number, northSigmas: number])[] = Array.from(
  { length: 6 },
  (_, k) => [2 * SPREAD * Math.cos((k * Math.PI) / 3), 2 * SPREAD * Math.sin((k * Math.PI) / 3)],
);

/** P(inside) where the boundary is straight at the scale of the error. */
export const straightP = (signedM: number, sigmaM: number): number => normalCdf(-signedM / sigmaM);

/**
 * P(inside) for the zone's real shape: corners, holes and zones no larger than the error count. A
 * Gaussian is a cloud of smaller ones (a cubature rule of degree 5 for the plane, Stroud 1971,
 * E2 5-1), for each of which the boundary is straighter. `signedM` is the distance from the
 * boundary, negative inside. (SPEC LB1)
 */
export function insideP(
  shape: ZoneShape,
  lon: number,
  lat: number,
  signedM: number,
  sigmaM: number,
): number {
  const straight = straightP(signedM, sigmaM);
  if (Math.abs(signedM) > SIGMAS_FAR * sigmaM) return straight;
  const seven = cloudP(shape, lon, lat, sigmaM, 1);
  return Math.abs(seven - straight) < BENT_P ? straight : cloudP(shape, lon, lat, sigmaM, 2);
}

function cloudP(shape: ZoneShape, lon: number, lat: number, sigmaM: number, depth: number): number {
  if (depth === 0) return straightP(shape.signedDistanceM(lon, lat), sigmaM);
  let sum = cloudP(shape, lon, lat, SMALLER * sigmaM, depth - 1) / 2;
  for (const [eastSigmas, northSigmas] of AROUND) {
    const [x, y] = offsetBy(lon, lat, eastSigmas * sigmaM, northSigmas * sigmaM);
    sum += cloudP(shape, x, y, SMALLER * sigmaM, depth - 1) / 12;
  }
  return sum;
}
