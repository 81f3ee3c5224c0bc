import { describe, expect, test } from 'vitest';
import type { ActMessage } from '../../console/sent-acts.ts';
import { HEARTBEAT_MISSED_MS } from '../../shared/console-message.ts';
import { alert, fakeWorld, heartbeat, live, reconnected, snapshot, welcome } from './fake-line.ts';
import { alertOf } from './fixtures.ts';

describe('resuming', () => {
  test('a fresh console asks for everything', () => {
    const world = live();
    expect(world.last().sent).toEqual([{ type: 'resume', epoch: null, seq: null }]);
  });

  test('after a loss it asks for what came after the last alert', () => {
    const world = live();
    world.last().hear(alert(8));
    world.last().onclose?.();
    world.pass(500);
    world.last().onopen?.();
    expect(world.sockets).toHaveLength(2);
    expect(world.last().sent).toEqual([{ type: 'resume', epoch: 'e1', seq: 8 }]);
    world.last().hear(welcome(9));
    world.last().hear(alert(9));
    expect(world.alerts()).toEqual([8, 9]);
  });

  test('an alert that comes twice is heard once', () => {
    const world = live();
    for (const seq of [8, 8, 7, 9]) world.last().hear(alert(seq));
    expect(world.alerts()).toEqual([8, 9]);
  });

  test('a gap is never passed over: it starts anew and asks for everything', () => {
    const world = live();
    world.last().hear(alert(9));
    expect(world.alerts()).toEqual([]);
    expect(world.sockets[0]?.closed).toBe(true);
    world.pass(500);
    world.last().onopen?.();
    expect(world.last().sent).toEqual([{ type: 'resume', epoch: null, seq: null }]);
  });

  test('an unreadable alert is no gap', () => {
    const world = live();
    world.last().hear({ type: 'alert', seq: 8, alert: { alertId: 'x', priority: 1, code: 'new' } });
    world.last().hear(alert(9));
    expect(world.alerts()).toEqual([9]);
    expect(world.emitted).toContainEqual({ type: 'unreadable', atMs: 0, what: 'x (P1)' });
  });

  test('an epoch whose numbers are behind ours waits for its snapshot', () => {
    const world = reconnected(welcome(2, 'e2'));
    expect(world.emitted.at(-1)).toMatchObject({ type: 'welcomed', continues: false });
    world.last().hear(alert(3));
    expect(world.alerts()).toEqual([]);
    world.last().hear(snapshot(3));
    world.last().hear(alert(4));
    expect(world.alerts()).toEqual([4]);
  });

  test('a server that has forgotten alerts it once sent makes us start over', () => {
    const world = live();
    world.last().onclose?.();
    world.pass(500);
    world.last().onopen?.();
    world.last().hear(welcome(3));
    expect(world.last().closed).toBe(true);
  });
});

describe('[WS7] a restarted server', () => {
  test('that goes on with our number loses us nothing, and we resume in its epoch', () => {
    const world = reconnected(welcome(9, 'e2'));
    expect(world.emitted.at(-1)).toMatchObject({ type: 'welcomed', continues: true });
    for (const seq of [8, 9, 10]) world.last().hear(alert(seq));
    expect(world.alerts()).toEqual([8, 9, 10]);
    world.last().onclose?.();
    world.pass(1_000);
    world.last().onopen?.();
    expect(world.last().sent).toEqual([{ type: 'resume', epoch: 'e2', seq: 10 }]);
  });

  test('that has told nothing since finds the queue whole', () => {
    const world = reconnected(welcome(7, 'e2'));
    expect(world.emitted.at(-1)).toMatchObject({ type: 'welcomed', continues: true });
    for (let beats = 0; beats < 5; beats++) world.last().hear(heartbeat);
    expect(world.last().closed).toBe(false);
    world.last().hear(alert(8));
    expect(world.alerts()).toEqual([8]);
  });

  test('may answer with a snapshot, which replaces all', () => {
    const world = reconnected(welcome(9, 'e2'));
    world.last().hear(snapshot(9));
    for (const seq of [8, 9, 10]) world.last().hear(alert(seq));
    expect(world.alerts()).toEqual([10]);
    expect(world.heard().filter((type) => type === 'snapshot')).toHaveLength(2);
  });

  test('that leaves a gap makes us ask for everything', () => {
    const world = reconnected(welcome(9, 'e2'));
    world.last().hear(alert(9));
    expect(world.alerts()).toEqual([]);
    expect(world.last().closed).toBe(true);
    world.pass(1_000);
    world.last().onopen?.();
    expect(world.last().sent).toEqual([{ type: 'resume', epoch: null, seq: null }]);
  });

  test.each([
    ['no alert that it promised', welcome(9, 'e2'), []],
    ['not all of them', welcome(9, 'e2'), [alert(8)]],
    ['no snapshot', welcome(2, 'e2'), []],
    ['no alert in the epoch that we know', welcome(9), []],
  ])('that tells %s by its second heartbeat makes us start over', (_what, hello, alerts) => {
    const world = reconnected(hello);
    world.last().hear(heartbeat);
    for (const each of alerts) world.last().hear(each);
    expect(world.last().closed).toBe(false);
    world.last().hear(heartbeat);
    expect(world.last().closed).toBe(true);
    world.pass(1_000);
    world.last().onopen?.();
    expect(world.last().sent).toEqual([{ type: 'resume', epoch: null, seq: null }]);
  });
});

describe('losing the line', () => {
  test('retries double up to eight seconds and start small again after a recovery', () => {
    const world = fakeWorld();
    world.connection.start();
    const delays: number[] = [];
    for (let attempt = 0; attempt < 7; attempt++) {
      world.last().onclose?.();
      const loss = world.emitted.at(-1);
      if (loss?.type !== 'link-lost') throw new Error('no loss was told');
      delays.push(loss.retryAtMs - loss.atMs);
      world.pass(loss.retryAtMs - loss.atMs);
    }
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    world.last().onopen?.();
    world.last().hear(heartbeat);
    world.last().onclose?.();
    expect(world.emitted.at(-1)).toMatchObject({ type: 'link-lost' });
    world.pass(500);
    expect(world.sockets).toHaveLength(9);
  });

  test('a socket that stays open but silent is given up', () => {
    const world = live();
    world.pass(HEARTBEAT_MISSED_MS * 2 - 1);
    world.last().hear(heartbeat);
    world.pass(HEARTBEAT_MISSED_MS * 2 - 1);
    expect(world.sockets[0]?.closed).toBe(false);
    world.pass(1);
    expect(world.sockets[0]?.closed).toBe(true);
  });

  test('what an abandoned socket still says is not heard', () => {
    const world = live();
    const [old] = world.sockets;
    old?.onclose?.();
    const before = world.heard().length;
    old?.hear(alert(8));
    expect(world.heard()).toHaveLength(before);
  });

  test('an ended session is told and not hammered', async () => {
    const world = live({ signedOut: true });
    world.last().onclose?.();
    await Promise.resolve();
    await Promise.resolve();
    expect(world.emitted.at(-1)).toMatchObject({ type: 'link-lost', signedOut: true });
    world.pass(60_000);
    expect(world.sockets).toHaveLength(1);
    world.connection.retryNow();
    expect(world.sockets).toHaveLength(2);
  });

  test('sending says whether there was a line to send on', () => {
    const note = { type: 'note', requestId: 'r', alertId: 'a-1', text: 't' } as ActMessage;
    const world = live();
    expect(world.connection.send(note)).toBe(true);
    expect(world.last().sent).toContainEqual(note);
    world.last().onclose?.();
    expect(world.connection.send(note)).toBe(false);
  });
});

describe('reading', () => {
  test('one unreadable alert takes no other of the snapshot with it', () => {
    const world = live();
    const unknown = { ...alertOf('a-2'), code: 'drone-overhead' };
    world.last().hear({ type: 'snapshot', seq: 8, alerts: [alertOf('a-1'), unknown] });
    expect(world.emitted.at(-2)).toEqual({ type: 'unreadable', atMs: 0, what: 'a-2 (P1)' });
    expect(world.emitted.at(-1)).toMatchObject({ message: { alerts: [{ alertId: 'a-1' }] } });
  });

  test.each([['{'], ['null'], ['{"type":"hologram"}'], ['{"type":"alert","seq":8}'], ['[]']])(
    '%s is counted and does no harm',
    (text) => {
      const world = live();
      world.last().onmessage?.({ data: text });
      expect(world.emitted.at(-1)?.type).toBe('unreadable');
    },
  );
});
