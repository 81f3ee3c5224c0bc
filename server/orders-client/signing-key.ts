import { importJWK, type JWK } from 'jose';
import type { PrivateJwk } from './settings.ts';

/** What a signature says it was made with, and the key itself. */
export async function signingKeyOf(jwk: PrivateJwk) {
  const alg = algorithmOf(jwk);
  return { header: { alg, kid: jwk.kid }, key: await importJWK(jwk as JWK, alg) };
}

/** What a key says of itself goes first. */
function algorithmOf({ alg, kty }: PrivateJwk): string {
  return alg ?? { EC: 'ES256', OKP: 'EdDSA', RSA: 'PS256' }[kty];
}
