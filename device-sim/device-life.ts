import { type DevicePlan, scenarioS, traitsOf } from './device-plan.ts';
import { type DeviceState, during, note } from './device-state.ts';
import { happened, isLasting } from './happening.ts';
import { coverageAt } from './uplink.ts';

const BATTERY_LOW = 0.15;
const HOUR_MS = 3_600_000;

/** Time passes: coverage comes and goes, the battery drains. */
export function live(plan: DevicePlan, before: DeviceState, nowMs: number): DeviceState {
  const coverage = coverageAt(plan.uplink, plan.seed, before.coverage, nowMs);
  const hours = Math.max(0, nowMs - before.steppedAtMs) / HOUR_MS;
  const spent = before.on ? hours / traitsOf(plan.kind).batteryLifeH : 0;
  return { ...before, coverage, battery: Math.max(0, before.battery - spent) };
}

/** What the scenario did to the device since its last step, and what the device says of it. */
export function tellHappenings(
  plan: DevicePlan,
  before: DeviceState,
  sinceMs: number,
  nowMs: number,
): DeviceState {
  const [sinceS, nowS] = [scenarioS(plan, sinceMs), scenarioS(plan, nowMs)];
  let state = before;
  for (const happening of plan.happenings) {
    if (isLasting(happening) || !happened(happening, sinceS, nowS)) continue;
    if (happening.kind === 'battery') state = { ...state, battery: happening.level };
    if (happening.kind === 'charge') state = { ...state, battery: 1 };
    const kind = traitsOf(plan.kind).tells[happening.kind];
    if (kind !== undefined && state.on) state = note(plan, state, kind, nowMs);
  }
  if (during(plan, 'jam', nowMs) && !during(plan, 'jam', sinceMs) && state.on) {
    state = note(plan, state, 'jamming', nowMs);
  }
  return switchPower(plan, warnOfBattery(plan, state, nowMs), nowMs);
}

function warnOfBattery(plan: DevicePlan, state: DeviceState, nowMs: number): DeviceState {
  const low = state.battery < BATTERY_LOW;
  if (low === state.batteryLowTold) return state;
  const told = { ...state, batteryLowTold: low };
  return low && state.on && state.battery > 0 ? note(plan, told, 'battery-low', nowMs) : told;
}

function switchPower(plan: DevicePlan, state: DeviceState, nowMs: number): DeviceState {
  const on = state.battery > 0 && !during(plan, 'power-off', nowMs);
  if (on === state.on) return state;
  if (!on) return { ...note(plan, state, 'power-off', nowMs), on, untold: 'offline' };
  return { ...state, on, boots: state.boots + 1, nextReportMs: nowMs, untold: 'online' };
}
