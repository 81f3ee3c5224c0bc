import { lengthOf, lonDelta, offsetBy, scaleAt } from '../../shared/geodesy.ts';
import type { Fix } from './case-event.ts';
import { lastingSigmaOf, sigmaOf } from './fix-error.ts';
import { paceAfter, restlessness, speedOf, STILL_SPEED_MS, swerveM, travelS } from './forecast.ts';
import type { TrackPoint } from './track.ts';

/**
 * A Kalman filter for place and velocity, the same for both axes: the forecast from the last point
 * and the fix are weighed by their errors. Two things keep it honest. A receiver's errors are
 * alike for minutes, so no number of fixes brings the error below a floor; and a fix far from the
 * forecast is either an unforeseen motion or a reflection, told apart by the speeds reported.
 * (SPEC MO3; Bar-Shalom, Li, Kirubarajan 2001, ch. 5 and 11)
 */

/** Above this a reported speed is the receiver's mistake. (SPEC PL3) */
export const SPEED_MS_MAX = 100;
/** Receivers measure speed by Doppler, far better than place; headings err by some degrees. */
const SPEED_SIGMA_MS = 0.4;
const HEADING_SHARE = 0.03;
/** A slow speed without heading is mostly noise, and so is its direction. */
const AIMLESS_MS = 1.2;
/** Of somebody of whose motion nothing is known yet: he may be in a car. */
const UNKNOWN_VARIANCE = { gnss: 100, beacon: 2, wifi: 2, cell: 2 } as const;

interface Velocity {
  readonly eastMs: number;
  readonly northMs: number;
  readonly variance: number;
}

/** Velocity as a fix reports it; null when it does not. (SPEC MO4) */
function reportedVelocity({ speedMs, headingDeg }: Fix): Velocity | null {
  if (speedMs === null || speedMs > SPEED_MS_MAX) return null;
  const aimless = headingDeg === null && speedMs < AIMLESS_MS;
  if (speedMs < STILL_SPEED_MS || aimless) {
    return { eastMs: 0, northMs: 0, variance: (SPEED_SIGMA_MS + speedMs) ** 2 };
  }
  if (headingDeg === null) return null;
  const heading = (headingDeg * Math.PI) / 180;
  return {
    eastMs: speedMs * Math.sin(heading),
    northMs: speedMs * Math.cos(heading),
    variance: (SPEED_SIGMA_MS + HEADING_SHARE * speedMs) ** 2,
  };
}

/** What a first fix says; nothing before it helps. */
export function pointOf(fix: Fix, atMs: number): TrackPoint {
  const velocity = reportedVelocity(fix);
  return {
    fix,
    atMs,
    lon: fix.lon,
    lat: fix.lat,
    eastMs: velocity?.eastMs ?? 0,
    northMs: velocity?.northMs ?? 0,
    sigmaM: sigmaOf(fix),
    speedVariance: velocity?.variance ?? UNKNOWN_VARIANCE[fix.source ?? 'gnss'],
    covariance: 0,
    paceMs: velocity ? lengthOf(velocity.eastMs, velocity.northMs) : 0,
    followedSinceMs: atMs,
    sameSinceMs: atMs,
    reflected: false,
  };
}

/** A fix this many times worse than the forecast is not worth it. (SPEC FX4) */
const COARSER_THAN = 3;
/** Beyond so many deviations a fix contradicts the forecast. */
const CONTRADICTS_SIGMAS = 3;
/** Within this time the speeds reported at both ends tell how far he can have come. */
const SPEEDS_TELL_S = 30;

/** Of two fixes nearer in time the way between is error, and no speed. (SPEC MO4) */
const SPEED_FROM_S = 1;

/** State of the filter, metres and seconds from the last point. */
interface Belief {
  eastM: number;
  northM: number;
  eastMs: number;
  northMs: number;
  /** Variances of place and velocity, and the covariance of both. */
  pp: number;
  pv: number;
  vv: number;
}

/**
 * The point after one more fix; `coarse` when that says too little to be worth it, `contrary` when
 * it says little, but that the forecast is wrong. (SPEC FX4)
 */
export function filtered(
  last: TrackPoint,
  fix: Fix,
  atMs: number,
): TrackPoint | 'coarse' | 'contrary' {
  const dtS = (atMs - last.atMs) / 1000;
  const scale = scaleAt(last.lat);
  const velocity = reportedVelocity(fix);
  const belief = velocity ? onTheWay(last, velocity, dtS) : straightOn(last, dtS, fix.speedMs);
  const eastM = lonDelta(last.lon, fix.lon) * scale.lonM - belief.eastM;
  const northM = (fix.lat - last.lat) * scale.latM - belief.northM;
  const fixM = sigmaOf(fix);
  const variance = fixM * fixM;
  const offM2 = eastM * eastM + northM * northM;
  const off = offM2 > CONTRADICTS_SIGMAS ** 2 * (belief.pp + variance);
  if (variance > COARSER_THAN ** 2 * belief.pp) return off ? 'contrary' : 'coarse';
  const reflected = off && velocity !== null && mayBeReflection(last, dtS, offM2);
  if (off && !reflected) admit(belief, offM2 / 2, velocity === null ? dtS : null);
  const priorM = Math.sqrt(belief.pp);
  settle(belief, eastM, northM, reflected ? variance + offM2 / 2 : variance, tellsOf(fix, dtS));
  if (!velocity && fix.speedMs !== null) scaleSpeed(belief, fix.speedMs);
  const [lon, lat] = offsetBy(last.lon, last.lat, belief.eastM, belief.northM);
  const leastM = Math.min(priorM, lastingSigmaOf(fix, fixM));
  return {
    fix,
    atMs,
    lon,
    lat,
    eastMs: belief.eastMs,
    northMs: belief.northMs,
    sigmaM: Math.max(leastM, Math.sqrt(belief.pp)),
    speedVariance: belief.vv,
    covariance: belief.pv,
    paceMs: paceAfter(last.paceMs, dtS, lengthOf(belief.eastMs, belief.northMs)),
    // What had to be admitted begins anew.
    followedSinceMs: off && !reflected ? atMs : last.followedSinceMs,
    sameSinceMs: fix.lon === last.fix.lon && fix.lat === last.fix.lat ? last.sameSinceMs : atMs,
    reflected,
  };
}

const KNOWN_SPEED_VARIANCE = 9;
/**
 * Off by no more than a reflection may be, against the speeds reported at both ends, of a device
 * that was followed for a while: of the first fixes either may be the wrong one.
 */
const mayBeReflection = (last: TrackPoint, dtS: number, offM2: number): boolean =>
  !last.reflected &&
  last.atMs - last.followedSinceMs >= FOLLOWED_MS &&
  knowsSpeed(last) &&
  dtS <= SPEEDS_TELL_S &&
  offM2 <= REFLECTION_M_MAX ** 2;

const FOLLOWED_MS = 20_000;

const REFLECTION_M_MAX = 250;

export const knowsSpeed = (point: TrackPoint): boolean =>
  point.speedVariance < KNOWN_SPEED_VARIANCE;

/** What the way to a fix says besides its place: of motion, of rest, or nothing. */
type Tells = 'motion' | 'rest' | 'nothing';

/** Wi-Fi and mast errors belong to the place: two of one man at home look like a sprint. */
function tellsOf({ source }: Fix, dtS: number): Tells {
  if (source === 'wifi' || source === 'cell') return 'rest';
  return dtS < SPEED_FROM_S ? 'nothing' : 'motion';
}

/** Without a velocity at the end, he went on as he was. */
function straightOn(last: TrackPoint, dtS: number, reportedMs: number | null): Belief {
  const speedMs = speedOf(last);
  const aheadS = travelS(speedMs, dtS);
  const { sigmaM, covariance, speedVariance } = last;
  const swerve = swerveM(Math.max(speedMs, reportedMs ?? 0), last.paceMs, dtS) ** 2;
  return bounded({
    eastM: last.eastMs * aheadS,
    northM: last.northMs * aheadS,
    eastMs: last.eastMs,
    northMs: last.northMs,
    pp: sigmaM * sigmaM + 2 * covariance * dtS + speedVariance * dtS * dtS + swerve,
    pv: covariance + speedVariance * dtS + swerve / dtS,
    vv: speedVariance + (2 * swerve) / (dtS * dtS),
  });
}

/** Nobody is a racer; and what place and velocity share is less than either. */
function bounded(belief: Belief): Belief {
  belief.vv = Math.min(VARIANCE_MAX, belief.vv);
  belief.pv = Math.min(belief.pv, SHARED_MAX * Math.sqrt(belief.pp * belief.vv));
  return belief;
}

/** With a velocity at both ends, he went at the mean of both. */
function onTheWay(last: TrackPoint, { eastMs, northMs, variance }: Velocity, dtS: number): Belief {
  const speedMs = Math.max(speedOf(last), lengthOf(eastMs, northMs));
  const change = restlessness(speedMs) * ACCELERATION_MS2 * dtS;
  const prior = last.speedVariance + change * change;
  const gain = prior / (prior + variance);
  const nowEastMs = last.eastMs + gain * (eastMs - last.eastMs);
  const nowNorthMs = last.northMs + gain * (northMs - last.northMs);
  const vv = gain * variance;
  const turnMs = lengthOf(nowEastMs - last.eastMs, nowNorthMs - last.northMs);
  const swerve = WAY_SHARE * swerveM(speedMs, last.paceMs, dtS) + TURN_SHARE * turnMs * dtS;
  const meanVariance = (Math.min(last.speedVariance, VARIANCE_MAX) + vv) / 4;
  return {
    eastM: ((last.eastMs + nowEastMs) / 2) * dtS,
    northM: ((last.northMs + nowNorthMs) / 2) * dtS,
    eastMs: nowEastMs,
    northMs: nowNorthMs,
    pp: last.sigmaM * last.sigmaM + meanVariance * dtS * dtS + swerve * swerve,
    pv: (vv * dtS) / 2,
    vv,
  };
}

const VARIANCE_MAX = 100;
const SHARED_MAX = 0.95;
/** Cars brake with 2 to 3 m/s², but seldom for all of the time between two fixes. */
const ACCELERATION_MS2 = 1;
/** Of what straight on would be off, so much is left when the velocity at the end is known. */
const WAY_SHARE = 0.5;
/** When in that time he turned or braked, nobody knows. */
const TURN_SHARE = 0.12;

/** He moved in a way nobody foresaw: as much swerving as it takes to explain the fix. */
function admit(belief: Belief, variance: number, dtS: number | null): void {
  const more = Math.max(0, variance - belief.pp);
  belief.pp += more;
  // The velocity was reported: that stands.
  if (dtS === null) return;
  belief.pv += more / dtS;
  belief.vv += (2 * more) / (dtS * dtS);
  bounded(belief);
}

/** Takes the place in: `eastM`, `northM` is how far the fix lies from the belief. */
function settle(
  belief: Belief,
  eastM: number,
  northM: number,
  variance: number,
  tells: Tells,
): void {
  const total = belief.pp + variance;
  const place = belief.pp / total;
  belief.eastM += place * eastM;
  belief.northM += place * northM;
  if (tells === 'motion') {
    const speed = belief.pv / total;
    belief.eastMs += speed * eastM;
    belief.northMs += speed * northM;
    belief.vv -= speed * belief.pv;
    belief.pv *= 1 - place;
  } else if (tells === 'rest') {
    belief.eastMs = 0;
    belief.northMs = 0;
    belief.pv = 0;
  }
  belief.pp *= 1 - place;
}

/** A reported speed is better than the way, whose direction is all that was missing. */
function scaleSpeed(belief: Belief, speedMs: number): void {
  const nowMs = lengthOf(belief.eastMs, belief.northMs);
  if (nowMs < 0.3 * speedMs || speedMs > SPEED_MS_MAX) return;
  belief.eastMs *= speedMs / nowMs;
  belief.northMs *= speedMs / nowMs;
}
