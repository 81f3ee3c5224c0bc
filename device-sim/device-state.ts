import type { DeviceAck, DeviceCommand, DeviceEventKind } from '../shared/device-message.ts';
import type { DeviceReceipt } from '../shared/device-message.ts';
import { toInstant } from '../shared/instant.ts';
import { deviceClockMs, type DevicePlan, scenarioS } from './device-plan.ts';
import { initialGnssError } from './gnss-error.ts';
import { isDuring, isLasting, type Lasting } from './happening.ts';
import type { Receiver } from './measurement.ts';
import { appended, EMPTY_OUTBOX, type Outbox } from './outbox.ts';
import { type Coverage, initialCoverage } from './uplink.ts';

/** What reaches a device: the server's messages, and whether its connection to the broker is up. */
export type Inbound =
  | { readonly type: 'ack'; readonly ack: DeviceAck }
  | { readonly type: 'command'; readonly command: DeviceCommand }
  | { readonly type: 'link'; readonly up: boolean };

/**
 * A device is on or off. While on it measures at its interval and appends to its outbox; while also
 * reachable it hears, and sends what is due. It becomes unreachable when its connection is down,
 * when it loses coverage, or when a scenario silences it; what it then measures is sent later.
 */
export interface DeviceState {
  readonly steppedAtMs: number;
  readonly boots: number;
  readonly on: boolean;
  readonly linkUp: boolean;
  readonly reachable: boolean;
  readonly battery: number;
  readonly reportIntervalMs: number;
  /** Since when it has reported at this interval by its own choice. */
  readonly pacedSinceMs: number;
  readonly nextReportMs: number;
  readonly nextSeq: number;
  readonly receiver: Receiver;
  readonly coverage: Coverage;
  readonly outbox: Outbox;
  /** Answers to commands, with when they are due. */
  readonly receipts: readonly { readonly atMs: number; readonly receipt: DeviceReceipt }[];
  /** What arrived while it could not hear. */
  readonly held: readonly Inbound[];
  /** A change of state that has yet to be told. */
  readonly untold: 'online' | 'offline' | null;
  readonly batteryLowTold: boolean;
}

export function initialDevice(plan: DevicePlan): DeviceState {
  return {
    steppedAtMs: plan.startMs - 1,
    boots: 1,
    on: true,
    linkUp: true,
    reachable: true,
    battery: plan.battery,
    reportIntervalMs: plan.reportIntervalMs,
    pacedSinceMs: plan.startMs,
    nextReportMs: plan.firstReportMs,
    nextSeq: 0,
    receiver: { gnss: initialGnssError(plan.seed, plan.startMs), playedMs: -Infinity },
    coverage: initialCoverage(plan.uplink, plan.seed, plan.startMs),
    outbox: EMPTY_OUTBOX,
    receipts: [],
    held: [],
    untold: 'online',
    batteryLowTold: false,
  };
}

/** Is something that lasts going on at this moment? */
export const during = (plan: DevicePlan, kind: Lasting['kind'], atMs: number): boolean =>
  plan.happenings.some(
    (each) => isLasting(each) && each.kind === kind && isDuring(each, scenarioS(plan, atMs)),
  );

/** Writes an event down, to be sent like everything else. */
export function note(
  plan: DevicePlan,
  state: DeviceState,
  kind: DeviceEventKind,
  nowMs: number,
): DeviceState {
  const time = toInstant(deviceClockMs(plan, nowMs));
  const body = { seq: state.nextSeq, time, kind, boot: bootOf(plan, state) };
  const outbox = appended(state.outbox, { channel: 'event', body }, nowMs);
  return { ...state, outbox, nextSeq: state.nextSeq + 1 };
}

export const bootOf = (plan: DevicePlan, state: DeviceState): string =>
  `${plan.bootPrefix}-${state.boots}`;
