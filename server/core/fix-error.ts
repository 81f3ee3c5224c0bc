import type { FixSource } from '../../shared/device-message.ts';
import type { Fix } from './case-event.ts';

/** 68 % radius of a circular normal distribution in units of its deviation per axis. */
const RADIUS_68 = 1.515;

interface SourceError {
  /** Deviation per axis where a receiver claims none. */
  readonly unknownM: number;
  /** The least we ever believe. */
  readonly leastM: number;
  /**
   * Share of the error that more fixes from the same place do not average out: that of a place
   * known by its Wi-Fi or mast is nearly all of it. (DOMAIN, "Correlated error")
   */
  readonly lastingShare: number;
}

const ERRORS: Record<FixSource, SourceError> = {
  gnss: { unknownM: 8, leastM: 3, lastingShare: 0.8 },
  wifi: { unknownM: 30, leastM: 12, lastingShare: 0.9 },
  cell: { unknownM: 600, leastM: 200, lastingShare: 0.9 },
  beacon: { unknownM: 10, leastM: 5, lastingShare: 0.6 },
};

const errorOf = (fix: Fix): SourceError => ERRORS[fix.source ?? 'gnss'];

/** Error of a fix as it was measured: deviation per axis. (SPEC MO2) */
export function sigmaOf(fix: Fix): number {
  const { unknownM, leastM } = errorOf(fix);
  // Zero is no measurement of error but the lack of one.
  if (fix.accuracyM === null || fix.accuracyM === 0) return unknownM;
  return Math.max(leastM, (fix.accuracyM / RADIUS_68) * optimism(fix.accuracyM, fix.source));
}

/** The least error that any number of such fixes can leave. (SPEC MO2) */
export const lastingSigmaOf = (fix: Fix, sigmaM: number): number =>
  errorOf(fix).lastingShare * sigmaM;

/**
 * How much larger than claimed the error is. Under open sky, where 3 to 4 m are claimed, receivers
 * are right; in streets and indoors, where they claim 10 to 40 m, the error is twice that (DOMAIN,
 * κ). A claim of hundreds of metres is caution again.
 */
function optimism(accuracyM: number, source: FixSource | null): number {
  if (source === 'cell') return 1;
  if (source === 'wifi') return WIFI_OPTIMISM;
  if (accuracyM <= HONEST_M) return 1;
  if (accuracyM <= STREET_M) {
    return 1 + ((STREET_OPTIMISM - 1) * (accuracyM - HONEST_M)) / (STREET_M - HONEST_M);
  }
  if (accuracyM <= VAGUE_M) return STREET_OPTIMISM;
  return Math.max(1, (STREET_OPTIMISM * VAGUE_M) / accuracyM);
}

const WIFI_OPTIMISM = 1.25;
const HONEST_M = 4;
const STREET_M = 12;
const VAGUE_M = 40;
const STREET_OPTIMISM = 2;
