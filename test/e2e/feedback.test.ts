import type { JWK } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Compliance } from '../../shared/compliance.ts';
import type { FeedbackEvent } from '../../shared/subscription.ts';
import { type EventReceiver, eventReceiver, signerOf } from '../support/event-receiver.ts';
import { type Page, type ServerProcess, startServer } from '../support/server-process.ts';
import { contactBan, orderOf, putOrder, registerPair, spot } from './case-world.ts';
import { brokerOf, connectDevice, positionAt } from './device-client.ts';

let server: ServerProcess;
let receiver: EventReceiver;
beforeEach(async () => {
  receiver = await eventReceiver();
});
afterEach(async () => {
  await server?.remove();
  await receiver.close();
});

const OIN = '00000001823288444000';
const HOME = spot(5_000, 5_000);
const NEARBY = spot(5_120, 5_000);

async function putOrders(from: number, until: number): Promise<void> {
  for (let i = from; i < until; i++) {
    await putOrder(server, `o-${i}`, orderOf(`w-${i}`, [contactBan(`v-${i}`)]));
  }
}

const step = async (path: string): Promise<void> => {
  const answer = await server.ask('cjib', 'POST', `/v1/orders/${path}`, { reason: 'a test' });
  expect(answer.status).toBe(201);
};

async function allEvents(): Promise<FeedbackEvent[]> {
  const events: FeedbackEvent[] = [];
  for (let path: string | null = '/v1/events?limit=7'; path !== null;) {
    const { body }: { body: Page<FeedbackEvent> } = await server.ask('cjib', 'GET', path);
    events.push(...body.items);
    path = body.next;
  }
  return events;
}

const namesOf = (events: readonly FeedbackEvent[], name: string): number =>
  events.filter(({ type }) => type === `nl.cordon.order.${name}.v1`).length;

test('[FB4] [FB5] a receiver hears everything, signed, over kill -9 and its own end', async () => {
  const env = { CORDON_OIN: OIN };
  server = await startServer({ env });
  const subscription = await server.ask('cjib', 'PUT', '/v1/subscriptions/all', {
    sink: receiver.url,
  });
  expect(subscription.status).toBe(201);
  await registerPair(server, 'r');
  const phone = await connectDevice(brokerOf(server), 'phone-r');
  const ankle = await connectDevice(brokerOf(server), 'ankle-r');
  await phone.deliver('position', positionAt(1, HOME));
  await ankle.deliver('position', positionAt(1, NEARBY));
  await putOrders(0, 5);
  await step('o-1/suspensions');
  await receiver.count(8);

  // It takes no answer any more, and the server dies while it waits for one.
  receiver.answer = () => {};
  await step('o-1/resumptions');
  await receiver.count(9);
  await putOrders(5, 8);
  await server.kill();
  await Promise.all([phone.close(), ankle.close()]);
  const early = receiver.received;
  await receiver.close();
  server = await startServer({ like: server, env });
  await step('o-2/withdrawals');
  receiver = await eventReceiver(Number(new URL(receiver.url).port));
  let refuses = 1;
  receiver.answer = (response) => void response.writeHead(refuses-- > 0 ? 500 : 202).end();

  const events = await allEvents();
  const newest = events.at(-1)!.sequence;
  const isNewest = (): boolean => receiver.received.at(-1)?.event.sequence === newest;
  while (!isNewest()) await receiver.count(receiver.received.length + 1);
  const received = [...early, ...receiver.received];
  const heard = new Map(received.map(({ event }) => [event.id, event]));
  expect([...heard.values()]).toEqual(events);
  expect(namesOf(events, 'received')).toBe(9);
  expect(namesOf(events, 'compliance-changed')).toBe(1);
  for (const name of ['suspended', 'resumed', 'withdrawn']) expect(namesOf(events, name)).toBe(1);
  expect(events[0]?.source).toBe(`urn:nld:oin:${OIN}:systeem:cordon`);

  const { body: published } = await server.ask<{ keys: JWK[] }>('cjib', 'GET', '/v1/jwks.json');
  const [key] = published.keys;
  for (const one of received) expect(await signerOf(one, key!)).toBe(key!.kid);

  const changed = events.find(({ type }) => type.includes('compliance'))!;
  const { body } = await server.ask<Compliance>('cjib', 'GET', new URL(changed.dataref).pathname);
  expect(body).toMatchObject({ orderId: 'o-r', bans: [{ banId: 'contact', open: 1 }] });
  expect(body.total.firstBreachAt).not.toBeNull();
  expect(await server.interrupt()).toBe(0);
}, 120_000);
