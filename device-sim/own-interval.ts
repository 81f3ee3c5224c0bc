import type { FixSource } from '../shared/device-message.ts';
import type { Zone } from '../shared/zone.ts';
import { edgeDistanceM } from './zone-edge.ts';

/**
 * An ankle monitor that chooses its report interval itself. It knows its own motion and the zones
 * of which its wearer was told, and nothing else: where a victim is must not show in when it
 * reports. (SPEC RI8, RI9)
 */
export interface OwnInterval {
  readonly zones: readonly KnownZone[];
  /** At rest, away from all edges. */
  readonly slowestMs: number;
}

/** What the choice is made of: one measurement. */
export interface Sensed {
  readonly atMs: number;
  readonly lon: number;
  readonly lat: number;
  readonly speedMs: number | null;
  readonly source: FixSource | null;
}

/** A zone of his order; its buffer's edge counts as much as its own. */
export interface KnownZone {
  readonly zone: Zone;
  readonly bufferM: number;
}

const MOVING_MS = 15_000;
const FAST_MS = 5_000;
/** Slower than this a receiver's noise looks like a walk. */
const REST_SPEED_MS = 0.8;
/** Faster than any walk. */
const WALK_SPEED_MS_MAX = 2.5;
/** What a walker covers in two slow reports. */
const NEAR_EDGE_M = 150;
/** Long enough for whoever listens to learn each new pace before the next. */
const STEP_HELD_MS = 90_000;
/** How often it feels whether it is being moved, while it is at rest. */
export const FEEL_EVERY_MS = 5_000;

/** The interval that its newest measurement asks for. */
export function askedByOwnMs(own: OwnInterval, measured: Sensed): number {
  const moving = isMoving(measured);
  const nearEdge = own.zones.some((known) => isNearEdge(known, measured));
  const fast = (measured.speedMs ?? 0) > WALK_SPEED_MS_MAX;
  if (fast || (moving && nearEdge)) return Math.min(FAST_MS, own.slowestMs);
  return moving || nearEdge ? Math.min(MOVING_MS, own.slowestMs) : own.slowestMs;
}

/** Wi-Fi tells no speed, but it is found at home; a mast alone may be seen from any road. */
const isMoving = ({ speedMs, source }: Sensed): boolean =>
  speedMs === null ? source !== 'wifi' : speedMs >= REST_SPEED_MS;

/** A buffer lies outside; that it is looked for inside too errs to the faster side. */
function isNearEdge({ zone, bufferM }: KnownZone, { lon, lat }: Sensed): boolean {
  const edgeM = edgeDistanceM(zone, lon, lat);
  return edgeM <= NEAR_EDGE_M || Math.abs(edgeM - bufferM) <= NEAR_EDGE_M;
}

/** What it reports by, and since when. */
export interface Pace {
  readonly intervalMs: number;
  readonly sinceMs: number;
}

/** Faster at once; slower one step at a time, so that no two steps look like an outage. */
export function nextPace(before: Pace, own: OwnInterval, measured: Sensed): Pace {
  const askedMs = askedByOwnMs(own, measured);
  const { intervalMs, sinceMs } = before;
  const { atMs } = measured;
  if (askedMs < intervalMs) return { intervalMs: askedMs, sinceMs: atMs };
  if (askedMs === intervalMs) return before;
  if (atMs - sinceMs < STEP_HELD_MS) return before;
  const step = [MOVING_MS, own.slowestMs].find((each) => each > intervalMs) ?? own.slowestMs;
  return { intervalMs: Math.min(step, askedMs), sinceMs: atMs };
}

/**
 * At rest it feels from time to time whether it is being moved, and need not wait for its next
 * report; but it reports no oftener by that than while it moves.
 */
export const mayWake = (own: OwnInterval, intervalMs: number, sinceReportMs: number): boolean =>
  intervalMs === own.slowestMs && intervalMs > MOVING_MS && sinceReportMs >= MOVING_MS;

export const isFelt = (speedMs: number): boolean => speedMs >= REST_SPEED_MS;
