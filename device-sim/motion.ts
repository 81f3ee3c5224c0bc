import { z } from 'zod';
import type { Prng } from '../shared/prng.ts';
import { lognormal } from './draws.ts';
import { bendDeg, type Route } from './route.ts';

export const MovingMode = z.enum(['walk', 'cycle', 'drive', 'tram']);
export type MovingMode = z.infer<typeof MovingMode>;

/** How somebody moves: never faster than `topMs`, never changing speed faster than the limits. */
export interface MotionHabits {
  readonly cruiseMs: number;
  readonly topMs: number;
  readonly accelerationMs2: number;
  readonly brakingMs2: number;
  /** Speed through a sharp bend. */
  readonly bendMs: number;
  /** Traffic lights, crossings, tram stops: mean distance between, and how long. */
  readonly stopEveryM: number;
  readonly stopMedianS: number;
}

// prettier-ignore
export const HABITS: Record<MovingMode, MotionHabits> = {
  walk:  { cruiseMs: 1.35, topMs: 2.5,  accelerationMs2: 0.6, brakingMs2: 0.8, bendMs: 1.2, stopEveryM: 350, stopMedianS: 12 },
  cycle: { cruiseMs: 4.7,  topMs: 9,    accelerationMs2: 0.7, brakingMs2: 1.2, bendMs: 3,   stopEveryM: 800, stopMedianS: 15 },
  drive: { cruiseMs: 13,   topMs: 36,   accelerationMs2: 1.8, brakingMs2: 2.5, bendMs: 6,   stopEveryM: 900, stopMedianS: 20 },
  tram:  { cruiseMs: 11,   topMs: 22,   accelerationMs2: 1.1, brakingMs2: 1.2, bendMs: 5,   stopEveryM: 550, stopMedianS: 22 },
};

/** People keep no exact speed from one stop to the next. */
const CRUISE_SPREAD = 0.08;
const STOP_SPREAD = 0.4;
const SHARP_BEND_DEG = 30;
/** Stops closer together than this share of the mean do not happen. */
const STOP_GAP_MIN_SHARE = 0.4;

/** A stretch of constant acceleration. */
export interface Phase {
  readonly fromS: number;
  readonly alongM: number;
  readonly speedMs: number;
  readonly accelerationMs2: number;
}

/** How far along its route somebody is at each time; the last phase stands still. */
export interface Motion {
  readonly phases: readonly Phase[];
  readonly durationS: number;
}

export interface MotionWish {
  /** Wanted speed; the mode's own when absent. */
  readonly speedMs?: number | undefined;
  /** False goes straight through, as on a scripted approach. */
  readonly stops: boolean;
}

/** A point of the route that limits the speed there; a stop has speed 0 and lasts. */
type Knot = { readonly alongM: number; readonly speedMs: number; readonly waitS: number };

/** Plans a whole ride ahead, so that the true place at any time is known without stepping to it. */
export function planMotion(route: Route, mode: MovingMode, wish: MotionWish, random: Prng): Motion {
  const habits = { ...HABITS[mode], cruiseMs: wish.speedMs ?? HABITS[mode].cruiseMs };
  const stops = wish.stops ? stopsAlong(route, habits, random.fork('stops')) : [];
  const ends = [0, route.lengthM].map((alongM) => ({ alongM, speedMs: 0, waitS: 0 }));
  const knots = [...ends, ...stops, ...bendsAlong(route, habits)].toSorted(
    (a, b) => a.alongM - b.alongM || a.speedMs - b.speedMs,
  );
  const spread = wish.stops ? CRUISE_SPREAD : 0;
  return drive(feasible(knots, habits), habits, spread, random.fork('cruise'));
}

function stopsAlong(route: Route, habits: MotionHabits, random: Prng): Knot[] {
  const stops: Knot[] = [];
  let alongM = 0;
  for (;;) {
    const share = STOP_GAP_MIN_SHARE + 2 * (1 - STOP_GAP_MIN_SHARE) * random.next();
    alongM += habits.stopEveryM * share;
    if (alongM >= route.lengthM) return stops;
    stops.push({ alongM, speedMs: 0, waitS: lognormal(random, habits.stopMedianS, STOP_SPREAD) });
  }
}

function bendsAlong(route: Route, habits: MotionHabits): Knot[] {
  const bends: Knot[] = [];
  for (let index = 1; index < route.points.length - 1; index++) {
    if (bendDeg(route, index) < SHARP_BEND_DEG) continue;
    const speedMs = Math.min(habits.bendMs, habits.cruiseMs);
    bends.push({ alongM: route.alongM[index]!, speedMs, waitS: 0 });
  }
  return bends;
}

/** Lowers speeds at the knots until each can be reached from its neighbours within the limits. */
function feasible(knots: readonly Knot[], habits: MotionHabits): Knot[] {
  const speeds = knots.map(({ speedMs }) => speedMs);
  const gapM = (index: number): number => knots[index]!.alongM - knots[index - 1]!.alongM;
  for (let i = 1; i < knots.length; i++) {
    const reachable = Math.sqrt(speeds[i - 1]! ** 2 + 2 * habits.accelerationMs2 * gapM(i));
    speeds[i] = Math.min(speeds[i]!, reachable);
  }
  for (let i = knots.length - 1; i > 0; i--) {
    const brakeable = Math.sqrt(speeds[i]! ** 2 + 2 * habits.brakingMs2 * gapM(i));
    speeds[i - 1] = Math.min(speeds[i - 1]!, brakeable);
  }
  return knots.map((knot, index) => ({ ...knot, speedMs: speeds[index]! }));
}

function drive(knots: Knot[], habits: MotionHabits, spread: number, random: Prng): Motion {
  const phases: Phase[] = [];
  let fromS = 0;
  for (let i = 1; i < knots.length; i++) {
    const [from, to] = [knots[i - 1]!, knots[i]!];
    const wishedMs = Math.min(habits.topMs, lognormal(random, habits.cruiseMs, spread));
    for (const part of stretch(from, to, wishedMs, habits)) {
      phases.push({ ...part.phase, fromS });
      fromS += part.durationS;
    }
    if (to.waitS === 0) continue;
    phases.push({ fromS, alongM: to.alongM, speedMs: 0, accelerationMs2: 0 });
    fromS += to.waitS;
  }
  const lengthM = knots[knots.length - 1]!.alongM;
  phases.push({ fromS, alongM: lengthM, speedMs: 0, accelerationMs2: 0 });
  return { phases, durationS: fromS };
}

type Part = { phase: Omit<Phase, 'fromS'>; durationS: number };

/**
 * Speeds up, cruises, brakes; without room to cruise it turns from one to the other at the peak.
 */
function stretch(from: Knot, to: Knot, wishedMs: number, habits: MotionHabits): Part[] {
  const lengthM = to.alongM - from.alongM;
  if (lengthM <= 0) return [];
  const { accelerationMs2: up, brakingMs2: down } = habits;
  const start2 = from.speedMs ** 2;
  const end2 = to.speedMs ** 2;
  const peak2 = (lengthM + start2 / (2 * up) + end2 / (2 * down)) / (1 / (2 * up) + 1 / (2 * down));
  const topMs = Math.min(Math.max(wishedMs, from.speedMs, to.speedMs), Math.sqrt(peak2));
  const upM = Math.max(0, (topMs ** 2 - start2) / (2 * up));
  const downM = Math.max(0, (topMs ** 2 - end2) / (2 * down));
  const cruiseM = Math.max(0, lengthM - upM - downM);
  const at = (
    alongM: number,
    speedMs: number,
    accelerationMs2: number,
    durationS: number,
  ): Part => ({
    phase: { alongM: from.alongM + alongM, speedMs, accelerationMs2 },
    durationS,
  });
  return [
    at(0, from.speedMs, up, (topMs - from.speedMs) / up),
    at(upM, topMs, 0, cruiseM / topMs),
    at(upM + cruiseM, topMs, -down, (topMs - to.speedMs) / down),
  ].filter(({ durationS }) => durationS > 0);
}

/** Distance along the route and speed there, any time after the start. */
export function motionAt(motion: Motion, atS: number): { alongM: number; speedMs: number } {
  const phase = motion.phases[phaseAt(motion.phases, atS)]!;
  const sinceS = Math.max(0, atS - phase.fromS);
  return {
    alongM: phase.alongM + phase.speedMs * sinceS + (phase.accelerationMs2 * sinceS ** 2) / 2,
    speedMs: Math.max(0, phase.speedMs + phase.accelerationMs2 * sinceS),
  };
}

function phaseAt(phases: readonly Phase[], atS: number): number {
  let low = 0;
  let high = phases.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (phases[middle]!.fromS <= atS) low = middle;
    else high = middle - 1;
  }
  return low;
}
