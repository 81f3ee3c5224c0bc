import { describe, expect, test } from 'vitest';
import { connect, type Socket } from '../../console/connection.ts';
import type { ActMessage, ConsoleMessage } from '../../console/model.ts';
import { HEARTBEAT_MISSED_MS } from '../../shared/console-message.ts';
import { alertOf, secondsAgo } from './fixtures.ts';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  hear(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

/** A world whose time moves only when the test says so. */
function fakeWorld({ signedOut = false } = {}) {
  let nowMs = 0;
  let due: { atMs: number; run: () => void }[] = [];
  const sockets: FakeSocket[] = [];
  const emitted: ConsoleMessage[] = [];
  const connection = connect(
    {
      nowMs: () => nowMs,
      after(delayMs, run) {
        const entry = { atMs: nowMs + delayMs, run };
        due.push(entry);
        return () => {
          due = due.filter((other) => other !== entry);
        };
      },
      random: () => 1,
      openSocket() {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      },
      sessionEnded: async () => signedOut,
    },
    (message) => void emitted.push(message),
  );
  return {
    connection,
    sockets,
    emitted,
    pass(durationMs: number): void {
      nowMs += durationMs;
      const ripe = due.filter(({ atMs }) => atMs <= nowMs);
      due = due.filter(({ atMs }) => atMs > nowMs);
      for (const { run } of ripe) run();
    },
    last: (): FakeSocket => sockets.at(-1) as FakeSocket,
    heard: () =>
      emitted.flatMap((message) => (message.type === 'heard' ? [message.message.type] : [])),
    alerts: () =>
      emitted.flatMap((message) =>
        message.type === 'heard' && message.message.type === 'alert' ? [message.message.seq] : [],
      ),
  };
}

const welcome = (seq: number, epoch = 'e1') => ({
  type: 'welcome',
  epoch,
  seq,
  serverTime: secondsAgo(0),
});
const snapshot = (seq: number) => ({ type: 'snapshot', seq, alerts: [alertOf('a-1')] });
const alert = (seq: number) => ({ type: 'alert', seq, alert: alertOf(`a-${seq}`) });
const heartbeat = { type: 'heartbeat', serverTime: secondsAgo(0), lagMs: 1 };

function live(options = {}) {
  const world = fakeWorld(options);
  world.connection.start();
  world.last().onopen?.();
  world.last().hear(welcome(7));
  world.last().hear(snapshot(7));
  return world;
}

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

  test('a new epoch waits for its snapshot', () => {
    const world = live();
    world.last().onclose?.();
    world.pass(500);
    world.last().onopen?.();
    world.last().hear(welcome(2, 'e2'));
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
