import type { TrackPoint } from './track.ts';

/**
 * How a motion goes on after its last fix: straight, ever slower, ever less sure. The figures are
 * those of recorded trips on foot, by car, bus and motorway (DECISIONS 57): from a standstill to
 * 5 m/s the uncertainty grows with speed, beyond that it hardly does.
 */

/** Below this a device is taken to stand still: what it drifts is error. */
export const STILL_SPEED_MS = 0.5;

/** How long a speed lasts: in town until the next stop, on a motorway for minutes. (SPEC MO3) */
const PERSISTENCE_SLOW_S = 60;
const PERSISTENCE_TOWN_S = 90;
const PERSISTENCE_ROAD_S = 1_000;
const SLOW_MS = 2;
const TOWN_MS = 12;
const ROAD_MS = 20;

function persistenceS(speedMs: number): number {
  if (speedMs < SLOW_MS) return PERSISTENCE_SLOW_S;
  if (speedMs <= TOWN_MS) return PERSISTENCE_TOWN_S;
  if (speedMs >= ROAD_MS) return PERSISTENCE_ROAD_S;
  const share = (speedMs - TOWN_MS) / (ROAD_MS - TOWN_MS);
  return PERSISTENCE_TOWN_S + share * (PERSISTENCE_ROAD_S - PERSISTENCE_TOWN_S);
}

export const speedOf = ({ eastMs, northMs }: { eastMs: number; northMs: number }): number =>
  Math.sqrt(eastMs * eastMs + northMs * northMs);

/** For how many seconds at full speed somebody gets on in `ageS`; less than that, for he fades. */
export function travelS(speedMs: number, ageS: number): number {
  if (speedMs < STILL_SPEED_MS) return 0;
  const tauS = persistenceS(speedMs);
  return tauS * (1 - Math.exp(-ageS / tauS));
}

/** What is left of the speed then, as a share. */
export const fadeAfter = (speedMs: number, ageS: number): number =>
  speedMs < STILL_SPEED_MS ? 0 : Math.exp(-ageS / persistenceS(speedMs));

/** How restless a motion is: what stands still tends to go on standing. 1 from 6 m/s on. */
export const restlessness = (speedMs: number): number => Math.min(1, 0.04 + 0.16 * speedMs);

/** Who was driving a minute ago waits at a light. */
const PACE_SHARE = 0.1;
const PACE_RESTLESSNESS_MAX = 0.3;
const PACE_FADES_S = 120;

/** The pace that is remembered when `dtS` later the speed is known. */
export const paceAfter = (paceMs: number, dtS: number, speedMs: number): number =>
  Math.max(speedMs, paceMs * Math.exp(-dtS / PACE_FADES_S));

const SWERVE_M_S2 = 0.14;
const SWERVE_TAMED_S = 70;

/** Deviation per axis that unforeseen turns, stops and starts add within `ageS`. (SPEC MO3) */
export function swerveM(speedMs: number, paceMs: number, ageS: number): number {
  const byPace = Math.min(PACE_RESTLESSNESS_MAX, PACE_SHARE * paceMs);
  const restless = Math.max(restlessness(speedMs), byPace);
  return (restless * SWERVE_M_S2 * ageS * ageS) / (1 + ageS / SWERVE_TAMED_S);
}

/** The error of a reported speed is part of what was measured. */
const SPEED_VARIANCE_FORESEEN = 1;

/** Error of a place that is so old, per axis. */
export function forecastSigmaM(point: TrackPoint, ageS: number, speedMs: number): number {
  const { sigmaM, speedVariance, paceMs } = point;
  const swerve = swerveM(speedMs, paceMs, ageS);
  const unforeseen = Math.max(0, speedVariance - SPEED_VARIANCE_FORESEEN) * ageS * ageS;
  return Math.sqrt(sigmaM * sigmaM + unforeseen + swerve * swerve);
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
