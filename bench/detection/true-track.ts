import { assert } from '../../shared/result.ts';
import type { Plane, RecordedFix, RecordedTrack } from './recorded-track.ts';
import { type Observation, type Smoothed, smoothed } from './smoother.ts';
import { INDOOR_FROM_M, type Standstill, standstills } from './standstill.ts';

/**
 * The way that we say a device truly took. The recorded truth is not in the cases, so the smoothed
 * recording is the truth by definition: whatever noise is drawn on it, it is known exactly.
 */
export interface TrueTrack {
  readonly deviceId: string;
  readonly plane: Plane;
  readonly places: readonly Smoothed[];
}

/** 68 % radius of a circular normal distribution in units of its deviation per axis. */
const RADIUS_68 = 1.515;
const ACCURACY_UNKNOWN_M = 12;
/**
 * Errors last: some twenty fixes tell no more than one. So many times less is each one worth.
 */
const LASTING_ERROR = 4;
/** A fix this many claimed deviations off the smooth way is worth less, the more so the farther. */
const ODD_FROM_SIGMAS = 2.5;
const ROUNDS = 4;

const SPEED_SIGMA_MS = 0.3;
const HEADING_SIGMA_RAD = 0.06;
const INDOOR_SPEED_SIGMA_MS = 1;
const NO_HEADING_BELOW_MS = 0.8;

const STANDING_SIGMA_M = 0.5;
const STANDING_SIGMA_MS = 0.02;
/** Braking, starting and turning, at rest and more of it the faster one goes; m²/s³. */
const RESTLESS_AT_REST = 0.05;
const RESTLESS_PER_SPEED = 0.08;

export function trueTrackOf({ deviceId, plane, fixes }: RecordedTrack): TrueTrack {
  // A mast knows no more than the part of the town.
  const usable = fixes.filter(({ source }) => source !== 'cell');
  const stands = standstills(usable);
  let places: readonly Smoothed[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    places = smoothed(usable.map((fix, i) => observationOf(fix, stands, i, places[i] ?? null)));
  }
  return { deviceId, plane, places: places.map((place, i) => stood(place, standAt(stands, i))) };
}

const standAt = (stands: readonly Standstill[], index: number): Standstill | undefined =>
  stands.find(({ from, until }) => from <= index && index <= until);

function observationOf(
  fix: RecordedFix,
  stands: readonly Standstill[],
  index: number,
  before: Smoothed | null,
): Observation {
  const stand = standAt(stands, index);
  const restlessness = RESTLESS_AT_REST + RESTLESS_PER_SPEED * speedAround(fix, before);
  if (stand) {
    const velocity = { eastMs: 0, northMs: 0, sigmaMs: STANDING_SIGMA_MS };
    return {
      atMs: fix.atMs,
      at: { eastM: stand.eastM, northM: stand.northM, sigmaM: STANDING_SIGMA_M },
      velocity,
      restlessness: RESTLESS_AT_REST,
    };
  }
  const claimedM = (fix.accuracyM ?? ACCURACY_UNKNOWN_M) / RADIUS_68;
  const offM = before ? Math.hypot(fix.eastM - before.eastM, fix.northM - before.northM) : 0;
  const oddness = Math.max(1, offM / (ODD_FROM_SIGMAS * claimedM));
  const sigmaM = claimedM * LASTING_ERROR * oddness;
  const at = { eastM: fix.eastM, northM: fix.northM, sigmaM };
  return { atMs: fix.atMs, at, velocity: velocityOf(fix), restlessness };
}

function speedAround({ speedMs }: RecordedFix, before: Smoothed | null): number {
  return Math.max(speedMs ?? 0, before ? Math.hypot(before.eastMs, before.northMs) : 0);
}

function velocityOf({ speedMs, headingDeg, accuracyM }: RecordedFix): Observation['velocity'] {
  if (speedMs === null) return null;
  const indoors = (accuracyM ?? 0) > INDOOR_FROM_M;
  const speedSigmaMs = indoors ? INDOOR_SPEED_SIGMA_MS : SPEED_SIGMA_MS;
  const sigmaMs = Math.hypot(speedSigmaMs, HEADING_SIGMA_RAD * speedMs);
  if (headingDeg !== null) {
    const heading = (headingDeg * Math.PI) / 180;
    return { eastMs: speedMs * Math.sin(heading), northMs: speedMs * Math.cos(heading), sigmaMs };
  }
  // A receiver that tells no direction says that it moves little, if at all.
  if (speedMs > NO_HEADING_BELOW_MS) return null;
  return { eastMs: 0, northMs: 0, sigmaMs: Math.hypot(sigmaMs, speedMs) };
}

const stood = (place: Smoothed, stand: Standstill | undefined): Smoothed =>
  stand ? { ...place, eastM: stand.eastM, northM: stand.northM, eastMs: 0, northMs: 0 } : place;

/** Between two places along the curve that has both their velocities; before and after, still. */
export function whereOn({ places }: TrueTrack, atMs: number): Smoothed {
  const [first, last] = [places[0], places.at(-1)];
  assert(first !== undefined && last !== undefined, 'a track has a place');
  if (atMs < first.atMs) return { ...first, atMs, eastMs: 0, northMs: 0 };
  if (atMs > last.atMs) return { ...last, atMs, eastMs: 0, northMs: 0 };
  if (atMs === last.atMs) return last;
  const index = lastAtOrBefore(places, atMs);
  return between(places[index]!, places[index + 1]!, atMs);
}

function lastAtOrBefore(places: readonly Smoothed[], atMs: number): number {
  let [low, high] = [0, places.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (places[middle]!.atMs <= atMs) low = middle;
    else high = middle;
  }
  return low;
}

/** Cubic Hermite: no jump in place or speed. */
function between(from: Smoothed, until: Smoothed, atMs: number): Smoothed {
  const dtS = (until.atMs - from.atMs) / 1000;
  const t = (atMs - from.atMs) / (until.atMs - from.atMs);
  const axis = (a: number, va: number, b: number, vb: number): [at: number, speed: number] => [
    (2 * t ** 3 - 3 * t ** 2 + 1) * a +
      (t ** 3 - 2 * t ** 2 + t) * dtS * va +
      (3 * t ** 2 - 2 * t ** 3) * b +
      (t ** 3 - t ** 2) * dtS * vb,
    ((6 * t ** 2 - 6 * t) / dtS) * (a - b) +
      (3 * t ** 2 - 4 * t + 1) * va +
      (3 * t ** 2 - 2 * t) * vb,
  ];
  const [eastM, eastMs] = axis(from.eastM, from.eastMs, until.eastM, until.eastMs);
  const [northM, northMs] = axis(from.northM, from.northMs, until.northM, until.northMs);
  return { atMs, eastM, northM, eastMs, northMs };
}
