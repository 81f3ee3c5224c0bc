import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, flattenedVerify, type JWK, type KeyObject } from 'jose';
import { FeedbackEvent } from '../../shared/subscription.ts';
import { SIGNATURE_HEADER } from '../../server/adapters/webhook-sender.ts';

/** One event as it came in over HTTP. */
export interface Received {
  readonly event: FeedbackEvent;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** A receiver over real HTTP that does as the test says. */
export interface EventReceiver {
  readonly url: string;
  readonly received: Received[];
  /** Answers each request; until it is set, with 204. */
  answer: (response: ServerResponse, received: Received) => void;
  /** Resolves when so many have come; at once if they have. */
  count(events: number): Promise<readonly Received[]>;
  close(): Promise<void>;
}

export async function eventReceiver(port = 0): Promise<EventReceiver> {
  const received: Received[] = [];
  let wake: (() => void)[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const one = { event: FeedbackEvent.parse(JSON.parse(body)), body, headers: request.headers };
      received.push(one);
      receiver.answer(response, one);
      const waiting = wake;
      wake = [];
      waiting.forEach((each) => each());
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const receiver: EventReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    received,
    answer: (response) => void response.writeHead(204).end(),
    async count(events) {
      while (received.length < events) {
        await new Promise<void>((resolve) => wake.push(resolve));
      }
      return received;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

type Key = CryptoKey | KeyObject | JWK;

/** The id of the key that signed exactly this body; rejects when this key did not. */
export async function signerOf({ body, headers }: Received, key: Key): Promise<string> {
  const [head = '', payload, signature = ''] = String(headers[SIGNATURE_HEADER]).split('.');
  if (payload !== '') throw new Error('the signature is not detached');
  const jws = { protected: head, payload: Buffer.from(body), signature };
  const { protectedHeader } = await flattenedVerify(jws, key as CryptoKey);
  return String(protectedHeader?.kid);
}
