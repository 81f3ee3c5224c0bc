import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_VERSION } from '../../server/adapters/http-openapi.ts';
import { createLog } from '../../server/adapters/logging.ts';
import { hashPassword, hashToken, isPassword, newToken } from '../../server/adapters/passwords.ts';
import { START_MS } from '../support/fake-store.ts';
import { alertOf, featureOf, positionRow } from '../support/sample.ts';
import { httpWorld, type HttpWorld, PASSWORD } from '../support/http-world.ts';

let world: HttpWorld;
let consoleDir: string;
beforeAll(async () => {
  consoleDir = await mkdtemp(join(tmpdir(), 'cordon-console-'));
  await mkdir(join(consoleDir, 'assets'));
  await writeFile(join(consoleDir, 'index.html'), '<title>Cordon</title>');
  await writeFile(join(consoleDir, 'assets/main-1a2b.js'), 'export {}');
  await writeFile(join(consoleDir, '.env'), 'SECRET');
  world = await httpWorld({ consoleDir });
});
afterAll(async () => {
  await world.app.close();
  await rm(consoleDir, { recursive: true });
});

const json = { 'content-type': 'application/json' };

describe('what is asked wrongly is answered with a problem', () => {
  const put = { method: 'PUT', url: '/v1/devices/d-1' } as const;
  // prettier-ignore
  test.each<[name: string, request: object, status: number, code: string]>([
    ['nowhere',             { url: '/v1/nowhere' },                                   404, 'not-found'],
    ['nowhere to post to',  { method: 'POST', url: '/nowhere' },                      404, 'not-found'],
    ['a trailing slash',    { url: '/v1/devices/d-1/' },                              404, 'not-found'],
    ['a broken escape',     { url: '/v1/orders/%zz' },                                404, 'not-found'],
    ['no such method',      { method: 'DELETE', url: '/v1/orders/o-1' },              405, 'method-not-allowed'],
    ['no such method here', { method: 'PATCH', url: '/v1/sessions/current' },         405, 'method-not-allowed'],
    ['xml wanted',          { url: '/v1/alerts', headers: { accept: 'text/xml' } },   406, 'not-acceptable'],
    ['xml sent',            { ...put, headers: { 'content-type': 'text/xml' }, payload: '<a/>' }, 415, 'unsupported-media-type'],
    ['text sent',           { ...put, headers: { 'content-type': 'text/plain' }, payload: '{}' }, 415, 'unsupported-media-type'],
    ['a form sent',         { ...put, headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'a=1' }, 415, 'unsupported-media-type'],
    ['half a value',        { ...put, headers: json, payload: '{"kind":' },           400, 'malformed-json'],
    ['not a number',        { ...put, headers: json, payload: '{"a":NaN}' },          400, 'malformed-json'],
    ['poison',              { ...put, headers: json, payload: '{"__proto__":{"x":1}}' }, 400, 'invalid-input'],
    ['no body',             { ...put, headers: json, payload: '' },                   400, 'invalid-input'],
    ['a large body',        { ...put, headers: json, payload: JSON.stringify('x'.repeat(70_000)) }, 413, 'too-large'],
    ['an unknown field',    { ...put, payload: { kind: 'ankle-monitor', personId: 'w-1', peronId: 'w-2' } }, 400, 'invalid-input'],
    ['a bad device id',     { method: 'PUT', url: '/v1/devices/a%2Fb', payload: {} }, 400, 'invalid-input'],
  ])('%s', async (_name, request, status, code) => {
    const { headers, ...rest } = request as { headers?: Record<string, string> };
    const role = 'url' in request && request.url === '/v1/alerts' ? 'operator' : 'administrator';
    const answer = await world.app.inject({ ...rest, headers: { ...world.as(role), ...headers } });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const text: unknown = expect.any(String);
    expect(answer.json()).toMatchObject({ status, title: text, detail: text });
    expect(answer.body).not.toMatch(/\n\s+at |node_modules|FST_/);
  });

  test('405 says what is allowed', async () => {
    const answer = await world.app.inject({ method: 'PATCH', url: '/v1/sessions/current' });
    expect(String(answer.headers.allow).split(', ').toSorted()).toEqual(['DELETE', 'GET', 'HEAD']);
  });

  test('a fault of ours tells nothing of itself, nor does the log tell its message', async () => {
    world.store.orders = () => Promise.reject(new Error('row of Jansen at lon 5.123456'));
    const answer = await world.ask('cjib', 'GET', '/v1/orders');
    expect([answer.statusCode, answer.problem['code']]).toEqual([500, 'failed']);
    const log = world.log.lines.join();
    expect(log).toMatch('a request failed');
    expect(`${log}${answer.body}`).not.toMatch(/Jansen|5\.123456/);
  });

  test('what is not HTTP is refused as a problem', async () => {
    const url = new URL(await world.app.listen({ port: 0, host: '127.0.0.1' }));
    const socket = connect(Number(url.port), '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
    let heard = '';
    for await (const part of socket) heard += String(part);
    expect(heard).toMatch(/^HTTP\/1.1 400 Bad Request[^]*application\/problem\+json/);
  });
});

describe('every answer', () => {
  test.each(['/', '/v1/alerts', '/v1/nowhere', '/health/live', '/nowhere'])(
    '%s is guarded',
    async (url) => {
      const { headers } = await world.app.inject({ url });
      expect(headers).toMatchObject({
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(headers['content-security-policy']).not.toMatch('unsafe');
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(headers['strict-transport-security']).toBeUndefined();
      if (url.startsWith('/v1')) {
        expect(headers).toMatchObject({ 'api-version': API_VERSION, 'cache-control': 'no-store' });
      }
    },
  );

  test('of health says whether what protection rests on works', async () => {
    expect((await world.app.inject({ url: '/health/ready' })).statusCode).toBe(200);
    const now = { store: 'failing', broker: 'up', lagMs: 9, canaryAgeS: 130 } as const;
    world.desk.healthNow = { ready: false, ...now };
    const answer = await world.app.inject({ url: '/health/ready' });
    expect([answer.statusCode, answer.json()]).toEqual([503, world.desk.healthNow]);
  });
});

describe('the description of the interface', () => {
  test('is OpenAPI 3.1, for anybody, with every route and its problems', async () => {
    const answer = await world.app.inject({ url: '/v1/openapi.json' });
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    const { openapi, paths } = answer.json();
    expect(openapi).toMatch(/^3\.1/);
    const { put } = paths['/v1/orders/{orderId}'];
    expect(Object.keys(put.responses)).toEqual(
      expect.arrayContaining(['200', '201', '400', 'default']),
    );
    expect(put.responses['201'].headers).toHaveProperty('API-Version');
    expect(put.responses.default.content).toHaveProperty('application/problem+json');
    expect(put.description).toMatch(/For: cjib\.$/);
    expect(paths).not.toHaveProperty('/');
    expect(Object.keys(paths)).toHaveLength(38);
  });
});

describe('the files of the console', () => {
  // prettier-ignore
  test.each([
    ['/',                          200, 'no-cache'],
    ['/index.html',                200, 'no-cache'],
    ['/assets/main-1a2b.js',       200, 'public, max-age=31536000, immutable'],
    ['/.env',                      404, undefined],
    ['/assets/',                   404, undefined],
    ['/../package.json',           404, undefined],
    ['/%2e%2e/package.json',       404, undefined],
    ['/..%2fpackage.json',         404, undefined],
  ])('%s answers %i', async (url, status, cache) => {
    const answer = await world.app.inject({ url });
    expect(answer.statusCode).toBe(status);
    expect(answer.body).not.toMatch('SECRET');
    expect(answer.headers['cache-control']).toBe(cache);
  });
});

describe('logs', () => {
  test('of requests hold no address, name, place or secret', async () => {
    world.desk.raise(alertOf('a-1'));
    world.desk.features.push(featureOf('c-1', 'd-1'));
    world.store.positionRows.push(positionRow('d-1', 1, START_MS));
    await world.ask('operator', 'GET', '/v1/persons/w-1/positions?reason=because+Jansen+asked');
    await world.ask('operator', 'GET', '/v1/alerts/a-1/track');
    await world.ask(null, 'POST', '/v1/sessions', { username: 'operator', password: PASSWORD });
    await world.ask('administrator', 'GET', '/health/live');
    const log = world.log.lines.join('\n');
    expect(log).toMatch('/v1/persons/:personId/positions');
    expect(log).not.toMatch(
      /w-1|a-1|Jansen|operator|cordon_session|token|correct horse|\d\.\d{3,}/,
    );
  });

  test('leave out what has a telling name, however deep, and what errors say', () => {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => void lines.push(line) });
    const facts = {
      lon: 5.123456,
      username: 'jansen',
      device: { fix: { lat: 1 }, more: { deep: 1 } },
    };
    const error = new Error('at lon 5.123456');
    log.warn({ ...facts, error, count: 3, reason: 'bad-json' }, 'something');
    const line = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(line).toMatchObject({ level: 40, msg: 'something', count: 3, reason: 'bad-json' });
    expect(line['error']).toMatchObject({ kind: 'Error' });
    expect(lines[0]).not.toMatch(/5\.123456|jansen|"lat":1|"deep":1/);
  });

  test('keep quiet below their level', () => {
    const lines: string[] = [];
    const log = createLog('error', { write: (line) => void lines.push(line) });
    log.info({}, 'a');
    log.error({}, 'b');
    expect(lines).toHaveLength(1);
  });
});

test('metrics count what the service tells them', async () => {
  const answer = await world.app.inject({ url: '/metrics' });
  for (const name of ['messages_total', 'rejections_total', 'evaluation_seconds', 'consoles']) {
    expect(answer.body).toMatch(`cordon_${name}`);
  }
  expect(answer.body).toMatch('nodejs_eventloop_lag_seconds');
});

test('secrets are kept as what cannot be turned back', async () => {
  const [one, two] = [await hashPassword('geheim'), await hashPassword('geheim')];
  expect(one).not.toBe(two);
  expect(await isPassword('geheim', one)).toBe(true);
  expect(await isPassword('Geheim', one)).toBe(false);
  for (const nothing of [null, '', 'scrypt$1', hashToken('geheim')]) {
    expect(await isPassword('geheim', nothing)).toBe(false);
  }
  expect(newToken()).not.toBe(newToken());
  expect(Buffer.from(newToken(), 'base64url')).toHaveLength(32);
});
