import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AlarmMessage } from '../../server/watchdog/alarm-message.ts';
import type { ServerView } from '../../server/watchdog/watch.ts';
import { collect, withoutOurs } from './server-process.ts';

const START_WITHIN_MS = 30_000;

/** An alarm as the gateway got it, by the monotonic clock of the test. */
export interface Received extends AlarmMessage {
  readonly receivedAtMs: number;
}

/** Whoever wakes people: takes alarms by POST, or answers 503 while it is out of order. */
export interface AlarmGateway {
  readonly url: string;
  readonly received: readonly Received[];
  outOfOrder: boolean;
  /** Resolves when it has answered 503. */
  refusal(): Promise<void>;
  next(fits: (alarm: Received) => boolean): Promise<Received>;
  close(): void;
}

export async function alarmGateway(): Promise<AlarmGateway> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    void take(request, response);
  });
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const alarm = JSON.parse(await bodyOf(request)) as AlarmMessage;
    const { outOfOrder } = gateway;
    if (!outOfOrder) received.push({ ...alarm, receivedAtMs: performance.now() });
    response.writeHead(outOfOrder ? 503 : 204).end();
    if (outOfOrder) server.emit('refusal');
    for (const look of waiting) look();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const gateway: AlarmGateway = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarm`,
    received,
    outOfOrder: false,
    refusal: async () => void (await once(server, 'refusal')),
    next: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = received.find(fits);
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return gateway;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}

export interface WatchdogProcess {
  readonly child: ChildProcess;
  readonly url: string;
  output(): string;
  view(): Promise<{ servers: ServerView[] }>;
  end(): Promise<void>;
}

/** `npm run watchdog` in a process of its own. */
export async function startWatchdog(...args: string[]): Promise<WatchdogProcess> {
  const script = ['--import', 'tsx', 'server/watchdog/main.ts', '--port', '0', ...args];
  const child = spawn(process.execPath, script, {
    env: withoutOurs(process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), START_WITHIN_MS);
  let url: string | undefined;
  while (url === undefined) {
    const [what] = (await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => [null]),
    ])) as [string | null];
    if (what === null) throw new Error(`the watchdog ended at its start:\n${output()}`);
    url = /listens at (\S+)/.exec(output())?.[1];
  }
  clearTimeout(timer);
  const address = url;
  return {
    child,
    url: address,
    output,
    view: async () => (await fetch(address)).json() as ReturnType<WatchdogProcess['view']>,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}
