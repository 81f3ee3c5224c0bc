import type { DeviceKind } from '../shared/device.ts';
import { ANKLE_MONITOR } from './ankle-monitor.ts';
import type { DeviceTraits } from './device-traits.ts';
import type { Happening } from './happening.ts';
import type { AtEnd, Itinerary } from './itinerary.ts';
import type { OwnInterval } from './own-interval.ts';
import type { Track } from './track.ts';
import type { UplinkSettings } from './uplink.ts';
import { VICTIM_DEVICE } from './victim-device.ts';

/** A modelled device gets the errors of the model; a recorded one has those of its receiver. */
export type Whereabouts =
  | { readonly kind: 'itinerary'; readonly itinerary: Itinerary }
  | { readonly kind: 'recorded'; readonly track: Track; readonly atEnd: AtEnd };

/** All that will happen to one device, fixed before it takes its first step. */
export interface DevicePlan {
  readonly deviceId: string;
  readonly kind: DeviceKind;
  readonly personId: string;
  readonly seed: number;
  /** Of the scenario: devices in the same place share the errors of that place. */
  readonly worldSeed: number;
  /** Marks this run apart from every other run of the same device. */
  readonly bootPrefix: string;
  readonly startMs: number;
  /** Devices do not all report in the same millisecond. */
  readonly firstReportMs: number;
  /** Scenario seconds per second. Clocks, batteries and networks keep their own pace. */
  readonly pace: number;
  readonly whereabouts: Whereabouts;
  readonly happenings: readonly Happening[];
  readonly reportIntervalMs: number;
  /** Chooses its interval itself; without, it keeps the one it has or is told. */
  readonly own?: OwnInterval;
  readonly battery: number;
  readonly clock: { readonly offsetMs: number; readonly driftPpm: number };
  readonly uplink: UplinkSettings;
}

export const traitsOf = (kind: DeviceKind): DeviceTraits =>
  kind === 'ankle-monitor' ? ANKLE_MONITOR : VICTIM_DEVICE;

/** Seconds of the scenario that have passed for this device. */
export const scenarioS = (plan: DevicePlan, atMs: number): number =>
  ((atMs - plan.startMs) / 1_000) * plan.pace;

export const scenarioMs = (plan: DevicePlan, atS: number): number =>
  plan.startMs + (atS * 1_000) / plan.pace;

/** What the device's own clock says: it may be off, and go wrong further. */
export const deviceClockMs = ({ clock, startMs }: DevicePlan, atMs: number): number =>
  Math.round(atMs + clock.offsetMs + ((atMs - startMs) * clock.driftPpm) / 1e6);
