import { lengthOf, lonDelta, scaleAt } from '../../shared/geodesy.ts';
import { probabilityWithin } from './probability.ts';
import type { Track, WayPoint } from './track.ts';
import { placeAt } from './way.ts';

/** The moment at which two devices were most likely within a distance of each other. */
export interface Passage {
  readonly atMs: number;
  readonly apartM: number;
  readonly sigmaM: number;
  readonly withinP: number;
}

/** Two devices at one instant: where the second lies from the first. */
export interface Apart {
  readonly atMs: number;
  readonly eastM: number;
  readonly northM: number;
  readonly sigmaM: number;
}

const STEP_MS = 5_000;
const STEPS_MAX = 24;

/**
 * The closest approach of two devices between their fixes, both ways as estimated now: what no
 * comparison of fixes sees. Looked at in steps, and between them at the closest point of approach.
 * Null when the way of either is not known for any of that time. (SPEC BF1)
 */
export function passageOf(
  one: Track,
  other: Track,
  fromMs: number,
  untilMs: number,
  limitM: number,
): Passage | null {
  const steps = Math.min(STEPS_MAX, Math.max(1, Math.ceil((untilMs - fromMs) / STEP_MS)));
  let best: Apart | null = null;
  let before: Apart | null = null;
  for (let i = 0; i <= steps; i++) {
    const apart = apartAt(one, other, fromMs + ((untilMs - fromMs) * i) / steps);
    const closest = before && apart ? closestBetween(one, other, before, apart) : null;
    for (const each of [apart, closest]) {
      if (each && (!best || depth(each, limitM) > depth(best, limitM))) best = each;
    }
    before = apart;
  }
  if (!best) return null;
  const apartM = lengthOf(best.eastM, best.northM);
  return {
    atMs: Math.round(best.atMs),
    apartM,
    sigmaM: best.sigmaM,
    withinP: probabilityWithin(apartM, best.sigmaM, limitM),
  };
}

/** How many deviations inside the limit: orders moments as their probabilities do. */
const depth = ({ eastM, northM, sigmaM }: Apart, limitM: number): number =>
  (limitM - lengthOf(eastM, northM)) / sigmaM;

/** The closest point of approach of two straight ways, looked at anew on the true ones. */
function closestBetween(one: Track, other: Track, from: Apart, to: Apart): Apart | null {
  const eastM = to.eastM - from.eastM;
  const northM = to.northM - from.northM;
  const way2 = eastM * eastM + northM * northM;
  if (way2 === 0) return null;
  const share = -(from.eastM * eastM + from.northM * northM) / way2;
  if (share <= 0 || share >= 1) return null;
  return apartAt(one, other, from.atMs + share * (to.atMs - from.atMs));
}

/** Null when the way of either is not known for that time. */
export function apartAt(one: Track, other: Track, atMs: number): Apart | null {
  const a = placeAt(one, atMs);
  const b = placeAt(other, atMs);
  return a && b ? apartOf(a, b, atMs) : null;
}

function apartOf(a: WayPoint, b: WayPoint, atMs: number): Apart {
  const scale = scaleAt((a.lat + b.lat) / 2);
  return {
    atMs,
    eastM: lonDelta(a.lon, b.lon) * scale.lonM,
    northM: (b.lat - a.lat) * scale.latM,
    sigmaM: lengthOf(a.sigmaM, b.sigmaM),
  };
}
