/**
 * A Rauch–Tung–Striebel smoother: a constant-velocity Kalman filter over all that was measured, and
 * then backwards, so that each place rests on what came after it as well as on what came before.
 * Errors are the same in all directions, so both axes share one covariance.
 */
export interface Observation {
  readonly atMs: number;
  /** Position and its standard deviation per axis; null where none may be used. */
  readonly at: { readonly eastM: number; readonly northM: number; readonly sigmaM: number } | null;
  readonly velocity: {
    readonly eastMs: number;
    readonly northMs: number;
    readonly sigmaMs: number;
  } | null;
  /** How much a velocity may wander from here to the next, as white acceleration, m²/s³. */
  readonly restlessness: number;
}

export interface Smoothed {
  readonly atMs: number;
  readonly eastM: number;
  readonly northM: number;
  readonly eastMs: number;
  readonly northMs: number;
}

/** Position and velocity of one axis. */
type Axis = readonly [at: number, speed: number];
/** Variances of position and velocity, and what they share. */
type Covariance = readonly [pp: number, pv: number, vv: number];

interface State {
  readonly east: Axis;
  readonly north: Axis;
  readonly cov: Covariance;
}

interface Step {
  readonly atMs: number;
  readonly predicted: State;
  readonly filtered: State;
  /** Time since the step before. */
  readonly dtS: number;
}

/** Nothing is known at first but that people do not fly. */
const START_SIGMA_M = 1e4;
const START_SIGMA_MS = 30;

export function smoothed(observations: readonly Observation[]): Smoothed[] {
  const steps = filtered(observations);
  const places: Smoothed[] = [];
  let later: State | null = null;
  for (let i = steps.length - 1; i >= 0; i--) {
    const step: Step = steps[i]!;
    later = later ? settled(step.filtered, steps[i + 1]!, later) : step.filtered;
    const { east, north } = later;
    const [eastM, eastMs] = east;
    const [northM, northMs] = north;
    places.push({ atMs: step.atMs, eastM, northM, eastMs, northMs });
  }
  return places.reverse();
}

function filtered(observations: readonly Observation[]): Step[] {
  const steps: Step[] = [];
  for (const [i, observation] of observations.entries()) {
    const before = steps.at(-1);
    const dtS = before ? (observation.atMs - before.atMs) / 1000 : 0;
    const predicted = before
      ? ahead(before.filtered, dtS, observations[i - 1]!.restlessness)
      : startOf(observation);
    const { atMs } = observation;
    steps.push({ atMs, dtS, predicted, filtered: corrected(predicted, observation) });
  }
  return steps;
}

function startOf({ at }: Observation): State {
  const cov: Covariance = [START_SIGMA_M ** 2, 0, START_SIGMA_MS ** 2];
  return { east: [at?.eastM ?? 0, 0], north: [at?.northM ?? 0, 0], cov };
}

function ahead({ east, north, cov }: State, dtS: number, restlessness: number): State {
  const [pp, pv, vv] = cov;
  const moved = ([at, speed]: Axis): Axis => [at + speed * dtS, speed];
  const grown: Covariance = [
    pp + 2 * dtS * pv + dtS * dtS * vv + (restlessness * dtS ** 3) / 3,
    pv + dtS * vv + (restlessness * dtS ** 2) / 2,
    vv + restlessness * dtS,
  ];
  return { east: moved(east), north: moved(north), cov: grown };
}

function corrected(predicted: State, { at, velocity }: Observation): State {
  let state = predicted;
  if (at) {
    const [pp, pv, vv] = state.cov;
    const total = pp + at.sigmaM ** 2;
    const cov: Covariance = [pp - (pp * pp) / total, pv - (pp * pv) / total, vv - pv ** 2 / total];
    const gains: Axis = [pp / total, pv / total];
    state = {
      east: pulled(state.east, at.eastM - state.east[0], gains),
      north: pulled(state.north, at.northM - state.north[0], gains),
      cov,
    };
  }
  if (!velocity) return state;
  const [pp, pv, vv] = state.cov;
  const total = vv + velocity.sigmaMs ** 2;
  const gains: Axis = [pv / total, vv / total];
  return {
    east: pulled(state.east, velocity.eastMs - state.east[1], gains),
    north: pulled(state.north, velocity.northMs - state.north[1], gains),
    cov: [pp - pv ** 2 / total, pv - (pv * vv) / total, vv - (vv * vv) / total],
  };
}

const pulled = ([at, speed]: Axis, surprise: number, [onAt, onSpeed]: Axis): Axis => [
  at + onAt * surprise,
  speed + onSpeed * surprise,
];

/** A filtered state, with what is known of the one after it. */
function settled(before: State, next: Step, later: State): State {
  const [pp, pv, vv] = before.cov;
  const { predicted, dtS } = next;
  // before.cov · Fᵀ · predicted.cov⁻¹
  const [a, b, c] = predicted.cov;
  const determinant = a * c - b * b;
  const crossAt = [pp + dtS * pv, pv] as const;
  const crossSpeed = [pv + dtS * vv, vv] as const;
  const gainOf = ([x, y]: readonly [number, number]): Axis => [
    (x * c - y * b) / determinant,
    (y * a - x * b) / determinant,
  ];
  const onAt = gainOf(crossAt);
  const onSpeed = gainOf(crossSpeed);
  const axis = (own: Axis, expected: Axis, known: Axis): Axis => {
    const [atBy, speedBy] = [known[0] - expected[0], known[1] - expected[1]];
    return [
      own[0] + onAt[0] * atBy + onAt[1] * speedBy,
      own[1] + onSpeed[0] * atBy + onSpeed[1] * speedBy,
    ];
  };
  return {
    east: axis(before.east, predicted.east, later.east),
    north: axis(before.north, predicted.north, later.north),
    cov: before.cov,
  };
}
