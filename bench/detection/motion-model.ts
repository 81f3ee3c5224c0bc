/**
 * A Kalman filter for one device that goes straight on, in metres: what the estimators under
 * comparison are made of. Both axes share one covariance, as errors have no direction.
 */
export interface Belief {
  readonly atMs: number;
  readonly east: Axis;
  readonly north: Axis;
  readonly cov: Covariance;
}

export type Axis = readonly [atM: number, speedMs: number];
/** Variances of position and velocity, and what they share. */
export type Covariance = readonly [pp: number, pv: number, vv: number];

export interface Sighting {
  readonly atMs: number;
  readonly eastM: number;
  readonly northM: number;
  readonly sigmaM: number;
  /** Null where the receiver tells no speed, or no direction for it. */
  readonly velocity: readonly [eastMs: number, northMs: number] | null;
}

const START_SIGMA_MS = 10;
/** What receivers are off when they tell their speed, heading included. */
const VELOCITY_SIGMA_MS = 0.5;
const VELOCITY_SIGMA_SHARE = 0.07;

export function firstBelief({ atMs, eastM, northM, sigmaM, velocity }: Sighting): Belief {
  const [eastMs, northMs] = velocity ?? [0, 0];
  const speedSigmaMs = velocity ? velocitySigmaMs(velocity) : START_SIGMA_MS;
  const cov: Covariance = [sigmaM ** 2, 0, speedSigmaMs ** 2];
  return { atMs, east: [eastM, eastMs], north: [northM, northMs], cov };
}

const velocitySigmaMs = ([eastMs, northMs]: readonly [number, number]): number =>
  Math.hypot(VELOCITY_SIGMA_MS, VELOCITY_SIGMA_SHARE * Math.hypot(eastMs, northMs));

/** How people of one kind move: for a while on as before, with white acceleration in m²/s³. */
export interface Habit {
  readonly restlessness: number;
  /** Velocity fades with this time constant; `Infinity` for ever straight on, 0 for not at all. */
  readonly persistenceS: number;
}

export function onwards(before: Belief, atMs: number, habit: Habit): Belief {
  const dtS = (atMs - before.atMs) / 1000;
  const { restlessness, persistenceS } = habit;
  const kept = persistenceS === 0 ? 0 : Math.exp(-dtS / persistenceS);
  const travelS = travelOf(dtS, persistenceS, kept);
  const [pp, pv, vv] = before.cov;
  const moved = ([atM, speedMs]: Axis): Axis => [atM + speedMs * travelS, speedMs * kept];
  const cov: Covariance = [
    pp + 2 * travelS * pv + travelS ** 2 * vv + (restlessness * dtS ** 3) / 3,
    kept * (pv + travelS * vv) + (restlessness * dtS ** 2) / 2,
    kept ** 2 * vv + restlessness * dtS,
  ];
  return { atMs, east: moved(before.east), north: moved(before.north), cov };
}

function travelOf(dtS: number, persistenceS: number, kept: number): number {
  if (persistenceS === 0) return 0;
  return Number.isFinite(persistenceS) ? persistenceS * (1 - kept) : dtS;
}

/** A belief after a sighting, and how likely the sighting was. */
export function sighted(
  expected: Belief,
  seen: Sighting,
): { belief: Belief; logLikelihood: number } {
  const placed = pulled(expected, [1, 0], [seen.eastM, seen.northM], seen.sigmaM);
  if (!seen.velocity) return placed;
  const timed = pulled(placed.belief, [0, 1], seen.velocity, velocitySigmaMs(seen.velocity));
  return { belief: timed.belief, logLikelihood: placed.logLikelihood + timed.logLikelihood };
}

/** One measurement of both axes, of position `[1, 0]` or velocity `[0, 1]`. */
function pulled(
  { atMs, east, north, cov }: Belief,
  [onAt, onSpeed]: readonly [number, number],
  [seenEast, seenNorth]: readonly [number, number],
  sigma: number,
): { belief: Belief; logLikelihood: number } {
  const [pp, pv, vv] = cov;
  const shared: Axis = [onAt * pp + onSpeed * pv, onAt * pv + onSpeed * vv];
  const total = onAt * shared[0] + onSpeed * shared[1] + sigma ** 2;
  const surprise = ([atM, speedMs]: Axis, value: number): number =>
    value - onAt * atM - onSpeed * speedMs;
  const [eastBy, northBy] = [surprise(east, seenEast), surprise(north, seenNorth)];
  const corrected = ([atM, speedMs]: Axis, by: number): Axis => [
    atM + (shared[0] / total) * by,
    speedMs + (shared[1] / total) * by,
  ];
  const left: Covariance = [
    pp - shared[0] ** 2 / total,
    pv - (shared[0] * shared[1]) / total,
    vv - shared[1] ** 2 / total,
  ];
  return {
    belief: { atMs, east: corrected(east, eastBy), north: corrected(north, northBy), cov: left },
    logLikelihood: -Math.log(total) - (eastBy ** 2 + northBy ** 2) / (2 * total),
  };
}

/** One belief in place of several, with the spread between them. */
export function mixed(beliefs: readonly Belief[], weights: readonly number[]): Belief {
  const mean = (part: (belief: Belief) => number): number =>
    beliefs.reduce((sum, belief, i) => sum + weights[i]! * part(belief), 0);
  const east: Axis = [mean((one) => one.east[0]), mean((one) => one.east[1])];
  const north: Axis = [mean((one) => one.north[0]), mean((one) => one.north[1])];
  const spread = (a: 0 | 1, b: 0 | 1): number =>
    mean(
      (one) =>
        ((one.east[a] - east[a]) * (one.east[b] - east[b]) +
          (one.north[a] - north[a]) * (one.north[b] - north[b])) /
        2,
    );
  const cov: Covariance = [
    mean((one) => one.cov[0]) + spread(0, 0),
    mean((one) => one.cov[1]) + spread(0, 1),
    mean((one) => one.cov[2]) + spread(1, 1),
  ];
  return { atMs: beliefs[0]!.atMs, east, north, cov };
}
