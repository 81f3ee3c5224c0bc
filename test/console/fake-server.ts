import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Alert } from '../../shared/alert.ts';
import type { BanFeature, PositionFeature } from '../../shared/console-message.ts';
import { ConsoleToServer } from '../../shared/console-message.ts';
import { toInstant } from '../../shared/instant.ts';
import { ME } from './approval-fixtures.ts';
import type { FakeOrders } from './fake-orders.ts';

/** The strictest policy that the console must live under; a violation shows as a page error. */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; " +
  "base-uri 'none'; form-action 'self'";

const MEDIA: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};
const HEARTBEAT_MS = 500;

export interface FakeWorld {
  alerts: readonly Alert[];
  features: readonly PositionFeature[];
  bans: readonly BanFeature[];
  /** With orders, whoever signs in is an approver. */
  orders?: FakeOrders;
}

/** Speaks the wire of DESIGN §6 and §7 from fixtures, and remembers what it was told. */
export interface FakeServer {
  readonly url: string;
  readonly heard: ConsoleToServer[];
  /** Resolves with the first message of a type, also one that came before. */
  told<T extends ConsoleToServer['type']>(type: T): Promise<Extract<ConsoleToServer, { type: T }>>;
  /** Sends an alert to every console and keeps it for the next snapshot. */
  raise(alert: Alert): void;
  /** From now on says nothing more, while the sockets stay open. */
  fallSilent(): void;
  speakAgain(): void;
  /** From now on its heartbeats say that the chain was last proven then. */
  prove(provenAt: string | null): void;
  close(): Promise<void>;
}

export async function fakeServer(root: string, world: FakeWorld): Promise<FakeServer> {
  const heard: ConsoleToServer[] = [];
  const waiting = new Set<() => void>();
  const sockets = new Set<WebSocket>();
  let alerts = [...world.alerts];
  let seq = 1;
  let silent = false;
  let proven: string | null = null;
  const http = createServer(
    (request, response) => void serve(root, world, alerts, request, response),
  );
  const gateway = new WebSocketServer({ server: http, path: '/v1/console' });
  const send = (socket: WebSocket, message: object): void => {
    if (!silent) socket.send(JSON.stringify(message));
  };
  const raise = (alert: Alert): void => {
    alerts = [...alerts.filter(({ alertId }) => alertId !== alert.alertId), alert];
    seq += 1;
    for (const socket of sockets) send(socket, { type: 'alert', seq, alert });
  };
  gateway.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('message', (data) => {
      const message = ConsoleToServer.parse(JSON.parse(String(data)));
      heard.push(message);
      for (const check of waiting) check();
      if (message.type === 'resume') {
        const serverTime = toInstant(Date.now());
        send(socket, { type: 'welcome', epoch: 'e1', seq, serverTime });
        send(socket, { type: 'snapshot', seq, alerts });
        send(socket, { type: 'positions', features: world.features, bans: world.bans });
        return;
      }
      send(socket, { type: 'result', requestId: message.requestId, ok: true, problem: null });
      const alert = alerts.find(({ alertId }) => alertId === message.alertId);
      if (message.type === 'acknowledge' && alert !== undefined) raise(acknowledged(alert));
    });
  });
  const heart = setInterval(() => {
    for (const socket of sockets) send(socket, heartbeat(proven));
  }, HEARTBEAT_MS);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    heard,
    told: (type) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = heard.find((message) => message.type === type);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found as never);
        };
        waiting.add(check);
        check();
      }),
    raise,
    fallSilent: () => void (silent = true),
    speakAgain: () => void (silent = false),
    prove: (provenAt) => void (proven = provenAt),
    async close() {
      clearInterval(heart);
      for (const socket of sockets) socket.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

const heartbeat = (provenAt: string | null): object => ({
  type: 'heartbeat',
  serverTime: toInstant(Date.now()),
  lagMs: 34,
  provenAt,
});

const acknowledged = (alert: Alert): Alert => ({
  ...alert,
  state: 'acknowledged',
  acknowledgedBy: 'm.devries',
  acknowledgedAt: toInstant(Date.now()),
  updatedAt: toInstant(Date.now()),
});

async function serve(
  root: string,
  { orders }: FakeWorld,
  alerts: readonly Alert[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const { pathname } = url;
  response.setHeader('content-security-policy', POLICY);
  if (orders !== undefined && pathname.startsWith('/v1/orders')) {
    return orders.answer(url, request, response);
  }
  const who = orders === undefined ? OPERATOR : APPROVER;
  if (pathname.startsWith('/v1/')) return answer(pathname, alerts, who, request, response);
  const path = normalize(join(root, pathname === '/' ? 'index.html' : pathname));
  try {
    const content = await readFile(path);
    response.setHeader('content-type', MEDIA[extname(path)] ?? 'application/octet-stream');
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

const OPERATOR = { username: 'm.devries', role: 'operator' };
const APPROVER = { username: ME, role: 'approver' };

async function answer(
  pathname: string,
  alerts: readonly Alert[],
  who: typeof OPERATOR,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const json = (status: number, body: unknown, cookie?: string): void => {
    if (cookie !== undefined) response.setHeader('set-cookie', cookie);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const session = { ...who, expiresAt: toInstant(Date.now() + 8 * 3_600_000) };
  if (pathname === '/v1/sessions') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { password } = JSON.parse(Buffer.concat(chunks).toString()) as { password: string };
    if (password !== 'geheim') return json(401, { title: 'wrong' });
    return json(201, session, 'session=1; HttpOnly; Path=/');
  }
  if (pathname === '/v1/sessions/current') {
    const signedIn = request.headers.cookie?.includes('session=1') === true;
    return signedIn ? json(200, session) : json(401, { title: 'signed out' });
  }
  const alertId = /^\/v1\/alerts\/([^/]+)\/events$/.exec(pathname)?.[1];
  const alert = alerts.find((known) => known.alertId === alertId);
  if (alert === undefined) return json(404, {});
  const raised = { seq: 1, at: alert.raisedAt, change: 'raised', by: null, act: null, alert };
  return json(200, { items: [raised], next: null });
}
