import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { calculateJwkThumbprint } from 'jose';
import type { PublicJwk } from '../../shared/api-client.ts';
import { UsageError } from './settings.ts';

export const ALGORITHMS = ['EdDSA', 'ES256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/**
 * Makes a pair; the private key goes into a file that only its owner can read, and nowhere else. A
 * file that is there is left alone: a key that is overwritten is lost.
 */
export async function makeKeyPair(path: string, alg: Algorithm): Promise<PublicJwk> {
  const { privateKey, publicKey } =
    alg === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const open = publicKey.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint(open as { kty: string });
  const named = { kid, alg, use: 'sig' };
  const secret = { ...privateKey.export({ format: 'jwk' }), ...named };
  try {
    writeFileSync(path, `${JSON.stringify(secret, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new UsageError(`${path}: ${taken ? 'is there already' : 'cannot be written'}`);
  }
  return { ...open, ...named } as PublicJwk;
}
