import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A message that is under way for longer says nothing about now. */
export const NONCE_GOOD_FOR_MS = 15_000;
/** Spent nonces kept, of the last 15 s: 20 servers that tell every 5 s spend 60. */
const SPENT_MAX = 10_000;

export interface Nonces {
  give(serverId: string, atMs: number): string;
  isGood(nonce: string, serverId: string, atMs: number): boolean;
  /** Each is good for one message; false when it was spent already. */
  spend(nonce: string, atMs: number): boolean;
}

/**
 * Nonces that need no memory until they are spent: each carries when it was given, sealed together
 * with whom it was given to by a secret of this process. So nobody can crowd out the nonce of a
 * server by asking for many.
 */
export function nonceBook(): Nonces {
  const secret = randomBytes(32);
  const spent = new Map<string, number>();
  const seal = (serverId: string, body: string): Buffer =>
    createHmac('sha256', secret).update(`${body}.${serverId}`).digest();
  return {
    give(serverId, atMs) {
      const body = `${Math.floor(atMs)}.${randomBytes(12).toString('base64url')}`;
      return `${body}.${seal(serverId, body).toString('base64url')}`;
    },
    isGood(nonce, serverId, atMs) {
      const [givenAtMs = '', random = '', given = '', ...more] = nonce.split('.');
      const expected = seal(serverId, `${givenAtMs}.${random}`);
      const sealed = Buffer.from(given, 'base64url');
      if (more.length > 0 || sealed.length !== expected.length) return false;
      if (sealed.toString('base64url') !== given) return false;
      const isFresh = atMs - Number(givenAtMs) <= NONCE_GOOD_FOR_MS;
      return timingSafeEqual(sealed, expected) && isFresh && !spent.has(nonce);
    },
    spend(nonce, atMs) {
      for (const [old, spentAtMs] of spent) {
        // Kept longer than any is good for, or it could come back.
        if (atMs - spentAtMs <= 2 * NONCE_GOOD_FOR_MS) break;
        spent.delete(old);
      }
      if (spent.has(nonce) || spent.size >= SPENT_MAX) return false;
      spent.set(nonce, atMs);
      return true;
    },
  };
}
