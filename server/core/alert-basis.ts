import type { AlertBasis, BasisFix } from '../../shared/alert.ts';
import { toInstant } from '../../shared/instant.ts';
import { lonDelta, scaleAt } from '../../shared/geodesy.ts';
import { RULE_VERSION, type BanState, type CaseState } from './case-state.ts';
import { speedOf } from './forecast.ts';
import type { Estimate } from './motion.ts';
import { placeAt } from './way.ts';
import { rounded, type Verdict } from './verdict.ts';

/** Everything that the "why" of an alert is told from. (DESIGN §7) */
export function basisOf(
  state: CaseState,
  ban: BanState | null,
  verdict: Verdict,
  atMs: number,
): AlertBasis {
  return {
    ruleVersion: RULE_VERSION,
    rules: [...verdict.rules],
    orderVersion: ban?.order.version ?? null,
    evaluatedAt: toInstant(atMs),
    fixes: verdict.estimates.flatMap((estimate) => basisFix(state, estimate)),
    finding: verdict.finding,
    reason: verdict.reason,
    limits: ban && { distanceM: ban.distanceM, warningM: ban.warningM },
    mover: moverOf(verdict.estimates),
    banName: ban?.name ?? null,
    detail: { ...verdict.detail },
  };
}

function basisFix(state: CaseState, estimate: Estimate): BasisFix[] {
  const { fix } = estimate.point;
  const carrier = state.devices.find(
    ({ track }) => track.last === estimate.point || track.suspect === estimate.point,
  );
  if (!carrier) return [];
  const { deviceId, personId, kind } = carrier.device;
  return [
    {
      deviceId,
      personId,
      role: kind === 'ankle-monitor' ? 'wearer' : 'victim',
      seq: fix.seq,
      time: toInstant(fix.atMs),
      receivedAt: toInstant(fix.receivedAtMs),
      ageS: rounded(estimate.ageMs / 1000),
      sigmaM: rounded(estimate.sigmaM),
      source: fix.source,
    },
  ];
}

const MOVING_MS = 0.5;
/** Over so long a stretch one sees who came to whom; a glance sees only who moves. */
const STRETCH_MS = 60_000;
const STRETCH_FIXES = 2;
/** Going the same way: so fast at least, and so alike. */
const TRAVELLING_MS = 2;
const ALIKE = 0.35;

/** Who came towards whom: the part of each one's way along the line that was between them. */
function moverOf(estimates: readonly Estimate[]): AlertBasis['mover'] {
  const [wearer, victim] = estimates;
  if (!wearer || !victim) return null;
  const scale = scaleAt(wearer.lat);
  const his = velocityOf(wearer);
  const hers = velocityOf(victim);
  const eastM = lonDelta(wearer.lon, victim.lon) * scale.lonM + his.eastM - hers.eastM;
  const northM = (victim.lat - wearer.lat) * scale.latM + his.northM - hers.northM;
  if (goTogether(his, hers)) return 'together';
  const apartM = Math.hypot(eastM, northM) || 1;
  const heComes = (his.eastMs * eastM + his.northMs * northM) / apartM > MOVING_MS;
  const sheComes = -(hers.eastMs * eastM + hers.northMs * northM) / apartM > MOVING_MS;
  if (heComes && sheComes) return 'both';
  if (heComes) return 'wearer';
  return sheComes ? 'victim' : 'neither';
}

interface Stretch {
  /** The way so far, and its mean velocity. */
  readonly eastM: number;
  readonly northM: number;
  readonly eastMs: number;
  readonly northMs: number;
}

/** The last stretch of a way; where it is not known, the velocity of now. */
function velocityOf({ track, lon, lat, eastMs, northMs, point, ageMs }: Estimate): Stretch {
  const still = { eastM: 0, northM: 0, eastMs, northMs };
  if (!track) return still;
  const overMs = Math.max(STRETCH_MS, STRETCH_FIXES * track.intervalMs);
  const from = placeAt(track, point.atMs + ageMs - overMs);
  if (!from) return still;
  const scale = scaleAt(lat);
  const eastM = lonDelta(from.lon, lon) * scale.lonM;
  const northM = (lat - from.lat) * scale.latM;
  const overS = overMs / 1000;
  return { eastM, northM, eastMs: eastM / overS, northMs: northM / overS };
}

function goTogether(his: Stretch, hers: Stretch): boolean {
  const slower = Math.min(speedOf(his), speedOf(hers));
  if (slower < TRAVELLING_MS) return false;
  const difference = Math.hypot(his.eastMs - hers.eastMs, his.northMs - hers.northMs);
  return difference < ALIKE * slower;
}
