import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SubscriptionBody } from '../../shared/subscription.ts';
import type { OrderId } from '../../shared/ids.ts';
import { type TokenKey, tokenKey } from '../../server/adapters/signing-key.ts';
import { mayGoTo, webhookSender } from '../../server/adapters/webhook-sender.ts';
import { feedbackEvent } from '../../server/service/feedback-events.ts';
import { type EventReceiver, eventReceiver, signerOf } from '../support/event-receiver.ts';
import { ORIGIN } from '../support/feedback-world.ts';
import { freePort } from '../support/free-port.ts';
import { T0_MS } from '../support/store-samples.ts';
import { type Folder, folder } from '../watchdog/watchdog-world.ts';

let dir: Folder;
let key: TokenKey;
let receiver: EventReceiver;
beforeEach(async () => {
  dir = folder('webhook');
  key = tokenKey(dir.path);
  receiver = await eventReceiver();
});
afterEach(async () => {
  await receiver.close();
  dir.remove();
});

const row = { seq: 7, atMs: T0_MS, hash: 'cd'.repeat(32) };
const EVENT = feedbackEvent(row, 'received', 'o-é' as OrderId, ORIGIN);
const bring = (sink = receiver.url, signal = new AbortController().signal) =>
  webhookSender(key, 300).bring(sink, EVENT, signal);

describe('an event over HTTP', () => {
  test('[FB5] is a CloudEvent in structured mode that its key has signed', async () => {
    expect(await bring()).toEqual({ got: 'taken' });
    const [one] = receiver.received;
    expect(one?.event).toEqual(EVENT);
    expect(one?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    const { publicKey } = key;
    expect(await signerOf(one!, publicKey)).toBe(key.kid);
    const forged = { ...one!, body: one!.body.replace('received', 'rejected') };
    await expect(signerOf(forged, publicKey)).rejects.toThrow('signature');
  });

  const answers: [status: number, headers: Record<string, string>, delivered: object][] = [
    [200, {}, { got: 'taken' }],
    [202, {}, { got: 'taken' }],
    [302, { location: 'http://127.0.0.1:1/' }, { got: 'failed', why: 'HTTP 302', waitMs: 0 }],
    [308, { location: '/events' }, { got: 'failed', why: 'HTTP 308', waitMs: 0 }],
    [404, {}, { got: 'failed', why: 'HTTP 404', waitMs: 0 }],
    [410, {}, { got: 'gone' }],
    [429, { 'retry-after': '30' }, { got: 'failed', why: 'HTTP 429', waitMs: 30_000 }],
    [503, { 'retry-after': 'soon' }, { got: 'failed', why: 'HTTP 503', waitMs: 0 }],
  ];

  test.each(answers)('[FB5] that is answered %i', async (status, headers, delivered) => {
    receiver.answer = (response) => void response.writeHead(status, headers).end('x');
    expect(await bring()).toEqual(delivered);
    expect(receiver.received).toHaveLength(1);
  });

  test('[FB5] is given up when no answer comes', async () => {
    receiver.answer = () => {};
    expect(await bring()).toEqual({ got: 'failed', why: 'no answer in 0.3 s', waitMs: 0 });
  });

  test('[FB5] does not wait for an answer without an end', async () => {
    receiver.answer = (response) => void response.writeHead(200).write('x');
    expect(await bring()).toEqual({ got: 'taken' });
  });

  test('[FB5] fails when nobody listens, or the connection breaks', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}/`;
    expect(await bring(nobody)).toMatchObject({ got: 'failed', why: 'ECONNREFUSED' });
    receiver.answer = (response) => void response.destroy();
    expect(await bring()).toMatchObject({ got: 'failed', why: 'ECONNRESET' });
  });

  test('[FB4] is taken back when its subscription ends', async () => {
    const controller = new AbortController();
    receiver.answer = () => controller.abort();
    expect(await bring(receiver.url, controller.signal)).toMatchObject({ got: 'failed' });
  });

  test('[FB7] goes to no address that is not allowed, however it is named', async () => {
    const forbidden = { got: 'failed', why: 'address not allowed', waitMs: 0 };
    for (const sink of ['https://169.254.169.254/', 'https://[fe80::1]/', 'http://10.0.0.1/']) {
      expect(await bring(sink)).toEqual(forbidden);
    }
    const port = new URL(receiver.url).port;
    expect(await bring(`http://localhost:${port}/events`)).toEqual({ got: 'taken' });
  });
});

describe('an address', () => {
  const table: [address: string, https: boolean, http: boolean][] = [
    ['127.0.0.1', true, true],
    ['::1', true, true],
    ['::ffff:127.0.0.1', true, true],
    ['10.1.2.3', true, false],
    ['145.21.1.1', true, false],
    ['2a00::1', true, false],
    ['fd12::1', true, false],
    ['0.0.0.0', false, false],
    ['::', false, false],
    ['169.254.169.254', false, false],
    ['::ffff:169.254.169.254', false, false],
    ['fe80::1', false, false],
    ['fd00:ec2::254', false, false],
    ['224.0.0.1', false, false],
    ['255.255.255.255', false, false],
    ['ff02::1', false, false],
  ];

  test.each(table)('[FB7] %s takes https %s, http %s', (address, https, http) => {
    expect([mayGoTo(address, 'https:'), mayGoTo(address, 'http:')]).toEqual([https, http]);
  });
});

describe('a sink', () => {
  const table: [sink: string, fault: string | null][] = [
    ['https://cjib.example/events?key=1', null],
    ['http://localhost:8080/events', null],
    ['http://127.0.0.1/', null],
    ['http://[::1]/', null],
    ['http://cjib.example/', 'use https'],
    ['http://127.0.0.1.cjib.example/', 'use https'],
    ['ftp://cjib.example/', 'begins with https'],
    ['cjib.example', 'begins with https'],
    ['https://user:secret@cjib.example/', 'password'],
    ['https://cjib.example/#events', 'fragment'],
  ];

  test.each(table)('[FB7] %s', (sink, fault) => {
    const { error } = SubscriptionBody.safeParse({ sink });
    if (fault === null) expect(error).toBeUndefined();
    else expect(error?.issues).toMatchObject([{ path: ['sink'] }]);
    if (fault !== null) expect(error?.issues[0]?.message).toContain(fault);
  });
});
