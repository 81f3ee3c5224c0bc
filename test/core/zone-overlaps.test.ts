import { describe, expect, test } from 'vitest';
import type { OrderChange, Overlap } from '../../shared/order-preview.ts';
import type { CourtOrder } from '../../shared/court-order.ts';
import {
  type Comparison,
  comparisonOf,
  type PreviewTask,
} from '../../server/core/order-preview.ts';
import type { RecordedPosition } from '../../server/core/order-forecast.ts';
import { AT_HOME, AT_WORK, trackOf, weekOf } from '../support/daily-life.ts';
import { ANKLE, orderOf, place, square, T0 } from '../support/given.ts';

const circle = (radiusM: number, [lon, lat]: readonly [number, number]) => ({
  type: 'Circle',
  center: [lon, lat],
  radiusM,
});
const ban = (zone: object, other: object = {}) => ({
  banId: 'ban',
  kind: 'location-ban',
  zone,
  ...other,
});
const duty = (zone: object, other: object = {}) => ({
  banId: 'duty',
  kind: 'location-duty',
  zone,
  ...other,
});
const weekly = (from: string, until: string, timeZone = 'Europe/Amsterdam') => ({
  schedule: { timeZone, weekly: [{ days: ['mon', 'tue'], from, until }] },
});
const second = (bans: readonly object[], other: object = {}): CourtOrder =>
  orderOf(bans, { orderId: 'ord-2', ...other });

const taskOf = (order: CourtOrder, other: Partial<PreviewTask> = {}): PreviewTask => ({
  order,
  version: 1,
  statusAfter: 'active',
  standing: null,
  others: [],
  devices: [ANKLE],
  nowMs: T0,
  ...other,
});
const overlapsOf = ({ bans }: Comparison, banId = 'ban'): readonly Overlap[] =>
  bans.find((each) => each.banId === banId)!.overlaps;
const told = (overlaps: readonly Overlap[]): string[] =>
  overlaps.map(({ with: kind, orderId, banId, share, contradicts }) => {
    const percent = Math.round(100 * share!);
    return `${kind} ${orderId}/${banId} ${percent} %${contradicts ? ' contradicts' : ''}`;
  });

const SQUARE = square(1_000);
const LATER = { validFrom: '2027-06-01T00:00:00Z', validUntil: '2027-07-01T00:00:00Z' };

// prettier-ignore
const OTHERS: readonly [what: string, order: CourtOrder, others: CourtOrder[], told: string[]][] = [
  ['nothing near',              orderOf([ban(SQUARE)]), [second([ban(square(100, 5_000))])], []],
  ['side by side',              orderOf([ban(SQUARE)]), [second([ban(square(1_000, 1_000))])], []],
  ['half of it',                orderOf([ban(SQUARE)]), [second([ban(square(1_000, 500))])], ['location-ban ord-2/ban 50 %']],
  ['a part of its own order',   orderOf([ban(SQUARE), ban(square(500), { banId: 'b2' })]), [], ['location-ban ord-1/b2 25 %']],
  ['he must be in it',          orderOf([ban(SQUARE)]), [second([duty(square(500))])], ['location-duty ord-2/duty 25 % contradicts']],
  ['all of what he must be in', orderOf([ban(SQUARE)]), [second([duty(SQUARE)])], ['location-duty ord-2/duty 100 % contradicts']],
  ['he may be beside it',       orderOf([ban(SQUARE)]), [second([duty(square(1_100))])], ['location-duty ord-2/duty 100 %']],
  ['in turns',                  orderOf([ban(SQUARE, weekly('06:00', '22:00'))]), [second([duty(square(500), weekly('22:00', '06:00'))])], ['location-duty ord-2/duty 25 %']],
  ['in turns but for a minute', orderOf([ban(SQUARE, weekly('06:00', '22:01'))]), [second([duty(square(500), weekly('22:00', '06:00'))])], ['location-duty ord-2/duty 25 % contradicts']],
  ['in turns, by other clocks', orderOf([ban(SQUARE, weekly('06:00', '22:00'))]), [second([duty(square(500), weekly('22:00', '06:00', 'Europe/London'))])], ['location-duty ord-2/duty 25 % contradicts']],
  ['when this one is over',     orderOf([ban(SQUARE)]), [second([duty(square(500))], LATER)], ['location-duty ord-2/duty 25 %']],
  ['contradictions first',      orderOf([ban(SQUARE)]), [second([ban(square(900)), duty(square(300))])], ['location-duty ord-2/duty 9 % contradicts', 'location-ban ord-2/ban 81 %']],
  ['nobody has drawn it',       orderOf([ban(SQUARE)]), [second([{ banId: 'u', kind: 'location-ban', place: 'x' }])], []],
];

describe('what else lies where a zone lies', () => {
  test.each(OTHERS)('[PV6] %s', (_, order, others, wanted) => {
    expect(told(overlapsOf(comparisonOf(taskOf(order, { others }), [])))).toEqual(wanted);
  });

  test('[PV6] a duty is told of the ban that covers it, and by which name', () => {
    const order = orderOf([duty(square(500))]);
    const others = [second([ban(SQUARE, { name: 'her street' })])];
    const overlaps = overlapsOf(comparisonOf(taskOf(order, { others }), []), 'duty');
    expect(told(overlaps)).toEqual(['location-ban ord-2/ban 100 % contradicts']);
    expect(overlaps[0]).toMatchObject({ name: 'her street', hoursPerWeek: null });
  });

  const recorded: RecordedPosition[] = trackOf(weekOf([0, 1, 2, 3, 4]), 2, 1).map((fix) => ({
    deviceId: ANKLE.deviceId,
    fix,
    payload: '',
  }));

  test('[PV5] he lives in it, and works in the next', () => {
    const zones = [ban(circle(300, AT_HOME)), ban(circle(300, AT_WORK), { banId: 'b2' })];
    const order = orderOf([...zones, ban(circle(300, place(0, 4_000)), { banId: 'b3' })]);
    const comparison = comparisonOf(taskOf(order), recorded);
    const home = overlapsOf(comparison);
    expect(home).toMatchObject([{ with: 'home', share: null, orderId: null, contradicts: false }]);
    expect(Math.round(home[0]!.hoursPerWeek! / 10)).toBe(12);
    expect(overlapsOf(comparison, 'b2').map((overlap) => overlap.with)).toEqual(['work']);
    expect(overlapsOf(comparison, 'b3')).toEqual([]);
  });

  test('[PV5] what a device saw on another leg is not where he stays', () => {
    const order = orderOf([ban(circle(300, AT_HOME))]);
    const lent = { ...ANKLE, validFrom: '2026-11-30T00:00:00Z' };
    expect(overlapsOf(comparisonOf(taskOf(order, { devices: [lent] }), recorded))).toEqual([]);
  });
});

describe('a preview', () => {
  test('[PV2] tells the size of each zone, and none of what has no zone', () => {
    const contact = { banId: 'c', kind: 'contact-ban', victimId: 'v-1', distanceM: 500 };
    const undrawn = { banId: 'u', kind: 'location-ban', place: 'her street' };
    const { bans } = comparisonOf(taskOf(orderOf([contact, undrawn, ban(SQUARE)])), []);
    const none = { areaM2: null, points: null, overlaps: [] };
    expect(bans.slice(0, 2)).toEqual([
      { banId: 'c', ...none },
      { banId: 'u', ...none },
    ]);
    expect(bans[2]).toMatchObject({ banId: 'ban', points: 4 });
    expect(Math.abs(bans[2]!.areaM2! - 1e6)).toBeLessThan(100);
  });

  const changesOf = (other: Partial<PreviewTask>): readonly OrderChange[] =>
    comparisonOf(taskOf(orderOf([ban(SQUARE)]), other), []).changes;
  const standing = (status: 'active' | 'suspended') => ({
    standing: { version: 1, status, order: orderOf([ban(SQUARE)]) },
  });

  test('[PV4] tells no change while nothing stands', () => {
    expect(changesOf({})).toEqual([]);
  });

  test('[PV4] tells that an order is to be suspended, or to go on', () => {
    const [less] = changesOf({ ...standing('active'), statusAfter: 'suspended' });
    expect(less).toMatchObject({ pointer: '/status', after: 'suspended', protection: 'less' });
    const [more] = changesOf({ ...standing('suspended'), statusAfter: 'active' });
    expect(more).toMatchObject({ pointer: '/status', before: 'suspended', protection: 'more' });
    expect(changesOf({ ...standing('active') })).toEqual([]);
  });
});
