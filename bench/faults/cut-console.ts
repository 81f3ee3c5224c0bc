import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { connect } from '../../console/connection.ts';
import type { Socket as ConsoleSocket } from '../../console/connection.ts';
import { type ConsoleMessage, initialState, reduce } from '../../console/model.ts';
import { isLive } from '../../console/selectors.ts';
import { TICK_MS } from '../../console/tick.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { eventually, type Fault, outcomeOf, pause, seconds } from './fault.ts';

const CONSOLE_MS_MAX = 5_000;
const SERVER_MS_MAX = 10_000;
const GIVE_UP_MS = 60_000;
/** Long enough for heartbeats to have come. */
const BEFORE_MS = 5_000;

export const cutConsole: Fault = {
  number: 31,
  name: 'console’s network cut',
  fault:
    'the way between a console and the server carries nothing any more, in either direction, and neither is told',
  expected: `the console knows within ${seconds(CONSOLE_MS_MAX)}, the server counts it out within ${seconds(SERVER_MS_MAX)}`,
  perStore: false,
  async run({ patience }) {
    const server = await startServer();
    const wire = await wireTo(Number(new URL(server.httpUrl).port));
    try {
      const link = await openConsole(server, wire.port);
      await link.live;
      await pause(BEFORE_MS);
      const before = await server.metric('cordon_consoles');
      wire.cut();
      const cutMs = performance.now();
      const consoleMs = (await link.lostMs) - cutMs;
      const serverAtMs = await eventually(GIVE_UP_MS, async () =>
        (await server.metric('cordon_consoles')) === 0 ? performance.now() : null,
      );
      const serverMs = (serverAtMs ?? Infinity) - cutMs;
      link.stop();
      return outcomeOf(
        [
          { what: 'the console was counted', holds: before === 1 },
          {
            what: 'console knows in time',
            holds: consoleMs <= CONSOLE_MS_MAX + SLACK_MS * patience,
          },
          { what: 'server knows in time', holds: serverMs <= SERVER_MS_MAX * patience },
        ],
        [
          `console knew after ${seconds(consoleMs)}`,
          `server counted it out after ${seconds(serverMs)}`,
        ],
        ['the console’s own code, without its page'],
      );
    } finally {
      wire.close();
      await server.remove();
    }
  },
};

/** The page looks at its clock this often. */
const SLACK_MS = 2 * TICK_MS;

interface Wire {
  readonly port: number;
  /** What is sent from now on is never read. */
  cut(): void;
  close(): void;
}

function wireTo(serverPort: number): Promise<Wire> {
  const ends = new Set<Socket>();
  let isCut = false;
  const wire = createServer((near) => {
    const far = connectTcp(serverPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from);
      if (isCut) from.pause();
      from.on('data', (bytes) => void to.write(bytes));
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
  });
  return new Promise((resolve) => {
    wire.listen(0, '127.0.0.1', () => {
      resolve({
        port: (wire.address() as AddressInfo).port,
        cut() {
          isCut = true;
          ends.forEach((end) => end.pause());
        },
        close() {
          wire.close();
          ends.forEach((end) => end.destroy());
        },
      });
    });
  });
}

/** The page's own connection and model over a socket of Node. */
async function openConsole(server: ServerProcess, port: number) {
  const account = server.credentials.operator;
  const answer = await fetch(`${server.httpUrl}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(account),
  });
  const cookie = answer.headers.get('set-cookie')!.split(';', 1)[0]!;
  let state = initialState(Date.now());
  let live = (): void => {};
  let lost = (_: number): void => {};
  const isUp = new Promise<void>((resolve) => (live = resolve));
  const lostMs = new Promise<number>((resolve) => (lost = resolve));
  const take = (message: ConsoleMessage): void => {
    const before = isLive(state);
    state = reduce(state, message);
    if (isLive(state)) live();
    else if (before) lost(performance.now());
  };
  const connection = connect(
    {
      nowMs: () => Date.now(),
      after(delayMs, run) {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
      random: () => 1,
      openSocket: () => {
        const url = `ws://127.0.0.1:${port}/v1/console`;
        const socket = new WebSocket(url, { headers: { cookie } });
        // Its close says it too.
        socket.on('error', () => {});
        return socket as unknown as ConsoleSocket;
      },
      sessionEnded: async () => false,
    },
    take,
  );
  connection.start();
  const ticking = setInterval(() => take({ type: 'tick', atMs: Date.now() }), TICK_MS);
  return {
    live: isUp,
    lostMs,
    stop() {
      clearInterval(ticking);
      connection.stop();
    },
  };
}
