import type { Checkpoint, JournalHead } from '../kept.ts';
import { isSignedBy } from './signature.ts';

/** Who can sign for a journal. */
export interface Signer {
  readonly keyId: string;
  readonly publicKeyPem: string;
  /** Base64url, without padding. */
  sign(text: string): string;
}

/** What is signed, each on a line; the first says what it is, lest it stand for another. */
const textOf = ({ seq, hash, atMs }: Pick<Checkpoint, 'seq' | 'hash' | 'atMs'>): string =>
  `cordon-checkpoint-1\n${seq}\n${hash}\n${atMs}`;

/** Vouches for all rows up to this one. */
export function signedCheckpoint(head: JournalHead, atMs: number, signer: Signer): Checkpoint {
  const { seq, hash } = head;
  const signature = signer.sign(textOf({ seq, hash, atMs }));
  return { seq, hash, atMs, keyId: signer.keyId, signature };
}

export const isGenuine = (checkpoint: Checkpoint, publicKeyPem: string): boolean =>
  isSignedBy(publicKeyPem, textOf(checkpoint), checkpoint.signature);
