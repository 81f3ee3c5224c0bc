import type { DevicePlan, Whereabouts } from '../../device-sim/device-plan.ts';
import type { Outgoing } from '../../device-sim/device-outgoing.ts';
import type { EnvironmentName } from '../../device-sim/environment.ts';
import type { Happening } from '../../device-sim/happening.ts';
import { planItinerary } from '../../device-sim/itinerary.ts';
import { IDEAL_UPLINK } from '../../device-sim/uplink.ts';
import type { Position } from '../../shared/device-message.ts';
import { prng } from '../../shared/prng.ts';

export const START_MS = Date.UTC(2026, 10, 23, 10);

/** Always at the same place, with the errors of that environment. */
export function standing(environment: EnvironmentName): Whereabouts {
  const wish = { start: [5.1, 52.1], legs: [], atEnd: 'stay', environment } as const;
  return { kind: 'itinerary', itinerary: planItinerary(wish, prng(1)) };
}

/** A device that stays indoors and reports every 10 s, unless told otherwise. */
export function planOf(
  happenings: readonly Happening[] = [],
  changes: Partial<DevicePlan> = {},
): DevicePlan {
  return {
    deviceId: 'd-1',
    kind: 'ankle-monitor',
    personId: 'p-1',
    seed: 1,
    worldSeed: 1,
    bootPrefix: 'b',
    startMs: START_MS,
    firstReportMs: START_MS,
    pace: 1,
    whereabouts: standing('indoor-wifi'),
    happenings,
    reportIntervalMs: 10_000,
    battery: 1,
    clock: { offsetMs: 0, driftPpm: 0 },
    uplink: IDEAL_UPLINK,
    ...changes,
  };
}

export const positionsIn = ({ channel, payload }: Outgoing): Position[] =>
  channel === 'position' ? ([payload].flat() as Position[]) : [];
