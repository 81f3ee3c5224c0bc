import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Day, Schedule } from '../../shared/court-order.ts';
import { scheduleActivity } from '../../server/core/schedule.ts';
import { ANKLE, APART, given, Given, instant, orderOf, PHONE } from '../support/given.ts';

const weekly = (...windows: readonly [days: string, from: string, until: string][]): Schedule => ({
  timeZone: 'Europe/Amsterdam',
  weekly: windows.map(([days, from, until]) => ({ days: days.split(' ') as Day[], from, until })),
});

describe('a weekly window in Amsterdam', () => {
  // prettier-ignore
  test.each<[rule: string, name: string, window: [string, string, string], from: string, until: string]>([
    //                                                                    in force, in UTC
    ['SC2', 'in winter',                        ['mon', '09:00', '17:00'], '2026-11-23T08:00Z', '2026-11-23T16:00Z'],
    ['SC2', 'in summer',                        ['mon', '09:00', '17:00'], '2026-06-15T07:00Z', '2026-06-15T15:00Z'],
    ['SC2', 'over night',                       ['fri', '22:00', '06:00'], '2026-11-27T21:00Z', '2026-11-28T05:00Z'],
    ['SC2', 'until the end of the day',         ['sun', '20:00', '24:00'], '2026-11-29T19:00Z', '2026-11-29T23:00Z'],
    ['SC2', 'from midnight to midnight',        ['sun', '00:00', '24:00'], '2026-11-28T23:00Z', '2026-11-29T23:00Z'],
    ['SC2', 'a day from its hour on',           ['sun', '08:00', '08:00'], '2026-11-29T07:00Z', '2026-11-30T07:00Z'],
    ['SC2', 'over the turn of the year',        ['thu', '22:00', '06:00'], '2026-12-31T21:00Z', '2027-01-01T05:00Z'],
    // Sunday 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
    ['SC3', 'spring 2026: over the gap',        ['sat', '22:00', '06:00'], '2026-03-28T21:00Z', '2026-03-29T04:00Z'],
    ['SC3', 'spring 2026: starts in the gap',   ['sun', '02:30', '04:00'], '2026-03-29T01:00Z', '2026-03-29T02:00Z'],
    ['SC3', 'spring 2026: starts at the gap',   ['sun', '02:00', '04:00'], '2026-03-29T01:00Z', '2026-03-29T02:00Z'],
    ['SC3', 'spring 2026: starts after it',     ['sun', '03:00', '04:00'], '2026-03-29T01:00Z', '2026-03-29T02:00Z'],
    ['SC3', 'spring 2026: ends in the gap',     ['sun', '01:00', '02:30'], '2026-03-29T00:00Z', '2026-03-29T01:30Z'],
    ['SC3', 'spring 2026: all of it skipped',   ['sun', '02:10', '02:50'], '2026-03-29T01:00Z', '2026-03-29T01:50Z'],
    ['SC3', 'spring 2026: a day of 23 hours',   ['sun', '00:00', '24:00'], '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
    // Sunday 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
    ['SC3', 'autumn 2026: over the double hour', ['sat', '22:00', '06:00'], '2026-10-24T20:00Z', '2026-10-25T05:00Z'],
    ['SC3', 'autumn 2026: starts in it',        ['sun', '02:30', '04:00'], '2026-10-25T00:30Z', '2026-10-25T03:00Z'],
    ['SC3', 'autumn 2026: ends in it',          ['sun', '01:00', '02:30'], '2026-10-24T23:00Z', '2026-10-25T01:30Z'],
    ['SC3', 'autumn 2026: within it',           ['sun', '02:10', '02:50'], '2026-10-25T00:10Z', '2026-10-25T01:50Z'],
    ['SC3', 'autumn 2026: ends where it ends',  ['sun', '01:00', '03:00'], '2026-10-24T23:00Z', '2026-10-25T02:00Z'],
    ['SC3', 'autumn 2026: a day of 25 hours',   ['sun', '00:00', '24:00'], '2026-10-24T22:00Z', '2026-10-25T23:00Z'],
    // Sundays 28 March and 31 October 2027.
    ['SC3', 'spring 2027: over the gap',        ['sat', '22:00', '06:00'], '2027-03-27T21:00Z', '2027-03-28T04:00Z'],
    ['SC3', 'spring 2027: starts in the gap',   ['sun', '02:30', '04:00'], '2027-03-28T01:00Z', '2027-03-28T02:00Z'],
    ['SC3', 'autumn 2027: starts in it',        ['sun', '02:30', '04:00'], '2027-10-31T00:30Z', '2027-10-31T03:00Z'],
    ['SC3', 'autumn 2027: over the double hour', ['sat', '22:00', '06:00'], '2027-10-30T20:00Z', '2027-10-31T05:00Z'],
  ])('[%s] %s', (_, _name, window, from, until) => {
    const schedule = weekly(window);
    const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)];
    expect(scheduleActivity(schedule, fromMs - 1)).toEqual({ active: false, untilMs: fromMs });
    expect(scheduleActivity(schedule, fromMs)).toEqual({ active: true, untilMs });
    expect(scheduleActivity(schedule, untilMs - 1)).toEqual({ active: true, untilMs });
    expect(scheduleActivity(schedule, untilMs).active).toBe(false);
  });

  // prettier-ignore
  test.each<[name: string, schedule: Schedule, untilUtc: string]>([
    ['touch',            weekly(['mon', '08:00', '12:00'], ['mon', '12:00', '18:00']), '2026-11-23T17:00Z'],
    ['overlap',          weekly(['mon', '08:00', '12:00'], ['mon', '11:00', '18:00']), '2026-11-23T17:00Z'],
    ['touch at midnight', weekly(['mon', '08:00', '24:00'], ['tue', '00:00', '06:00']), '2026-11-24T05:00Z'],
    ['leave a minute',   weekly(['mon', '08:00', '12:00'], ['mon', '12:01', '18:00']), '2026-11-23T11:00Z'],
  ])('[SC2] windows that %s', (_, schedule, untilUtc) => {
    const atMs = Date.parse('2026-11-23T10:30Z');
    const untilMs = Date.parse(untilUtc);
    expect(scheduleActivity(schedule, atMs)).toEqual({ active: true, untilMs });
  });

  test('[SC2] every day of the week is found, from any day', () => {
    const schedule = weekly(['wed', '10:00', '11:00']);
    for (let day = 0; day < 7; day++) {
      const atMs = Date.parse('2026-11-25T10:00Z') + day * 86_400_000;
      const { untilMs } = scheduleActivity(schedule, atMs);
      expect([new Date(untilMs).getUTCDay(), untilMs > atMs]).toEqual([3, true]);
    }
  });
});

const DAYS: readonly Day[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const clock = fc.integer({ min: 0, max: 95 }).map((quarter) => {
  const [hours, minutes] = [Math.floor(quarter / 4), 15 * (quarter % 4)];
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
});
const window = fc.record({
  days: fc.subarray([...DAYS], { minLength: 1 }),
  from: clock,
  until: clock,
});

describe('any schedule', () => {
  test('[SC2] says the same until the instant it names, and then something else', () => {
    const instants = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 31) });
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 4 }), instants, (windows, atMs) => {
        const schedule = { timeZone: 'Europe/Amsterdam', weekly: windows };
        const { active, untilMs } = scheduleActivity(schedule, atMs);
        // Windows without a gap have no end within the week that is looked at.
        if (untilMs - atMs > 6 * 86_400_000) return;
        expect(scheduleActivity(schedule, untilMs - 1).active).toBe(active);
        expect(scheduleActivity(schedule, Math.floor((atMs + untilMs) / 2)).active).toBe(active);
        expect(scheduleActivity(schedule, untilMs).active).toBe(!active);
      }),
      { numRuns: 60, seed: 20261123 },
    );
  });
});

/** He stands 100 m from her the whole time; both report each 10 s. */
function standing(bans: readonly object[], other: object, untilS: number): Given {
  const world = new Given().device(ANKLE).device(PHONE).order(orderOf(bans, other));
  for (let s = 0; s <= untilS; s += 10) {
    world.fix('phone', s, { speed: 0 });
    world.fix('ankle', s, { eastM: 100, speed: 0 });
  }
  return world;
}

describe('when a ban applies', () => {
  // prettier-ignore
  test.each<[rule: string, name: string, bans: object[], other: object, told: string[]]>([
    ['SC1', 'from validFrom on',         [APART], { validFrom: instant(65) },   ['raised 65']],
    ['SC1', 'until validUntil',          [APART], { validUntil: instant(65) },  ['raised 0', 'cleared 65']],
    ['SC1', 'between whole seconds',     [APART], { validFrom: instant(64.3) }, ['raised 65']],
    ['SC1', 'not while an exception lasts', [APART], { exceptions: [{ banIds: ['b1'], from: instant(35), until: instant(65) }] }, ['raised 0', 'cleared 35', 'updated 65']],
    ['SC1', 'not an exception of another ban', [APART, { ...APART, banId: 'b2', victimId: 'v-2' }], { exceptions: [{ banIds: ['b2'], from: instant(35), until: instant(65) }] }, ['raised 0']],
    ['SC5', 'he is there when the schedule begins', [{ ...APART, schedule: weekly(['mon', '11:01', '12:00']) }], {}, ['raised 60']],
    ['SC4', 'he is there when the schedule ends',   [{ ...APART, schedule: weekly(['mon', '10:00', '11:01']) }], {}, ['raised 0', 'cleared 60']],
  ])('[%s] %s', (_, _name, bans, other, told) => {
    expect(standing(bans, other, 120).times('contact-ban')).toEqual(told);
  });

  test.each(['suspended', 'withdrawn', 'awaiting-approval'] as const)(
    '[SC1] not while the order is %s',
    (status) => {
      const world = standing([APART], {}, 30);
      world.order(orderOf([APART]), 40, 2, status);
      expect(world.times('contact-ban')).toEqual(['raised 0', 'cleared 40']);
    },
  );

  test('[SC5] an order that comes when they are already near is told at once', () => {
    const world = new Given().device(ANKLE).device(PHONE);
    world.fix('phone', 0);
    world.fix('ankle', 5, { eastM: 100 });
    world.order(orderOf([APART]), 8.5);
    expect(world.times('contact-ban')).toEqual(['raised 8.5']);
  });

  test('[SC4] a breach clears at once when the order ends, without the usual 30 s', () => {
    const world = given();
    world.fix('phone', 0);
    world.fix('ankle', 5, { eastM: 100 });
    world.order(orderOf([APART]), 9, 2, 'withdrawn');
    expect(world.times('contact-ban')).toEqual(['raised 5', 'cleared 9']);
    expect(world.alert('contact-ban')).toMatchObject({
      priority: 1,
      state: 'cleared-unacknowledged',
    });
  });
});
