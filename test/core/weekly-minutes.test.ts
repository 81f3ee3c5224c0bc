import { describe, expect, test } from 'vitest';
import { Schedule } from '../../shared/court-order.ts';
import { scheduleActivity } from '../../server/core/schedule.ts';
import {
  hoursOf,
  WEEK_MINUTES,
  weeklyMinutesOf,
  weeklyOverlap,
} from '../../server/core/weekly-minutes.ts';

const schedule = (timeZone: string, ...windows: [days: string, from: string, until: string][]) =>
  Schedule.parse({
    timeZone,
    weekly: windows.map(([days, from, until]) => ({ days: days.split(' '), from, until })),
  });

const NL = 'Europe/Amsterdam';
const EVERY_DAY = 'mon tue wed thu fri sat sun';
/** A week of winter, that begins on a Monday in Amsterdam. */
const MONDAY_MS = Date.parse('2026-11-23T00:00:00+01:00');

// prettier-ignore
const WEEKS: readonly [name: string, schedule: Schedule, hours: number][] = [
  ['office hours',           schedule(NL, ['mon tue wed thu fri', '09:00', '17:00']),                    40],
  ['every night',            schedule(NL, [EVERY_DAY, '22:00', '06:00']),                                56],
  ['all day',                schedule(NL, ['wed', '00:00', '24:00']),                                    24],
  ['round the clock',        schedule(NL, ['wed', '08:00', '08:00']),                                    24],
  ['over the week\'s end',   schedule(NL, ['sun', '20:00', '02:00']),                                     6],
  ['windows that overlap',   schedule(NL, ['mon', '08:00', '12:00'], ['mon', '10:00', '13:00']),          5],
  ['the same window twice',  schedule(NL, ['mon', '08:00', '12:00'], ['mon tue', '08:00', '12:00']),      8],
];

describe('the minutes of a week', () => {
  test.each(WEEKS)('[PV4] %s', (_, given, hours) => {
    expect(hoursOf(weeklyMinutesOf(given))).toBe(hours);
  });

  test.each(WEEKS)('[PV4] %s: are those at which the engine has a ban apply', (_, given) => {
    const { minutes } = weeklyMinutesOf(given);
    for (let at = 0; at < WEEK_MINUTES; at += 30) {
      expect(scheduleActivity(given, MONDAY_MS + at * 60_000).active).toBe(minutes[at] === 1);
    }
  });

  test('[PV4] without a schedule are all of them', () => {
    expect(hoursOf(weeklyMinutesOf(null))).toBe(168);
  });

  // prettier-ignore
  test.each<[string, Schedule | null, Schedule | null, boolean]>([
    ['day and night',               schedule(NL, [EVERY_DAY, '06:00', '22:00']), schedule(NL, [EVERY_DAY, '22:00', '06:00']), false],
    ['a minute of both',            schedule(NL, [EVERY_DAY, '06:00', '22:01']), schedule(NL, [EVERY_DAY, '22:00', '06:00']), true],
    ['always and never else',       null,                                        schedule(NL, ['sun', '23:59', '24:00']),     true],
    ['always twice',                null,                                        null,                                        true],
    ['Monday here, Sunday there',   schedule(NL, ['mon', '00:00', '01:00']),     schedule('Europe/London', ['sun', '23:00', '24:00']), true],
    ['the same hour elsewhere',     schedule(NL, ['mon', '10:00', '11:00']),     schedule('Europe/London', ['mon', '10:00', '11:00']), false],
    ['only when it is summer here', schedule(NL, ['mon', '10:00', '11:00']),     schedule('America/Curacao', ['mon', '04:00', '05:00']), true],
    ['nor then',                    schedule(NL, ['mon', '10:00', '11:00']),     schedule('America/Curacao', ['mon', '03:00', '04:00']), false],
  ])('[PV6] meet: %s', (_, first, second, meets) => {
    const [a, b] = [weeklyMinutesOf(first), weeklyMinutesOf(second)];
    expect(weeklyOverlap(a, b, MONDAY_MS).both > 0).toBe(meets);
    expect(weeklyOverlap(b, a, MONDAY_MS).both > 0).toBe(meets);
  });
});
