import { CompactSign, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import type { ApiClientBody } from '../../shared/api-client.ts';
import { type HttpWorld, PUBLIC_URL } from './http-world.ts';

/** A machine of CJIB, as it would be written by whoever connects to Cordon. */

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

export interface KeyPair {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: PrivateKey;
  readonly publicJwk: ApiClientBody['keys'][number];
}

export async function newKeyPair(kid = 'k1', alg = 'EdDSA'): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { alg, kid, privateKey, publicJwk: { ...jwk, kid } as KeyPair['publicJwk'] };
}

export const TOKEN_URL = `${PUBLIC_URL}/v1/tokens`;

export const newJti = (): string => randomBytes(16).toString('base64url');

/** What a client says to prove itself; `claims` says what a test wants otherwise. */
export function assertionClaims(
  clientId: string,
  nowMs: number,
  claims: Readonly<Record<string, unknown>> = {},
): JWTPayload {
  const nowS = Math.floor(nowMs / 1_000);
  const usual = { iss: clientId, sub: clientId, aud: TOKEN_URL };
  return { ...usual, iat: nowS, exp: nowS + 60, jti: newJti(), ...claims };
}

export const signJwt = (
  { alg, kid, privateKey }: Omit<KeyPair, 'publicJwk'>,
  claims: JWTPayload,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);

export const signBody = (
  { alg, kid, privateKey }: KeyPair,
  body: unknown,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> =>
  new CompactSign(new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)))
    .setProtectedHeader({ alg, kid, ...header })
    .sign(privateKey);

export const tokenForm = (
  assertion: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  grant_type: 'client_credentials',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: assertion,
  ...more,
});

export const aClient = (key: KeyPair, more: Partial<ApiClientBody> = {}) => ({
  name: 'CJIB intake',
  scopes: ['orders:read', 'orders:create', 'orders:amend', 'orders:withdraw'],
  keys: [key.publicJwk],
  ...more,
});

/** Registers a client as the administrator does. */
export async function register(world: HttpWorld, clientId: string, body: unknown): Promise<void> {
  const answer = await world.ask('administrator', 'PUT', `/v1/clients/${clientId}`, body);
  if (answer.statusCode >= 300) throw new Error(answer.body);
}

export const postForm = (world: HttpWorld, form: Readonly<Record<string, string>>) =>
  world.app.inject({
    method: 'POST',
    url: '/v1/tokens',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString(),
  });

/** The whole way to a token, as headers to ask with. */
export async function tokenFor(
  world: HttpWorld,
  clientId: string,
  key: KeyPair,
  scope?: string,
): Promise<{ authorization: string }> {
  const assertion = await signJwt(key, assertionClaims(clientId, world.clock.nowMs()));
  const answer = await postForm(world, tokenForm(assertion, scope === undefined ? {} : { scope }));
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return { authorization: `Bearer ${answer.json().access_token}` };
}

/** An order that anybody would take, but for what a test says otherwise. */
export const orderBody = (more: Readonly<Record<string, unknown>> = {}) => ({
  reference: 'CJIB-2026-000123',
  legalBasis: 'behavioural-order',
  wearerId: 'w-1',
  validFrom: '2026-11-01T00:00:00+01:00',
  validUntil: '2027-01-30T00:00:00+01:00',
  bans: [{ banId: 'b1', kind: 'contact-ban', victimId: 'v-1', distanceM: 500 }],
  ...more,
});
