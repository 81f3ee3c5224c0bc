import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';

/** Ed25519 signatures (RFC 8032) of one server, for whoever must not simply believe it. */

/** Names a public key in 16 hexadecimal digits: the start of the SHA-256 of its SPKI form. */
export const keyIdOf = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

/** Did the owner of this key sign exactly this text? False for a key or signature that is none. */
export function isSignedBy(publicKeyPem: string, text: string, signature: string): boolean {
  try {
    const key = createPublicKey(publicKeyPem);
    if (key.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}
