import { describe, expect, test } from 'vitest';
import type { OrderStatus } from '../../shared/court-order.ts';
import type { LifeVersion } from '../../server/core/order-life.ts';
import { termFaults } from '../../server/core/order-terms.ts';
import { APART, orderOf } from '../support/given.ts';

const NOW_MS = Date.parse('2026-11-10T12:00:00+01:00');

interface Text {
  readonly basis?: string;
  readonly from?: string;
  readonly until: string;
}

const bodyOf = ({ basis = 'behavioural-order', from = '2026-11-01T00:00:00+01:00', until }: Text) =>
  orderOf([APART], { legalBasis: basis, validFrom: from, validUntil: until });

/** Versions that were in force, or what else is said of each. */
const versionsOf = (...texts: readonly (Text & { status?: OrderStatus })[]): LifeVersion[] =>
  texts.map(({ status = 'active', ...text }, i) => ({
    version: i + 1,
    status,
    order: bodyOf(text),
    by: 'cjib',
    cause: 'put',
  }));

const told = (text: Text, versions: readonly LifeVersion[] = [], nowMs = NOW_MS): string[] =>
  termFaults(bodyOf(text), versions, nowMs).map(
    ({ path, message }) => `${path[0]!.toString()}: ${message}`,
  );

const HOME_BAN = { basis: 'temporary-home-ban' } as const;

describe('how long an order may last', () => {
  // Clocks go back on 25 October 2026 and forward on 28 March 2027: days are those of the calendar.
  // prettier-ignore
  test.each<[name: string, text: Text, versions: LifeVersion[], told: string | null]>([
    ['90 days',                         { until: '2027-01-30T00:00:00+01:00' }, [], null],
    ['a second more',                   { until: '2027-01-30T00:00:01+01:00' }, [], '90 days'],
    ['90 days over the autumn change',  { from: '2026-10-01T00:00:00+02:00', until: '2026-12-30T00:00:00+01:00' }, [], null],
    ['and not the hour that 90 × 24 leaves out', { from: '2026-10-01T00:00:00+02:00', until: '2026-12-30T00:00:01+01:00' }, [], '509hh'],
    ['90 days over the spring change',  { from: '2027-01-15T00:00:00+01:00', until: '2027-04-15T00:00:00+02:00' }, [], null],
    ['and a second more',               { from: '2027-01-15T00:00:00+01:00', until: '2027-04-15T00:00:01+02:00' }, [], '509hh'],
    ['extended by 90 days',             { until: '2027-04-30T00:00:00+02:00' }, versionsOf({ until: '2027-01-30T00:00:00+01:00' }), null],
    ['extended by more',                { until: '2027-05-01T00:00:00+02:00' }, versionsOf({ until: '2027-01-30T00:00:00+01:00' }), '90 days longer by each extension'],
    ['an extension before it was approved is none', { until: '2027-04-30T00:00:00+02:00' }, versionsOf({ until: '2027-01-30T00:00:00+01:00', status: 'awaiting-approval' }), '90 days from its start'],
    ['a third extension',               { until: '2026-12-20T00:00:00+01:00' }, versionsOf({ until: '2026-11-20T00:00:00+01:00' }, { until: '2026-11-30T00:00:00+01:00' }, { until: '2026-12-10T00:00:00+01:00' }), null],
    ['a fourth extension',              { until: '2026-12-30T00:00:00+01:00' }, versionsOf({ until: '2026-11-20T00:00:00+01:00' }, { until: '2026-11-30T00:00:00+01:00' }, { until: '2026-12-10T00:00:00+01:00' }, { until: '2026-12-20T00:00:00+01:00' }), '4th time'],
    ['shortened, after three extensions', { until: '2026-12-01T00:00:00+01:00' }, versionsOf({ until: '2026-11-20T00:00:00+01:00' }, { until: '2026-11-30T00:00:00+01:00' }, { until: '2026-12-10T00:00:00+01:00' }, { until: '2026-12-20T00:00:00+01:00' }), null],
    ['suspended and resumed is no extension', { until: '2027-04-30T00:00:00+02:00' }, versionsOf({ until: '2027-01-30T00:00:00+01:00' }, { until: '2027-01-30T00:00:00+01:00', status: 'suspended' }, { until: '2027-01-30T00:00:00+01:00' }), null],
    ['its start moved does not buy days', { from: '2026-11-05T00:00:00+01:00', until: '2026-12-01T00:00:00+01:00', ...HOME_BAN }, versionsOf({ until: '2026-11-11T00:00:00+01:00', ...HOME_BAN }), '28 days'],
    ['a home ban of 10 days',           { until: '2026-11-11T00:00:00+01:00', ...HOME_BAN }, [], null],
    ['a home ban of 11 days',           { until: '2026-11-12T00:00:00+01:00', ...HOME_BAN }, [], 'art. 2 lid 1 Wth'],
    ['extended to 28 days',             { until: '2026-11-29T00:00:00+01:00', ...HOME_BAN }, versionsOf({ until: '2026-11-11T00:00:00+01:00', ...HOME_BAN }), null],
    ['extended to 29 days',             { until: '2026-11-30T00:00:00+01:00', ...HOME_BAN }, versionsOf({ until: '2026-11-11T00:00:00+01:00', ...HOME_BAN }), 'art. 9 lid 1 Wth'],
    ['a measure of five years',         { basis: 'liberty-restricting-measure', until: '2031-11-01T00:00:00+01:00' }, [], null],
    ['a measure of more',               { basis: 'liberty-restricting-measure', until: '2031-11-02T00:00:00+01:00' }, [], 'art. 38v lid 3 Sr'],
    ['a condition of ten years',        { basis: 'special-condition', until: '2036-11-01T00:00:00+01:00' }, [], null],
    ['a civil order until 2062',        { basis: 'civil-order', until: '2062-11-01T00:00:00+01:00' }, [], '10 years'],
  ])('[OR10] %s', (_, text, versions, fault) => {
    if (fault === null) expect(told(text, versions)).toEqual([]);
    else expect(told(text, versions)).toEqual([expect.stringMatching(`^validUntil: .*${fault}`)]);
  });

  test('[OR10] the fault says the latest instant that is allowed', () => {
    expect(told({ until: '2027-06-01T00:00:00+02:00' })[0]).toContain('2027-01-30T00:00:00+01:00');
  });
});

describe('what an order is', () => {
  const known = versionsOf({ until: '2026-12-30T00:00:00+01:00' });

  test.each<[name: string, change: object, pointer: string]>([
    ['against another wearer', { wearerId: 'w-2' }, 'wearerId'],
    ['by another law', { legalBasis: 'civil-order' }, 'legalBasis'],
  ])('[OR11] %s is another order', (_, change, pointer) => {
    const body = { ...bodyOf({ until: '2026-12-30T00:00:00+01:00' }), ...change };
    expect(termFaults(body, known, NOW_MS).map(({ path }) => path[0])).toContain(pointer);
  });

  test('[OR11] a start years ahead is a year mistyped', () => {
    const far = { from: '2032-01-01T00:00:00+01:00', until: '2032-02-01T00:00:00+01:00' };
    expect(told(far)).toEqual([expect.stringContaining('validFrom: begins more than 5 years')]);
  });

  test.each([null, [], 'text', {}, { validFrom: 1, validUntil: [] }, { legalBasis: 'x' }])(
    '[OR11] a body of any form is judged for what can be read of it: %j',
    (body) => {
      expect(termFaults(body, known, NOW_MS).every(({ path }) => path[0] === 'legalBasis')).toBe(
        true,
      );
    },
  );
});
