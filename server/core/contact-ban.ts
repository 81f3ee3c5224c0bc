import type { AlertReason, Finding, Priority, Stage } from '../../shared/alert.ts';
import { distanceM, lonDelta, scaleAt } from '../../shared/geodesy.ts';
import type { BanState } from './case-state.ts';
import {
  PERSISTENCE_S,
  reachM,
  sigmaAfter,
  speedOf,
  type Estimate,
  type TrackPoint,
} from './motion.ts';
import { findingOf, LIKELY_P, probabilityWithin } from './probability.ts';
import { capped, certaintyOf, NOTHING, rounded, type Verdict } from './verdict.ts';

/** How far ahead a course is believed. (SPEC CB5) */
export const COURSE_AHEAD_S = 120;
/** On course to cross the line this soon is as urgent as having crossed it. (SPEC CB6) */
export const IMMINENT_S = 20;
/** Below this closing speed nobody is "on course". */
const COURSE_SPEED_MS = 0.8;
/** An older fix is too old to steer by. */
const COURSE_AGE_MS = 90_000;
const HOLD_FACTOR = 1.1;
const HOLD_MARGIN_M = 10;
const HOLD_P = 0.2;
/** Six deviations: what lies beyond cannot reach any threshold. */
const SIGMAS_FAR = 6;

/** The two parties at one instant, as seen from the wearer. */
interface Pair {
  readonly apartM: number;
  readonly sigmaM: number;
  /** Positive when the distance shrinks. */
  readonly closingMs: number;
  readonly speedMs: number;
  /** Closest approach if both keep their course, and when. */
  readonly missM: number;
  readonly missAtS: number;
}

function pairOf(wearer: Estimate, victim: Estimate): Pair {
  const scale = scaleAt((wearer.lat + victim.lat) / 2);
  const eastM = lonDelta(wearer.lon, victim.lon) * scale.lonM;
  const northM = (victim.lat - wearer.lat) * scale.latM;
  // As last measured: courses that faded by different ages would seem to close on each other.
  const eastMs = victim.point.eastMs - wearer.point.eastMs;
  const northMs = victim.point.northMs - wearer.point.northMs;
  const apartM = Math.hypot(eastM, northM);
  const speedMs = Math.hypot(eastMs, northMs);
  const along = eastM * eastMs + northM * northMs;
  const missAtS = speedMs > 0 ? Math.max(0, -along / (speedMs * speedMs)) : 0;
  return {
    apartM,
    sigmaM: Math.hypot(wearer.sigmaM, victim.sigmaM),
    closingMs: apartM > 0 ? -along / apartM : 0,
    speedMs,
    missM: Math.hypot(eastM + eastMs * missAtS, northM + northMs * missAtS),
    missAtS,
  };
}

/**
 * How far apart two parties must be for no rule to see anything in them: a cheap first question,
 * never wrong to the dangerous side.
 */
export function contactHorizonM(ban: BanState, wearer: Estimate, victim: Estimate): number {
  const speedMs = speedOf(wearer.point) + speedOf(victim.point);
  const spreadM = SIGMAS_FAR * (wearer.sigmaM + victim.sigmaM);
  const warnedM = HOLD_FACTOR * ban.warningM + HOLD_MARGIN_M + spreadM;
  const courseM = ban.distanceM + spreadM + speedMs * COURSE_AHEAD_S;
  return Math.max(warnedM, courseM, ban.distanceM + wearer.reachM + victim.reachM);
}

/**
 * The same question asked of the fixes themselves, before anything is estimated: nearly all pairs
 * are far apart nearly always. Estimates lie at most a faded course away from their fixes.
 */
export function isFarApart(
  ban: BanState,
  wearer: TrackPoint,
  victim: TrackPoint,
  atMs: number,
): boolean {
  const wearerMs = speedOf(wearer);
  const victimMs = speedOf(victim);
  const wearerS = Math.max(0, atMs - wearer.atMs) / 1000;
  const victimS = Math.max(0, atMs - victim.atMs) / 1000;
  const spreadM =
    SIGMAS_FAR * (sigmaAfter(wearer, wearerS, wearerMs) + sigmaAfter(victim, victimS, victimMs));
  const speedMs = wearerMs + victimMs;
  const horizonM = Math.max(
    HOLD_FACTOR * ban.warningM + HOLD_MARGIN_M + spreadM,
    ban.distanceM + spreadM + speedMs * COURSE_AHEAD_S,
    ban.distanceM + reachM(wearer, wearerS, wearerMs) + reachM(victim, victimS, victimMs),
  );
  const a = wearer.fix;
  const b = victim.fix;
  return distanceM(a.lon, a.lat, b.lon, b.lat) > horizonM + speedMs * PERSISTENCE_S;
}

/** What a contact ban says of two estimates for one instant. (SPEC CB1–CB7) */
export function judgeContact(ban: BanState, wearer: Estimate, victim: Estimate): Verdict {
  const pair = pairOf(wearer, victim);
  if (pair.apartM > contactHorizonM(ban, wearer, victim)) return NOTHING;
  const trusted = wearer.trusted && victim.trusted;
  const withinP = probabilityWithin(pair.apartM, pair.sigmaM, ban.distanceM);
  const reachable = pair.apartM - wearer.reachM - victim.reachM < ban.distanceM;
  const gap = Math.max(wearer.ageMs, victim.ageMs) >= GAP_MS;
  const byReach: Finding = gap && reachable ? 'possible' : 'clear';
  const found = findingOf(withinP);
  const finding = capped(found === 'clear' ? byReach : found, trusted);
  const warnedP = probabilityWithin(pair.apartM, pair.sigmaM, ban.warningM);
  const breachS = onCourseS(ban, pair, wearer, victim);
  const stage = stageOf(finding, warnedP, breachS);
  return {
    standing: stage !== null,
    stage,
    certainty: certaintyOf(finding),
    finding,
    priority: priorityOf(stage, breachS, trusted),
    ...reasonOf(stage, finding, warnedP, breachS),
    figures: figuresOf(ban, pair, breachS),
    holds:
      finding !== 'clear' ||
      probabilityWithin(pair.apartM, pair.sigmaM, HOLD_FACTOR * ban.warningM + HOLD_MARGIN_M) >=
        LIKELY_P,
    holdsBreach:
      probabilityWithin(pair.apartM, pair.sigmaM, HOLD_FACTOR * ban.distanceM + HOLD_MARGIN_M) >=
      HOLD_P,
    estimates: [wearer, victim],
    detail: { withinP: toThousandths(withinP), reachM: rounded(wearer.reachM + victim.reachM) },
  };
}

/** A silence longer than any report interval we ask for: from here on reach counts. (SPEC CB3) */
export const GAP_MS = 70_000;

const toThousandths = (p: number): number => Math.round(p * 1000) / 1000;

/** Seconds until the ban's line if both keep their course and will likely cross it; else null. */
function onCourseS(ban: BanState, pair: Pair, wearer: Estimate, victim: Estimate): number | null {
  if (pair.apartM <= ban.distanceM) return null;
  if (pair.closingMs < COURSE_SPEED_MS || pair.missM >= ban.distanceM) return null;
  if (Math.max(wearer.ageMs, victim.ageMs) > COURSE_AGE_MS) return null;
  // Half the chord through the ban's circle lies before the closest approach.
  const chordS = Math.sqrt(ban.distanceM ** 2 - pair.missM ** 2) / pair.speedMs;
  const atS = Math.max(0, pair.missAtS - chordS);
  if (atS > COURSE_AHEAD_S) return null;
  const drift = 0.25 * pair.speedMs * atS;
  const likely = probabilityWithin(pair.missM, Math.hypot(pair.sigmaM, drift), ban.distanceM);
  return likely >= LIKELY_P ? atS : null;
}

function stageOf(finding: Finding, warnedP: number, breachS: number | null): Stage | null {
  if (finding === 'certain' || finding === 'likely') return 'breach';
  if (finding === 'possible' || warnedP >= LIKELY_P || breachS !== null) return 'approach';
  return null;
}

function priorityOf(stage: Stage | null, breachS: number | null, trusted: boolean): Priority {
  if (stage === 'breach') return 1;
  if (trusted && breachS !== null && breachS <= IMMINENT_S) return 1;
  return 2;
}

function reasonOf(
  stage: Stage | null,
  finding: Finding,
  warnedP: number,
  breachS: number | null,
): { reason: AlertReason; rules: string[] } {
  if (stage === 'breach') return { reason: 'within-distance', rules: ['CB1', 'CB2'] };
  if (breachS !== null) {
    return { reason: 'on-course', rules: breachS <= IMMINENT_S ? ['CB5', 'CB6'] : ['CB5'] };
  }
  if (warnedP >= LIKELY_P) return { reason: 'within-warning', rules: ['CB4'] };
  return finding === 'possible'
    ? { reason: 'cannot-rule-out', rules: ['CB3'] }
    : { reason: 'within-warning', rules: ['CB4'] };
}

function figuresOf(ban: BanState, pair: Pair, breachS: number | null): Verdict['figures'] {
  const within = pair.apartM <= ban.distanceM;
  const closing = pair.closingMs > 0.1;
  const meets = closing && pair.missM < Math.max(ban.distanceM / 2, 50);
  return {
    distanceM: rounded(pair.apartM),
    uncertaintyM: rounded(pair.sigmaM),
    closingSpeedMs: rounded(pair.closingMs),
    timeToBreachS: within ? 0 : breachS === null ? null : Math.round(breachS),
    timeToContactS: meets ? Math.round(pair.apartM / pair.closingMs) : null,
  };
}
