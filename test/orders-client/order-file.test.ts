import { compactVerify, importJWK, type JWK } from 'jose';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkOrderText } from '../../server/orders-client/check-order.ts';
import { ALGORITHMS, makeKeyPair } from '../../server/orders-client/key-pair.ts';
import { payloadOf, readOrderFile } from '../../server/orders-client/order-file.ts';
import { connectionOf, type Given, PrivateJwk } from '../../server/orders-client/settings.ts';
import { PublicJwk } from '../../shared/api-client.ts';
import { APART, orderOf } from '../support/given.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cordon-orders-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const file = (name: string, body: unknown): string => {
  const path = join(dir, name);
  writeFileSync(path, typeof body === 'string' ? body : JSON.stringify(body));
  return path;
};

describe('[OC3] what is sent', () => {
  // prettier-ignore
  test.each([
    ['the command line', '{"orderId":"in"}', 'said',    'said'],
    ['the order itself', '{"orderId":"in"}', undefined, 'in'],
    ['the file',         '{"reference":1}',  undefined, 'name'],
    ['the file',         'no JSON',          undefined, 'name'],
  ])('is named by %s', (_by, text, said, orderId) => {
    expect(readOrderFile(file('name.json', text), said).orderId).toBe(orderId);
  });

  test('unsigned are the bytes of the file, faults and all', async () => {
    const text = '{ "a" : 1, "a" : 2 ';
    const order = readOrderFile(file('o.json', text));
    const { headers, body } = await payloadOf(order, 'wgs84', null);
    expect([headers, String(body)]).toEqual([{ 'content-type': 'application/json' }, text]);
  });

  test('in metres of the Dutch map says so', async () => {
    const { headers } = await payloadOf(readOrderFile(file('o.json', {})), 'rd', null);
    expect(headers['content-crs']).toBe('<http://www.opengis.net/def/crs/EPSG/0/28992>');
  });

  test.each(ALGORITHMS)('signed by %s says which order it is', async (alg) => {
    const open = await makeKeyPair(join(dir, 'key'), alg);
    const privateJwk = PrivateJwk.parse(JSON.parse(readFileSync(join(dir, 'key'), 'utf8')));
    const signer = { type: 'client' as const, clientId: 'c', tokenUrl: 'http://x/', privateJwk };
    const order = readOrderFile(file('o-7.json', { reference: 'R' }));
    const { headers, body } = await payloadOf(order, 'wgs84', signer);
    expect(headers['content-type']).toBe('application/jose');
    const verified = await compactVerify(String(body), await importJWK(open as JWK, alg));
    expect(verified.protectedHeader).toMatchObject({ alg, kid: open.kid });
    const payload = JSON.parse(Buffer.from(verified.payload).toString()) as unknown;
    expect(payload).toEqual({ reference: 'R', orderId: 'o-7' });
  });

  test('cannot be signed without a key, nor when it is no order', async () => {
    const order = readOrderFile(file('o.json', 'nope'));
    const token = { type: 'token' as const, token: 't' };
    await expect(payloadOf(order, 'wgs84', token)).rejects.toThrow('--sign needs a key');
  });
});

test.each(ALGORITHMS)(
  'a private key of %s is for its owner alone, and never replaced',
  async (alg) => {
    const path = join(dir, 'key.json');
    expect(PublicJwk.safeParse(await makeKeyPair(path, alg)).success).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(makeKeyPair(path, alg)).rejects.toThrow('is there already');
  },
);

describe('[OC6] without the server', () => {
  const GOOD = orderOf([APART]);

  test('an order that is right has no fault, nor has one that was got', () => {
    expect(checkOrderText(JSON.stringify(GOOD))).toEqual([]);
    const got = {
      ...GOOD,
      version: 3,
      status: 'active',
      at: 'x',
      by: 'x',
      cause: 'put',
      reason: '',
    };
    expect(checkOrderText(JSON.stringify({ ...got, standing: null, enforcement: [] }))).toEqual([]);
  });

  test('every fault is told at once, a misspelt key too', () => {
    const wrong = { ...GOOD, reference: '', exeptions: [], bans: [{ ...APART, distanceM: -1 }] };
    const pointers = checkOrderText(JSON.stringify(wrong)).map(({ pointer }) => pointer);
    expect(pointers).toEqual(['/reference', '/bans/0/distanceM', '/exeptions']);
  });

  test('what is no JSON is told as that', () => {
    expect(checkOrderText('{')).toMatchObject([{ pointer: '', detail: expect.any(String) }]);
  });
});

describe('credentials', () => {
  const KEY = { kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd', kid: 'k' };
  const client = { clientId: 'c-1', privateJwk: KEY };
  const url = 'https://cordon.example/';
  const HTTP = { httpUrl: 'http://localhost:8080' };

  // prettier-ignore
  test.each<[name: string, body: unknown, given: Given, expected: object]>([
    ["the demo's token",       { ...HTTP, cjib: { token: 't' } },          {},      { type: 'token', token: 't' }],
    ["the demo's client",      { ...HTTP, cjib: { token: 't' }, cjibClient: { ...client, tokenUrl: 'http://x/t' } }, {}, { type: 'client', clientId: 'c-1', tokenUrl: 'http://x/t' }],
    ['a token of its own',     { token: 't' },                             { url }, { type: 'token', token: 't' }],
    ['a client of its own',    client,                                     { url }, { type: 'client', tokenUrl: 'https://cordon.example/v1/tokens' }],
    ['a bare key and a name',  KEY,                                        { url, clientId: 'c-1' }, { type: 'client', clientId: 'c-1' }],
  ])('%s', (_name, body, given, expected) => {
    const credentials = file('credentials.json', body);
    expect(connectionOf({ credentials, ...given }).identity).toMatchObject(expected);
  });

  // prettier-ignore
  test.each<[name: string, body: unknown, given: Given, why: RegExp]>([
    ['nobody',               {},                  { url },                 /holds nobody to ask as/],
    ['a bare key, no name',  KEY,                 { url },                 /--client-id/],
    ['a public key',         { ...KEY, d: undefined }, { url, clientId: 'c' }, /holds nobody/],
    ['no address',           { token: 't' },      {},                      /give --url/],
    ['a wrong address',      { token: 't' },      { url: 'ftp://x' },      /give an http or https/],
    ['half a certificate',   { token: 't' },      { url, cert: 'c.pem' },  /go together/],
    ['a file that is none',  '{',                 { url },                 /is not one JSON value/],
    ['no such certificate',  { token: 't' },      { url, ca: '/none' },    /cannot be read/],
  ])('%s is told before anything is sent', (_name, body, given, why) => {
    const credentials = file('credentials.json', body);
    expect(() => connectionOf({ credentials, ...given })).toThrow(why);
  });
});
