import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokenKey } from '../../server/adapters/signing-key.ts';
import { FAILURES_PER_ACCOUNT_MAX } from '../../server/adapters/http-sign-in-throttle.ts';
import {
  aClient,
  assertionClaims,
  type KeyPair,
  newKeyPair,
  postForm,
  register,
  signJwt,
  TOKEN_URL,
  tokenFor,
  tokenForm,
} from '../support/api-client.ts';
import { httpWorld, type HttpWorld, PUBLIC_URL } from '../support/http-world.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let world: HttpWorld;
let key: KeyPair;
beforeAll(async () => {
  world = await httpWorld();
  key = await newKeyPair();
  await register(world, 'cjib-1', aClient(key));
  await register(world, 'reader', aClient(key, { scopes: ['orders:read'] }));
});
afterAll(() => world.app.close());

const claims = (more: Record<string, unknown> = {}) =>
  assertionClaims('cjib-1', world.clock.nowMs(), more);
const ask = (assertion: string, more: Record<string, string> = {}, where = world) =>
  postForm(where, tokenForm(assertion, more));
const nowS = () => Math.floor(world.clock.nowMs() / 1_000);
const orders = (headers: Record<string, string>, where = world) =>
  where.app.inject({ url: '/v1/orders', headers });

describe('a token', () => {
  test('[CI4] is given to who proves to be a client, for all its scopes and five minutes', async () => {
    const answer = await ask(await signJwt(key, claims()));
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const { access_token: token, ...rest } = answer.json();
    expect(rest).toEqual({
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'orders:read orders:create orders:amend orders:withdraw',
    });
    const { keys } = (await world.app.inject({ url: '/v1/jwks.json' })).json();
    expect(keys).toHaveLength(1);
    expect(keys[0]).not.toHaveProperty('d');
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: keys[0].kid });
    expect(decodeJwt(token)).toMatchObject({
      iss: PUBLIC_URL,
      aud: PUBLIC_URL,
      client_id: 'cjib-1',
      exp: nowS() + 300,
    });
    expect((await orders({ authorization: `Bearer ${token}` })).statusCode).toBe(200);
    world.clock.advance(300_000);
    const late = await orders({ authorization: `Bearer ${token}` });
    expect(late.statusCode).toBe(401);
    expect(late.headers['www-authenticate']).toMatch('error="invalid_token"');
  });

  test('[CI4] is given for the scopes asked for, and for none that the client lacks', async () => {
    const some = await ask(await signJwt(key, claims()), { scope: 'orders:withdraw orders:read' });
    expect(some.json().scope).toBe('orders:read orders:withdraw');
    const reader = assertionClaims('reader', world.clock.nowMs());
    const none = await ask(await signJwt(key, reader), { scope: 'orders:read orders:create' });
    expect([none.statusCode, none.json().error]).toEqual([400, 'invalid_scope']);
    expect(none.json().error_description).toBe('reader may ask for: orders:read');
  });

  test.each(['ES256', 'ES384', 'PS256', 'Ed25519'])(
    '[CI2] for a key that signs %s',
    async (alg) => {
      const other = await newKeyPair('k2', alg);
      await register(world, `client-${alg}`, aClient(other));
      const headers = await tokenFor(world, `client-${alg}`, other);
      expect((await orders(headers)).statusCode).toBe(200);
    },
  );

  test('where to ask for it stands where machines look', async () => {
    const answer = await world.app.inject({ url: '/.well-known/oauth-authorization-server' });
    expect(answer.json()).toMatchObject({
      issuer: PUBLIC_URL,
      token_endpoint: TOKEN_URL,
      jwks_uri: `${PUBLIC_URL}/v1/jwks.json`,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    });
  });

  test('can be verified by anybody over the wire', async () => {
    const url = await world.app.listen({ port: 0, host: '127.0.0.1' });
    const { authorization } = await tokenFor(world, 'cjib-1', key);
    const jwks = createRemoteJWKSet(new URL('/v1/jwks.json', url));
    const { payload } = await jwtVerify(authorization.slice('Bearer '.length), jwks, {
      issuer: PUBLIC_URL,
      currentDate: new Date(world.clock.nowMs()),
    });
    expect(payload.sub).toBe('cjib-1');
  });
});

describe('a request for a token', () => {
  // prettier-ignore
  test.each([
    ['of another grant',  { grant_type: 'password' },             'unsupported_grant_type', /client_credentials/],
    ['of another proof',  { client_assertion_type: 'saml' },      'invalid_request',        /client_assertion_type/],
    ['without proof',     { client_assertion: '' },               'invalid_request',        /client_assertion/],
  ])('%s is refused as RFC 6749 has it', async (_what, form, error, why) => {
    const answer = await ask(await signJwt(key, claims()), form);
    expect([answer.statusCode, answer.json().error]).toEqual([400, error]);
    expect(answer.json().error_description).toMatch(why);
  });

  test('that names another client than its proof is refused', async () => {
    const answer = await ask(await signJwt(key, claims()), { client_id: 'reader' });
    expect(answer.json()).toEqual({
      error: 'invalid_client',
      error_description: 'client_id is not that of sub',
    });
  });

  test('with a parameter twice, or as JSON, is refused', async () => {
    const form = tokenForm(await signJwt(key, claims()));
    const twice = await world.app.inject({
      method: 'POST',
      url: '/v1/tokens',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `${new URLSearchParams(form)}&scope=orders:read&scope=orders:create`,
    });
    expect([twice.statusCode, twice.json().error]).toEqual([400, 'invalid_request']);
    const json = await world.app.inject({ method: 'POST', url: '/v1/tokens', payload: form });
    expect(json.json().error_description).toBe('send application/x-www-form-urlencoded');
  });

  test('is slowed down for who guesses, and others are not', async () => {
    const own = await httpWorld();
    await register(own, 'cjib-1', aClient(key));
    const wrong = await newKeyPair();
    const nowMs = own.clock.nowMs();
    for (let i = 0; i < FAILURES_PER_ACCOUNT_MAX; i++) {
      await ask(await signJwt(wrong, assertionClaims('cjib-1', nowMs)), {}, own);
    }
    const held = await ask(await signJwt(key, assertionClaims('cjib-1', nowMs)), {}, own);
    expect([held.statusCode, held.headers['retry-after']]).toEqual([429, '60']);
    const other = await ask(await signJwt(key, assertionClaims('other', nowMs)), {}, own);
    expect(other.statusCode).toBe(401);
    expect(own.log.lines.join()).toMatch('"client":"cjib-1","why":"the signature is not');
    await own.app.close();
  });

  test('comes so often only', async () => {
    const own = await httpWorld();
    await register(own, 'cjib-1', aClient(key));
    const codes = new Set<number>();
    for (let i = 0; i < 21; i++) {
      const assertion = await signJwt(key, assertionClaims('cjib-1', own.clock.nowMs()));
      codes.add((await ask(assertion, {}, own)).statusCode);
    }
    expect([...codes]).toEqual([200, 429]);
    await own.app.close();
  });
});

describe('a token opens nothing', () => {
  test('[CI5] once its client or its key is taken back, and less once it may less', async () => {
    const second = await newKeyPair('k2');
    const body = aClient(key, { keys: [key.publicJwk, second.publicJwk] });
    await register(world, 'moving', body);
    const first = await tokenFor(world, 'moving', key);
    const other = await tokenFor(world, 'moving', second);
    await register(world, 'moving', { ...body, keys: [second.publicJwk] });
    expect((await orders(first)).statusCode).toBe(401);
    expect((await orders(other)).statusCode).toBe(200);
    await register(world, 'moving', { ...body, scopes: ['orders:create'] });
    expect((await orders(other)).statusCode).toBe(403);
    await register(world, 'moving', body);
    expect((await orders(other)).statusCode).toBe(200);
    await world.ask('administrator', 'DELETE', '/v1/clients/moving');
    expect((await orders(other)).statusCode).toBe(401);
  });

  test('[CI5] that somebody else signed, or that was meant for something else', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'cordon-other-'));
    const own = tokenKey(dir);
    rmSync(dir, { recursive: true });
    const { authorization } = await tokenFor(world, 'cjib-1', key);
    const genuine = authorization.slice('Bearer '.length);
    const payload = decodeJwt(genuine);
    const forged = await new SignJWT(payload)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: own.kid })
      .sign(own.privateKey);
    const [header, body] = genuine.split('.');
    const more = Buffer.from(JSON.stringify({ ...payload, client_id: 'reader' }));
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' }));
    const assertion = await signJwt(key, claims({ aud: PUBLIC_URL, client_id: 'cjib-1' }));
    for (const token of [
      forged,
      `${header}.${more.toString('base64url')}.${genuine.split('.')[2]}`,
      `${none.toString('base64url')}.${body}.`,
      assertion,
    ]) {
      expect((await orders({ authorization: `Bearer ${token}` })).statusCode).toBe(401);
    }
  });

  test('[CI5] at the server of another address', async () => {
    const headers = await tokenFor(world, 'cjib-1', key);
    const other = await httpWorld({
      store: world.store,
      clock: world.clock,
      publicUrl: 'https://other.example',
    });
    expect((await orders(headers, other)).statusCode).toBe(401);
    await other.app.close();
  });

  test('[CI5] the key for tokens outlives a restart, and is not that of the journal', () => {
    const dir = mkdtempSync(join(tmpdir(), 'cordon-keys-'));
    const { kid } = tokenKey(dir);
    expect(tokenKey(dir).kid).toBe(kid);
    rmSync(dir, { recursive: true });
  });
});

test('[CI2] a private key or one that cannot sign never becomes a client', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'k1' };
  const body = { ...aClient(key), keys: [jwk] };
  const answer = await world.ask('administrator', 'PUT', '/v1/clients/leaky', body);
  expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, '/keys/0']);
  expect(answer.json().errors[0].detail).toMatch(/^holds a private key/);
});
