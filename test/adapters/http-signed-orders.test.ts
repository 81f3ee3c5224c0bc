import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  aClient,
  type KeyPair,
  newKeyPair,
  orderBody,
  register,
  signBody,
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

describe('a signed order', () => {
  const send = async (
    jws: string,
    headers: Record<string, string>,
    where = world,
    url = '/v1/orders/o-signed',
  ) =>
    where.app.inject({
      method: 'PUT',
      url,
      headers: { ...headers, 'content-type': 'application/jose' },
      payload: jws,
    });
  const named = (more: Record<string, unknown> = {}) => ({
    ...orderBody(),
    orderId: 'o-signed',
    ...more,
  });

  test('[CI8] is taken, and kept as it came', async () => {
    await register(world, 'signer', aClient(key));
    const headers = await tokenFor(world, 'signer', key);
    const jws = await signBody(key, named());
    const answer = await send(jws, headers);
    expect(answer.statusCode).toBe(201);
    expect(world.store.orderRows.at(-1)).toMatchObject({ by: 'signer', signature: jws });
    const wrong = await send(await signBody(key, named({ reference: '' })), headers);
    expect(wrong.json().errors[0].pointer).toBe('/reference');
  });

  test('[CI8] that is not signed as it must be is refused with what to do', async () => {
    await register(world, 'signer', aClient(key));
    const headers = await tokenFor(world, 'signer', key);
    const other = await newKeyPair();
    const good = await signBody(key, named());
    const [head, , signature] = good.split('.');
    const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const changed = b64(named({ reference: 'changed' }));
    const crit = { crit: ['exp'], exp: 1 };
    const raw = { crit: ['b64'], b64: false };
    const table: [jws: string, pointer: string, why: RegExp][] = [
      [await signBody(other, named()), '', /not by the key that kid names/],
      [`${head}.${changed}.${signature}`, '', /the text was changed/],
      [await signBody(await newKeyPair('k9'), named()), '', /kid "k9" names no key/],
      [await signBody(key, named(), { kid: undefined }), '', /lacks kid/],
      [`${b64({ alg: 'none', kid: 'k1' })}.${b64(named())}.`, '', /alg must be EdDSA or Ed25519/],
      [`${b64({ alg: 'HS256', kid: 'k1' })}.${b64(named())}.AA`, '', /alg must be/],
      ['order', '', /no compact JWS/],
      [`${b64({ alg: 'EdDSA', kid: 'k1', ...crit })}.${b64(named())}.AA`, '', /crit names/],
      [`${b64({ alg: 'EdDSA', kid: 'k1', ...raw })}.{}.AA`, '', /crit names/],
      [await signBody(key, named({ orderId: 'o-other' })), '/orderId', /names itself/],
      [await signBody(key, orderBody()), '/orderId', /names itself/],
    ];
    for (const [jws, pointer, why] of table) {
      const answer = await send(jws, headers);
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid-signature']);
      expect(answer.json().errors[0]).toEqual({ pointer, detail: expect.stringMatching(why) });
    }
    const text = await send(await signBody(key, 'no order'), headers);
    expect(text.json().code).toBe('malformed-json');
    const fixed = await send(good, world.as('cjib'));
    expect(fixed.json().errors[0].detail).toMatch(/this account has no keys/);
  });

  test('[CI8] by the key of another client is refused', async () => {
    const theirs = await newKeyPair('theirs');
    await register(world, 'signer', aClient(key));
    await register(world, 'neighbour', aClient(theirs));
    const jws = await signBody(theirs, named());
    const answer = await send(jws, await tokenFor(world, 'signer', key));
    expect(answer.json().errors[0].detail).toMatch(/kid "theirs" names no key of client signer/);
  });

  test('[CI8] must be, of a client that chose it or where the server demands it', async () => {
    await register(world, 'strict', aClient(key, { signedOrders: true }));
    const putPlain = async (own: HttpWorld, headers: Record<string, string>) =>
      own.app.inject({
        method: 'PUT',
        url: '/v1/orders/o-plain',
        headers,
        payload: orderBody(),
      });
    const chosen = await putPlain(world, await tokenFor(world, 'strict', key));
    expect([chosen.statusCode, chosen.json().code]).toEqual([415, 'signature-required']);
    const own = await httpWorld({ signedOrdersRequired: true });
    await register(own, 'signer', aClient(key));
    const headers = await tokenFor(own, 'signer', key);
    expect((await putPlain(own, headers)).json().code).toBe('signature-required');
    expect((await putPlain(own, own.as('cjib'))).json().code).toBe('signature-required');
    expect((await send(await signBody(key, named()), headers, own)).statusCode).toBe(201);
    await own.app.close();
  });

  test('[CI8] is no way to send anything but orders', async () => {
    const answer = await world.app.inject({
      method: 'POST',
      url: '/v1/orders/o-1/withdrawals',
      headers: { ...world.as('cjib'), 'content-type': 'application/jose' },
      payload: await signBody(key, { reason: 'x' }),
    });
    expect(answer.statusCode).toBe(415);
  });
});
