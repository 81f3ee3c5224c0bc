import { decodeJwt, importJWK } from 'jose';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  aClient,
  assertionClaims,
  type KeyPair,
  newKeyPair,
  signJwt,
  tokenForm,
} from '../support/api-client.ts';
import { type Certificate, newAuthority, newCertificate } from '../support/certificates.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

let dir: string;
let server: ServerProcess;
let key: KeyPair;
let authority: Certificate;
let port: string;
const certificates: Record<'server' | 'cjib' | 'other' | 'stranger', Certificate> = {} as never;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cordon-tls-'));
  authority = newAuthority(dir, 'authority');
  const elsewhere = newAuthority(dir, 'elsewhere');
  for (const name of ['server', 'cjib', 'other'] as const) {
    certificates[name] = newCertificate(dir, name, authority);
  }
  certificates.stranger = newCertificate(dir, 'stranger', elsewhere);
  key = await newKeyPair();
  server = await startServer({ env: settings() });
  port = new URL(server.httpUrl).port;
});
afterAll(async () => {
  await server?.remove();
  rmSync(dir, { recursive: true, force: true });
});

const settings = (other: Record<string, string> = {}): Record<string, string> => ({
  CORDON_TLS_CERT: certificates.server.certPath,
  CORDON_TLS_KEY: certificates.server.keyPath,
  CORDON_TLS_CLIENT_CA: authority.certPath,
  ...other,
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Wish {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly as?: Certificate | null;
}

/** Each on a connection of its own: the certificate is that of the connection. */
function ask(path: string, { method = 'GET', headers = {}, body, as }: Wish = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: 'localhost',
      port,
      path,
      method,
      headers,
      ca: authority.cert,
      agent: false,
      ...(as && { cert: as.cert, key: as.key }),
    });
    sent.on('error', reject).on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => {
        resolve({ status: answer.statusCode!, headers: answer.headers, body: text });
      });
    });
    sent.end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };

async function signIn(): Promise<Answer> {
  const body = JSON.stringify(server.credentials.administrator);
  return ask('/v1/sessions', { method: 'POST', headers: JSON_TYPE, body });
}

async function askToken(as: Certificate | null): Promise<Answer> {
  const aud = `https://localhost:${port}/v1/tokens`;
  const assertion = await signJwt(key, assertionClaims('bound', Date.now(), { aud }));
  return ask('/v1/tokens', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(tokenForm(assertion)).toString(),
    as,
  });
}

describe('over TLS', () => {
  test('[CI9] browsers need no certificate, and get cookies for TLS alone', async () => {
    const answer = await signIn();
    expect(answer.status).toBe(201);
    expect(String(answer.headers['set-cookie'])).toMatch('; Secure');
    expect(answer.headers['strict-transport-security']).toMatch('max-age=');
    expect(server.output()).toContain(`https://localhost:${port}`);
  });

  test('[CI9] a client with a certificate gets tokens and uses them with that alone', async () => {
    const cookie = String((await signIn()).headers['set-cookie']).split(';', 1)[0]!;
    const { cjib, other, stranger } = certificates;
    const registered = await ask('/v1/clients/bound', {
      method: 'PUT',
      headers: { ...JSON_TYPE, cookie },
      body: JSON.stringify(aClient(key, { certificateSha256: cjib.sha256 })),
    });
    expect(registered.status).toBe(201);
    for (const wrong of [null, other, stranger]) {
      const refused = await askToken(wrong);
      expect([refused.status, JSON.parse(refused.body)]).toEqual([
        401,
        {
          error: 'invalid_client',
          error_description: 'connect with the TLS certificate that is registered for this client',
        },
      ]);
    }
    const given = await askToken(cjib);
    expect(given.status).toBe(200);
    const { access_token: token } = JSON.parse(given.body) as { access_token: string };
    expect(decodeJwt(token)['cnf']).toEqual({ 'x5t#S256': cjib.sha256 });
    const headers = { authorization: `Bearer ${token}` };
    for (const [as, status] of [
      [null, 401],
      [other, 401],
      [stranger, 401],
      [cjib, 200],
    ] as const) {
      expect((await ask('/v1/orders', { headers, as })).status).toBe(status);
    }
  });

  test('the canary comes through', async () => {
    const ageS = async (): Promise<unknown> =>
      (JSON.parse((await ask('/health/ready')).body) as { canaryAgeS: number | null }).canaryAgeS;
    await expect.poll(ageS, { timeout: 60_000, interval: 250 }).not.toBeNull();
  });
});

describe('files that do not go together', () => {
  // prettier-ignore
  test.each([
    ['CORDON_TLS_CERT',      'missing.pem'],
    ['CORDON_TLS_CERT',      'nonsense.pem'],
    ['CORDON_TLS_KEY',       'cjib-key.pem'],
    ['CORDON_TLS_KEY',       'nonsense.pem'],
    ['CORDON_TLS_CLIENT_CA', 'nonsense.pem'],
  ])('stop the start, and %s=%s is named', async (setting, file) => {
    writeFileSync(join(dir, 'nonsense.pem'), 'nonsense');
    const env = settings({ [setting]: join(dir, file) });
    const start = startServer({ env });
    await expect(start).rejects.toThrow(`Cordon does not start: ${setting}: ${join(dir, file)}`);
  });

  test.each([
    [{ CORDON_TLS_CERT: 'x' }, 'CORDON_TLS_KEY'],
    [{ CORDON_TLS_KEY: 'x' }, 'CORDON_TLS_CERT'],
    [{ CORDON_TLS_CLIENT_CA: 'x' }, 'CORDON_TLS_CERT'],
    [{ CORDON_PUBLIC_URL: 'cordon.example' }, 'CORDON_PUBLIC_URL'],
    [{ CORDON_SIGNED_ORDERS: 'maybe' }, 'CORDON_SIGNED_ORDERS'],
  ])('so does half a setting: %j', async (env, named) => {
    await expect(startServer({ env })).rejects.toThrow(`${named}: `);
  });
});

describe('the client of the demo', () => {
  test('[CI1] is registered, and gets tokens with the key in its credentials', async () => {
    const demo = await startServer();
    const { cjibClient: client } = demo.credentials;
    expect(client.tokenUrl).toBe(`${demo.httpUrl}/v1/tokens`);
    const { kid } = client.privateJwk;
    const privateKey = (await importJWK(client.privateJwk, 'EdDSA')) as KeyPair['privateKey'];
    const own = { alg: 'EdDSA', kid, privateKey };
    const claims = assertionClaims(client.clientId, Date.now(), { aud: client.tokenUrl });
    const body = new URLSearchParams(tokenForm(await signJwt(own, claims)));
    const answer = await fetch(client.tokenUrl, { method: 'POST', body });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${demo.httpUrl}/v1/orders`, { headers })).status).toBe(200);
    const registered = await demo.ask('administrator', 'GET', `/v1/clients/${client.clientId}`);
    expect(registered.body).toMatchObject({ clientId: 'cjib-demo', by: 'demo' });
    expect(registered.text).not.toContain(client.privateJwk.d);
    await demo.remove();
  });
});
