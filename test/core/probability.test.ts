import { describe, expect, test } from 'vitest';
import { prng } from '../../shared/prng.ts';
import { findingOf, normalCdf, probabilityWithin } from '../../server/core/probability.ts';

/** Simpson's rule over [from, until]. */
function integral(f: (x: number) => number, from: number, until: number, steps = 2_000): number {
  const h = (until - from) / steps;
  let sum = f(from) + f(until);
  for (let i = 1; i < steps; i++) sum += f(from + i * h) * (i % 2 === 0 ? 2 : 4);
  return (sum * h) / 3;
}

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const phi = (z: number): number => 0.5 + integral(density, 0, z);

/** The disc cut into strips: along each the error is normal, across it too. No Bessel function. */
const withinByStrips = (apartM: number, sigmaM: number, limitM: number): number =>
  integral(
    (x) => {
      const halfM = Math.sqrt(Math.max(0, limitM * limitM - x * x));
      const inStrip = 2 * (normalCdf(halfM / sigmaM) - 0.5);
      return (density((x - apartM) / sigmaM) / sigmaM) * inStrip;
    },
    Math.max(-limitM, apartM - 9 * sigmaM),
    Math.max(-limitM, Math.min(limitM, apartM + 9 * sigmaM)),
  );

test('[CB1] the normal distribution is right to 2e-7', () => {
  for (let z = -6; z <= 6; z += 0.05) expect(Math.abs(normalCdf(z) - phi(z))).toBeLessThan(2e-7);
});

describe('P of being within a limit', () => {
  const shares = [0, 0.2, 0.5, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.3, 1.7, 2.5];

  // prettier-ignore
  test.each<[sigmaShare: number, error: number]>([
    [0.005, 0.002],
    [0.02,  0.006],
    [0.1,   0.02],
    [0.3,   0.02],
    [0.45,  0.03],
    [0.49,  0.03],
    [0.51,  1e-4],
    [1,     1e-4],
    [2,     1e-4],
    [6,     1e-4],
  ])('[CB1] σ of %f times the limit: within %f of the truth', (sigmaShare, error) => {
    for (const limitM of [50, 500, 5_000]) {
      for (const share of shares) {
        const [apartM, sigmaM] = [share * limitM, sigmaShare * limitM];
        const apart = Math.abs(
          probabilityWithin(apartM, sigmaM, limitM) - withinByStrips(apartM, sigmaM, limitM),
        );
        expect(apart, `${apartM} ± ${sigmaM} m of ${limitM} m`).toBeLessThan(error);
      }
    }
  });

  test('[CB1] agrees with thrown dice', () => {
    const random = prng(7);
    for (const [apartM, sigmaM, limitM] of [
      [480, 30, 500],
      [520, 100, 500],
      [100, 400, 500],
    ] as const) {
      let hits = 0;
      const throws = 40_000;
      for (let i = 0; i < throws; i++) {
        if (Math.hypot(apartM + sigmaM * random.normal(), sigmaM * random.normal()) < limitM)
          hits++;
      }
      expect(Math.abs(probabilityWithin(apartM, sigmaM, limitM) - hits / throws)).toBeLessThan(
        0.025,
      );
    }
  });

  test('[CB1] is a probability, and never grows with the distance', () => {
    for (const sigmaM of [1, 40, 249, 251, 2_000, 1e6]) {
      let before = 1;
      for (let apartM = 0; apartM < 20_000; apartM += 7) {
        const p = probabilityWithin(apartM, sigmaM, 500);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(before + 1e-6);
        before = p;
      }
    }
  });

  // prettier-ignore
  test.each([
    [0.951, 'certain'], [0.949, 'likely'], [0.501, 'likely'], [0.499, 'possible'], [0.051, 'possible'], [0.049, 'clear'],
  ])('[CB1] P = %f is %s', (p, finding) => {
    expect(findingOf(p)).toBe(finding);
  });
});
