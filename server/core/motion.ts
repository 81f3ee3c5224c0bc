import { lengthOf, lonDelta, offsetBy, scaleAt } from '../../shared/geodesy.ts';
import type { Fix } from './case-event.ts';
import { filtered, knowsSpeed, pointOf } from './filter.ts';
import { sigmaOf } from './fix-error.ts';
import { withLate } from './late.ts';
import { fadeAfter, forecastSigmaM, reachM, speedOf, travelS } from './forecast.ts';
import { remembered, roamedM } from './way.ts';
import {
  EMPTY_TRACK,
  isLocated,
  PASSAGE_MS,
  waymarkOf,
  type Located,
  type Track,
  type TrackPoint,
} from './track.ts';

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
  /** The way it continues; null for a place that is not believed. */
  readonly track: Located | null;
  /**
   * Known from masts alone, or contradicting the track: it can never make a breach by itself. (SPEC
   * MO6)
   */
  readonly trusted: boolean;
  readonly point: TrackPoint;
}

/** An older fix says where he was, not where he is; of who stayed at home it does. (SPEC MO6) */
const TRUSTED_MS = 180_000;
const TRUSTED_RESTING_MS = 900_000;
const RESTING_PACE_MS = 2;

const trustedMs = (point: TrackPoint): number =>
  knowsSpeed(point) && point.paceMs < RESTING_PACE_MS ? TRUSTED_RESTING_MS : TRUSTED_MS;

/**
 * Estimate for an instant at or after the fix: straight on, ever slower, ever less sure. (SPEC MO3)
 */
export function extrapolated(
  point: TrackPoint,
  atMs: number,
  trusted: boolean,
  track: Located | null = null,
): Estimate {
  const ageMs = Math.max(0, atMs - point.atMs);
  const ageS = ageMs / 1000;
  const speedMs = speedOf(point);
  const aheadS = travelS(speedMs, ageS);
  const fade = fadeAfter(speedMs, ageS);
  const [lon, lat] =
    aheadS > 0
      ? offsetBy(point.lon, point.lat, point.eastMs * aheadS, point.northMs * aheadS)
      : [point.lon, point.lat];
  return {
    lon,
    lat,
    eastMs: point.eastMs * fade,
    northMs: point.northMs * fade,
    sigmaM: forecastSigmaM(point, ageS, speedMs),
    reachM: reachM(point, ageS, speedMs),
    ageMs,
    track,
    trusted: trusted && point.fix.source !== 'cell' && ageMs <= trustedMs(point),
    point,
  };
}

/** The believed estimate, and beside it the one from a fix that is not believed yet. */
export function estimatesAt(track: Track, atMs: number): readonly Estimate[] {
  const { suspect } = track;
  const doubted = suspect ? [extrapolated(suspect, atMs, false)] : [];
  return isLocated(track) ? [extrapolated(track.last, atMs, true, track), ...doubted] : doubted;
}

/** Faster than any train on the way from the last place: a jump, not a journey. (SPEC PL2) */
const JUMP_SPEED_MS = 85;
const JUMP_SLACK_M = 100;

export type Absorbed =
  | 'new'
  | 'late'
  | 'double'
  | 'coarse'
  | 'suspect'
  | 'confirmed'
  /** On the move, yet to the last digit where it was: the receiver hangs. (SPEC PL5) */
  | 'frozen';

/**
 * A track with one more fix, and what became of it. An older fix never replaces a newer. (SPEC FX2)
 */
export function absorb(track: Track, fix: Fix, atMs: number): { track: Track; absorbed: Absorbed } {
  const { last, suspect } = track;
  if (!last) return took(track, pointOf(fix, atMs), 'new');
  if (atMs === last.atMs || atMs === suspect?.atMs) return { track, absorbed: 'double' };
  if (atMs < last.atMs) return { track: withLate(track, fix, atMs), absorbed: 'late' };
  if (isFrozen(last.fix, fix)) return { track, absorbed: 'frozen' };
  if (isJump(last, fix, atMs)) {
    const agrees = suspect && atMs > suspect.atMs && !isJump(suspect, fix, atMs);
    if (agrees) return jumped(track, last, confirmedBy(suspect, fix, atMs));
    return { track: { ...track, suspect: pointOf(fix, atMs) }, absorbed: 'suspect' };
  }
  const point = filtered(last, fix, atMs);
  if (point === 'coarse') return { track, absorbed: 'coarse' };
  // A mast says that he is elsewhere: both places are judged, neither is forgotten.
  if (point === 'contrary') {
    return { track: { ...track, suspect: pointOf(fix, atMs) }, absorbed: 'coarse' };
  }
  return took(track, point, 'new');
}

/** A jump is no way: it begins anew there, and the place before it is not forgotten at once. */
function jumped(track: Track, left: TrackPoint, point: TrackPoint): ReturnType<typeof absorb> {
  const { intervalMs } = track;
  return {
    track: { ...EMPTY_TRACK, last: point, suspect: left, intervalMs },
    absorbed: 'confirmed',
  };
}

function confirmedBy(suspect: TrackPoint, fix: Fix, atMs: number): TrackPoint {
  const point = filtered(suspect, fix, atMs);
  return typeof point === 'string' ? suspect : point;
}

const INTERVAL_WEIGHT = 0.3;
const OUTAGE_INTERVALS = 5;

/** A spoofer jumps too: for so long the place before the jump is judged as well. (SPEC PL2) */
const GHOST_MS = 600_000;

function took(
  track: Track,
  point: TrackPoint,
  absorbed: Absorbed,
): { track: Track; absorbed: Absorbed } {
  const { last, before, history } = track;
  const ghost = ghostOf(track);
  // What only a mast told is no place on a way.
  const told = last && last.fix.source !== 'cell' ? last : null;
  const next: Track = {
    last: point,
    before: told ? waymarkOf(told) : before,
    history: before && told ? remembered(history, before, told) : history,
    suspect: ghost && point.atMs - ghost.atMs <= GHOST_MS ? ghost : null,
    intervalMs: intervalAfter(track, point),
    roamM: 0,
  };
  const roamM = roamedM(next, point.atMs - PASSAGE_MS);
  return { track: roamM === 0 ? next : { ...next, roamM }, absorbed };
}

/** The place before a jump that was believed: older than what is believed now. */
const ghostOf = ({ last, suspect }: Track): TrackPoint | null =>
  last && suspect && suspect.atMs < last.atMs ? suspect : null;

const FROZEN_SPEED_MS = 2;

const isFrozen = (before: Fix, fix: Fix): boolean =>
  fix.lon === before.lon &&
  fix.lat === before.lat &&
  (fix.speedMs ?? 0) >= FROZEN_SPEED_MS &&
  (before.speedMs ?? 0) >= FROZEN_SPEED_MS;

function intervalAfter({ last, intervalMs }: Track, point: TrackPoint): number {
  const gapMs = last ? point.atMs - last.atMs : 0;
  if (intervalMs === 0) return gapMs;
  // An outage says nothing of how often the device reports.
  if (gapMs > OUTAGE_INTERVALS * intervalMs) return intervalMs;
  return Math.round(intervalMs + INTERVAL_WEIGHT * (gapMs - intervalMs));
}

function isJump(from: TrackPoint, fix: Fix, atMs: number): boolean {
  const dtS = Math.abs(atMs - from.atMs) / 1000;
  const scale = scaleAt(fix.lat);
  const wayM = lengthOf(
    lonDelta(from.lon, fix.lon) * scale.lonM,
    (fix.lat - from.lat) * scale.latM,
  );
  return wayM > JUMP_SPEED_MS * dtS + 4 * (from.sigmaM + sigmaOf(fix)) + JUMP_SLACK_M;
}
