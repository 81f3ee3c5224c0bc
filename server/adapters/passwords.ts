import {
  createHash,
  randomBytes,
  scrypt as scryptWithCallback,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';

/** The cost that OWASP asks for with 32 MiB a guess: 0.2 s on one core of 2025. */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
/** Twice what the cost above takes. */
const MEMORY_BYTES_MAX = 64 * 2 ** 20;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** 256 bits cannot be guessed, so a plain hash of them is enough to keep. */
const TOKEN_BYTES = 32;

const scrypt = promisify<string, Buffer, number, object, Buffer>(scryptWithCallback);

/** `scrypt$N$r$p$salt$hash`: the cost travels with the hash, so that it can be raised later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await scrypt(password.normalize('NFC'), salt, HASH_BYTES, {
    ...COST,
    maxmem: MEMORY_BYTES_MAX,
  });
  const parts = [COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')];
  return `scrypt$${parts.join('$')}`;
}

/** Of no password: compared against for unknown users, so that they take as long as known ones. */
const NOBODY = `scrypt$${COST.N}$${COST.r}$${COST.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** False for a wrong password, and as slowly for null (no such user) or a hash of another kind. */
export async function isPassword(password: string, secretHash: string | null): Promise<boolean> {
  const given = parse(secretHash ?? '');
  const { N, r, p, salt, hash } = given ?? parse(NOBODY)!;
  const tried = await scrypt(password.normalize('NFC'), salt, hash.length, {
    N,
    r,
    p,
    maxmem: MEMORY_BYTES_MAX,
  });
  return timingSafeEqual(tried, hash) && given !== null;
}

function parse(secretHash: string) {
  const [kind, N, r, p, salt, hash] = secretHash.split('$');
  if (kind !== 'scrypt' || !salt || !hash) return null;
  const bytes = { salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
  return bytes.hash.length === HASH_BYTES
    ? { N: Number(N), r: Number(r), p: Number(p), ...bytes }
    : null;
}

export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/** What is kept of a session's or a machine's token. */
export const hashToken = (token: string): string =>
  `sha256$${createHash('sha256').update(token).digest('base64url')}`;
