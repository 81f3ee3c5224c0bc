import { type DevicePlan, scenarioS } from './device-plan.ts';
import type { DeviceState } from './device-state.ts';
import { whereAt } from './itinerary.ts';
import { FEEL_EVERY_MS, isFelt, mayWake } from './own-interval.ts';
import { sampleAt } from './track.ts';

/** Reports at once when it feels that its rest is over: the sense needs no satellites. */
export function woken(plan: DevicePlan, state: DeviceState, nowMs: number): DeviceState {
  if (nowMs >= state.nextReportMs || !isAwaitingMotion(plan, state, nowMs)) return state;
  if (!feelsMotion(plan, nowMs)) return state;
  return { ...state, nextReportMs: nowMs };
}

/** When it will feel next. */
export const nextFeelMs = ({ own }: DevicePlan, state: DeviceState): number =>
  own && state.on ? state.steppedAtMs + FEEL_EVERY_MS : Infinity;

function isAwaitingMotion({ own }: DevicePlan, state: DeviceState, nowMs: number): boolean {
  if (!own || !state.on) return false;
  const sinceReportMs = nowMs - (state.nextReportMs - state.reportIntervalMs);
  return mayWake(own, state.reportIntervalMs, sinceReportMs);
}

function feelsMotion(plan: DevicePlan, nowMs: number): boolean {
  const elapsedS = scenarioS(plan, nowMs);
  const { whereabouts } = plan;
  const speedMs =
    whereabouts.kind === 'itinerary'
      ? whereAt(whereabouts.itinerary, elapsedS).speedMs
      : (sampleAt(whereabouts.track, elapsedS, whereabouts.atEnd)?.sample.speedMs ?? 0);
  return isFelt(speedMs * plan.pace);
}
