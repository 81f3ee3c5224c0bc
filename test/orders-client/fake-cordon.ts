import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openCordon, type CordonOptions } from '../../server/orders-client/cordon.ts';
import type { Connection, Identity } from '../../server/orders-client/settings.ts';

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Said {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `cut` ends the connection without an answer. */
export type Handler = (heard: Heard) => Said | 'cut' | Promise<Said | 'cut'>;

export interface FakeCordon {
  readonly url: string;
  readonly heard: Heard[];
  /** Most requests that were under way at once. */
  mostAtOnce(): number;
  close(): Promise<void>;
}

export const TOKEN: Identity = { type: 'token', token: 'static' };

export const problemOf = (status: number, code: string, errors?: object[]): Said => ({
  status,
  body: { type: `urn:cordon:problem:${code}`, title: code, status, detail: 'why', code, errors },
});

export async function fakeCordon(handler: Handler): Promise<FakeCordon> {
  const heard: Heard[] = [];
  let [now, most] = [0, 0];
  const server = createServer((request, response) => {
    now += 1;
    most = Math.max(most, now);
    void answer(request, response, handler, heard).finally(() => (now -= 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    mostAtOnce: () => most,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handler: Handler,
  all: Heard[],
): Promise<void> {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += String(part);
  const heard = { method: request.method!, path: request.url!, headers: request.headers, body };
  all.push(heard);
  const said = await handler(heard);
  if (said === 'cut') return void request.socket.destroy();
  response.writeHead(said.status, { 'content-type': 'application/json', ...said.headers });
  response.end(said.body === undefined ? '' : JSON.stringify(said.body));
}

/** Time passes only by waiting. */
export function patience(startMs = Date.UTC(2026, 10, 23)) {
  const waits: number[] = [];
  let nowMs = startMs;
  return {
    waits,
    nowMs: () => nowMs,
    pass: (ms: number) => void (nowMs += ms),
    async wait(ms: number) {
      waits.push(ms);
      nowMs += ms;
    },
  };
}

export const cordonAt = (url: string, identity: Identity = TOKEN, options: CordonOptions = {}) => {
  const connection: Connection = { url, identity, tls: {} };
  return openCordon(connection, { ...patience(), ...options });
};

/** Keeps orders as Cordon does: the same text again is welcome, another needs If-Match. */
export function orderKeeper() {
  const kept = new Map<string, { text: string; version: number }>();
  const handler: Handler = ({ method, path, headers, body }) => {
    const found = kept.get(path);
    if (method === 'GET') {
      if (!found) return problemOf(404, 'unknown-order');
      return { status: 200, body: {}, headers: { etag: `"${found.version}"` } };
    }
    if (body.includes('wrong')) {
      return problemOf(400, 'invalid-input', [{ pointer: '/bans', detail: 'gives none' }]);
    }
    const current = `"${found?.version}"`;
    if (found && found.text !== body) {
      if (headers['if-match'] === undefined) return problemOf(428, 'version-required');
      if (headers['if-match'] !== current) return problemOf(412, 'version-mismatch');
    }
    const version = found?.text === body ? found.version : (found?.version ?? 0) + 1;
    kept.set(path, { text: body, version });
    return {
      status: found ? 200 : 201,
      headers: { etag: `"${version}"` },
      body: { version, status: 'awaiting-approval' },
    };
  };
  return { kept, handler };
}
