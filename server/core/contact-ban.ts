import type { AlertReason, Finding, Priority, Stage } from '../../shared/alert.ts';
import { distanceM, lengthOf, lonDelta, scaleAt } from '../../shared/geodesy.ts';
import { outlookOfContact } from './ban-outlook.ts';
import type { BanState } from './case-state.ts';
import { knowsSpeed } from './filter.ts';
import { forecastSigmaM, reachM, speedOf, travelS } from './forecast.ts';
import type { Located } from './track.ts';
import type { Estimate } from './motion.ts';
import { findingOf, LIKELY_P, probabilityWithin } from './probability.ts';
import { isLikelyEnough, type Likelihood } from './raising.ts';
import {
  capped,
  certaintyOf,
  isBreach,
  NOTHING,
  rounded,
  toThousandths,
  type Verdict,
} from './verdict.ts';

/** How far ahead a course is believed. (SPEC CB5) */
export const COURSE_AHEAD_S = 120;
/** On course to cross the line this soon is as urgent as having crossed it. (SPEC CB6) */
export const IMMINENT_S = 15;
export const IMMINENT_P = 0.7;
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
  readonly eastM: number;
  readonly northM: number;
  readonly eastMs: number;
  readonly northMs: number;
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
  const apartM = lengthOf(eastM, northM);
  const speedMs = lengthOf(eastMs, northMs);
  const along = eastM * eastMs + northM * northMs;
  const missAtS = speedMs > 0 ? Math.max(0, -along / (speedMs * speedMs)) : 0;
  return {
    eastM,
    northM,
    eastMs,
    northMs,
    apartM,
    sigmaM: lengthOf(wearer.sigmaM, victim.sigmaM),
    closingMs: apartM > 0 ? -along / apartM : 0,
    speedMs,
    missM: lengthOf(eastM + eastMs * missAtS, northM + northMs * missAtS),
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
  { last: wearer, roamM: wearerRoamM }: Located,
  { last: victim, roamM: victimRoamM }: Located,
  atMs: number,
): boolean {
  const wearerMs = speedOf(wearer);
  const victimMs = speedOf(victim);
  const wearerS = Math.max(0, atMs - wearer.atMs) / 1000;
  const victimS = Math.max(0, atMs - victim.atMs) / 1000;
  const spreadM =
    SIGMAS_FAR *
    (forecastSigmaM(wearer, wearerS, wearerMs) + forecastSigmaM(victim, victimS, victimMs));
  const speedMs = wearerMs + victimMs;
  const horizonM = Math.max(
    HOLD_FACTOR * ban.warningM + HOLD_MARGIN_M + spreadM,
    ban.distanceM + spreadM + speedMs * COURSE_AHEAD_S,
    ban.distanceM + reachM(wearer, wearerS, wearerMs) + reachM(victim, victimS, victimMs),
    ban.distanceM + spreadM + wearerRoamM + victimRoamM,
  );
  const travelM = wearerMs * travelS(wearerMs, wearerS) + victimMs * travelS(victimMs, victimS);
  return distanceM(wearer.lon, wearer.lat, victim.lon, victim.lat) > horizonM + travelM;
}

/** What a contact ban says of two estimates for one instant. (SPEC CB1–CB7) */
export function judgeContact(
  ban: BanState,
  wearer: Estimate,
  victim: Estimate,
  atMs: number,
): Verdict {
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
  const course = courseOf(ban, pair, wearer, victim);
  const now = { atMs, probability: withinP, sigmaM: pair.sigmaM, forecast: true };
  const enough = isBreach(finding) && isEnough(ban, wearer, victim, now);
  const stage = stageOf(finding, warnedP, course, enough);
  return {
    standing: stage !== null,
    stage,
    certainty: certaintyOf(finding),
    finding,
    priority: priorityOf(stage, course, trusted),
    ...reasonOf(stage, finding, warnedP, course),
    figures: figuresOf(ban, pair, course),
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

/** Both on course to come within the ban's distance. */
interface Course {
  /** Seconds until the line, if both keep their course. */
  readonly breachS: number;
  /** So soon and so likely that it is as urgent as a breach. (SPEC CB6) */
  readonly imminent: boolean;
}

/** The course if it will likely cross the line; else null. (SPEC CB5) */
function courseOf(ban: BanState, pair: Pair, wearer: Estimate, victim: Estimate): Course | null {
  if (pair.apartM <= ban.distanceM) return null;
  if (pair.closingMs < COURSE_SPEED_MS || pair.missM >= ban.distanceM) return null;
  if (Math.max(wearer.ageMs, victim.ageMs) > COURSE_AGE_MS) return null;
  if (!knowsSpeed(wearer.point) || !knowsSpeed(victim.point)) return null;
  // Half the chord through the ban's circle lies before the closest approach.
  const chordS = Math.sqrt(ban.distanceM ** 2 - pair.missM ** 2) / pair.speedMs;
  const breachS = Math.max(0, pair.missAtS - chordS);
  if (breachS > COURSE_AHEAD_S) return null;
  const drift = 0.25 * pair.speedMs * breachS;
  const likely = probabilityWithin(pair.missM, lengthOf(pair.sigmaM, drift), ban.distanceM);
  if (likely < LIKELY_P) return null;
  return { breachS, imminent: isImminent(ban, pair, wearer, victim) };
}

/** Will they be within the distance in a few seconds, with all that may come between? */
function isImminent(ban: BanState, pair: Pair, wearer: Estimate, victim: Estimate): boolean {
  const aheadS = Math.min(IMMINENT_S, pair.missAtS);
  const eastM = pair.eastM + pair.eastMs * aheadS;
  const northM = pair.northM + pair.northMs * aheadS;
  const sigmaM = lengthOf(sigmaIn(wearer, aheadS), sigmaIn(victim, aheadS));
  return probabilityWithin(lengthOf(eastM, northM), sigmaM, ban.distanceM) >= IMMINENT_P;
}

/** The error of an estimate so many seconds from now. */
export const sigmaIn = ({ point, ageMs }: Estimate, aheadS: number): number =>
  forecastSigmaM(point, ageMs / 1000 + aheadS, speedOf(point));

const isEnough = (ban: BanState, wearer: Estimate, victim: Estimate, now: Likelihood): boolean =>
  !wearer.track ||
  !victim.track ||
  isLikelyEnough(now, outlookOfContact(ban, wearer.track, victim.track, now.atMs));

function stageOf(
  finding: Finding,
  warnedP: number,
  course: Course | null,
  enough: boolean,
): Stage | null {
  if (enough) return 'breach';
  if (finding !== 'clear' || warnedP >= LIKELY_P || course) return 'approach';
  return null;
}

function priorityOf(stage: Stage | null, course: Course | null, trusted: boolean): Priority {
  if (stage === 'breach') return 1;
  return trusted && course?.imminent ? 1 : 2;
}

function reasonOf(
  stage: Stage | null,
  finding: Finding,
  warnedP: number,
  course: Course | null,
): { reason: AlertReason; rules: string[] } {
  if (stage === 'breach') return { reason: 'within-distance', rules: ['CB1', 'CB2'] };
  if (course) {
    return { reason: 'on-course', rules: course.imminent ? ['CB5', 'CB6'] : ['CB5'] };
  }
  // Likely within, but not yet told as a breach: they stand at the line.
  if (isBreach(finding)) return { reason: 'at-the-line', rules: ['CB1', 'RS2'] };
  if (warnedP >= LIKELY_P) return { reason: 'within-warning', rules: ['CB4'] };
  return { reason: 'cannot-rule-out', rules: ['CB3'] };
}

function figuresOf(ban: BanState, pair: Pair, course: Course | null): Verdict['figures'] {
  const within = pair.apartM <= ban.distanceM;
  const closing = pair.closingMs > 0.1;
  const meets = closing && pair.missM < Math.max(ban.distanceM / 2, 50);
  return {
    distanceM: rounded(pair.apartM),
    uncertaintyM: rounded(pair.sigmaM),
    closingSpeedMs: rounded(pair.closingMs),
    timeToBreachS: within ? 0 : course && Math.round(course.breachS),
    timeToContactS: meets ? Math.round(pair.apartM / pair.closingMs) : null,
  };
}
