import type { Fix } from '../../server/core/case-event.ts';
import { distanceM, offsetBy } from '../../shared/geodesy.ts';
import { prng, type Prng } from '../../shared/prng.ts';
import { fixOf, place } from './given.ts';

export type Spot = readonly [lon: number, lat: number];

/** Where somebody is from an hour of the week on, counted from Monday 00:00 in Amsterdam. */
export interface Visit {
  readonly fromHour: number;
  readonly at: Spot;
}

/** Monday 00:00 in Amsterdam, in winter. */
export const MONDAY_MS = Date.parse('2026-11-02T00:00:00+01:00');

export const AT_HOME = place(0);
export const AT_WORK = place(6_000, 2_000);
export const AT_THE_GYM = place(-2_500, 1_000);

/** Works on these days from nine to half past five, goes to the gym on Wednesday evening. */
export const weekOf = (workDays: readonly number[]): Visit[] =>
  [0, 1, 2, 3, 4, 5, 6].flatMap((day): Visit[] => {
    const midnight = 24 * day;
    const work = workDays.includes(day)
      ? [
          { fromHour: midnight + 8.6, at: AT_WORK },
          { fromHour: midnight + 17.5, at: AT_HOME },
        ]
      : [];
    const gym =
      day === 2
        ? [
            { fromHour: midnight + 19, at: AT_THE_GYM },
            { fromHour: midnight + 20.5, at: AT_HOME },
          ]
        : [];
    return [{ fromHour: midnight, at: AT_HOME }, ...work, ...gym];
  });

export interface Receiver {
  readonly everyS: number;
  /** Of the error in each direction. */
  readonly sigmaM: number;
  /** Of fixes that lie far off. */
  readonly strayShare: number;
  /** Of fixes that come from the cell network, kilometres off. */
  readonly cellShare: number;
  /** Of hours in which nothing is heard. */
  readonly silentShare: number;
}

export const GOOD: Receiver = {
  everyS: 60,
  sigmaM: 8,
  strayShare: 0.002,
  cellShare: 0.02,
  silentShare: 0.03,
};

const SPEED_MS = 6;

/** Fixes of so many weeks alike, as a receiver of this kind would have told them. */
export function trackOf(
  week: readonly Visit[],
  weeks: number,
  seed: number,
  receiver: Receiver = GOOD,
): Fix[] {
  const random = prng(seed);
  const silent = random.fork('silence');
  const fixes: Fix[] = [];
  let at: Spot = week[0]!.at;
  let isSilent = false;
  for (let s = 0; s < weeks * 7 * 86_400; s += receiver.everyS) {
    const hour = (s / 3_600) % 168;
    at = towards(at, week.findLast(({ fromHour }) => fromHour <= hour)!.at, receiver.everyS);
    if (s % 3_600 === 0) isSilent = silent.next() < receiver.silentShare;
    if (!isSilent) fixes.push(measured(random, at, MONDAY_MS + s * 1_000, receiver));
  }
  return fixes;
}

function towards([lon, lat]: Spot, goal: Spot, seconds: number): Spot {
  const share = (SPEED_MS * seconds) / Math.max(1, distanceM(lon, lat, goal[0], goal[1]));
  if (share >= 1) return goal;
  return [lon + share * (goal[0] - lon), lat + share * (goal[1] - lat)];
}

function measured(random: Prng, [lon, lat]: Spot, atMs: number, receiver: Receiver): Fix {
  const kind = random.next();
  const isCell = kind < receiver.cellShare;
  const isStray = kind > 1 - receiver.strayShare;
  const sigmaM = isCell ? 1_500 : isStray ? 400 : receiver.sigmaM;
  const [x, y] = offsetBy(lon, lat, sigmaM * random.normal(), sigmaM * random.normal());
  const source = isCell ? 'cell' : 'gnss';
  return fixOf({ seq: atMs, atMs, lon: x, lat: y, source, accuracyM: isCell ? 2_000 : 10 });
}
