import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';
import { alertOf } from '../support/sample.ts';
import { aChange, anAlert, anOrderVersion } from '../support/store-samples.ts';

let world: HttpWorld;
beforeAll(async () => {
  world = await httpWorld();
});
afterAll(() => world.app.close());
beforeEach(() => {
  world.store.failing = false;
});

const SINK = 'https://cjib.example/events';
const ask = (method: string, url: string, body?: unknown) => world.ask('cjib', method, url, body);
const bodyOf = (answer: { body: string }) => JSON.parse(answer.body) as Record<string, unknown>;

describe('subscriptions', () => {
  test('[FB4] are put, put again, read, listed and deleted', async () => {
    const made = await ask('PUT', '/v1/subscriptions/all', { sink: SINK });
    expect(made.statusCode).toBe(201);
    expect(made.headers.location).toBe('/v1/subscriptions/all');
    const view = {
      subscriptionId: 'all',
      owner: 'cjib',
      sink: SINK,
      types: null,
      state: 'active',
      cursor: '0000000000000000',
      lastSuccessAt: null,
      failingSince: null,
      failure: null,
      nextTryAt: null,
    };
    expect(bodyOf(made)).toEqual(view);
    expect((await ask('PUT', '/v1/subscriptions/all', bodyOf(made))).statusCode).toBe(200);
    expect(bodyOf(await ask('GET', '/v1/subscriptions/all'))).toEqual(view);
    const list = await world.ask('administrator', 'GET', '/v1/subscriptions');
    expect(bodyOf(list)).toEqual({ items: [view], next: null });
    expect((await ask('DELETE', '/v1/subscriptions/all')).statusCode).toBe(204);
    expect((await ask('GET', '/v1/subscriptions/all')).problem.code).toBe('unknown-subscription');
    expect((await ask('DELETE', '/v1/subscriptions/all')).statusCode).toBe(404);
  });

  const faults: [what: string, body: object, pointer: string, says: RegExp][] = [
    ['no address', {}, '/sink', /./],
    ['http to elsewhere', { sink: 'http://cjib.example/' }, '/sink', /use https/],
    ['an unknown type', { sink: SINK, types: ['order.approved'] }, '/types/0', /./],
    ['no type', { sink: SINK, types: [] }, '/types', /./],
    ['a cursor that is none', { sink: SINK, after: 'x' }, '/after', /"sequence"/],
    ['a cursor beyond all', { sink: SINK, after: '999' }, '/after', /newest event/],
    ['a cursor too large', { sink: SINK, after: '9'.repeat(16) }, '/after', /./],
    ['an unknown field', { sink: SINK, secret: 'x' }, '/secret', /known here: sink, types, after/],
  ];

  test.each(faults)('[FB4] with %s are refused', async (_, body, pointer, says) => {
    const answer = await ask('PUT', '/v1/subscriptions/bad', body);
    expect(answer.statusCode).toBe(400);
    expect(answer.problem.errors).toMatchObject([{ pointer, detail: expect.stringMatching(says) }]);
  });

  test('[FB4] of which there are too many, or that cannot be written, are refused', async () => {
    for (let i = 0; i < 10; i++) await ask('PUT', `/v1/subscriptions/s-${i}`, { sink: SINK });
    const more = await ask('PUT', '/v1/subscriptions/more', { sink: SINK });
    expect([more.statusCode, more.problem.code]).toEqual([409, 'too-many-subscriptions']);
    world.store.failing = true;
    const failed = await ask('DELETE', '/v1/subscriptions/s-1');
    expect([failed.statusCode, failed.problem.code]).toEqual([503, 'store-failing']);
    world.store.failing = false;
    const page = bodyOf(await ask('GET', '/v1/subscriptions?limit=4'));
    expect(page).toMatchObject({ items: { length: 4 }, next: expect.stringContaining('after=') });
    const rest = bodyOf(await ask('GET', `${String(page['next'])}`));
    expect(rest).toMatchObject({ items: { length: 4 } });
    for (let i = 0; i < 10; i++) await ask('DELETE', `/v1/subscriptions/s-${i}`);
  });

  test.each(['operator', 'approver', 'auditor'] as const)('are not for an %s', async (role) => {
    const urls = ['/v1/subscriptions', '/v1/subscriptions/all', '/v1/events'];
    for (const url of urls) expect((await world.ask(role, 'GET', url)).statusCode).toBe(403);
  });
});

describe('events', () => {
  test('[FB1] [FB4] are read a page at a time, and on from the cursor', async () => {
    const { cursor: start } = bodyOf(await ask('GET', '/v1/events?limit=500'));
    await world.store.append([anOrderVersion(1), aChange(anAlert('a')), anOrderVersion(2)]);
    const first = bodyOf(await ask('GET', `/v1/events?after=${String(start)}&limit=2`));
    expect(first).toMatchObject({
      items: [
        { type: 'nl.cordon.order.received.v1', dataref: '/v1/orders/order-1/versions' },
        { type: 'nl.cordon.order.compliance-changed.v1' },
      ],
    });
    const second = bodyOf(await ask('GET', String(first['next'])));
    expect(second).toMatchObject({ items: [{ type: 'nl.cordon.order.suspended.v1' }], next: null });
    const third = bodyOf(await ask('GET', `/v1/events?after=${String(second['cursor'])}`));
    expect(third).toEqual({ items: [], next: null, cursor: second['cursor'] });
    const bad = await ask('GET', '/v1/events?after=-1&limit=0');
    expect(bad.problem.errors).toMatchObject([{ pointer: '/after' }, { pointer: '/limit' }]);
  });
});

describe('compliance', () => {
  test('[FB8] of an order is for whoever sent or approves it', async () => {
    world.store.orderRows.push(anOrderVersion(1));
    world.store.alertRows.push(
      alertOf('late', { orderId: 'order-1', retrospective: true, priority: 2 }),
      alertOf('other', { orderId: 'order-2' }),
    );
    for (const role of ['cjib', 'approver'] as const) {
      const answer = await world.ask(role, 'GET', '/v1/orders/order-1/compliance');
      expect(answer.statusCode).toBe(200);
      expect(bodyOf(answer)).toMatchObject({
        orderId: 'order-1',
        complete: true,
        total: { retrospectiveBreaches: { certain: 1 }, breaches: { certain: 0 } },
        bans: [{ banId: 'b1' }],
      });
    }
    const operator = await world.ask('operator', 'GET', '/v1/orders/order-1/compliance');
    expect(operator.statusCode).toBe(403);
    const unknown = await ask('GET', '/v1/orders/none/compliance');
    expect([unknown.statusCode, unknown.problem.code]).toEqual([404, 'unknown-order']);
  });
});
