import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CourtOrder } from '../../shared/court-order.ts';
import type { OrderChange, Protection } from '../../shared/order-preview.ts';
import { orderChanges } from '../../server/core/order-diff.ts';
import { orderOf, place, square } from '../support/given.ts';

const CONTACT = { banId: 'c', kind: 'contact-ban', victimId: 'v-1', distanceM: 500 };
const BAN = { banId: 'z', kind: 'location-ban', zone: square(1_000) };
const DUTY = { banId: 'd', kind: 'location-duty', zone: square(1_000) };
const UNDRAWN = { banId: 'u', kind: 'location-ban', place: 'around the school' };
const circle = (radiusM: number, eastM = 0) => ({ type: 'Circle', center: place(eastM), radiusM });
const weekly = (days: string[], from: string, until: string, timeZone = 'Europe/Amsterdam') => ({
  timeZone,
  weekly: [{ days, from, until }],
});
const NIGHTS = weekly(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], '22:00', '06:00');
const MONDAY = { from: '2026-12-07T10:00:00+01:00', until: '2026-12-07T12:00:00+01:00' };

const with_ = (ban: object, other: object): object => ({ ...ban, ...other });
const one = (ban: object, other: object = {}): CourtOrder => orderOf([ban], other);
const told = (changes: readonly OrderChange[]): string[] =>
  changes.map(({ what, pointer, protection }) => `${what} ${pointer} ${protection}`);

// prettier-ignore
const CHANGES: readonly [what: string, before: CourtOrder, after: CourtOrder, told: string[]][] = [
  ['nothing',             one(CONTACT), one(CONTACT), []],
  ['bans in other order', orderOf([BAN, CONTACT]), orderOf([CONTACT, BAN]), []],
  ['less distance',       one(CONTACT), one(with_(CONTACT, { distanceM: 400 })), ['changed /bans/0/distanceM less']],
  ['more distance',       one(CONTACT), one(with_(CONTACT, { distanceM: 600 })), ['changed /bans/0/distanceM more']],
  ['an early warning',    one(CONTACT), one(with_(CONTACT, { warningDistanceM: 1_500 })), ['added /bans/0/warningDistanceM more']],
  ['a late warning',      one(CONTACT), one(with_(CONTACT, { warningDistanceM: 600 })), ['added /bans/0/warningDistanceM less']],
  ['the usual warning',   one(CONTACT), one(with_(CONTACT, { warningDistanceM: 1_000 })), ['added /bans/0/warningDistanceM same']],
  ['another victim',      one(CONTACT), one(with_(CONTACT, { victimId: 'v-2' })), ['changed /bans/0/victimId mixed']],
  ['another wearer',      one(CONTACT), one(CONTACT, { wearerId: 'w-2' }), ['changed /wearerId mixed']],
  ['another reference',   one(CONTACT), one(CONTACT, { reference: 'X' }), ['changed /reference same']],
  ['the court\'s words',  one(CONTACT), one(CONTACT, { text: 'He must not.' }), ['added /text same']],
  ['an earlier end',      one(CONTACT), one(CONTACT, { validUntil: '2027-01-01T00:00:00Z' }), ['changed /validUntil less']],
  ['a later end',         one(CONTACT), one(CONTACT, { validUntil: '2027-06-01T00:00:00Z' }), ['changed /validUntil more']],
  ['the same end in UTC', one(CONTACT), one(CONTACT, { validUntil: '2027-01-29T23:00:00Z' }), []],
  ['a later start',       one(CONTACT), one(CONTACT, { validFrom: '2026-11-02T00:00:00Z' }), ['changed /validFrom less']],
  ['an earlier start',    one(CONTACT), one(CONTACT, { validFrom: '2026-10-02T00:00:00Z' }), ['changed /validFrom more']],
  ['a ban more',          one(CONTACT), orderOf([CONTACT, BAN]), ['added /bans/1 more']],
  ['a ban fewer',         orderOf([BAN, CONTACT]), one(CONTACT), ['removed /bans/0 less']],
  ['a duty more',         one(CONTACT), orderOf([CONTACT, DUTY]), ['added /bans/1 more']],
  ['one not drawn more',  one(CONTACT), orderOf([CONTACT, UNDRAWN]), ['added /bans/1 same']],
  ['one not drawn fewer', orderOf([CONTACT, UNDRAWN]), one(CONTACT), ['removed /bans/1 same']],
  ['a zone drawn',        one(UNDRAWN), one(with_(UNDRAWN, { zone: square(100) })), ['added /bans/0/zone more']],
  ['a zone wiped out',    one(with_(UNDRAWN, { zone: square(100) })), one(UNDRAWN), ['removed /bans/0/zone less']],
  ['a duty drawn',        one(with_(UNDRAWN, { kind: 'location-duty' })), one(with_(UNDRAWN, { kind: 'location-duty', zone: square(100) })), ['added /bans/0/zone more']],
  ['a smaller zone',      one(BAN), one(with_(BAN, { zone: square(900) })), ['changed /bans/0/zone less']],
  ['a larger zone',       one(BAN), one(with_(BAN, { zone: square(1_100) })), ['changed /bans/0/zone more']],
  ['a zone moved',        one(BAN), one(with_(BAN, { zone: square(1_000, 300) })), ['changed /bans/0/zone mixed']],
  ['a smaller circle',    one(with_(BAN, { zone: circle(500) })), one(with_(BAN, { zone: circle(400) })), ['changed /bans/0/zone less']],
  ['a circle around it',  one(BAN), one(with_(BAN, { zone: circle(720) })), ['changed /bans/0/zone more']],
  ['a smaller duty',      one(DUTY), one(with_(DUTY, { zone: square(900) })), ['changed /bans/0/zone more']],
  ['a larger duty',       one(DUTY), one(with_(DUTY, { zone: square(1_100) })), ['changed /bans/0/zone less']],
  ['a duty moved',        one(DUTY), one(with_(DUTY, { zone: square(1_000, 300) })), ['changed /bans/0/zone mixed']],
  ['a buffer',            one(BAN), one(with_(BAN, { bufferM: 100 })), ['added /bans/0/bufferM more']],
  ['no buffer of none',   one(BAN), one(with_(BAN, { bufferM: 0 })), ['added /bans/0/bufferM same']],
  ['less buffer',         one(with_(BAN, { bufferM: 100 })), one(with_(BAN, { bufferM: 50 })), ['changed /bans/0/bufferM less']],
  ['another name',        one(BAN), one(with_(BAN, { name: 'her street' })), ['added /bans/0/name same']],
  ['at night only',       one(BAN), one(with_(BAN, { schedule: NIGHTS })), ['added /bans/0/schedule less']],
  ['always',              one(with_(BAN, { schedule: NIGHTS })), one(BAN), ['removed /bans/0/schedule more']],
  ['another night',       one(with_(BAN, { schedule: weekly(['mon'], '22:00', '06:00') })), one(with_(BAN, { schedule: weekly(['tue'], '22:00', '06:00') })), ['changed /bans/0/schedule mixed']],
  ['a longer night',      one(with_(BAN, { schedule: weekly(['mon'], '22:00', '06:00') })), one(with_(BAN, { schedule: weekly(['mon'], '21:00', '06:00') })), ['changed /bans/0/schedule more']],
  ['the night in two',    one(with_(BAN, { schedule: weekly(['mon'], '20:00', '24:00') })), one(with_(BAN, { schedule: { timeZone: 'Europe/Amsterdam', weekly: [{ days: ['mon'], from: '20:00', until: '22:30' }, { days: ['mon'], from: '22:00', until: '24:00' }] } })), ['changed /bans/0/schedule same']],
  ['the clock of Paris',  one(with_(BAN, { schedule: weekly(['mon'], '20:00', '22:00') })), one(with_(BAN, { schedule: weekly(['mon'], '20:00', '22:00', 'Europe/Paris') })), ['changed /bans/0/schedule same']],
  ['the clock of London', one(with_(BAN, { schedule: weekly(['mon'], '20:00', '22:00') })), one(with_(BAN, { schedule: weekly(['mon'], '20:00', '22:00', 'Europe/London') })), ['changed /bans/0/schedule mixed']],
  ['an exception',        one(BAN), one(BAN, { exceptions: [{ banIds: ['z'], ...MONDAY }] }), ['added /exceptions/0 less']],
  ['no exception',        one(BAN, { exceptions: [{ banIds: ['z'], ...MONDAY }] }), one(BAN), ['removed /exceptions/0 more']],
  ['why excepted',        one(BAN, { exceptions: [{ banIds: ['z'], ...MONDAY }] }), one(BAN, { exceptions: [{ banIds: ['z'], reason: 'court', ...MONDAY }] }), ['added /exceptions/0/reason same']],
  ['excepted twice',      one(BAN, { exceptions: [{ banIds: ['z'], ...MONDAY }] }), one(BAN, { exceptions: [{ banIds: ['z'], ...MONDAY }, { banIds: ['z'], ...MONDAY }] }), ['added /exceptions/1 less']],
  ['with its exception',  orderOf([BAN, CONTACT]), orderOf([BAN, CONTACT, DUTY], { exceptions: [{ banIds: ['d'], ...MONDAY }] }), ['added /bans/2 more', 'added /exceptions/0 same']],
  ['another kind',        one(BAN), one(with_(BAN, { kind: 'location-duty' })), ['changed /bans/0 mixed']],
];

describe('what a new text changes', () => {
  test.each(CHANGES)('[PV4] %s', (_, before, after, wanted) => {
    expect(told(orderChanges(before, after))).toEqual(wanted);
  });

  const MIRRORED: Record<Protection, Protection> = {
    more: 'less',
    less: 'more',
    mixed: 'mixed',
    same: 'same',
  };
  const mirrored = (changes: readonly OrderChange[]): string[] =>
    changes
      .map(({ what, before, after, protection, zone, hoursPerWeek }) =>
        JSON.stringify([
          { added: 'removed', removed: 'added', changed: 'changed' }[what],
          [after, before],
          MIRRORED[protection],
          zone && [Math.round(zone.lostM2), Math.round(zone.gainedM2)],
          hoursPerWeek && [hoursPerWeek.after, hoursPerWeek.before],
        ]),
      )
      .toSorted();
  const straight = (changes: readonly OrderChange[]): string[] =>
    changes
      .map(({ what, before, after, protection, zone, hoursPerWeek }) =>
        JSON.stringify([
          what,
          [before, after],
          protection,
          zone && [Math.round(zone.gainedM2), Math.round(zone.lostM2)],
          hoursPerWeek && [hoursPerWeek.before, hoursPerWeek.after],
        ]),
      )
      .toSorted();

  const texts = CHANGES.flatMap(([, before, after]) => [before, after]);
  const text = fc.constantFrom(...texts);

  test('[PV4] nothing is changed by a text that is the same', () => {
    for (const order of texts) expect(orderChanges(order, structuredClone(order))).toEqual([]);
  });

  test('[PV4] whatever is less one way is more the other way round', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(mirrored(orderChanges(b, a))).toEqual(straight(orderChanges(a, b)));
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test('[PV4] tells by how much a zone and a week change', () => {
    const [zone] = orderChanges(one(BAN), one(with_(BAN, { zone: square(900) })));
    expect(zone!.zone!.gainedM2).toBe(0);
    expect(Math.abs(zone!.zone!.lostM2 - 190_000)).toBeLessThan(50);
    const [week] = orderChanges(one(BAN), one(with_(BAN, { schedule: NIGHTS })));
    expect(week!.hoursPerWeek).toEqual({ before: 168, after: 56 });
    expect(week).toMatchObject({ banId: 'z', before: null, after: NIGHTS, zone: null });
  });
});
