import { decodeJwt, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  aClient,
  assertionClaims,
  type KeyPair,
  newKeyPair,
  postForm,
  register,
  signJwt,
  TOKEN_URL,
  tokenForm,
} from '../support/api-client.ts';
import { httpWorld, type HttpWorld, PUBLIC_URL } from '../support/http-world.ts';

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
const ask = (assertion: string, where = world) => postForm(where, tokenForm(assertion));
const nowS = () => Math.floor(world.clock.nowMs() / 1_000);

describe('an assertion', () => {
  const elsewhere = 'https://other.example/v1/tokens';
  // prettier-ignore
  const table: [what: string, wrong: () => Record<string, unknown>, why: RegExp][] = [
    ['for another audience',            () => ({ aud: elsewhere }),                 /^aud must be/],
    ['for a second audience too',       () => ({ aud: [TOKEN_URL, elsewhere] }),    /^aud must be .* alone/],
    ['without audience',                () => ({ aud: undefined }),                 /^aud must be/],
    ['that has expired',                () => ({ exp: nowS() - 31 }),               /^exp has passed/],
    ['that never expires',              () => ({ exp: undefined }),                 /^exp is missing/],
    ['that is good for an hour',        () => ({ exp: nowS() + 3_600 }),            /^exp is more than 300 s/],
    ['of nobody knows when',            () => ({ iat: undefined }),                 /^iat is missing/],
    ['from the future',                 () => ({ iat: nowS() + 31 }),               /^iat is in the future/],
    ['not yet good',                    () => ({ nbf: nowS() + 31 }),               /^nbf/],
    ['without jti',                     () => ({ jti: undefined }),                 /^jti is missing/],
    ['with a jti that can be guessed',  () => ({ jti: '1' }),                       /^jti must be text/],
    ['with a jti that fills memory',    () => ({ jti: 'x'.repeat(201) }),           /^jti must be text/],
    ['by another issuer',               () => ({ iss: 'reader' }),                  /^iss must be the client/],
    ['for nobody',                      () => ({ sub: 'nobody' }),                  /^sub names no registered/],
  ];
  test.each(table)('[CI3] %s proves nothing', async (_what, wrong, why) => {
    world.clock.advance(60_000);
    const answer = await ask(await signJwt(key, claims(wrong())));
    expect([answer.statusCode, answer.json().error]).toEqual([401, 'invalid_client']);
    expect(answer.json().error_description).toMatch(why);
  });

  test.each([
    ['with the issuer as audience', () => ({ aud: PUBLIC_URL })],
    ['with one audience in a list', () => ({ aud: [TOKEN_URL] })],
    ['of a clock 29 s behind', () => ({ iat: nowS() - 29, exp: nowS() - 29 })],
    ['of a clock 29 s ahead', () => ({ iat: nowS() + 29, exp: nowS() + 329 })],
  ])('[CI3] %s is believed', async (_what, other) => {
    world.clock.advance(60_000);
    expect((await ask(await signJwt(key, claims(other())))).statusCode).toBe(200);
  });

  test('[CI3] is believed once', async () => {
    const assertion = await signJwt(key, claims());
    expect((await ask(assertion)).statusCode).toBe(200);
    const again = await ask(assertion);
    expect(again.json().error_description).toMatch(/^jti was used before/);
    // The same number from another client is another.
    const { jti } = decodeJwt(assertion);
    const other = assertionClaims('reader', world.clock.nowMs(), { jti });
    expect((await ask(await signJwt(key, other))).statusCode).toBe(200);
  });

  test('[CI3] used before a restart is not believed after it', async () => {
    const assertion = await signJwt(key, claims({ exp: nowS() + 300 }));
    expect((await ask(assertion)).statusCode).toBe(200);
    world.clock.advance(2_000);
    const restarted = await httpWorld({ store: world.store, clock: world.clock });
    const answer = await ask(assertion, restarted);
    expect(answer.json().error_description).toMatch(/^iat is before this server started/);
    await restarted.app.close();
  });

  test('[CI3] by no key, a shared secret, another key or another client proves nothing', async () => {
    const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const other = await newKeyPair();
    const unknownKid = await newKeyPair('k9');
    const asSecret = new TextEncoder().encode(String(key.publicJwk['x']));
    const hmac = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(asSecret);
    const wrong: [string, RegExp][] = [
      [`${b64({ alg: 'none', kid: 'k1' })}.${b64(claims())}.`, /^alg is none/],
      [hmac, /^alg is none/],
      [await signJwt(other, claims()), /^the signature is not/],
      [await signJwt(unknownKid, claims()), /^kid names no key/],
      [await signJwt(key, claims(), { kid: undefined }), /^kid names no key/],
      ['nonsense', /^client_assertion is no signed JWT/],
      [`${b64({ alg: 'EdDSA', kid: 'k1' })}.${b64(claims())}.AAAA`, /^the signature|^client_ass/],
    ];
    for (const [assertion, why] of wrong) {
      world.clock.advance(60_000);
      const answer = await ask(assertion);
      expect([answer.statusCode, answer.json().error]).toEqual([401, 'invalid_client']);
      expect(answer.json().error_description).toMatch(why);
    }
  });

  test('[CI3] with a key of an elliptic curve does not pass with another algorithm', async () => {
    const ec = await newKeyPair('ec', 'ES256');
    await register(world, 'pinned', aClient(ec, { keys: [{ ...ec.publicJwk, alg: 'ES256' }] }));
    const ed = await newKeyPair('ec', 'EdDSA');
    const answer = await ask(await signJwt(ed, assertionClaims('pinned', world.clock.nowMs())));
    expect(answer.json().error_description).toMatch(/^alg is none that goes/);
  });
});
