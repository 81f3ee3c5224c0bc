import http from 'node:http';
import https from 'node:https';
import type { Tls } from './settings.ts';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** One request and its answer; rejects when there is none. */
export interface Wire {
  send(asked: Asked): Promise<Answer>;
  close(): void;
}

/** An answer is an order of at most 5 MB, or a page of them. */
const ANSWER_BYTES_MAX = 512 * 2 ** 20;
/** Longer than a server that stalls and goes on. */
const ANSWER_WITHIN_MS = 60_000;

/** Connections are kept, and never more than so many are open. */
export function openWire(connectionsMax: number, tls: Tls): Wire {
  const options = { keepAlive: true, maxSockets: connectionsMax };
  const plain = new http.Agent(options);
  const secure = new https.Agent({ ...options, ...tls });
  return {
    send: (asked) =>
      asked.url.startsWith('https:')
        ? exchange(https.request, secure, asked)
        : exchange(http.request, plain, asked),
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

type Request = (url: string, options: http.RequestOptions) => http.ClientRequest;

function exchange(request: Request, agent: http.Agent, asked: Asked): Promise<Answer> {
  const { method, url, headers, body } = asked;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const asking = request(url, { method, agent, headers: { ...headers, ...length } });
    asking.setTimeout(ANSWER_WITHIN_MS, () => asking.destroy(new Error('no answer in a minute')));
    asking.once('error', reject);
    asking.once('response', (answer) => {
      textOf(answer).then(
        (text) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
        reject,
      );
    });
    asking.end(body);
  });
}

async function textOf(answer: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('the answer is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
