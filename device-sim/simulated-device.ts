import type { Position } from '../shared/device-message.ts';
import { toInstant } from '../shared/instant.ts';
import { assert } from '../shared/result.ts';
import { connect, hear } from './device-hearing.ts';
import { live, tellHappenings } from './device-life.ts';
import { eventsOf, type Outgoing, positionsOf, receiptOf, statusOf } from './device-outgoing.ts';
import { deviceClockMs, type DevicePlan, scenarioMs, scenarioS, traitsOf } from './device-plan.ts';
import { bootOf, type DeviceState, during, type Inbound } from './device-state.ts';
import { nextEdgeS } from './happening.ts';
import { measure, type Measurement } from './measurement.ts';
import { nextFeelMs, woken } from './motion-sense.ts';
import { nextPace } from './own-interval.ts';
import { appended, dispatched, nextDispatchMs } from './outbox.ts';

export interface Step {
  readonly state: DeviceState;
  readonly messages: readonly Outgoing[];
}

/** Lives until `nowMs`, hears what came in, and says what it sends. Steps go forward in time. */
export function step(
  plan: DevicePlan,
  before: DeviceState,
  nowMs: number,
  inbox: readonly Inbound[] = [],
): Step {
  assert(nowMs >= before.steppedAtMs, `${plan.deviceId} steps forward in time`);
  const lived = live(plan, before, nowMs);
  const told = tellHappenings(plan, lived, before.steppedAtMs, nowMs);
  const linked = connect(plan, told, nowMs, inbox);
  const heard = woken(plan, linked.reachable ? hear(plan, linked, nowMs) : linked, nowMs);
  const measured = heard.on && nowMs >= heard.nextReportMs ? report(plan, heard, nowMs) : heard;
  const sending = send(plan, measured, nowMs);
  return { ...sending, state: { ...sending.state, steppedAtMs: nowMs } };
}

/** When the device wants its next step, if nothing reaches it before. */
export function nextStepMs(plan: DevicePlan, state: DeviceState): number {
  const nowMs = state.steppedAtMs;
  const nowS = scenarioS(plan, nowMs);
  const edges = plan.happenings.map((each) => Math.ceil(scenarioMs(plan, nextEdgeS(each, nowS))));
  const wishes = [...edges, state.coverage.untilMs];
  if (state.on) wishes.push(state.nextReportMs, nextFeelMs(plan, state));
  if (state.reachable) {
    wishes.push(nextDispatchMs(state.outbox, nowMs), ...state.receipts.map(({ atMs }) => atMs));
  }
  return Math.max(Math.ceil(Math.min(...wishes)), nowMs + 1);
}

/** Measures, and writes down whatever there is to report. */
function report(plan: DevicePlan, before: DeviceState, nowMs: number): DeviceState {
  const jammed = during(plan, 'jam', nowMs);
  const { receiver, measurement } = measure(plan, before.receiver, nowMs, jammed);
  const paced = measurement === null ? before : atOwnPace(plan, before, measurement);
  const dueMs = before.nextReportMs + paced.reportIntervalMs;
  const nextReportMs = dueMs > nowMs ? dueMs : nowMs + paced.reportIntervalMs;
  const state = { ...paced, receiver, nextReportMs };
  if (measurement === null) return state;
  const body = positionBody(plan, state, measurement);
  const battery = Math.max(0, state.battery - traitsOf(plan.kind).fixCost);
  const outbox = appended(state.outbox, { channel: 'position', body }, nowMs);
  return { ...state, battery, outbox, nextSeq: state.nextSeq + 1 };
}

function atOwnPace(plan: DevicePlan, state: DeviceState, measured: Measurement): DeviceState {
  if (!plan.own) return state;
  const pace = { intervalMs: state.reportIntervalMs, sinceMs: state.pacedSinceMs };
  const { intervalMs, sinceMs } = nextPace(pace, plan.own, measured);
  return { ...state, reportIntervalMs: intervalMs, pacedSinceMs: sinceMs };
}

function positionBody(plan: DevicePlan, state: DeviceState, measured: Measurement): Position {
  const { atMs, lon, lat, accuracyM, speedMs, headingDeg, source } = measured;
  return {
    seq: state.nextSeq,
    time: toInstant(deviceClockMs(plan, atMs)),
    lat: rounded(lat, 6),
    lon: rounded(lon, 6),
    accuracy: accuracyM === null ? null : rounded(accuracyM, 1),
    speed: speedMs === null ? null : rounded(speedMs, 1),
    heading: headingDeg === null ? null : rounded(headingDeg, 0),
    source,
    battery: rounded(state.battery, 2),
    boot: bootOf(plan, state),
  };
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

function send(plan: DevicePlan, before: DeviceState, nowMs: number): Step {
  if (!before.reachable) return { state: before, messages: [] };
  const { outbox, dispatches } = dispatched(before.outbox, nowMs);
  const due = before.receipts.filter(({ atMs }) => atMs <= nowMs);
  const receipts = before.receipts.filter(({ atMs }) => atMs > nowMs);
  const status = statusOf(plan, before.untold, deviceClockMs(plan, nowMs));
  const messages = [
    ...(before.untold === 'online' ? status : []),
    ...eventsOf(plan, dispatches),
    ...positionsOf(plan, dispatches),
    ...due.map(({ receipt }) => receiptOf(plan, receipt)),
    ...(before.untold === 'offline' ? status : []),
  ];
  return { state: { ...before, outbox, receipts, untold: null, reachable: before.on }, messages };
}
