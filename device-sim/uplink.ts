import type { Prng } from '../shared/prng.ts';
import { drawsAt, exponential, lognormal } from './draws.ts';

/** How a mobile network treats messages. Figures of DOMAIN.md, "Uplink". */
export interface UplinkSettings {
  readonly latencyMedianMs: number;
  readonly latencySigma: number;
  readonly stragglerShare: number;
  readonly stragglerMinMs: number;
  readonly stragglerMaxMs: number;
  readonly duplicateShare: number;
  /** Of messages that never arrive. QoS 1 has none, until a broker restarts. */
  readonly lostShare: number;
  readonly coverageLossesPerHour: number;
  readonly coverageLossMedianMs: number;
  /** Of bursts after a loss of coverage. */
  readonly newestFirstShare: number;
}

export const UPLINK: UplinkSettings = {
  latencyMedianMs: 1_200,
  latencySigma: 0.6,
  stragglerShare: 0.02,
  stragglerMinMs: 5_000,
  stragglerMaxMs: 60_000,
  duplicateShare: 0.01,
  lostShare: 0,
  coverageLossesPerHour: 0.4,
  coverageLossMedianMs: 90_000,
  newestFirstShare: 0.2,
};

/** A network that does nothing to a message. */
export const IDEAL_UPLINK: UplinkSettings = {
  ...UPLINK,
  latencyMedianMs: 1,
  latencySigma: 0,
  stragglerShare: 0,
  duplicateShare: 0,
  coverageLossesPerHour: 0,
};

/** DOMAIN.md gives the median only; the spread is ours. */
const COVERAGE_LOSS_SPREAD = 0.6;
const HOUR_MS = 3_600_000;

export type BurstOrder = 'oldest-first' | 'newest-first';

/** In reach of a mast until, or out of reach from and until. */
export type Coverage =
  | { readonly state: 'covered'; readonly untilMs: number; readonly tick: number }
  | {
      readonly state: 'lost';
      readonly fromMs: number;
      readonly untilMs: number;
      readonly order: BurstOrder;
      readonly tick: number;
    };

export function initialCoverage(settings: UplinkSettings, seed: number, atMs: number): Coverage {
  return { state: 'covered', untilMs: atMs + coveredMs(settings, seed, 0), tick: 1 };
}

/** Coverage at an instant that is not earlier than what was asked before. */
export function coverageAt(
  settings: UplinkSettings,
  seed: number,
  before: Coverage,
  nowMs: number,
): Coverage {
  let coverage = before;
  while (coverage.untilMs <= nowMs) coverage = changed(settings, seed, coverage);
  return coverage;
}

function changed(settings: UplinkSettings, seed: number, before: Coverage): Coverage {
  const tick = before.tick + 1;
  const fromMs = before.untilMs;
  if (before.state === 'lost') {
    return { state: 'covered', untilMs: fromMs + coveredMs(settings, seed, tick), tick };
  }
  const random = drawsAt(seed, 'coverage-loss', tick);
  const untilMs = fromMs + lognormal(random, settings.coverageLossMedianMs, COVERAGE_LOSS_SPREAD);
  const newest = random.next() < settings.newestFirstShare;
  return { state: 'lost', fromMs, untilMs, order: newest ? 'newest-first' : 'oldest-first', tick };
}

function coveredMs(settings: UplinkSettings, seed: number, tick: number): number {
  if (settings.coverageLossesPerHour === 0) return Infinity;
  const random = drawsAt(seed, 'covered', tick);
  return exponential(random, HOUR_MS / settings.coverageLossesPerHour);
}

/** How long each copy of one message is under way: none if it is lost, two if it is doubled. */
export function delaysMs(settings: UplinkSettings, random: Prng): number[] {
  if (random.next() < settings.lostShare) return [];
  const copies = random.next() < settings.duplicateShare ? 2 : 1;
  return Array.from({ length: copies }, () => delayMs(settings, random));
}

function delayMs(settings: UplinkSettings, random: Prng): number {
  const usual = lognormal(random, settings.latencyMedianMs, settings.latencySigma);
  if (random.next() >= settings.stragglerShare) return usual;
  const { stragglerMinMs, stragglerMaxMs } = settings;
  return stragglerMinMs + (stragglerMaxMs - stragglerMinMs) * random.next();
}
