import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { WebSocket } from 'ws';
import type { ServerToConsole } from '../../shared/console-message.ts';

type Message<T extends ServerToConsole['type']> = Extract<ServerToConsole, { type: T }>;

/** A real WebSocket to the app, as a browser would open it. */
export interface ConsoleClient {
  readonly socket: WebSocket;
  readonly heard: ServerToConsole[];
  send(message: unknown): void;
  /** Resolves with the next message of this type that nobody has taken yet. */
  next<T extends ServerToConsole['type']>(type: T): Promise<Message<T>>;
  /**
   * Asks something harmless and waits for the answer: whatever was sent before it has been heard.
   */
  settled(): Promise<void>;
  closed: Promise<{ code: number; reason: string }>;
  close(): Promise<void>;
}

export async function listen(app: FastifyInstance): Promise<string> {
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return url.replace('http', 'ws');
}

export async function openConsole(
  wsUrl: string,
  headers: Record<string, string>,
): Promise<ConsoleClient> {
  const socket = new WebSocket(`${wsUrl}/v1/console`, { headers });
  const heard: ServerToConsole[] = [];
  const taken = new Set<ServerToConsole>();
  let wake = (): void => {};
  socket.on('message', (data) => {
    heard.push(JSON.parse(String(data)) as ServerToConsole);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await once(socket, 'open');
  let asked = 0;

  const client: ConsoleClient = {
    socket,
    heard,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next(type) {
      for (;;) {
        const found = heard.find((message) => message.type === type && !taken.has(message));
        if (found) {
          taken.add(found);
          return found as Message<typeof type>;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async settled() {
      const requestId = `settled-${++asked}`;
      client.send({ type: 'note', requestId, alertId: 'no-such-alert', text: 'x' });
      for (;;) {
        if (heard.some((m) => m.type === 'result' && m.requestId === requestId)) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async close() {
      socket.close();
      await closed;
    },
  };
  await client.next('welcome');
  return client;
}

/** The HTTP status with which an upgrade is refused. */
export async function refusedStatus(
  url: string,
  headers: Record<string, string>,
): Promise<number | undefined> {
  const socket = new WebSocket(url, { headers });
  socket.on('error', () => {});
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode?: number },
  ];
  socket.terminate();
  return response.statusCode;
}
