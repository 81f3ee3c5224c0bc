import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signer } from '../evidence/checkpoint.ts';
import { keyIdOf } from '../evidence/signature.ts';
import { writeDurably } from './durable-file.ts';

const FILE = 'signing-key.pem';
const TOKEN_FILE = 'token-key.pem';
/** Its owner alone: whoever has the key can vouch for a journal that was changed. */
const MODE = 0o600;

/**
 * The key of this data folder, made at the first start. It lies beside the database, not in it: who
 * can write to the database cannot thereby sign for it.
 */
export function signingKey(dataDir: string): Signer {
  const privateKey = storedKey(dataDir, FILE);
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: keyIdOf(publicKey),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  };
}

export interface TokenKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** As `GET /v1/jwks.json` shows it. */
  readonly publicJwk: JsonWebKey;
}

/**
 * What access tokens are signed with. Not the key of the journal: that one vouches for evidence for
 * years, and must sign nothing that a stranger can ask for; this one may be thrown away any time.
 */
export function tokenKey(dataDir: string): TokenKey {
  const privateKey = storedKey(dataDir, TOKEN_FILE);
  const publicKey = createPublicKey(privateKey);
  const kid = keyIdOf(publicKey);
  const publicJwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' };
  return { kid, privateKey, publicKey, publicJwk };
}

function storedKey(dataDir: string, file: string): KeyObject {
  mkdirSync(dataDir, { recursive: true });
  return createPrivateKey(storedPem(join(dataDir, file)));
}

function storedPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    writeDurably(path, pem, MODE);
    return pem;
  }
}
