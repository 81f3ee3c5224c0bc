import type { ChosenStore } from './chosen-store.ts';

/** What came of one fault on this machine. */
export interface Outcome {
  /** Null when it could not be run here: `notes` says why. */
  readonly passed: boolean | null;
  /** Measured, with units. */
  readonly figures: string;
  /** What a reader must know beside the figures; empty when nothing. */
  readonly notes: string;
}

/** What a fault is given. */
export interface FaultContext {
  /** Fewer rounds, and clocks of the server set faster where that changes no verdict. */
  readonly quick: boolean;
  /** All that is drawn is drawn from it. */
  readonly seed: number;
  /** Limits of time are so many times as long: 1 unless the machine has other work to do. */
  readonly patience: number;
  readonly store: ChosenStore;
  /** For people who wait. */
  readonly tell: (text: string) => void;
}

/** One line of RELIABILITY §7: something that breaks, and what must then hold. */
export interface Fault {
  /** As in RELIABILITY §7; a word for what that table does not have. */
  readonly number: number | string;
  readonly name: string;
  /** What is done to it. */
  readonly fault: string;
  /** What must hold, with its figure. */
  readonly expected: string;
  /** True when another store gives another answer. */
  readonly perStore: boolean;
  readonly run: (context: FaultContext) => Promise<Outcome>;
}

export const notRun = (why: string): Outcome => ({
  passed: null,
  figures: '–',
  notes: `not run on this machine: ${why}`,
});

/** A claim about what was measured, kept with its figure so that a failed one can be named. */
export interface Claim {
  readonly what: string;
  readonly holds: boolean;
}

/** Passed if every claim holds; those that do not are named in the notes. */
export function outcomeOf(
  claims: readonly Claim[],
  figures: readonly string[],
  notes: readonly string[] = [],
): Outcome {
  const broken = claims.filter(({ holds }) => !holds).map(({ what }) => what);
  const told = broken.length === 0 ? [] : [`does not hold: ${broken.join('; ')}`];
  return {
    passed: broken.length === 0,
    figures: figures.join('; '),
    notes: [...told, ...notes].join('. '),
  };
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
export const millis = (ms: number): string => `${Math.round(ms)} ms`;

/** The value below which so large a share lies; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const largest = (values: readonly number[]): number => Math.max(0, ...values);

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Looks every so often until it finds something; null when it did not in time. For what a process
 * tells nobody of, so that there is nothing to wait for but its answer.
 */
export async function eventually<T>(
  withinMs: number,
  look: () => Promise<T | null> | T | null,
  everyMs = 25,
): Promise<T | null> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > untilMs) return null;
    await pause(everyMs);
  }
}
