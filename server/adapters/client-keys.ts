import { importJWK, type JWK } from 'jose';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { KEYS_PER_CLIENT_MAX, PublicJwk } from '../../shared/api-client.ts';
import type { InputFault } from './http-problem.ts';

/** What clients may sign with: no secret that both sides know, no RSA with its old padding. */
export const CLIENT_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'PS384'];

/** The same object, for the library remembers by it what it has made of a key. */
export const joseKey = (jwk: PublicJwk): JWK => jwk as JWK;

const RSA_BITS_MIN = 2_048;
const RSA_BITS_MAX = 8_192;

const BY_CURVE: Readonly<Record<string, readonly string[]>> = {
  Ed25519: ['EdDSA', 'Ed25519'],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
};

/** With which a key may have signed: by its kind, and by its own word. */
export function algorithmsOf(jwk: PublicJwk): readonly string[] {
  const possible = jwk.kty === 'RSA' ? ['PS256', 'PS384'] : (BY_CURVE[String(jwk['crv'])] ?? []);
  return jwk.alg === undefined ? possible : possible.filter((alg) => alg === jwk.alg);
}

/** Everything that is wrong with a client's keys, at its place in the body. (SPEC CI2) */
export async function jwkFaults(body: unknown): Promise<InputFault[]> {
  const { keys } = (body ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) return [];
  const faults: InputFault[] = [];
  const kids = new Set<string>();
  for (const [index, key] of keys.slice(0, KEYS_PER_CLIENT_MAX).entries()) {
    // What is no JWK at all is told by the schema.
    const parsed = PublicJwk.safeParse(key);
    if (!parsed.success) continue;
    const { kid } = parsed.data;
    const own = await faultsOf(parsed.data);
    if (kids.has(kid)) own.push({ path: ['kid'], message: `is used twice: "${kid}"` });
    kids.add(kid);
    faults.push(...own.map(({ path, message }) => ({ path: ['keys', index, ...path], message })));
  }
  return faults;
}

async function faultsOf(jwk: PublicJwk): Promise<{ path: string[]; message: string }[]> {
  const [alg] = algorithmsOf(jwk);
  if (alg === undefined) return [unusable(jwk)];
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') {
    return [{ path: ['use'], message: 'must be "sig": this key is to sign' }];
  }
  try {
    await importJWK(joseKey(jwk), alg);
  } catch {
    return [{ path: [], message: `is no public ${jwk.kty} key: send the JWK as it was exported` }];
  }
  return jwk.kty === 'RSA' ? lengthFaults(jwk) : [];
}

function unusable(jwk: PublicJwk): { path: string[]; message: string } {
  const curve = String(jwk['crv']);
  if (jwk.kty !== 'RSA' && !(curve in BY_CURVE)) {
    return { path: ['crv'], message: `must be one of ${Object.keys(BY_CURVE).join(', ')}` };
  }
  return { path: ['alg'], message: `does not go with this ${jwk.kty} key: leave it out` };
}

function lengthFaults(jwk: PublicJwk): { path: string[]; message: string }[] {
  const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX) return [];
  const message = `has ${bits} bits: make one of ${RSA_BITS_MIN} to ${RSA_BITS_MAX}, or Ed25519`;
  return [{ path: ['n'], message }];
}
