import { lonDelta, offsetBy, scaleAt } from '../../shared/geodesy.ts';
import type { FixSource } from '../../shared/device-message.ts';
import type { Fix } from './case-event.ts';

/**
 * Where a device is at one instant, and how sure we are. Two devices are only ever compared through
 * estimates for the same instant. (SPEC MO1)
 */
export interface Estimate {
  readonly lon: number;
  readonly lat: number;
  readonly eastMs: number;
  readonly northMs: number;
  /** Standard deviation per axis, grown with age. */
  readonly sigmaM: number;
  /** Radius that the device cannot have left since its last fix. (SPEC MO5) */
  readonly reachM: number;
  readonly ageMs: number;
  /**
   * A cell fix, or one that contradicts the track: it can never make a breach by itself. (SPEC MO6)
   */
  readonly trusted: boolean;
  readonly point: TrackPoint;
}

/** A fix in the track: at the server's reading of its time, with its error and its motion. */
export interface TrackPoint {
  readonly fix: Fix;
  readonly atMs: number;
  readonly sigmaM: number;
  readonly eastMs: number;
  readonly northMs: number;
}

/**
 * What is kept of a device's way: its newest believed fix. History proper lies in the store; here
 * each byte counts a hundred thousand times.
 */
export interface Track {
  readonly last: TrackPoint | null;
  /** A newer fix too far off to be believed until a second one agrees. (SPEC PL2) */
  readonly suspect: TrackPoint | null;
  /** How far apart its fixes come, smoothed; 0 while unknown. */
  readonly intervalMs: number;
}

export const EMPTY_TRACK: Track = { last: null, suspect: null, intervalMs: 0 };

/** 68 % radius of a circular normal distribution in units of its deviation per axis. */
const RADIUS_68 = 1.515;

/** Deviation per axis where a receiver claims none, and the least we ever believe. (SPEC MO2) */
const SIGMA_M: Record<FixSource, { unknown: number; least: number }> = {
  gnss: { unknown: 8, least: 3 },
  wifi: { unknown: 30, least: 12 },
  cell: { unknown: 600, least: 200 },
  beacon: { unknown: 10, least: 5 },
};

export function sigmaOf(fix: Fix): number {
  const { unknown, least } = SIGMA_M[fix.source ?? 'gnss'];
  // Zero is no measurement of error but the lack of one.
  if (fix.accuracyM === null || fix.accuracyM === 0) return unknown;
  return Math.max(least, fix.accuracyM / RADIUS_68);
}

const STILL_SPEED_MS = 0.5;
/** Above this a reported speed is the receiver's mistake. (SPEC PL3) */
export const SPEED_MS_MAX = 100;
const DIFFERENCE_MAX_MS = 120_000;

/**
 * Velocity of a new fix: as reported, else from the way since the last fix if it is beyond error.
 */
function velocityOf(
  fix: Fix,
  atMs: number,
  sigmaM: number,
  before: TrackPoint | null,
): [number, number] {
  const speedMs = fix.speedMs !== null && fix.speedMs <= SPEED_MS_MAX ? fix.speedMs : null;
  if (speedMs !== null && speedMs < STILL_SPEED_MS) return [0, 0];
  if (speedMs !== null && fix.headingDeg !== null) {
    const heading = (fix.headingDeg * Math.PI) / 180;
    return [speedMs * Math.sin(heading), speedMs * Math.cos(heading)];
  }
  // Wi-Fi errors belong to the place: two fixes of one man at home look like a sprint. (SPEC MO4)
  if (!before || fix.source === 'wifi' || before.fix.source === 'wifi') return [0, 0];
  const dtMs = atMs - before.atMs;
  if (dtMs < 1000 || dtMs > DIFFERENCE_MAX_MS) return [0, 0];
  const scale = scaleAt(fix.lat);
  const eastM = lonDelta(before.fix.lon, fix.lon) * scale.lonM;
  const northM = (fix.lat - before.fix.lat) * scale.latM;
  const wayM = Math.hypot(eastM, northM);
  if (wayM < 2 * Math.hypot(sigmaM, before.sigmaM)) return [0, 0];
  // A reported speed is better than the chord, whose direction is all that was missing.
  const factor = speedMs !== null ? speedMs / wayM : 1000 / dtMs;
  return [eastM * factor, northM * factor];
}

export function pointOf(fix: Fix, atMs: number, before: TrackPoint | null): TrackPoint {
  const sigmaM = sigmaOf(fix);
  const [eastMs, northMs] = velocityOf(fix, atMs, sigmaM, before);
  return { fix, atMs, sigmaM, eastMs, northMs };
}

/** How long a motion goes on as it was: people turn, stop and park. */
export const PERSISTENCE_S = 30;
const DRIFT_STILL_MS = 0.3;
const DRIFT_MOVING_MS = 0.6;
const DRIFT_SHARE_OF_SPEED = 0.25;

export const speedOf = ({ eastMs, northMs }: TrackPoint): number =>
  Math.sqrt(eastMs * eastMs + northMs * northMs);

/** Error of a fix that has grown so old, per axis. */
export function sigmaAfter(point: TrackPoint, ageS: number, speedMs: number): number {
  const driftMs =
    speedMs > STILL_SPEED_MS ? DRIFT_MOVING_MS + DRIFT_SHARE_OF_SPEED * speedMs : DRIFT_STILL_MS;
  return Math.sqrt(point.sigmaM * point.sigmaM + driftMs * driftMs * ageS * ageS);
}

/**
 * Estimate for an instant at or after the fix: straight on, ever slower, ever less sure. (SPEC MO3)
 */
export function extrapolated(point: TrackPoint, atMs: number, trusted: boolean): Estimate {
  const ageMs = Math.max(0, atMs - point.atMs);
  const ageS = ageMs / 1000;
  const speedMs = speedOf(point);
  const fade = Math.exp(-ageS / PERSISTENCE_S);
  const travelS = PERSISTENCE_S * (1 - fade);
  const [lon, lat] =
    speedMs > 0
      ? offsetBy(point.fix.lon, point.fix.lat, point.eastMs * travelS, point.northMs * travelS)
      : [point.fix.lon, point.fix.lat];
  return {
    lon,
    lat,
    eastMs: point.eastMs * fade,
    northMs: point.northMs * fade,
    sigmaM: sigmaAfter(point, ageS, speedMs),
    reachM: reachM(point, ageS, speedMs),
    ageMs,
    trusted: trusted && point.fix.source !== 'cell',
    point,
  };
}

const TOP_SPEED_MS = 36;
const REACH_RAMP_FROM_S = 60;
const REACH_RAMP_UNTIL_S = 300;
const REACH_SIGMAS = 2.5;

/**
 * Radius of the disc of reach: what was known of the motion bounds it for a minute, after that
 * ever less, until after five minutes he may be in any car. (SPEC MO5; space-time prism)
 */
export function reachM(point: TrackPoint, ageS: number, speedMs: number): number {
  const known = Math.max(2, 1.5 * speedMs);
  const ramp = (ageS - REACH_RAMP_FROM_S) / (REACH_RAMP_UNTIL_S - REACH_RAMP_FROM_S);
  const topMs = known + Math.max(0, TOP_SPEED_MS - known) * Math.max(0, Math.min(1, ramp));
  return REACH_SIGMAS * point.sigmaM + topMs * ageS;
}

/** The believed estimate, and beside it the one from a fix that is not believed yet. */
export function estimatesAt({ last, suspect }: Track, atMs: number): readonly Estimate[] {
  const doubted = suspect ? [extrapolated(suspect, atMs, false)] : [];
  return last ? [extrapolated(last, atMs, true), ...doubted] : doubted;
}

/** Faster than any train on the way from the last place: a jump, not a journey. (SPEC PL2) */
const JUMP_SPEED_MS = 85;
const JUMP_SLACK_M = 100;
const COARSER_THAN = 3;

export type Absorbed = 'new' | 'late' | 'double' | 'coarse' | 'suspect' | 'confirmed';

/**
 * A track with one more fix, and what became of it. An older fix never replaces a newer. (SPEC FX2)
 */
export function absorb(track: Track, fix: Fix, atMs: number): { track: Track; absorbed: Absorbed } {
  const { last, suspect } = track;
  if (!last) return took(track, pointOf(fix, atMs, null), 'new');
  if (atMs === last.atMs || atMs === suspect?.atMs) return { track, absorbed: 'double' };
  if (atMs < last.atMs) return { track, absorbed: 'late' };
  const point = pointOf(fix, atMs, last);
  if (isJump(last, point)) {
    const agrees = suspect && atMs > suspect.atMs && !isJump(suspect, point);
    if (agrees) return took(track, pointOf(fix, atMs, suspect), 'confirmed');
    return { track: { ...track, suspect: point }, absorbed: 'suspect' };
  }
  const predictedM = sigmaAfter(last, (atMs - last.atMs) / 1000, speedOf(last));
  if (point.sigmaM > COARSER_THAN * predictedM) return { track, absorbed: 'coarse' };
  return took(track, point, 'new');
}

const INTERVAL_WEIGHT = 0.3;
const OUTAGE_INTERVALS = 5;

function took(
  { last, intervalMs }: Track,
  point: TrackPoint,
  absorbed: Absorbed,
): { track: Track; absorbed: Absorbed } {
  const gapMs = last ? point.atMs - last.atMs : 0;
  // An outage says nothing of how often the device reports.
  const isOutage = intervalMs > 0 && gapMs > OUTAGE_INTERVALS * intervalMs;
  if (isOutage) return { track: { last: point, suspect: null, intervalMs }, absorbed };
  const smoothed = intervalMs === 0 ? gapMs : intervalMs + INTERVAL_WEIGHT * (gapMs - intervalMs);
  return { track: { last: point, suspect: null, intervalMs: Math.round(smoothed) }, absorbed };
}

function isJump(from: TrackPoint, to: TrackPoint): boolean {
  const dtS = Math.abs(to.atMs - from.atMs) / 1000;
  const scale = scaleAt(to.fix.lat);
  const wayM = Math.hypot(
    lonDelta(from.fix.lon, to.fix.lon) * scale.lonM,
    (to.fix.lat - from.fix.lat) * scale.latM,
  );
  return wayM > JUMP_SPEED_MS * dtS + 4 * (from.sigmaM + to.sigmaM) + JUMP_SLACK_M;
}
