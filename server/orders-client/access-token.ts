import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { TokenAnswer } from '../../shared/api-client.ts';
import type { Identity } from './settings.ts';
import { signingKeyOf } from './signing-key.ts';
import type { Answer, Wire } from './wire.ts';

/** Nobody else may use it, so it lives only as long as a slow request. */
const ASSERTION_LIFE_S = 60;
/** A token is renewed so long before its end: what is under way must still be let in. */
const RENEW_BEFORE_MS = 30_000;
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The token endpoint said no: the key, the client id or the clock is wrong, not the order. */
export class NotLetInError extends Error {}

export interface Tokens {
  /** The one there is while it is good. */
  bearer(): Promise<string>;
  /** The server no longer takes it; false when there is no other to be had. */
  renew(spent: string): boolean;
}

type Client = Extract<Identity, { type: 'client' }>;

/** Static, or fetched with `private_key_jwt`; who asks at the same time shares one. (SPEC OC1) */
export function openTokens(
  identity: Identity,
  ask: (client: Client) => Promise<TokenAnswer>,
  nowMs: () => number,
): Tokens {
  if (identity.type === 'token') {
    return { bearer: async () => identity.token, renew: () => false };
  }
  let held: { token: Promise<string>; text: string | null; goodUntilMs: number } | null = null;
  const fetchNew = (): Promise<string> => {
    const fresh = {
      token: Promise.resolve(''),
      text: null as string | null,
      goodUntilMs: Infinity,
    };
    fresh.token = ask(identity).then(
      ({ access_token: text, expires_in: lifeS }) => {
        fresh.text = text;
        fresh.goodUntilMs = nowMs() + Math.max(lifeS * 500, lifeS * 1000 - RENEW_BEFORE_MS);
        return text;
      },
      (error: unknown) => {
        if (held === fresh) held = null;
        throw error;
      },
    );
    held = fresh;
    return fresh.token;
  };
  return {
    bearer: () => (held !== null && nowMs() < held.goodUntilMs ? held.token : fetchNew()),
    renew(spent) {
      if (held?.text === spent) held = null;
      return true;
    },
  };
}

/** `POST /v1/tokens`, as RFC 6749 §4.4 and RFC 7523 §2.2 have it. */
export async function requestToken(
  { send }: Pick<Wire, 'send'>,
  client: Client,
  nowMs: number,
): Promise<Answer> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await assertionOf(client, nowMs),
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return send({ method: 'POST', url: client.tokenUrl, headers, body: form.toString() });
}

export function tokenIn({ status, text }: Answer): TokenAnswer {
  const parsed = TokenAnswer.safeParse(jsonOf(text));
  if (status === 200 && parsed.success) return parsed.data;
  const told = jsonOf(text) as { error?: string; error_description?: string; detail?: string };
  const why = told?.error_description ?? told?.error ?? told?.detail ?? `status ${status}`;
  throw new NotLetInError(`no token: ${why}`);
}

async function assertionOf({ clientId, tokenUrl, privateJwk }: Client, nowMs: number) {
  const nowS = Math.floor(nowMs / 1000);
  const { header, key } = await signingKeyOf(privateJwk);
  return new SignJWT({})
    .setProtectedHeader({ ...header, typ: 'JWT' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + ASSERTION_LIFE_S)
    .setJti(randomBytes(16).toString('base64url'))
    .sign(key);
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
