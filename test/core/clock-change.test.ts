import { describe, expect, test } from 'vitest';
import type { BanId } from '../../shared/ids.ts';
import { activityOf } from '../../server/core/schedule.ts';
import { orderStateOf } from '../../server/core/order-state.ts';
import { APART, orderOf } from '../support/given.ts';

/** At home from Saturday 22:00 until Sunday 06:00, Amsterdam time. */
const NIGHT = {
  timeZone: 'Europe/Amsterdam',
  weekly: [{ days: ['sat' as const], from: '22:00', until: '06:00' }],
};
const B1 = 'b1' as BanId;

/** Every span in which the ban applies between two instants, in UTC. */
function spansOf(
  from: string,
  until: string,
  exceptions: readonly { from: string; until: string }[],
  schedule: typeof NIGHT | null = NIGHT,
): string[] {
  const order = orderOf([APART], {
    validFrom: '2026-01-01T00:00:00+01:00',
    validUntil: '2027-01-01T00:00:00+01:00',
    exceptions: exceptions.map((each) => ({ banIds: ['b1'], ...each })),
  });
  const state = orderStateOf({ order, version: 1, status: 'active' });
  const spans: string[] = [];
  const endMs = Date.parse(until);
  for (let atMs = Date.parse(from); atMs < endMs;) {
    const { active, untilMs } = activityOf(state, B1, schedule, atMs);
    const toMs = Math.min(untilMs, endMs);
    if (active) spans.push(`${utc(atMs)} ${utc(toMs)}`);
    atMs = toMs;
  }
  return spans;
}

const utc = (atMs: number): string => new Date(atMs).toISOString().slice(5, 16);

describe('an exception on the night of a clock change', () => {
  // In spring 02:00 becomes 03:00 at 01:00 UTC, in autumn 03:00 becomes 02:00 at 01:00 UTC.
  // prettier-ignore
  test.each<[name: string, from: string, until: string, exceptions: { from: string; until: string }[], spans: string[]]>([
    ['spring: none, a night of seven hours',  '2026-03-28T12:00Z', '2026-03-29T12:00Z', [], ['03-28T21:00 03-29T04:00']],
    ['spring: over the gap, an hour long',    '2026-03-28T12:00Z', '2026-03-29T12:00Z', [{ from: '2026-03-29T01:30:00+01:00', until: '2026-03-29T03:30:00+02:00' }], ['03-28T21:00 03-29T00:30', '03-29T01:30 03-29T04:00']],
    ['spring: ends when the clock jumps',     '2026-03-28T12:00Z', '2026-03-29T12:00Z', [{ from: '2026-03-29T01:00:00+01:00', until: '2026-03-29T03:00:00+02:00' }], ['03-28T21:00 03-29T00:00', '03-29T01:00 03-29T04:00']],
    ['autumn: none, a night of nine hours',   '2026-10-24T12:00Z', '2026-10-25T12:00Z', [], ['10-24T20:00 10-25T05:00']],
    ['autumn: the first of the double hours', '2026-10-24T12:00Z', '2026-10-25T12:00Z', [{ from: '2026-10-25T02:00:00+02:00', until: '2026-10-25T02:59:00+02:00' }], ['10-24T20:00 10-25T00:00', '10-25T00:59 10-25T05:00']],
    ['autumn: the second of them',            '2026-10-24T12:00Z', '2026-10-25T12:00Z', [{ from: '2026-10-25T02:00:00+01:00', until: '2026-10-25T02:59:00+01:00' }], ['10-24T20:00 10-25T01:00', '10-25T01:59 10-25T05:00']],
    ['autumn: from the first to the second',  '2026-10-24T12:00Z', '2026-10-25T12:00Z', [{ from: '2026-10-25T02:30:00+02:00', until: '2026-10-25T02:30:00+01:00' }], ['10-24T20:00 10-25T00:30', '10-25T01:30 10-25T05:00']],
    ['autumn: two that touch',                '2026-10-24T12:00Z', '2026-10-25T12:00Z', [{ from: '2026-10-25T00:00:00+02:00', until: '2026-10-25T02:00:00+01:00' }, { from: '2026-10-25T02:00:00+01:00', until: '2026-10-25T04:00:00+01:00' }], ['10-24T20:00 10-24T22:00', '10-25T03:00 10-25T05:00']],
  ])('[SC1, SC3] %s', (_, from, until, exceptions, spans) => {
    expect(spansOf(from, until, exceptions)).toEqual(spans);
  });

  test.each([
    ['spring', '2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00', 23],
    ['autumn', '2026-10-25T00:00:00+02:00', '2026-10-26T00:00:00+01:00', 25],
  ])('[SC1] %s: of the whole day is of all its hours', (_, from, until, hours) => {
    expect((Date.parse(until) - Date.parse(from)) / 3_600_000).toBe(hours);
    const around = [Date.parse(from) - 60_000, Date.parse(until) + 60_000] as const;
    const [before, after] = around.map((atMs) => new Date(atMs).toISOString());
    expect(spansOf(before!, after!, [{ from, until }], null)).toEqual([
      `${utc(around[0])} ${utc(Date.parse(from))}`,
      `${utc(Date.parse(until))} ${utc(around[1])}`,
    ]);
  });
});
