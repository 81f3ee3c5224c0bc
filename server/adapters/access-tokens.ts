import { calculateJwkThumbprint, jwtVerify, SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type ApiClient, type PublicJwk, Scope } from '../../shared/api-client.ts';
import type { Clock } from '../ports.ts';
import type { ClientRegister } from '../service/client-register.ts';
import { joseKey } from './client-keys.ts';
import type { Identity } from './http-session-book.ts';
import type { TokenKey } from './signing-key.ts';

/** Tokens that clients show with each request: JWTs by Cordon itself. (RFC 9068) */

export const TOKEN_LIFE_S = 300;
const TYPE = 'at+jwt';

const Claims = z.object({
  client_id: z.string(),
  scope: z.string(),
  /** Thumbprint (RFC 7638) of the key that it was asked for with. */
  client_key: z.string(),
  cnf: z.object({ 'x5t#S256': z.string() }).optional(),
});

export interface TokenParts {
  readonly key: TokenKey;
  readonly clients: ClientRegister;
  readonly clock: Clock;
  /** Who issues them and whom they are for. */
  issuer(): string;
}

export interface AccessTokens {
  issue(client: ApiClient, key: PublicJwk, scopes: readonly Scope[]): Promise<string>;
  /** Null for what opens nothing, now. `certificate`: SHA-256 of that of the connection. */
  identify(token: string, certificate: string | null): Promise<Identity | null>;
}

export function accessTokens({ key, clients, clock, issuer }: TokenParts): AccessTokens {
  return {
    async issue({ clientId, certificateSha256 }, clientKey, scopes) {
      const nowS = Math.floor(clock.nowMs() / 1_000);
      const claims = {
        client_id: clientId,
        scope: scopes.join(' '),
        client_key: await thumbprintOf(clientKey),
        ...(certificateSha256 != null && { cnf: { 'x5t#S256': certificateSha256 } }),
      } satisfies z.infer<typeof Claims>;
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid: key.kid })
        .setIssuer(issuer())
        .setAudience(issuer())
        .setSubject(clientId)
        .setJti(randomBytes(16).toString('base64url'))
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + TOKEN_LIFE_S)
        .sign(key.privateKey);
    },

    async identify(token, certificate) {
      const claims = await verified(token, { key, clock, issuer });
      if (claims === null) return null;
      // As it is registered now: what was taken back since opens nothing any more. (SPEC CI5)
      const client = clients.find(claims.client_id)?.client;
      if (!client || !(await hasKey(client, claims.client_key))) return null;
      const bound = [client.certificateSha256, claims.cnf?.['x5t#S256']];
      if (bound.some((wanted) => wanted != null && wanted !== certificate)) return null;
      const granted = claims.scope.split(' ');
      const scopes = client.scopes.filter((scope) => granted.includes(scope));
      const machine = { scopes, rateLimit: client.rateLimit, client };
      return { username: client.clientId, role: 'cjib', session: null, machine };
    },
  };
}

async function verified(
  token: string,
  { key, clock, issuer }: Omit<TokenParts, 'clients'>,
): Promise<z.infer<typeof Claims> | null> {
  try {
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: ['EdDSA'],
      typ: TYPE,
      issuer: issuer(),
      audience: issuer(),
      currentDate: new Date(clock.nowMs()),
      requiredClaims: ['exp'],
    });
    return Claims.parse(payload);
  } catch {
    return null;
  }
}

async function hasKey(client: ApiClient, thumbprint: string): Promise<boolean> {
  for (const jwk of client.keys) if ((await thumbprintOf(jwk)) === thumbprint) return true;
  return false;
}

/** A registered key never changes: it is asked about with every request. */
function thumbprintOf(jwk: PublicJwk): Promise<string> {
  const known = thumbprints.get(jwk) ?? calculateJwkThumbprint(joseKey(jwk));
  thumbprints.set(jwk, known);
  return known;
}
const thumbprints = new WeakMap<PublicJwk, Promise<string>>();
