import { describe, expect, test } from 'vitest';
import {
  type ConsoleMessage,
  type ConsoleState,
  initialState,
  type Link,
  reduce,
  ROWS_MORE,
  SETTLED_ALERTS_MAX,
  SILENCE_MS,
} from '../../console/model.ts';
import { ACT_ANSWER_MS, type ActMessage } from '../../console/sent-acts.ts';
import { callOf } from '../../console/selectors.ts';
import { HEARTBEAT_MISSED_MS } from '../../shared/console-message.ts';
import { alertOf, contactBan, NOW_MS, positionOf, secondsAgo } from './fixtures.ts';

const START = 1_000_000;
const given = (...messages: ConsoleMessage[]): ConsoleState =>
  messages.reduce(reduce, initialState(START));
type Told = Extract<ConsoleMessage, { type: 'heard' }>['message'];
const heard = (message: Told, atMs = START): ConsoleMessage => ({ type: 'heard', atMs, message });
const welcome = (continues = false): ConsoleMessage => ({
  type: 'welcomed',
  atMs: START,
  serverTime: secondsAgo(0),
  continues,
});
const snapshot = (...alerts: ReturnType<typeof alertOf>[]) =>
  heard({ type: 'snapshot', seq: 1, alerts });
const alert = (...alerts: ReturnType<typeof alertOf>[]): ConsoleMessage => ({
  type: 'alerts',
  atMs: START,
  alerts,
});
const beat = (atMs: number) =>
  heard({ type: 'heartbeat', serverTime: secondsAgo(0, NOW_MS + atMs - START), lagMs: 12 }, atMs);
const tick = (atMs: number): ConsoleMessage => ({ type: 'tick', atMs });
const lost: ConsoleMessage = { type: 'link-lost', atMs: START, retryAtMs: START, signedOut: false };
const acknowledge = { type: 'acknowledge', requestId: 'r1', alertId: 'a-1' } as ActMessage;
const sent = (message = acknowledge, delivered = true): ConsoleMessage => ({
  type: 'act-sent',
  atMs: START,
  message,
  delivered,
});
const result = (ok: boolean) =>
  heard({ type: 'result', requestId: 'r1', ok, problem: ok ? null : problem });
const problem = { type: 'x', title: 't', status: 409, detail: 'already closed', code: 'closed' };

describe('the link', () => {
  const inTime = START + HEARTBEAT_MISSED_MS;
  const tooLate = inTime + 1;
  test.each<[what: string, state: Link['state'], messages: ConsoleMessage[]]>([
    ['starts as connecting', 'connecting', []],
    ['stays connecting until the queue is there', 'connecting', [welcome()]],
    ['is live with the first snapshot', 'live', [welcome(), snapshot()]],
    ['is live just inside the limit', 'live', [welcome(), snapshot(), tick(inTime)]],
    ['is stale just past the limit', 'stale', [welcome(), snapshot(), tick(tooLate)]],
    ['a heartbeat revives it', 'live', [welcome(), snapshot(), tick(tooLate), beat(tooLate)]],
    [
      'an alert alone does not',
      'stale',
      [welcome(), snapshot(), tick(tooLate), alert(alertOf('a'))],
    ],
    ['is lost with its socket', 'lost', [welcome(), snapshot(), lost]],
    [
      'a heartbeat before the queue is no recovery',
      'lost',
      [welcome(), snapshot(), lost, beat(START)],
    ],
    ['is live where it goes on', 'live', [welcome(), snapshot(), lost, welcome(true)]],
    ['waits for a snapshot where it does not', 'lost', [welcome(), snapshot(), lost, welcome()]],
    ['and is live with it', 'live', [welcome(), snapshot(), lost, welcome(), snapshot()]],
    ['does not go stale before it was ever live', 'connecting', [tick(tooLate)]],
  ])('%s', (_what, state, messages) => {
    expect(given(...messages).link.state).toBe(state);
  });

  test('silence counts from the last heartbeat, also when the socket dies later', () => {
    const state = given(welcome(), snapshot(), tick(tooLate), { ...lost, atMs: tooLate });
    expect(state.link).toMatchObject({ state: 'lost', sinceMs: START });
  });

  test('a lost link keeps alerts and positions on the screen', () => {
    const features = [positionOf('ankle-monitor')];
    const state = given(
      welcome(),
      snapshot(alertOf('a-1')),
      heard({ type: 'positions', features, bans: [contactBan] }),
      lost,
    );
    expect(state.alerts.size).toBe(1);
    expect(state.features).toEqual(features);
    expect(state.bans).toEqual([contactBan]);
  });
});

test('positions from before a loss are gone once the server is back', () => {
  const shown = heard({ type: 'positions', features: [positionOf('ankle-monitor')] });
  const state = given(welcome(), snapshot(), shown, lost, welcome(true));
  expect(state.link.state).toBe('live');
  expect(state.features).toEqual([]);
});

test('what the server leaves out of its positions is known, until it leaves out nothing', () => {
  const shown = (casesLeftOut?: number): ConsoleMessage =>
    heard({ type: 'positions', features: [], ...(casesLeftOut ? { casesLeftOut } : {}) });
  expect(given(welcome(), snapshot(), shown(12)).casesLeftOut).toBe(12);
  expect(given(welcome(), snapshot(), shown(12), shown()).casesLeftOut).toBe(0);
  expect(given(welcome(), snapshot(), shown(12), lost, welcome()).casesLeftOut).toBe(0);
});

test('more rows are asked for section by section', () => {
  const more = (section: string): ConsoleMessage => ({ type: 'more-rows', section });
  const state = given(more('technical'), more('technical'), more('soon'));
  expect([...state.moreRows]).toEqual([
    ['technical', 2 * ROWS_MORE],
    ['soon', ROWS_MORE],
  ]);
});

describe('alerts', () => {
  test('a snapshot replaces what was known', () => {
    const state = given(welcome(), snapshot(alertOf('a-1')), snapshot(alertOf('a-2')));
    expect([...state.alerts.keys()]).toEqual(['a-2']);
  });

  test('a later word on an alert replaces the former', () => {
    const state = given(
      welcome(),
      snapshot(alertOf('a-1')),
      alert(alertOf('a-1', { state: 'acknowledged' })),
    );
    expect(state.alerts.get('a-1')?.state).toBe('acknowledged');
  });

  test('of a burst the last word on each alert counts, and all of them are there', () => {
    const flood = Array.from({ length: 10_000 }, (_, i) => alertOf(`a-${i}`, { priority: 3 }));
    const acknowledged = alertOf('a-7', { priority: 3, state: 'acknowledged' });
    const state = given(welcome(), snapshot(), alert(...flood, acknowledged));
    expect(state.alerts.size).toBe(10_000);
    expect(state.alerts.get('a-7')?.state).toBe('acknowledged');
  });

  test('settled alerts are bounded, open ones are never dropped', () => {
    const closed = Array.from({ length: SETTLED_ALERTS_MAX + 5 }, (_, index) =>
      alertOf(`c-${index}`, { state: 'closed', updatedAt: secondsAgo(index + 10) }),
    );
    const state = given(
      welcome(),
      snapshot(...closed, alertOf('open', { updatedAt: secondsAgo(99_999) })),
      alert(alertOf('new', { priority: 2 })),
    );
    expect(state.alerts.size).toBe(SETTLED_ALERTS_MAX + 2);
    expect(state.alerts.has('open')).toBe(true);
    expect(state.alerts.has('c-0')).toBe(true);
    expect(state.alerts.has(`c-${SETTLED_ALERTS_MAX + 4}`)).toBe(false);
  });

  test('what cannot be read is counted and named, and blanks nothing', () => {
    const state = given(welcome(), snapshot(alertOf('a-1')), {
      type: 'unreadable',
      atMs: START,
      what: 'a-9 (P1)',
    });
    expect(state.unreadable).toEqual({ count: 1, last: 'a-9 (P1)' });
    expect(state.alerts.size).toBe(1);
  });
});

describe('an act of the operator', () => {
  const acts = (...messages: ConsoleMessage[]) =>
    given(welcome(), snapshot(alertOf('a-1')), ...messages).acts.map(({ state }) => state);
  const late = START + ACT_ANSWER_MS + 1;
  const note = { type: 'note', requestId: 'r1', alertId: 'a-1', text: 'x' } as ActMessage;
  const seen = alert(alertOf('a-1', { state: 'acknowledged' }));
  test.each<[what: string, states: string[], messages: ConsoleMessage[]]>([
    ['is pending until answered', ['pending'], [sent()]],
    ['is done when the server says so', [], [sent(), result(true)]],
    ['shows a refusal', ['refused'], [sent(), result(false)]],
    ['is shown undelivered without a line', ['undelivered'], [sent(acknowledge, false)]],
    ['is shown undelivered when the line breaks', ['undelivered'], [sent(), lost]],
    ['is still pending at the limit', ['pending'], [sent(), tick(late - 1)]],
    ['is shown undelivered past it', ['undelivered'], [sent(), tick(late)]],
    ['a late answer still counts', [], [sent(), tick(late), result(true)]],
    ['sent again it is pending once', ['pending'], [sent(), lost, sent()]],
    ['its effect is its answer', [], [sent(), lost, seen]],
    ['a note has no effect to see', ['undelivered'], [sent(note), lost, seen]],
    ['can be dropped', [], [sent(), lost, { type: 'act-dismissed', requestId: 'r1' }]],
  ])('%s', (_what, states, messages) => {
    expect(acts(...messages)).toEqual(states);
  });

  test('a refusal keeps its reason', () => {
    const state = given(welcome(), snapshot(alertOf('a-1')), sent(), result(false));
    expect(state.acts[0]?.problem?.detail).toBe('already closed');
  });
});

describe('sound', () => {
  const silenced: ConsoleMessage = { type: 'silenced', atMs: START };
  const p1 = snapshot(alertOf('a-1'));
  const seen = snapshot(alertOf('a-1', { state: 'acknowledged' }));
  const over = snapshot(alertOf('a-1', { state: 'cleared-unacknowledged' }));
  test.each<[what: string, call: string, messages: ConsoleMessage[]]>([
    ['is silent with nothing to say', 'none', [welcome(), snapshot()]],
    ['calls for an unacknowledged priority 1', 'now', [welcome(), p1]],
    ['also when the danger has passed unseen', 'now', [welcome(), over]],
    ['stops when it is acknowledged', 'none', [welcome(), seen]],
    ['not for priority 2', 'none', [welcome(), snapshot(alertOf('a-1', { priority: 2 }))]],
    ['stops when silenced', 'none', [welcome(), p1, silenced]],
    ['calls again for a new one', 'now', [welcome(), p1, silenced, alert(alertOf('a-2'))]],
    ['calls again when the time is up', 'now', [welcome(), p1, silenced, tick(START + SILENCE_MS)]],
    ['calls when the line is lost', 'link', [welcome(), seen, lost]],
    ['danger goes before the line', 'now', [welcome(), p1, lost]],
    ['the line can be silenced too', 'none', [welcome(), seen, lost, silenced]],
    ['but not in advance', 'link', [welcome(), seen, silenced, lost]],
  ])('%s', (_what, call, messages) => {
    expect(callOf(given(...messages))).toBe(call);
  });

  test('silencing acknowledges nothing', () => {
    const state = given(welcome(), p1, silenced);
    expect(state.alerts.get('a-1')?.state).toBe('unacknowledged');
    expect(state.acts).toEqual([]);
  });
});
