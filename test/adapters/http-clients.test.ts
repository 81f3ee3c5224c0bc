import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  aClient,
  type KeyPair,
  newKeyPair,
  orderBody,
  register,
  tokenFor,
} from '../support/api-client.ts';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';

let world: HttpWorld;
let key: KeyPair;
beforeAll(async () => {
  world = await httpWorld();
  key = await newKeyPair();
});
afterAll(() => world.app.close());

const put = (clientId: string, body: unknown) =>
  world.ask('administrator', 'PUT', `/v1/clients/${clientId}`, body);
const pointers = (answer: Awaited<ReturnType<typeof put>>) =>
  answer.json().errors.map(({ pointer }: { pointer: string }) => pointer);

describe('a client', () => {
  test('[CI1] is registered, read, replaced and deleted, each durably', async () => {
    const created = await put('cjib-1', aClient(key));
    expect(created.statusCode).toBe(201);
    expect(created.headers['location']).toBe('/v1/clients/cjib-1');
    const view = {
      ...aClient(key),
      clientId: 'cjib-1',
      signedOrders: false,
      rateLimit: 60_000,
      at: new Date(world.clock.nowMs()).toISOString(),
      by: 'administrator',
    };
    expect(created.json()).toEqual(view);
    const read = await world.ask('administrator', 'GET', '/v1/clients/cjib-1');
    expect([read.json(), read.headers['etag']]).toEqual([view, created.headers['etag']]);
    const replaced = await put('cjib-1', { ...view, name: 'CJIB' });
    expect([replaced.statusCode, replaced.json().name]).toEqual([200, 'CJIB']);
    const list = await world.ask('administrator', 'GET', '/v1/clients?limit=1');
    expect(list.json()).toEqual({ items: [replaced.json()], next: null });
    const gone = await world.ask('administrator', 'DELETE', '/v1/clients/cjib-1');
    expect(gone.statusCode).toBe(204);
    const unknown = await world.ask('administrator', 'GET', '/v1/clients/cjib-1');
    expect(unknown.problem['code']).toBe('unknown-client');
    const journal = world.store.entries.filter(({ type }) => type === 'registration');
    expect(journal.map((entry) => 'value' in entry && entry.value !== null)).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('[CI1] is changed only by who saw what is there, if he says so', async () => {
    const first = (await put('seen', aClient(key))).headers['etag'];
    const change = (ifMatch: string, name: string) =>
      world.app.inject({
        method: 'PUT',
        url: '/v1/clients/seen',
        headers: { ...world.as('administrator'), 'if-match': ifMatch },
        payload: { ...aClient(key), name },
      });
    expect((await change(String(first), 'one')).statusCode).toBe(200);
    expect((await change(String(first), 'two')).json().code).toBe('client-changed');
    const deletion = await world.app.inject({
      method: 'DELETE',
      url: '/v1/clients/seen',
      headers: { ...world.as('administrator'), 'if-match': String(first) },
    });
    expect(deletion.statusCode).toBe(412);
  });

  test('[CI1] that cannot be written is not registered, and the answer says so', async () => {
    const own = await httpWorld();
    own.store.failing = true;
    const answer = await own.ask('administrator', 'PUT', '/v1/clients/late', aClient(key));
    expect(answer.problem['code']).toBe('store-failing');
    own.store.failing = false;
    expect((await own.ask('administrator', 'GET', '/v1/clients/late')).statusCode).toBe(404);
    await own.app.close();
  });

  test('[CI1] is there after a restart', async () => {
    await put('kept', aClient(key));
    const restarted = await httpWorld({ store: world.store, clock: world.clock });
    const headers = await tokenFor(restarted, 'kept', key);
    expect((await restarted.app.inject({ url: '/v1/orders', headers })).statusCode).toBe(200);
    await restarted.app.close();
  });

  test('[CI1] that cannot be read any more lets nobody in, and all others go on', async () => {
    const own = await httpWorld();
    const value = { name: 'from another time' };
    const facts = { kind: 'client', key: 'odd', atMs: 1, by: 'x', value } as const;
    await own.store.append([{ type: 'registration', ...facts }]);
    const restarted = await httpWorld({ store: own.store, clock: own.clock });
    const list = await restarted.ask('administrator', 'GET', '/v1/clients');
    expect(list.json().items).toEqual([]);
    expect(restarted.log.lines.join()).toMatch('"client":"odd"');
    await restarted.app.close();
    await own.app.close();
  });

  test('[CI6] takes the name of no person', async () => {
    const answer = await put('approver', aClient(key));
    expect([answer.statusCode, pointers(answer)]).toEqual([400, ['/clientId']]);
  });

  test('[CI2] is told everything that is wrong with its keys, each at its place', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey;
    const x25519 = generateKeyPairSync('x25519').publicKey;
    const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey;
    const answer = await put('wrong', {
      ...aClient(key),
      scopes: ['orders:all'],
      surprise: true,
      keys: [
        key.publicJwk,
        { ...rsa.export({ format: 'jwk' }), kid: 'short' },
        { ...x25519.export({ format: 'jwk' }), kid: 'agrees' },
        { ...p521.export({ format: 'jwk' }), kid: 'large' },
        { ...key.publicJwk, kid: 'k1' },
        { ...key.publicJwk, kid: 'k5', alg: 'ES256' },
        { ...key.publicJwk, kid: 'k6', use: 'enc' },
        { ...key.publicJwk, kid: 'k7', x: 'AAAA' },
        { kty: 'oct', k: 'c2VjcmV0', kid: 'k8' },
      ],
    });
    expect(answer.statusCode).toBe(400);
    expect(pointers(answer).toSorted()).toEqual([
      '/keys/1/n',
      '/keys/2/crv',
      '/keys/3/crv',
      '/keys/4/kid',
      '/keys/5/alg',
      '/keys/6/use',
      '/keys/7',
      '/keys/8/kty',
      '/scopes/0',
      '/surprise',
    ]);
  });
});

describe('what a client may', () => {
  // prettier-ignore
  const table: [scope: string, method: string, path: string, mayBe: boolean][] = [
    ['orders:read',     'GET',  '/v1/orders',                 true],
    ['orders:read',     'GET',  '/v1/orders/o-1',             true],
    ['orders:read',     'GET',  '/v1/orders/o-1/versions',    true],
    ['orders:read',     'PUT',  '/v1/orders/o-new',           false],
    ['orders:read',     'PUT',  '/v1/orders/o-1',             false],
    ['orders:create',   'GET',  '/v1/orders',                 false],
    ['orders:create',   'PUT',  '/v1/orders/o-new-1',         true],
    ['orders:create',   'PUT',  '/v1/orders/o-1',             false],
    ['orders:create',   'POST', '/v1/orders/o-1/suspensions', false],
    ['orders:amend',    'PUT',  '/v1/orders/o-1',             true],
    ['orders:amend',    'PUT',  '/v1/orders/o-new-2',         false],
    ['orders:amend',    'POST', '/v1/orders/o-1/suspensions', true],
    ['orders:amend',    'POST', '/v1/orders/o-1/resumptions', true],
    ['orders:amend',    'POST', '/v1/orders/o-1/withdrawals', false],
    ['orders:withdraw', 'POST', '/v1/orders/o-1/withdrawals', true],
    ['orders:withdraw', 'POST', '/v1/orders/o-1/suspensions', false],
    ['orders:withdraw', 'GET',  '/v1/orders/o-1',             false],
  ];
  test.each(table)('[CI6] with %s alone: %s %s is %s', async (scope, method, url, mayBe) => {
    const own = await httpWorld();
    await own.ask('cjib', 'PUT', '/v1/orders/o-1', orderBody());
    await register(own, 'cjib-1', aClient(key));
    const headers = {
      ...(await tokenFor(own, 'cjib-1', key, scope)),
      ...(url.endsWith('o-1') && method === 'PUT' && { 'if-match': '"1"' }),
    };
    const payload = method === 'PUT' ? orderBody({ reference: 'other' }) : { reason: 'why' };
    const answer = await own.app.inject({
      method: method as 'PUT',
      url,
      headers,
      ...(method !== 'GET' && { payload }),
    });
    if (mayBe) expect(answer.statusCode).toBeLessThan(300);
    else {
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'not-in-scope']);
      expect(answer.json().errors[0].detail).toMatch(/^needs the scope orders:/);
      expect(answer.headers['www-authenticate']).toMatch('error="insufficient_scope"');
    }
    const by = own.store.orderRows.slice(1).map((row) => row.by);
    expect(by.every((name) => name === 'cjib-1')).toBe(true);
    await own.app.close();
  });

  test('[CI6] is nothing that is not for machines, whatever its scopes', async () => {
    await register(world, 'cjib-2', aClient(key));
    const headers = await tokenFor(world, 'cjib-2', key);
    for (const url of ['/v1/alerts', '/v1/clients', '/v1/looks', '/metrics']) {
      const answer = await world.app.inject({ url, headers, remoteAddress: '192.0.2.1' });
      expect([url, answer.statusCode]).toEqual([url, 403]);
    }
  });
});

describe('the pace of a client', () => {
  test('[CI7] is told with every answer, and who goes on too fast is told when to return', async () => {
    const own = await httpWorld();
    await register(own, 'slow', aClient(key, { rateLimit: 12 }));
    await register(own, 'other', aClient(key));
    const headers = await tokenFor(own, 'slow', key);
    const get = () => own.app.inject({ url: '/v1/orders', headers });
    const first = await get();
    expect([first.headers['ratelimit-policy'], first.headers['ratelimit']]).toEqual([
      '"client";q=2;w=10',
      '"client";r=1;t=5',
    ]);
    expect((await get()).headers['ratelimit']).toBe('"client";r=0;t=10');
    for (let i = 0; i < 3; i++) {
      const held = await get();
      expect([held.statusCode, held.json().code]).toEqual([429, 'too-many-requests']);
      expect([held.headers['retry-after'], held.headers['ratelimit']]).toEqual([
        '5',
        '"client";r=0;t=10',
      ]);
    }
    const other = await tokenFor(own, 'other', key);
    expect((await own.app.inject({ url: '/v1/orders', headers: other })).statusCode).toBe(200);
    own.clock.advance(5_000);
    expect((await get()).statusCode).toBe(200);
    const told = () => own.log.lines.filter((line) => line.includes('asks too often'));
    expect(told()).toEqual([expect.stringContaining('"client":"slow","rateLimit":12')]);
    own.clock.advance(60_000);
    const again = await tokenFor(own, 'slow', key);
    for (let i = 0; i < 3; i++) {
      await own.app.inject({ url: '/v1/orders', headers: again });
    }
    expect(told()).toHaveLength(2);
    await own.app.close();
  });

  test('[CI7] is the same for one with a fixed token, and people have none', async () => {
    const machine = await world.ask('cjib', 'GET', '/v1/orders');
    expect(machine.headers['ratelimit-policy']).toBe('"client";q=10000;w=10');
    const person = await world.ask('approver', 'GET', '/v1/orders');
    expect(person.headers['ratelimit']).toBeUndefined();
  });
});
