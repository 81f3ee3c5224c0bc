import { connect, type Socket } from '../../console/connection.ts';
import type { ConsoleMessage } from '../../console/model.ts';
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
export function fakeWorld({ signedOut = false } = {}) {
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
        message.type === 'alerts'
          ? message.alerts.map(({ alertId }) => Number(alertId.slice('a-'.length)))
          : [],
      ),
  };
}

export const welcome = (seq: number, epoch = 'e1') => ({
  type: 'welcome',
  epoch,
  seq,
  serverTime: secondsAgo(0),
});
export const snapshot = (seq: number) => ({ type: 'snapshot', seq, alerts: [alertOf('a-1')] });
export const alert = (seq: number) => ({ type: 'alert', seq, alert: alertOf(`a-${seq}`) });
export const heartbeat = { type: 'heartbeat', serverTime: secondsAgo(0), lagMs: 1 };

export function live(options = {}) {
  const world = fakeWorld(options);
  world.connection.start();
  world.last().onopen?.();
  world.last().hear(welcome(7));
  world.last().hear(snapshot(7));
  return world;
}

/** Had everything up to 7, lost the line, and is greeted anew. */
export function reconnected(hello: object) {
  const world = live();
  world.last().onclose?.();
  world.pass(500);
  world.last().onopen?.();
  world.last().hear(hello);
  return world;
}
