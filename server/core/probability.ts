import type { Finding } from '../../shared/alert.ts';

/** Where a probability becomes a finding. (SPEC CB1) */
export const CERTAIN_P = 0.95;
export const LIKELY_P = 0.5;
export const POSSIBLE_P = 0.05;

export function findingOf(probability: number): Finding {
  if (probability >= CERTAIN_P) return 'certain';
  if (probability >= LIKELY_P) return 'likely';
  return probability >= POSSIBLE_P ? 'possible' : 'clear';
}

/**
 * Standard normal distribution function; absolute error below 1.5e-7 (Abramowitz–Stegun 7.1.26).
 */
export function normalCdf(z: number): number {
  const x = Math.abs(z) * Math.SQRT1_2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * poly * Math.exp(-x * x);
  return z >= 0 ? 1 - tail : tail;
}

/**
 * P(|m + N(0, σ²I)| < limit): how likely two uncertain places are within `limitM` of each other,
 * when their estimates lie `apartM` apart and each axis of the difference has deviation `sigmaM`.
 * The distance is Rician; below σ = limit/2 a normal approximation serves (error < 0.03), else the
 * density is integrated.
 */
export function probabilityWithin(apartM: number, sigmaM: number, limitM: number): number {
  if (apartM - limitM > SIGMAS_FAR * sigmaM) return 0;
  if (limitM - apartM > SIGMAS_FAR * sigmaM) return 1;
  const mean = Math.sqrt(apartM * apartM + sigmaM * sigmaM);
  if (sigmaM < limitM / 2) return normalCdf((limitM - mean) / sigmaM);
  return Math.min(1, integrateRice(apartM, sigmaM, limitM));
}

/** Beyond six deviations the answer is 0 or 1 to eight digits. */
const SIGMAS_FAR = 6;
/** Nodes and weights of Gauss–Legendre on [0, 1], eight points; the integrand is smooth. */
const NODES = [
  0.019855071751, 0.101666761293, 0.237233795042, 0.408282678752, 0.591717321248, 0.762766204958,
  0.898333238707, 0.980144928249,
];
const WEIGHTS = [
  0.050614268145, 0.111190517227, 0.156853322939, 0.181341891689, 0.181341891689, 0.156853322939,
  0.111190517227, 0.050614268145,
];

/** The Rice density over [0, limit], with the Bessel function scaled so that nothing overflows. */
function integrateRice(apartM: number, sigmaM: number, limitM: number): number {
  const variance = sigmaM * sigmaM;
  let sum = 0;
  for (let i = 0; i < NODES.length; i++) {
    const r = NODES[i]! * limitM;
    const exponent = -((r - apartM) * (r - apartM)) / (2 * variance);
    sum += WEIGHTS[i]! * r * Math.exp(exponent) * besselI0Scaled((r * apartM) / variance);
  }
  return (sum * limitM) / variance;
}

/** e^-x · I0(x) for x ≥ 0 (Abramowitz–Stegun 9.8.1 and 9.8.2; relative error below 2e-7). */
function besselI0Scaled(x: number): number {
  if (x < 3.75) {
    const t = (x / 3.75) ** 2;
    const series =
      1 +
      t *
        (3.5156229 +
          t * (3.0899424 + t * (1.2067492 + t * (0.2659732 + t * (0.0360768 + t * 0.0045813)))));
    return series * Math.exp(-x);
  }
  const t = 3.75 / x;
  const series =
    0.39894228 +
    t *
      (0.01328592 +
        t *
          (0.00225319 +
            t *
              (-0.00157565 +
                t *
                  (0.00916281 +
                    t * (-0.02057706 + t * (0.02635537 + t * (-0.01647633 + t * 0.00392377)))))));
  return series / Math.sqrt(x);
}
