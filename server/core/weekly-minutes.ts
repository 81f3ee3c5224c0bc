import { Temporal } from 'temporal-polyfill';
import { type Day, Day as Days, type Schedule } from '../../shared/court-order.ts';

/** The minutes of a week, from Monday 00:00 in local time, in which something applies. */
export interface WeeklyMinutes {
  readonly minutes: Uint8Array;
  /** Null for what always applies: it has no local time. */
  readonly timeZone: string | null;
}

const DAY_MINUTES = 24 * 60;
export const WEEK_MINUTES = 7 * DAY_MINUTES;
const DAYS: readonly Day[] = Days.options;

/** A schedule as its week, windows that overlap counted once; without one a ban always applies. */
export function weeklyMinutesOf(schedule: Schedule | null | undefined): WeeklyMinutes {
  if (!schedule) return { minutes: new Uint8Array(WEEK_MINUTES).fill(1), timeZone: null };
  const minutes = new Uint8Array(WEEK_MINUTES);
  for (const { days, from, until } of schedule.weekly) {
    const begin = minuteOf(from);
    const end = minuteOf(until) + (until <= from ? DAY_MINUTES : 0);
    for (const day of days) {
      const midnight = DAYS.indexOf(day) * DAY_MINUTES;
      for (let at = begin; at < end; at++) minutes[(midnight + at) % WEEK_MINUTES] = 1;
    }
  }
  return { minutes, timeZone: schedule.timeZone };
}

const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

export const hoursOf = ({ minutes }: WeeklyMinutes): number =>
  minutes.reduce((sum, minute) => sum + minute, 0) / 60;

export interface WeeklyOverlap {
  /** Minutes of a week. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly both: number;
}

/**
 * Two weeks laid on each other. Where their time zones differ, as they lie in each month of the
 * year after this instant, all added up: a minute that only meets in summer still meets.
 */
export function weeklyOverlap(
  first: WeeklyMinutes,
  second: WeeklyMinutes,
  atMs: number,
): WeeklyOverlap {
  const sum = { onlyFirst: 0, onlySecond: 0, both: 0 };
  for (const aheadMin of minutesAhead(first.timeZone, second.timeZone, atMs)) {
    for (let at = 0; at < WEEK_MINUTES; at++) {
      const a = first.minutes[at];
      const b = second.minutes[(at + aheadMin + WEEK_MINUTES) % WEEK_MINUTES];
      if (a && b) sum.both += 1;
      else if (a) sum.onlyFirst += 1;
      else if (b) sum.onlySecond += 1;
    }
  }
  return sum;
}

const MONTHS = 12;

/** By how much clocks of the second zone run ahead of those of the first, each value once. */
function minutesAhead(first: string | null, second: string | null, atMs: number): Set<number> {
  if (first === null || second === null || first === second) return new Set([0]);
  const offsetMin = (timeZone: string, month: number): number =>
    Temporal.Instant.fromEpochMilliseconds(atMs)
      .toZonedDateTimeISO('UTC')
      .add({ months: month })
      .withTimeZone(timeZone).offsetNanoseconds / 60e9;
  const ahead = Array.from({ length: MONTHS }, (_, month) =>
    Math.round(offsetMin(second, month) - offsetMin(first, month)),
  );
  return new Set(ahead);
}
