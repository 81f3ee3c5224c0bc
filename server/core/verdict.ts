import type { AlertReason, Certainty, Finding, Priority, Stage } from '../../shared/alert.ts';
import type { Figures } from './alert-record.ts';
import type { Estimate } from './motion.ts';

/** What the rules say of one ban, or one device fault, at one instant. */
export interface Verdict {
  /** Null: nothing to tell. Device faults have no stage and say so by `standing`. */
  readonly standing: boolean;
  readonly stage: Stage | null;
  readonly certainty: Certainty | null;
  readonly finding: Finding | null;
  readonly priority: Priority;
  readonly reason: AlertReason;
  /** Numbers of the SPEC rules that decided. */
  readonly rules: readonly string[];
  readonly figures: Figures;
  /** Within the margin in which an alert already raised goes on. (SPEC EP4) */
  readonly holds: boolean;
  /** Within the margin in which a breach already raised stays one. (SPEC EP4) */
  readonly holdsBreach: boolean;
  readonly estimates: readonly Estimate[];
  readonly detail: Readonly<Record<string, string | number | null>>;
}

export const NO_FIGURES: Figures = {
  distanceM: null,
  uncertaintyM: null,
  closingSpeedMs: null,
  timeToBreachS: null,
  timeToContactS: null,
};

/** Nothing is known of either party: that is for the device alerts to say. */
export const NOTHING: Verdict = {
  standing: false,
  stage: null,
  certainty: null,
  finding: null,
  priority: 4,
  reason: 'within-distance',
  rules: [],
  figures: NO_FIGURES,
  holds: false,
  holdsBreach: false,
  estimates: [],
  detail: {},
};

const RANK: Record<Finding, number> = { clear: 0, possible: 1, likely: 2, certain: 3 };

/** Untrusted estimates can never say more than that something cannot be ruled out. (SPEC MO6) */
export const capped = (finding: Finding, trusted: boolean): Finding =>
  trusted || RANK[finding] <= RANK.possible ? finding : 'possible';

export const certaintyOf = (finding: Finding): Certainty | null =>
  finding === 'clear' ? null : finding;

/** Of two verdicts on one ban the one that asks for more. */
export function worse(a: Verdict, b: Verdict): Verdict {
  return weight(b) > weight(a) ? b : a;
}

function weight(verdict: Verdict): number {
  const stage = verdict.stage === 'breach' ? 2 : verdict.stage === 'approach' ? 1 : 0;
  const nearness = 1 / (2 + Math.max(0, verdict.figures.distanceM ?? Infinity));
  return (
    100 * stage +
    10 * (5 - verdict.priority) +
    RANK[verdict.finding ?? 'clear'] +
    (verdict.holds ? 0.3 : 0) +
    (verdict.holdsBreach ? 0.3 : 0) +
    nearness
  );
}

/** A probability to three decimals. */
export const toThousandths = (p: number): number => Math.round(p * 1000) / 1000;

/** One decimal is more than any receiver knows, and keeps two runs equal to the byte. */
export const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Sure enough to be a breach, if the moment is right. (SPEC CB1) */
export const isBreach = (finding: Finding): boolean =>
  finding === 'certain' || finding === 'likely';
