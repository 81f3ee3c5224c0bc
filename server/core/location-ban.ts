import type { AlertReason, Finding, Priority, Stage } from '../../shared/alert.ts';
import { assert } from '../../shared/result.ts';
import { offsetBy } from '../../shared/geodesy.ts';
import { boxDistanceM } from './box.ts';
import type { BanState } from './case-state.ts';
import { GAP_MS, IMMINENT_S } from './contact-ban.ts';
import type { Estimate } from './motion.ts';
import { findingOf, LIKELY_P, normalCdf } from './probability.ts';
import { capped, certaintyOf, NOTHING, rounded, type Verdict } from './verdict.ts';
import type { ZoneShape } from './zone-shape.ts';

/** How far ahead a course towards a zone is believed: roads bend. (SPEC LB4) */
export const ZONE_AHEAD_S = 60;
const AHEAD_STEPS_S = [10, 20, 30, 45, ZONE_AHEAD_S] as const;
const COURSE_SPEED_MS = 0.8;
const COURSE_AGE_MS = 60_000;
const HOLD_MARGIN_M = 20;
const HOLD_P = 0.2;
const SIGMAS_FAR = 6;

/** Farther than this from a zone no rule sees anything in it. */
export function zoneHorizonM(warningM: number, wearer: Estimate): number {
  const speedMs = Math.hypot(wearer.eastMs, wearer.northMs);
  const spreadM = SIGMAS_FAR * wearer.sigmaM;
  return Math.max(
    warningM + HOLD_MARGIN_M + spreadM,
    spreadM + speedMs * ZONE_AHEAD_S,
    wearer.reachM,
  );
}

/** P(inside), the boundary taken as straight at the scale of the error. (SPEC LB1) */
const insideP = (signedM: number, sigmaM: number): number => normalCdf(-signedM / sigmaM);

/** What a location ban says of where the wearer is. (SPEC LB1–LB5) */
export function judgeLocationBan(ban: BanState, wearer: Estimate): Verdict {
  const shape = shapeIn(ban);
  const horizonM = zoneHorizonM(ban.warningM, wearer);
  if (boxDistanceM(shape.box, wearer.lon, wearer.lat) > horizonM) return NOTHING;
  const signedM = shape.signedDistanceM(wearer.lon, wearer.lat);
  if (signedM > horizonM) return NOTHING;
  const found = findingOf(insideP(signedM, wearer.sigmaM));
  const reachable = wearer.ageMs >= GAP_MS && signedM - wearer.reachM < 0;
  const finding = capped(found === 'clear' && reachable ? 'possible' : found, wearer.trusted);
  const bufferP = ban.warningM > 0 ? insideP(signedM - ban.warningM, wearer.sigmaM) : 0;
  const entryS = signedM > 0 ? entersInS(shape, wearer) : null;
  const stage = stageOf(finding, bufferP, entryS);
  const closing = entryS === null || entryS === 0 ? null : signedM / entryS;
  return {
    standing: stage !== null,
    stage,
    certainty: certaintyOf(finding),
    finding,
    priority: priorityOf(stage, entryS, wearer.trusted),
    ...reasonOf(stage, bufferP, entryS),
    figures: {
      distanceM: rounded(Math.max(0, signedM)),
      uncertaintyM: rounded(wearer.sigmaM),
      closingSpeedMs: closing === null ? null : rounded(closing),
      timeToBreachS: signedM <= 0 ? 0 : entryS,
      timeToContactS: null,
    },
    holds:
      finding !== 'clear' ||
      insideP(signedM - ban.warningM - HOLD_MARGIN_M, wearer.sigmaM) >= LIKELY_P,
    holdsBreach: insideP(signedM - HOLD_MARGIN_M, wearer.sigmaM) >= HOLD_P,
    estimates: [wearer],
    detail: { depthM: rounded(Math.max(0, -signedM)), reachM: rounded(wearer.reachM) },
  };
}

/** A duty is broken when he is likely or certainly outside while it applies. (SPEC LD1) */
export function judgeLocationDuty(ban: BanState, wearer: Estimate): Verdict {
  const signedM = shapeIn(ban).signedDistanceM(wearer.lon, wearer.lat);
  const outsideP = 1 - insideP(signedM, wearer.sigmaM);
  const finding = capped(findingOf(outsideP), wearer.trusted);
  const broken = finding === 'likely' || finding === 'certain';
  const holds = 1 - insideP(signedM + HOLD_MARGIN_M / 2, wearer.sigmaM) >= LIKELY_P;
  return {
    standing: broken,
    stage: broken ? 'breach' : null,
    certainty: broken ? certaintyOf(finding) : null,
    finding,
    priority: 1,
    reason: 'outside-zone',
    rules: ['LD1'],
    figures: {
      distanceM: rounded(Math.max(0, signedM)),
      uncertaintyM: rounded(wearer.sigmaM),
      closingSpeedMs: null,
      timeToBreachS: broken ? 0 : null,
      timeToContactS: null,
    },
    holds,
    holdsBreach: holds,
    estimates: [wearer],
    detail: {},
  };
}

function shapeIn(ban: BanState): ZoneShape {
  assert(ban.shape, `ban ${ban.key} has a zone`);
  return ban.shape;
}

/** Seconds until the wearer's course leads into the zone; null when it does not. */
function entersInS(shape: ZoneShape, wearer: Estimate): number | null {
  const speedMs = Math.hypot(wearer.eastMs, wearer.northMs);
  if (speedMs < COURSE_SPEED_MS || wearer.ageMs > COURSE_AGE_MS) return null;
  for (const aheadS of AHEAD_STEPS_S) {
    const [lon, lat] = offsetBy(
      wearer.lon,
      wearer.lat,
      wearer.eastMs * aheadS,
      wearer.northMs * aheadS,
    );
    const sigmaM = Math.hypot(wearer.sigmaM, 0.25 * speedMs * aheadS);
    if (insideP(shape.signedDistanceM(lon, lat), sigmaM) >= LIKELY_P) return aheadS;
  }
  return null;
}

function stageOf(finding: Finding, bufferP: number, entryS: number | null): Stage | null {
  if (finding === 'certain' || finding === 'likely') return 'breach';
  if (finding === 'possible' || bufferP >= LIKELY_P || entryS !== null) return 'approach';
  return null;
}

function priorityOf(stage: Stage | null, entryS: number | null, trusted: boolean): Priority {
  if (stage === 'breach') return 1;
  return trusted && entryS !== null && entryS <= IMMINENT_S ? 1 : 2;
}

function reasonOf(
  stage: Stage | null,
  bufferP: number,
  entryS: number | null,
): { reason: AlertReason; rules: string[] } {
  if (stage === 'breach') return { reason: 'inside-zone', rules: ['LB1', 'LB2'] };
  if (entryS !== null) return { reason: 'on-course', rules: ['LB4'] };
  if (bufferP >= LIKELY_P) return { reason: 'in-buffer', rules: ['LB3'] };
  return { reason: 'cannot-rule-out', rules: ['LB5'] };
}
