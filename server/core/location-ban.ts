import type { AlertReason, Finding, Priority, Stage } from '../../shared/alert.ts';
import { assert } from '../../shared/result.ts';
import { offsetBy } from '../../shared/geodesy.ts';
import { boxDistanceM } from './box.ts';
import { outlookOfZone } from './ban-outlook.ts';
import type { BanState } from './case-state.ts';
import { GAP_MS, IMMINENT_P, IMMINENT_S, sigmaIn } from './contact-ban.ts';
import { knowsSpeed } from './filter.ts';
import type { Estimate } from './motion.ts';
import { findingOf, LIKELY_P } from './probability.ts';
import { isLikelyEnough } from './raising.ts';
import {
  capped,
  certaintyOf,
  isBreach,
  NOTHING,
  rounded,
  toThousandths,
  type Verdict,
} from './verdict.ts';
import { insideP, straightP } from './zone-probability.ts';
import type { ZoneShape } from './zone-shape.ts';

/** How far ahead a course towards a zone is believed: roads bend. (SPEC LB4) */
export const ZONE_AHEAD_S = 60;
const AHEAD_STEPS_S = [5, 10, 15, 20, 30, 45, ZONE_AHEAD_S] as const;
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

/** What a location ban says of where the wearer is. (SPEC LB1–LB5) */
export function judgeLocationBan(ban: BanState, wearer: Estimate, atMs: number): Verdict {
  const shape = shapeIn(ban);
  const { lon, lat, sigmaM } = wearer;
  const horizonM = zoneHorizonM(ban.warningM, wearer);
  if (boxDistanceM(shape.box, lon, lat) > horizonM) return NOTHING;
  const signedM = shape.signedDistanceM(lon, lat);
  if (signedM > horizonM) return NOTHING;
  const inP = insideP(shape, lon, lat, signedM, sigmaM);
  const found = findingOf(inP);
  const reachable = wearer.ageMs >= GAP_MS && signedM - wearer.reachM < 0;
  const finding = capped(found === 'clear' && reachable ? 'possible' : found, wearer.trusted);
  const bufferP = ban.warningM > 0 ? straightP(signedM - ban.warningM, sigmaM) : 0;
  const entry = signedM > 0 ? entryOf(shape, wearer) : null;
  const enough = isBreach(finding) && isEnough(ban, wearer, atMs, inP);
  const stage = stageOf(finding, bufferP, entry, enough);
  const closing = entry ? signedM / entry.entryS : null;
  return {
    standing: stage !== null,
    stage,
    certainty: certaintyOf(finding),
    finding,
    priority: priorityOf(stage, entry, wearer.trusted),
    ...reasonOf(stage, finding, bufferP, entry),
    figures: {
      distanceM: rounded(Math.max(0, signedM)),
      uncertaintyM: rounded(sigmaM),
      closingSpeedMs: closing === null ? null : rounded(closing),
      timeToBreachS: signedM <= 0 ? 0 : (entry?.entryS ?? null),
      timeToContactS: null,
    },
    holds:
      finding !== 'clear' || straightP(signedM - ban.warningM - HOLD_MARGIN_M, sigmaM) >= LIKELY_P,
    holdsBreach: straightP(signedM - HOLD_MARGIN_M, sigmaM) >= HOLD_P,
    estimates: [wearer],
    detail: {
      insideP: toThousandths(inP),
      depthM: rounded(Math.max(0, -signedM)),
      reachM: rounded(wearer.reachM),
    },
  };
}

const isEnough = (
  ban: BanState,
  { track, sigmaM }: Estimate,
  atMs: number,
  probability: number,
): boolean =>
  !track ||
  isLikelyEnough({ atMs, probability, sigmaM, forecast: true }, outlookOfZone(ban, track, atMs));

/** A duty is broken when he is likely or certainly outside while it applies. (SPEC LD1) */
export function judgeLocationDuty(ban: BanState, wearer: Estimate, atMs: number): Verdict {
  const shape = shapeIn(ban);
  const { lon, lat, sigmaM } = wearer;
  const signedM = shape.signedDistanceM(lon, lat);
  const outP = 1 - insideP(shape, lon, lat, signedM, sigmaM);
  const finding = capped(findingOf(outP), wearer.trusted);
  const broken = isBreach(finding) && isEnough(ban, wearer, atMs, outP);
  const holds = 1 - straightP(signedM + HOLD_MARGIN_M / 2, sigmaM) >= LIKELY_P;
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
      uncertaintyM: rounded(sigmaM),
      closingSpeedMs: null,
      timeToBreachS: broken ? 0 : null,
      timeToContactS: null,
    },
    holds,
    holdsBreach: holds,
    estimates: [wearer],
    detail: { outsideP: toThousandths(outP) },
  };
}

function shapeIn(ban: BanState): ZoneShape {
  assert(ban.shape, `ban ${ban.key} has a zone`);
  return ban.shape;
}

/** A course that leads into the zone. */
interface Entry {
  readonly entryS: number;
  /** So soon and so likely that it is as urgent as a breach. (SPEC LB4) */
  readonly imminent: boolean;
}

/** The wearer's course, if it leads into the zone; null when it does not. */
function entryOf(shape: ZoneShape, wearer: Estimate): Entry | null {
  const speedMs = Math.hypot(wearer.eastMs, wearer.northMs);
  if (speedMs < COURSE_SPEED_MS || wearer.ageMs > COURSE_AGE_MS) return null;
  if (!knowsSpeed(wearer.point)) return null;
  for (const aheadS of AHEAD_STEPS_S) {
    const sigmaM = Math.hypot(wearer.sigmaM, 0.25 * speedMs * aheadS);
    if (straightP(signedIn(shape, wearer, aheadS), sigmaM) < LIKELY_P) continue;
    return { entryS: aheadS, imminent: aheadS <= IMMINENT_S && isImminent(shape, wearer) };
  }
  return null;
}

function signedIn(shape: ZoneShape, wearer: Estimate, aheadS: number): number {
  const eastM = wearer.eastMs * aheadS;
  const northM = wearer.northMs * aheadS;
  const [lon, lat] = offsetBy(wearer.lon, wearer.lat, eastM, northM);
  return shape.signedDistanceM(lon, lat);
}

/** Will he be inside in a few seconds, with all that may come between? */
const isImminent = (shape: ZoneShape, wearer: Estimate): boolean =>
  straightP(signedIn(shape, wearer, IMMINENT_S), sigmaIn(wearer, IMMINENT_S)) >= IMMINENT_P;

function stageOf(
  finding: Finding,
  bufferP: number,
  entry: Entry | null,
  enough: boolean,
): Stage | null {
  if (enough) return 'breach';
  if (finding !== 'clear' || bufferP >= LIKELY_P || entry) return 'approach';
  return null;
}

function priorityOf(stage: Stage | null, entry: Entry | null, trusted: boolean): Priority {
  if (stage === 'breach') return 1;
  return trusted && entry?.imminent ? 1 : 2;
}

function reasonOf(
  stage: Stage | null,
  finding: Finding,
  bufferP: number,
  entry: Entry | null,
): { reason: AlertReason; rules: string[] } {
  if (stage === 'breach') return { reason: 'inside-zone', rules: ['LB1', 'LB2'] };
  if (entry) return { reason: 'on-course', rules: ['LB4'] };
  // Likely inside, but not yet told as a breach: he stands at the line.
  if (isBreach(finding)) return { reason: 'at-the-line', rules: ['LB1', 'RS2'] };
  if (bufferP >= LIKELY_P) return { reason: 'in-buffer', rules: ['LB3'] };
  return { reason: 'cannot-rule-out', rules: ['LB5'] };
}
