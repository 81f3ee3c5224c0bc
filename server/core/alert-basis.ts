import type { AlertBasis, BasisFix } from '../../shared/alert.ts';
import { toInstant } from '../../shared/instant.ts';
import { lonDelta, scaleAt } from '../../shared/geodesy.ts';
import { RULE_VERSION, type BanState, type CaseState } from './case-state.ts';
import type { Estimate } from './motion.ts';
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

/** Who closes the distance: the part of each one's speed along the line between them. */
function moverOf(estimates: readonly Estimate[]): AlertBasis['mover'] {
  const [wearer, victim] = estimates;
  if (!wearer || !victim) return null;
  const scale = scaleAt(wearer.lat);
  const eastM = lonDelta(wearer.lon, victim.lon) * scale.lonM;
  const northM = (victim.lat - wearer.lat) * scale.latM;
  const apartM = Math.hypot(eastM, northM) || 1;
  const his = (wearer.eastMs * eastM + wearer.northMs * northM) / apartM > MOVING_MS;
  const hers = -(victim.eastMs * eastM + victim.northMs * northM) / apartM > MOVING_MS;
  if (his && hers) return 'both';
  if (his) return 'wearer';
  return hers ? 'victim' : 'neither';
}
