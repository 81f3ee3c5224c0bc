import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  FAILURE_WINDOW_MS,
  FAILURES_PER_ACCOUNT_MAX,
} from '../../server/adapters/http-sign-in-throttle.ts';
import { SESSION_LIFE_MS } from '../../server/adapters/http-session-book.ts';
import { httpWorld, type HttpWorld, PASSWORD, signIn, TOKEN } from '../support/http-world.ts';

let world: HttpWorld;
beforeAll(async () => {
  world = await httpWorld();
});
afterAll(() => world.app.close());

describe('sessions', () => {
  const post = (
    username: unknown,
    password: unknown,
    app = world.app,
    remoteAddress = '192.0.2.9',
  ) =>
    app.inject({
      method: 'POST',
      url: '/v1/sessions',
      remoteAddress,
      payload: { username, password },
    });

  test('begin with name and password, and the cookie is kept from scripts and other sites', async () => {
    const answer = await post('operator', PASSWORD);
    expect(answer.statusCode).toBe(201);
    const expiresAt = new Date(world.clock.nowMs() + SESSION_LIFE_MS).toISOString();
    expect(answer.json()).toEqual({ username: 'operator', role: 'operator', expiresAt });
    const [pair, ...attributes] = String(answer.headers['set-cookie']).split('; ');
    expect(pair).toMatch(/^cordon_session=[\w-]{43}$/);
    expect(attributes.toSorted()).toEqual([
      'HttpOnly',
      'Max-Age=43200',
      'Path=/',
      'SameSite=Strict',
    ]);
    const kept = JSON.stringify(world.store.entries);
    expect(kept).not.toMatch(pair!.split('=')[1]!);
  });

  test.each([
    ['operator', 'wrong'],
    ['nobody', PASSWORD],
    ['cjib', TOKEN],
  ])('do not begin for %s with %s, whatever is wrong', async (username, password) => {
    const answer = await post(username, password);
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'wrong-credentials']);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('end on request, at once and for ever', async () => {
    const cookie = await signIn(world.app, 'auditor');
    const at = { url: '/v1/sessions/current', headers: { cookie } } as const;
    expect((await world.app.inject(at)).statusCode).toBe(200);
    const ended = await world.app.inject({ ...at, method: 'DELETE' });
    expect(ended.statusCode).toBe(204);
    expect(String(ended.headers['set-cookie'])).toMatch(
      /^cordon_session=; .*Expires=Thu, 01 Jan 1970/,
    );
    expect((await world.app.inject(at)).statusCode).toBe(401);
    const restarted = await httpWorld({ store: world.store, clock: world.clock });
    expect((await restarted.app.inject(at)).statusCode).toBe(401);
    await restarted.app.close();
  });

  test('outlive a restart, but not half a day', async () => {
    const { store, clock, app } = await httpWorld();
    const cookie = await signIn(app, 'approver');
    await app.close();
    const restarted = await httpWorld({ store, clock });
    const at = { url: '/v1/sessions/current', headers: { cookie } };
    expect((await restarted.app.inject(at)).json()).toMatchObject({ username: 'approver' });
    clock.advance(SESSION_LIFE_MS);
    expect((await restarted.app.inject(at)).statusCode).toBe(401);
    await restarted.app.close();
  });

  test('begin while the disk is full, and end with an honest answer', async () => {
    const own = await httpWorld();
    own.store.failing = true;
    const cookie = await signIn(own.app, 'operator');
    const at = { url: '/v1/sessions/current', headers: { cookie } } as const;
    expect((await own.app.inject(at)).statusCode).toBe(200);
    expect((await own.app.inject({ ...at, method: 'DELETE' })).json().code).toBe('store-failing');
    expect((await own.app.inject(at)).statusCode).toBe(401);
    await own.app.close();
  });

  test('are behind TLS given to TLS only', async () => {
    const secure = await httpWorld({ secureCookies: true });
    const answer = await post('operator', PASSWORD, secure.app);
    expect(String(answer.headers['set-cookie'])).toMatch('; Secure');
    expect(answer.headers['strict-transport-security']).toMatch('max-age=');
    await secure.app.close();
  });

  test('are not given to whoever guesses, and others are not locked out by that', async () => {
    const { app, clock } = await httpWorld();
    const guesses = Array.from({ length: FAILURES_PER_ACCOUNT_MAX + 5 }, () =>
      post('operator', 'x', app),
    );
    const codes = (await Promise.all(guesses)).map(({ statusCode }) => statusCode);
    expect(codes.filter((code) => code === 401)).toHaveLength(FAILURES_PER_ACCOUNT_MAX);
    const refused = await post('operator', PASSWORD, app);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '60']);
    expect((await post('operator', PASSWORD, app, '192.0.2.10')).statusCode).toBe(201);
    expect((await post('approver', PASSWORD, app)).statusCode).toBe(201);
    clock.advance(FAILURE_WINDOW_MS);
    expect((await post('operator', PASSWORD, app)).statusCode).toBe(201);
    await app.close();
  });
});
