import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { z } from 'zod';
import { StalledMessage, type WatchdogAnswer, WellMessage } from '../../shared/watchdog-message.ts';
import type { Refused, Watch } from './watch.ts';

/** A message has about 1 KiB; a checkpoint and 20 reasons make it 3. */
const BODY_BYTES_MAX = 8 * 1024;
/** Each server holds one connection, and one of its thread. */
const CONNECTIONS_MAX = 200;
/** Who has not said what it wants by then only holds a connection. */
const REQUEST_WITHIN_MS = 5_000;

/** 401 is tried again at once, with the nonce of the answer; the others are not. */
const STATUS: Readonly<Record<Refused, number>> = {
  nonce: 401,
  signature: 401,
  key: 403,
  'too-many-servers': 403,
};

export function watchdogListener(watch: Watch, nowMs: () => number): Server {
  const take = <Message extends WellMessage | StalledMessage>(
    schema: z.ZodType<Message>,
    text: string,
    hear: (message: Message) => Refused | null,
  ): [status: number, body: object] => {
    const parsed = schema.safeParse(json(text));
    if (!parsed.success) return [400, {}];
    const refused = hear(parsed.data);
    const nonce = watch.nonceFor(parsed.data.serverId, nowMs());
    return [refused === null ? 200 : STATUS[refused], { nonce, refused } satisfies WatchdogAnswer];
  };
  const handle = async (request: IncomingMessage): Promise<[status: number, body: object]> => {
    const text = await bodyOf(request);
    if (text === null) return [413, {}];
    switch (`${request.method} ${request.url}`) {
      case 'GET /':
        return [200, { servers: watch.view(nowMs()) }];
      case 'POST /well':
        return take(WellMessage, text, (message) => watch.well(message, nowMs()));
      case 'POST /stalled':
        return take(StalledMessage, text, (message) => watch.stalled(message, nowMs()));
      default:
        return [404, {}];
    }
  };
  const server = createServer({ requestTimeout: REQUEST_WITHIN_MS }, (request, response) => {
    handle(request).then(
      ([status, body]) => answer(response, status, body),
      () => answer(response, 500, {}),
    );
  });
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

/** Null when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    // What was too long is not read to its end: such a connection cannot be used again.
    ...(status === 413 && { connection: 'close' }),
  });
  response.end(text);
}
