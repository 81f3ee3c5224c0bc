import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signer } from '../evidence/checkpoint.ts';
import { keyIdOf } from '../evidence/signature.ts';
import { writeDurably } from './durable-file.ts';

const FILE = 'signing-key.pem';
/** Its owner alone: whoever has the key can vouch for a journal that was changed. */
const MODE = 0o600;

/**
 * The key of this data folder, made at the first start. It lies beside the database, not in it: who
 * can write to the database cannot thereby sign for it.
 */
export function signingKey(dataDir: string): Signer {
  mkdirSync(dataDir, { recursive: true });
  const privateKey = createPrivateKey(storedPem(join(dataDir, FILE)));
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: keyIdOf(publicKey),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  };
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
