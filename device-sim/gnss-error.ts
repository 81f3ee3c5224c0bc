import type { Prng } from '../shared/prng.ts';
import { scaleAt } from '../shared/geodesy.ts';
import { drawsAt, exponential, lognormal } from './draws.ts';
import type { PlaceModel, SkyModel } from './environment.ts';

/** Radius that holds 68 % of a circular normal error, in units of its sigma per axis. */
const RADIUS_68_PER_SIGMA = 1.515;
/** Median of a Rayleigh distance in units of its sigma per axis. */
const RAYLEIGH_MEDIAN = Math.sqrt(2 * Math.LN2);
/** No receiver claims to be better than this. */
const REPORTED_RADIUS_M_MIN = 3;
const REPORTED_SPREAD = 0.25;
/** DOMAIN.md gives medians only; both spreads are ours. */
const JUMP_SPREAD = 0.5;
const LOSS_SPREAD = 0.6;
/** After a loss longer than this the receiver starts anew, and is worse at first. */
const COLD_AFTER_MS = 20_000;
const COLD_EXTRA = 3;
const COLD_TAU_S = 15;
const HOUR_MS = 3_600_000;

type Axes = readonly [east: number, north: number];

/**
 * What a receiver's error remembers. `slow` and `fast` are Gauss–Markov terms of unit variance;
 * a jump adds a fixed error for a while (a reflection); in a loss there is no fix at all.
 */
export interface GnssErrorState {
  readonly atMs: number;
  readonly tick: number;
  readonly slow: Axes;
  readonly fast: Axes;
  readonly jump: { readonly untilMs: number; readonly errorM: Axes } | null;
  readonly loss: { readonly sinceMs: number; readonly untilMs: number } | null;
  /** When the last loss that was long enough to matter ended. */
  readonly coldSinceMs: number | null;
}

export type GnssReading =
  { state: 'fix'; errorM: Axes; reportedRadiusM: number } | { state: 'lost'; sinceMs: number };

export interface GnssSetting {
  readonly seed: number;
  readonly model: SkyModel;
  /** 1 for a phone in the hand, 1.4 for a band on an ankle. (DOMAIN: w) */
  readonly bodyFactor: number;
  /** Jammed, or indoors where only the network knows the place. */
  readonly blocked: boolean;
}

export function initialGnssError(seed: number, atMs: number): GnssErrorState {
  const random = drawsAt(seed, 'gnss', 0);
  const slow: Axes = [random.normal(), random.normal()];
  const fast: Axes = [random.normal(), random.normal()];
  return { atMs, tick: 1, slow, fast, jump: null, loss: null, coldSinceMs: null };
}

/**
 * Lets the error live until `nowMs`, and reads the receiver there. Exact for steps of any length.
 */
export function stepGnssError(
  setting: GnssSetting,
  before: GnssErrorState,
  nowMs: number,
): { state: GnssErrorState; reading: GnssReading } {
  const random = drawsAt(setting.seed, 'gnss', before.tick);
  const aged = age(setting.model, before, nowMs, random.fork('age'));
  const state = setting.blocked ? block(aged) : regain(aged);
  if (state.loss !== null)
    return { state, reading: { state: 'lost', sinceMs: state.loss.sinceMs } };
  return { state, reading: read(setting, state, random.fork('read')) };
}

function age(model: SkyModel, before: GnssErrorState, nowMs: number, random: Prng): GnssErrorState {
  const stepMs = nowMs - before.atMs;
  const slow = wander(before.slow, stepMs / 1_000 / model.slowTauS, random);
  const fast = wander(before.fast, stepMs / 1_000 / model.fastTauS, random);
  return {
    ...before,
    atMs: nowMs,
    tick: before.tick + 1,
    slow,
    fast,
    jump: nextJump(model, before, nowMs, random.fork('jump')),
    loss: before.loss ?? nextLoss(model, before.atMs, nowMs, random.fork('loss')),
  };
}

/** One step of a Gauss–Markov process: keeps unit variance whatever the step. */
function wander([east, north]: Axes, steps: number, random: Prng): Axes {
  const kept = Math.exp(-steps);
  const fresh = Math.sqrt(1 - kept * kept);
  return [kept * east + fresh * random.normal(), kept * north + fresh * random.normal()];
}

/** A moment in the step at which something of a given rate began; null if it did not. */
function onset(perHour: number, fromMs: number, nowMs: number, random: Prng): number | null {
  if (perHour === 0) return null;
  const atMs = fromMs + exponential(random, HOUR_MS / perHour);
  return atMs < nowMs ? atMs : null;
}

function nextJump(
  model: SkyModel,
  before: GnssErrorState,
  nowMs: number,
  random: Prng,
): GnssErrorState['jump'] {
  if (before.jump !== null && before.jump.untilMs > nowMs) return before.jump;
  const startMs = onset(model.jumpsPerHour, before.atMs, nowMs, random);
  if (startMs === null) return null;
  const untilMs = startMs + exponential(random, model.jumpMeanS * 1_000);
  if (untilMs <= nowMs) return null;
  const lengthM = lognormal(random, model.jumpMedianM, JUMP_SPREAD);
  const angle = 2 * Math.PI * random.next();
  return { untilMs, errorM: [lengthM * Math.cos(angle), lengthM * Math.sin(angle)] };
}

function nextLoss(
  model: SkyModel,
  fromMs: number,
  nowMs: number,
  random: Prng,
): GnssErrorState['loss'] {
  const sinceMs = onset(model.lossesPerHour, fromMs, nowMs, random);
  if (sinceMs === null) return null;
  return { sinceMs, untilMs: sinceMs + lognormal(random, model.lossMedianS * 1_000, LOSS_SPREAD) };
}

function block(state: GnssErrorState): GnssErrorState {
  const sinceMs = state.loss?.sinceMs ?? state.atMs;
  return { ...state, loss: { sinceMs, untilMs: state.atMs } };
}

function regain(state: GnssErrorState): GnssErrorState {
  const { loss, atMs } = state;
  if (loss === null || loss.untilMs > atMs) return state;
  const cold = loss.untilMs - loss.sinceMs > COLD_AFTER_MS;
  return { ...state, loss: null, coldSinceMs: cold ? loss.untilMs : state.coldSinceMs };
}

function read(setting: GnssSetting, state: GnssErrorState, random: Prng): GnssReading {
  const { slowM, fastM, whiteM, optimism } = setting.model;
  const scale = setting.bodyFactor * inflation(state);
  const errorOn = (axis: 0 | 1): number =>
    scale * (slowM * state.slow[axis] + fastM * state.fast[axis] + whiteM * random.normal()) +
    (state.jump?.errorM[axis] ?? 0);
  const errorM: Axes = [errorOn(0), errorOn(1)];
  const sigmaM = scale * Math.hypot(slowM, fastM, whiteM);
  return { state: 'fix', errorM, reportedRadiusM: reportedRadiusM(sigmaM, optimism, random) };
}

function inflation({ coldSinceMs, atMs }: GnssErrorState): number {
  if (coldSinceMs === null) return 1;
  return 1 + COLD_EXTRA * Math.exp(-(atMs - coldSinceMs) / 1_000 / COLD_TAU_S);
}

function reportedRadiusM(sigmaM: number, optimism: number, random: Prng): number {
  const claimM = optimism * RADIUS_68_PER_SIGMA * sigmaM;
  return Math.max(REPORTED_RADIUS_M_MIN, lognormal(random, claimM, REPORTED_SPREAD));
}

/**
 * The error of a network fix. `worldSeed` is that of the scenario: a place is wrong for everybody.
 */
export function placeError(
  worldSeed: number,
  model: PlaceModel,
  [lon, lat]: readonly [lon: number, lat: number],
  random: Prng,
): { errorM: Axes; reportedRadiusM: number } {
  const scale = scaleAt(Math.round(lat));
  const column = Math.floor((lon * scale.lonM) / model.placeSizeM);
  const row = Math.floor((lat * scale.latM) / model.placeSizeM);
  const place = drawsAt(worldSeed, `place/${model.source}/${column}`, row);
  const biasM = model.placeMedianM / RAYLEIGH_MEDIAN;
  const errorM: Axes = [
    biasM * place.normal() + model.whiteM * random.normal(),
    biasM * place.normal() + model.whiteM * random.normal(),
  ];
  const sigmaM = Math.hypot(biasM, model.whiteM);
  return { errorM, reportedRadiusM: reportedRadiusM(sigmaM, model.optimism, random) };
}
