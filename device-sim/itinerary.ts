import { z } from 'zod';
import type { Prng } from '../shared/prng.ts';
import { assert } from '../shared/result.ts';
import { LonLat } from '../shared/zone.ts';
import { EnvironmentName } from './environment.ts';
import { type Motion, motionAt, MovingMode, planMotion } from './motion.ts';
import { type Place, pointAlong, type Route, routeOf } from './route.ts';

const LEG_POINTS_MAX = 1_000;
const DWELL_S_MAX = 7 * 86_400;
const SPEED_MS_MAX = 40;

const MovingLeg = z.strictObject({
  mode: MovingMode,
  /** On from where the leg before ended. */
  via: z.array(LonLat).min(1).max(LEG_POINTS_MAX),
  speedMs: z.number().positive().max(SPEED_MS_MAX).optional(),
  /** False goes straight through, at one speed. */
  stops: z.boolean().default(true),
  environment: EnvironmentName.optional(),
});

const DwellLeg = z.strictObject({
  mode: z.literal('dwell'),
  forS: z.number().positive().max(DWELL_S_MAX),
  environment: EnvironmentName.optional(),
});

export const Leg = z.discriminatedUnion('mode', [MovingLeg, DwellLeg]);
export type Leg = z.infer<typeof Leg>;

/** Whoever turns back at the end can be watched for hours and never jumps. */
export const AtEnd = z.enum(['stay', 'ping-pong']);
export type AtEnd = z.infer<typeof AtEnd>;

interface PlannedLeg {
  readonly fromS: number;
  readonly route: Route;
  readonly motion: Motion;
  readonly environment: EnvironmentName;
}

export interface Itinerary {
  readonly legs: readonly PlannedLeg[];
  readonly durationS: number;
  readonly atEnd: AtEnd;
}

/** Where somebody truly is: what no device ever reports exactly. */
export interface Truth {
  readonly lon: number;
  readonly lat: number;
  readonly speedMs: number;
  readonly headingDeg: number | null;
  readonly environment: EnvironmentName;
}

export interface JourneyWish {
  readonly start: Place;
  readonly legs: readonly Leg[];
  readonly atEnd: AtEnd;
  readonly environment: EnvironmentName;
}

export function planItinerary(wish: JourneyWish, random: Prng): Itinerary {
  const legs: PlannedLeg[] = [];
  let fromS = 0;
  let here = wish.start;
  const standing: Leg = { mode: 'dwell', forS: 1 };
  for (const [index, leg] of (wish.legs.length > 0 ? wish.legs : [standing]).entries()) {
    const { route, motion } = planLeg(leg, here, random.fork(`leg-${index}`));
    legs.push({ fromS, route, motion, environment: leg.environment ?? wish.environment });
    fromS += motion.durationS;
    here = route.points[route.points.length - 1]!;
  }
  return { legs, durationS: fromS, atEnd: wish.atEnd };
}

function planLeg(leg: Leg, here: Place, random: Prng): { route: Route; motion: Motion } {
  if (leg.mode === 'dwell') {
    const standing = { fromS: 0, alongM: 0, speedMs: 0, accelerationMs2: 0 };
    return { route: routeOf([here]), motion: { phases: [standing], durationS: leg.forS } };
  }
  const via = leg.via.map(([lon, lat]): Place => [lon, lat]);
  const route = routeOf([here, ...via]);
  return { route, motion: planMotion(route, leg.mode, leg, random) };
}

export function whereAt(itinerary: Itinerary, elapsedS: number): Truth {
  const { atS, reversed } = foldTime(elapsedS, itinerary.durationS, itinerary.atEnd);
  const leg = itinerary.legs.findLast(({ fromS }) => fromS <= atS) ?? itinerary.legs[0];
  assert(leg !== undefined, 'an itinerary has a leg');
  const { alongM, speedMs } = motionAt(leg.motion, atS - leg.fromS);
  const { lon, lat, headingDeg } = pointAlong(leg.route, alongM);
  const heading = headingDeg !== null && reversed ? (headingDeg + 180) % 360 : headingDeg;
  return { lon, lat, speedMs, headingDeg: heading, environment: leg.environment };
}

/** Brings endless time back into a plan of finite length, there and back again if so wished. */
export function foldTime(
  elapsedS: number,
  durationS: number,
  atEnd: AtEnd,
): { atS: number; reversed: boolean; lapStartS: number } {
  const positiveS = Math.max(0, elapsedS);
  if (atEnd === 'stay' || durationS === 0) {
    return { atS: Math.min(positiveS, durationS), reversed: false, lapStartS: 0 };
  }
  const lap = Math.floor(positiveS / durationS);
  const lapStartS = lap * durationS;
  const inLapS = positiveS - lapStartS;
  const reversed = lap % 2 === 1;
  return { atS: reversed ? durationS - inLapS : inLapS, reversed, lapStartS };
}
