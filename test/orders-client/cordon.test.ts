import { createLocalJWKSet, jwtVerify } from 'jose';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NotLetInError } from '../../server/orders-client/access-token.ts';
import { TRIES_MAX, UnreachableError } from '../../server/orders-client/cordon.ts';
import { pauseTold } from '../../server/orders-client/gate.ts';
import { ALGORITHMS, makeKeyPair } from '../../server/orders-client/key-pair.ts';
import { type Identity, PrivateJwk } from '../../server/orders-client/settings.ts';
import type { PublicJwk } from '../../shared/api-client.ts';
import { cordonAt, type FakeCordon, fakeCordon, type Handler, patience } from './fake-cordon.ts';
import { problemOf } from './fake-cordon.ts';

let cordon: FakeCordon;
afterEach(() => cordon?.close());

const open = async (handler: Handler): Promise<FakeCordon> => {
  cordon = await fakeCordon(handler);
  return cordon;
};

describe('with a key', () => {
  const keys = new Map<string, { open: PublicJwk; secret: PrivateJwk }>();
  beforeAll(async () => {
    const dir = mkdtempSync(join(tmpdir(), 'cordon-keys-'));
    for (const alg of ALGORITHMS) {
      const path = join(dir, alg);
      const made = await makeKeyPair(path, alg);
      keys.set(alg, {
        open: made,
        secret: PrivateJwk.parse(JSON.parse(readFileSync(path, 'utf8'))),
      });
    }
    rmSync(dir, { recursive: true });
  });

  const clientAt = (url: string, alg = 'EdDSA'): Identity => ({
    type: 'client',
    clientId: 'cjib-test',
    tokenUrl: `${url}/v1/tokens`,
    privateJwk: keys.get(alg)!.secret,
  });
  const granting =
    (count: { tokens: number }, lifeS = 300): Handler =>
    ({ path, headers }) => {
      if (path !== '/v1/tokens') return { status: 200, body: headers.authorization };
      count.tokens += 1;
      const access_token = `token-${count.tokens}`;
      const body = { access_token, token_type: 'Bearer', expires_in: lifeS, scope: 'orders:read' };
      return { status: 200, body };
    };

  test.each(ALGORITHMS)(
    '[OC1] an assertion by %s says who asks, whom, and only once',
    async (alg) => {
      const count = { tokens: 0 };
      const { url, heard } = await open(granting(count, 0));
      const time = patience();
      const client = cordonAt(url, clientAt(url, alg), time);
      await client.ask('GET', '/a');
      await client.ask('GET', '/b');
      const jwks = createLocalJWKSet({ keys: [keys.get(alg)!.open] } as never);
      const forms = heard.filter(({ path }) => path === '/v1/tokens');
      const claims = await Promise.all(
        forms.map(async ({ body }) => {
          const form = new URLSearchParams(body);
          expect(form.get('grant_type')).toBe('client_credentials');
          const currentDate = new Date(time.nowMs());
          const jwt = form.get('client_assertion')!;
          return (await jwtVerify(jwt, jwks, { audience: `${url}/v1/tokens`, currentDate }))
            .payload;
        }),
      );
      expect(claims).toHaveLength(2);
      expect(claims[0]).toMatchObject({ iss: 'cjib-test', sub: 'cjib-test' });
      expect(claims[0]!.exp! - claims[0]!.iat!).toBe(60);
      expect(claims[0]!.jti).not.toBe(claims[1]!.jti);
      expect(Buffer.from(claims[0]!.jti!, 'base64url')).toHaveLength(16);
      client.close();
    },
  );

  test('[OC1] a token serves all who ask until shortly before its end', async () => {
    const count = { tokens: 0 };
    const { url } = await open(granting(count));
    const time = patience();
    const client = cordonAt(url, clientAt(url), { ...time, connectionsMax: 8 });
    await Promise.all(Array.from({ length: 8 }, () => client.ask('GET', '/a')));
    time.pass(269_000);
    expect((await client.ask('GET', '/a')).body).toBe('Bearer token-1');
    time.pass(2_000);
    expect((await client.ask('GET', '/a')).body).toBe('Bearer token-2');
    expect(count.tokens).toBe(2);
    client.close();
  });

  test('[OC1] a token that is no longer taken is replaced, once', async () => {
    const count = { tokens: 0 };
    const grant = granting(count);
    let taken = 'Bearer token-2';
    const { url } = await open((heard) => {
      const spent = heard.path !== '/v1/tokens' && heard.headers.authorization !== taken;
      return spent ? problemOf(401, 'not-signed-in') : grant(heard);
    });
    const client = cordonAt(url, clientAt(url));
    expect((await client.ask('GET', '/a')).status).toBe(200);
    taken = 'none';
    await expect(client.ask('GET', '/a')).rejects.toThrow(NotLetInError);
    expect(count.tokens).toBe(3);
    client.close();
  });

  test('[OC1] what the token endpoint says is told', async () => {
    const body = { error: 'invalid_client', error_description: 'no such key' };
    const { url } = await open(() => ({ status: 401, body }));
    const client = cordonAt(url, clientAt(url));
    await expect(client.ask('GET', '/a')).rejects.toThrow('no token: no such key');
    client.close();
  });
});

test('[OC1] a static token that is not taken cannot be replaced', async () => {
  const { url, heard } = await open(() => problemOf(401, 'not-signed-in'));
  const client = cordonAt(url);
  await expect(client.ask('GET', '/a')).rejects.toThrow(NotLetInError);
  expect(heard).toHaveLength(1);
  client.close();
});

describe('[OC2] what fails for now is tried again', () => {
  test('429 waits as long as told, however often', async () => {
    let left = 20;
    const { url } = await open(() =>
      left-- > 0
        ? { ...problemOf(429, 'too-many-requests'), headers: { 'retry-after': '7' } }
        : { status: 200, body: {} },
    );
    const time = patience();
    const client = cordonAt(url, undefined, time);
    expect((await client.ask('GET', '/a')).status).toBe(200);
    expect(time.waits).toEqual(Array.from({ length: 20 }, () => 7_000));
    client.close();
  });

  test('503 and a cut connection wait ever longer', async () => {
    const script = ['cut', 503, 502, 'cut', 504];
    const { url } = await open(() => {
      const next = script.shift();
      if (next === 'cut') return 'cut';
      return next === undefined ? { status: 200, body: {} } : problemOf(Number(next), 'failing');
    });
    const time = patience();
    const told: string[] = [];
    const client = cordonAt(url, undefined, { ...time, told: (what) => told.push(what) });
    expect((await client.ask('GET', '/a')).status).toBe(200);
    expect(time.waits).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
    expect(told[1]).toBe('503 failing: why; again in 1.0 s');
    client.close();
  });

  test('a server that never answers is given up after about a minute', async () => {
    const { url, heard } = await open(() => 'cut');
    const time = patience();
    const client = cordonAt(url, undefined, time);
    await expect(client.ask('GET', '/a')).rejects.toThrow(UnreachableError);
    expect(heard).toHaveLength(TRIES_MAX);
    expect(time.waits.reduce((sum, ms) => sum + ms)).toBeGreaterThan(60_000);
    client.close();
  });

  test('nobody answers where nobody listens', async () => {
    const gone = await fakeCordon(() => 'cut');
    await gone.close();
    const client = cordonAt(gone.url);
    await expect(client.ask('GET', '/a')).rejects.toThrow(/ECONNREFUSED/);
    client.close();
  });

  test('one pause holds for all that is under way', async () => {
    let failing = true;
    const { url } = await open(() =>
      failing ? problemOf(503, 'store-failing') : { status: 200, body: {} },
    );
    const time = patience();
    const told: string[] = [];
    const client = cordonAt(url, undefined, {
      nowMs: time.nowMs,
      async wait(ms) {
        failing = false;
        await time.wait(ms);
      },
      told: (what) => told.push(what),
      connectionsMax: 4,
    });
    await Promise.all(Array.from({ length: 4 }, () => client.ask('GET', '/a')));
    expect(told).toHaveLength(1);
    client.close();
  });

  const NOW_MS = Date.UTC(2026, 10, 23, 10);
  // prettier-ignore
  test.each([
    ['7',                             7_000],
    ['0',                             100],
    ['Mon, 23 Nov 2026 10:00:30 GMT', 30_000],
    ['999999',                        300_000],
    ['soon',                          1_000],
    [undefined,                       1_000],
  ])('Retry-After: %s waits %i ms', (header, ms) => {
    expect(pauseTold(header, NOW_MS)).toBe(ms);
  });
});

test('an answer of something else than Cordon is told as that', async () => {
  const { url } = await open(() => ({ status: 404, body: 'Not here' }));
  const client = cordonAt(url);
  expect((await client.ask('GET', '/a')).problem).toMatchObject({ status: 404, code: 'unknown' });
  client.close();
});
