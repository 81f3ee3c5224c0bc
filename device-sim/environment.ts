import { z } from 'zod';

/**
 * Where a receiver is decides how wrong it is. The table is that of DOMAIN.md, "Position error".
 * Sigmas and taus are per axis; `optimism` is the κ by which the reported radius is too small.
 */
export interface SkyModel {
  readonly source: 'gnss';
  readonly slowM: number;
  readonly slowTauS: number;
  readonly fastM: number;
  readonly fastTauS: number;
  readonly whiteM: number;
  readonly jumpsPerHour: number;
  readonly jumpMedianM: number;
  readonly jumpMeanS: number;
  readonly optimism: number;
  readonly lossesPerHour: number;
  readonly lossMedianS: number;
}

/**
 * Located by what the network knows of a place: the same place is wrong in the same way each time.
 */
export interface PlaceModel {
  readonly source: 'wifi' | 'cell';
  readonly placeMedianM: number;
  /** Within one square of this size the error of the place is one and the same. */
  readonly placeSizeM: number;
  readonly whiteM: number;
  readonly optimism: number;
}

function sky(
  slow: [sigmaM: number, tauS: number],
  fast: [sigmaM: number, tauS: number],
  whiteM: number,
  jumps: [perHour: number, medianM: number, meanS: number],
  optimism: number,
  losses: [perHour: number, medianS: number],
): SkyModel {
  const [slowM, slowTauS] = slow;
  const [fastM, fastTauS] = fast;
  const [jumpsPerHour, jumpMedianM, jumpMeanS] = jumps;
  const [lossesPerHour, lossMedianS] = losses;
  return {
    source: 'gnss',
    slowM,
    slowTauS,
    fastM,
    fastTauS,
    whiteM,
    jumpsPerHour,
    jumpMedianM,
    jumpMeanS,
    optimism,
    lossesPerHour,
    lossMedianS,
  };
}

export const CELL: PlaceModel = {
  source: 'cell',
  placeMedianM: 500,
  placeSizeM: 1_000,
  whiteM: 60,
  optimism: 1,
};

const WIFI: PlaceModel = {
  source: 'wifi',
  placeMedianM: 25,
  placeSizeM: 60,
  whiteM: 8,
  optimism: 0.8,
};

// prettier-ignore
export const ENVIRONMENTS = {
  //                 slow σ/τ   fast σ/τ  white  jumps /h m s   κ     losses /h s
  'open-sky':     sky([2, 180],  [1, 20],  0.5,  [0.05, 15, 10], 1.0,  [0.2, 20]),
  'suburban':     sky([3, 150],  [2, 20],  0.8,  [0.5, 20, 15],  0.9,  [0.5, 25]),
  'urban':        sky([6, 90],   [5, 15],  1.5,  [4, 35, 20],    0.6,  [2, 30]),
  'urban-canyon': sky([13, 60],  [12, 12], 3,    [12, 60, 25],   0.45, [5, 40]),
  'indoor-gnss':  sky([18, 240], [12, 30], 4,    [6, 80, 60],    0.5,  [0, 0]),
  'indoor-wifi':  WIFI,
  'cell':         CELL,
} as const satisfies Record<string, SkyModel | PlaceModel>;

export type EnvironmentName = keyof typeof ENVIRONMENTS;
export const EnvironmentName = z.enum(
  Object.keys(ENVIRONMENTS) as [EnvironmentName, ...EnvironmentName[]],
);
