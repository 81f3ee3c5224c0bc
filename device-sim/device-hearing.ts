import type { DeviceCommand, DeviceReceipt } from '../shared/device-message.ts';
import { toInstant } from '../shared/instant.ts';
import { assertNever } from '../shared/result.ts';
import { deviceClockMs, type DevicePlan, traitsOf } from './device-plan.ts';
import { type DeviceState, during, type Inbound } from './device-state.ts';
import { acknowledged, reconnected } from './outbox.ts';

const REPORT_INTERVAL_S_MIN = 1;
const REPORT_INTERVAL_S_MAX = 3_600;
/** What the network keeps for a device that is out of reach, and the device of its answers. */
const HELD_MAX = 1_000;

/** A device that was just switched off has a last moment in which it can still say so. */
export function connect(
  plan: DevicePlan,
  before: DeviceState,
  nowMs: number,
  inbox: readonly Inbound[],
): DeviceState {
  const linkUp = inbox.reduce((up, each) => (each.type === 'link' ? each.up : up), before.linkUp);
  const cut = during(plan, 'silence', nowMs) || during(plan, 'coverage-loss', nowMs);
  const powered = before.on || before.untold === 'offline';
  const reachable = linkUp && powered && !cut && before.coverage.state === 'covered';
  const fresh = inbox.some((each) => each.type === 'link' && each.up);
  const back = reachable && (!before.reachable || fresh);
  const heard = [...before.held, ...inbox.filter(({ type }) => type !== 'link')];
  return {
    ...before,
    linkUp,
    reachable,
    held: heard.slice(-HELD_MAX),
    outbox: back ? reconnected(before.outbox, nowMs) : before.outbox,
    untold: untold(before, reachable, fresh),
  };
}

/** Takes in what it was sent, in order, and does what it is told. */
export function hear(plan: DevicePlan, before: DeviceState, nowMs: number): DeviceState {
  let state: DeviceState = { ...before, held: [] };
  for (const inbound of before.held) {
    if (inbound.type === 'ack') {
      state = { ...state, outbox: acknowledged(state.outbox, inbound.ack) };
    } else if (inbound.type === 'command') {
      state = obey(plan, state, inbound.command, nowMs);
    }
  }
  return state;
}

function obey(
  plan: DevicePlan,
  before: DeviceState,
  command: DeviceCommand,
  nowMs: number,
): DeviceState {
  const state = promise(plan, before, command.id, 'delivered', nowMs);
  switch (command.kind) {
    case 'report-interval': {
      const wishedS = Math.max(REPORT_INTERVAL_S_MIN, command.seconds);
      const reportIntervalMs = Math.min(REPORT_INTERVAL_S_MAX, wishedS) * 1_000;
      const nextReportMs = Math.min(state.nextReportMs, nowMs + reportIntervalMs);
      return { ...state, reportIntervalMs, nextReportMs };
    }
    case 'message': {
      const { showsAfterMs } = traitsOf(plan.kind);
      if (showsAfterMs === null) return state;
      return promise(plan, state, command.id, 'shown', nowMs + showsAfterMs);
    }
    case 'locate':
      return { ...state, nextReportMs: nowMs };
    case 'vibrate':
      return state;
    default:
      return assertNever(command);
  }
}

/** A connection that is new says so; one that was off before it could say so, never did. */
function untold(before: DeviceState, reachable: boolean, fresh: boolean): DeviceState['untold'] {
  if (!before.on) return reachable ? before.untold : null;
  return fresh ? 'online' : before.untold;
}

function promise(
  plan: DevicePlan,
  state: DeviceState,
  id: string,
  told: DeviceReceipt['state'],
  atMs: number,
): DeviceState {
  const receipt = { id, state: told, time: toInstant(deviceClockMs(plan, atMs)) };
  return { ...state, receipts: [...state.receipts.slice(-HELD_MAX), { atMs, receipt }] };
}
