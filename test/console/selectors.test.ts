import { describe, expect, test } from 'vitest';
import {
  type ConsoleMessage,
  type ConsoleState,
  initialState,
  reduce,
} from '../../console/model.ts';
import { newsOf } from '../../console/news.ts';
import {
  AGEING_S,
  byUrgency,
  countsOf,
  fixAgesOf,
  freshnessOf,
  OLD_S,
  pairsOf,
  placementsOf,
  PROOF_FRESH_S,
  proofOf,
  queueOf,
  type Section,
  sectionOf,
  serverNowMs,
} from '../../console/selectors.ts';
import { steadyClock, withOffset } from '../../console/server-time.ts';
import type { Alert } from '../../shared/alert.ts';
import { alertOf, contactBan, NOW_MS, positionOf, secondsAgo } from './fixtures.ts';

function stateWith(alerts: Alert[], patch: Partial<ConsoleState> = {}): ConsoleState {
  const map = new Map(alerts.map((alert) => [alert.alertId as string, alert]));
  return { ...initialState(NOW_MS), link: { state: 'live' }, alerts: map, ...patch };
}
const idsOf = (state: ConsoleState, section: Section): string[] =>
  (queueOf(state).sections.get(section) ?? []).map(({ alert }) => alert.alertId);

describe('the list', () => {
  test.each([
    // priority  state                      section
    [1, 'unacknowledged', 'now'],
    [1, 'acknowledged', 'now'],
    [1, 'cleared-unacknowledged', 'now'],
    [1, 'cleared', 'to-close'],
    [1, 'closed', 'settled'],
    [2, 'unacknowledged', 'soon'],
    [2, 'cleared', 'settled'],
    [2, 'shelved', 'shelved'],
    [3, 'cleared-unacknowledged', 'technical'],
    [4, 'acknowledged', 'technical'],
  ] as const)('priority %i, %s stands under %s', (priority, state, section) => {
    expect(sectionOf(alertOf('a', { priority, state }))).toBe(section);
  });

  test('orders by priority, then by what needs a hand, then by who waits longest', () => {
    const alerts = [
      alertOf('seen', { state: 'acknowledged', raisedAt: secondsAgo(900) }),
      alertOf('young', { raisedAt: secondsAgo(10) }),
      alertOf('second', { priority: 2, raisedAt: secondsAgo(999) }),
      alertOf('old', { raisedAt: secondsAgo(60) }),
      alertOf('over', { state: 'cleared-unacknowledged', raisedAt: secondsAgo(800) }),
    ];
    const order = alerts.toSorted(byUrgency).map(({ alertId }) => alertId);
    expect(order).toEqual(['old', 'young', 'over', 'seen', 'second']);
  });

  test('tells how many other open alerts a case has', () => {
    const state = stateWith([
      alertOf('a'),
      alertOf('b', { priority: 2 }),
      alertOf('c', { priority: 2, state: 'cleared' }),
      alertOf('d', { caseId: 'other' }),
    ]);
    const rows = queueOf(state).sections.get('now') ?? [];
    expect(rows.map(({ alert, siblings }) => [alert.alertId, siblings])).toEqual([
      ['a', 1],
      ['d', 0],
    ]);
  });

  test('held rows stay put while a more urgent alert comes in, which waits in sight', () => {
    const before = stateWith([alertOf('a', { priority: 2 }), alertOf('b', { priority: 2 })]);
    const held = { placements: placementsOf(queueOf(before)), untilMs: NOW_MS + 1 };
    const worse = alertOf('b', { priority: 1 });
    const after = stateWith([alertOf('a', { priority: 2 }), worse, alertOf('new')], { held });
    expect(idsOf(after, 'soon')).toEqual(['a', 'b']);
    expect(queueOf(after).waiting.map(({ alertId }) => alertId)).toEqual(['new']);
    const released = reduce(after, { type: 'tick', atMs: NOW_MS + 2 });
    expect(idsOf(released, 'now')).toEqual(['b', 'new']);
    expect(queueOf(released).waiting).toEqual([]);
  });

  test('counts open and unacknowledged alerts of each priority', () => {
    const counts = countsOf(
      stateWith([
        alertOf('a'),
        alertOf('b', { state: 'cleared' }),
        alertOf('c', { state: 'closed' }),
        alertOf('d', { priority: 2, state: 'acknowledged' }),
      ]),
    );
    expect(counts.get(1)).toEqual({ open: 2, unacknowledged: 1 });
    expect(counts.get(2)).toEqual({ open: 1, unacknowledged: 0 });
    expect(counts.get(4)).toEqual({ open: 0, unacknowledged: 0 });
  });
});

describe('ages', () => {
  test('count on the clock of the server, however wrong the local one is', () => {
    const wrongByMs = 600_000;
    const local = { ...initialState(NOW_MS - wrongByMs), serverOffsetsMs: [wrongByMs] };
    expect(serverNowMs(local)).toBe(NOW_MS);
  });

  test('take the newer of the live position and the fix that was judged', () => {
    const state = stateWith([], {
      features: [positionOf('victim-device', { time: secondsAgo(3) })],
    });
    const ages = fixAgesOf(state, alertOf('a'));
    expect(ages).toEqual([
      { role: 'wearer', personId: 'w-1', ageS: 6 },
      { role: 'victim', personId: 'v-1', ageS: 3 },
    ]);
  });

  test.each([
    [AGEING_S, true, 'fresh'],
    [AGEING_S + 0.1, true, 'ageing'],
    [OLD_S, true, 'ageing'],
    [OLD_S + 0.1, true, 'old'],
    [0, false, 'old'],
  ] as const)('%d s with a live link %s is %s', (ageS, live, freshness) => {
    expect(freshnessOf(ageS, live)).toBe(freshness);
  });

  test('the largest recent offset is the best; a clock that was set starts afresh', () => {
    expect(withOffset([100, 90], 95)).toEqual([100, 90, 95]);
    expect(withOffset([100, 90], -3_000)).toEqual([-3_000]);
    expect(withOffset([100], 9_000)).toEqual([100, 9_000]);
  });

  test('the page clock neither runs backwards nor sleeps', () => {
    const times = { monotonicMs: 0, wallMs: 1_000 };
    const clock = steadyClock(
      () => times.monotonicMs,
      () => times.wallMs,
    );
    Object.assign(times, { monotonicMs: 10, wallMs: 500 });
    expect(clock()).toBe(1_010);
    Object.assign(times, { monotonicMs: 11, wallMs: 60_500 });
    expect(clock()).toBe(61_010);
  });
});

test('the distance between two persons is that of their newest positions', () => {
  const stale = positionOf('ankle-monitor', { deviceId: 'o-old', time: secondsAgo(500) });
  const moved = {
    ...stale,
    geometry: { type: 'Point' as const, coordinates: [5, 52] as [number, number] },
  };
  const features = [moved, positionOf('ankle-monitor'), positionOf('victim-device')];
  const pairs = pairsOf(stateWith([], { features, bans: [contactBan] }));
  expect(pairs).toHaveLength(1);
  expect(pairs[0]?.apartM).toBeCloseTo(Math.hypot(390, 180), 0);
});

describe('news', () => {
  const mapOf = (...alerts: Alert[]) =>
    new Map(alerts.map((alert) => [alert.alertId as string, alert]));
  const p2 = alertOf('a', { priority: 2 });
  const seen = alertOf('a', { state: 'acknowledged' });
  test.each<[what: string, before: Alert[], after: Alert[], now: number, others: number]>([
    ['a new priority 1', [], [alertOf('a')], 1, 0],
    ['a new priority 2', [], [p2], 0, 1],
    ['one that got worse', [p2], [alertOf('a')], 1, 0],
    ['one that came back', [seen], [alertOf('a')], 1, 0],
    ['new figures are none', [alertOf('a')], [alertOf('a', { distanceM: 1 })], 0, 0],
    ['one that eased is none', [alertOf('a')], [p2], 0, 0],
    ['an acknowledged one is none', [], [seen], 0, 0],
  ])('%s', (_what, before, after, now, others) => {
    const news = newsOf(mapOf(...before), mapOf(...after));
    expect([news.now.length, news.others.length]).toEqual([now, others]);
  });
});

describe('[WS8] the proof of the chain', () => {
  const beat = (provenAt: string | null): ConsoleMessage => ({
    type: 'heard',
    atMs: NOW_MS,
    message: { type: 'heartbeat', serverTime: secondsAgo(0), lagMs: 1, provenAt },
  });
  const proven = (ageS: number): ConsoleState => reduce(stateWith([]), beat(secondsAgo(ageS)));

  test.each([
    [12, 'fresh'],
    [PROOF_FRESH_S - 1, 'fresh'],
    [PROOF_FRESH_S + 1, 'old'],
  ] as const)('%i s ago is %s', (ageS, state) => {
    expect(proofOf(proven(ageS))).toEqual({ state, ageS });
  });

  test('grows old by itself', () => {
    const later = reduce(proven(12), { type: 'tick', atMs: NOW_MS + 1_000 * PROOF_FRESH_S });
    expect(proofOf(later)).toEqual({ state: 'old', ageS: 12 + PROOF_FRESH_S });
  });

  test('is never fresh over a line that is down', () => {
    const link = { state: 'stale', sinceMs: NOW_MS } as const;
    expect(proofOf({ ...proven(12), link }).state).toBe('old');
  });

  test('is not spoken of while there never was one', () => {
    expect(proofOf(stateWith([]))).toEqual({ state: 'none' });
    expect(proofOf(reduce(stateWith([]), beat(null)))).toEqual({ state: 'none' });
  });
});

test('a list that has not changed is not sorted anew, and one that has is', () => {
  const state = stateWith([alertOf('a')]);
  const later = reduce(state, { type: 'tick', atMs: NOW_MS + 1_000 });
  expect(queueOf(later)).toBe(queueOf(state));
  const held = { placements: [], untilMs: NOW_MS + 9_000 };
  expect(queueOf({ ...later, held }).waiting.map(({ alertId }) => alertId)).toEqual(['a']);
  expect(queueOf(later).waiting).toEqual([]);
  const more = reduce(later, { type: 'alerts', atMs: NOW_MS, alerts: [alertOf('b')] });
  expect(idsOf(more, 'now')).toEqual(['a', 'b']);
});
