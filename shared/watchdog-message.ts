import { z } from 'zod';
import { canonicalJson, type Json } from './canonical-json.ts';
import { Instant } from './instant.ts';

/**
 * What a server tells its watchdog: `POST /well` that all is well, `POST /stalled` from a thread
 * beside an event loop that does not move. Each message is signed over a nonce that the watchdog
 * gave in an earlier answer, so that nobody can play an old "all well" to it.
 */

/** A server tells that often; three tells fit into what a watchdog waits for. */
export const TELL_EVERY_MS = 5_000;
/** Reasons are codes for people; more than these nobody reads in an alarm. */
const REASONS_MAX = 20;
const REASON_CHARS_MAX = 80;
/** An Ed25519 key in PEM has 113 characters, its signature 86. */
const KEY_CHARS_MAX = 200;
const SIGNATURE_CHARS_MAX = 100;
const NONCE_CHARS_MAX = 200;
/** A hash in hexadecimal digits, up to SHA-512. */
const HASH_CHARS_MAX = 128;

/** Names one of the servers that a watchdog looks after. */
export const ServerId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'give up to 64 of A-Z a-z 0-9 . _ -');

/** How far a journal has come, as its server signs it. */
export const Checkpoint = z.strictObject({
  seq: z.int().min(0),
  hash: z.string().min(1).max(HASH_CHARS_MAX),
  atMs: z.int().min(0),
  keyId: z.string().min(1).max(SIGNATURE_CHARS_MAX),
  signature: z.string().min(1).max(SIGNATURE_CHARS_MAX),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

const ENVELOPE = {
  serverId: ServerId,
  /** Empty in the first message, which only asks for one. */
  nonce: z.string().max(NONCE_CHARS_MAX),
  at: Instant,
  /** SPKI as PEM: whom the signature is by, for a watchdog that meets this server first. */
  publicKey: z.string().max(KEY_CHARS_MAX),
  /** Ed25519, base64url without padding, over `signedText`. */
  signature: z.string().max(SIGNATURE_CHARS_MAX),
};

export const WellMessage = z.strictObject({
  ...ENVELOPE,
  well: z.boolean(),
  /** Codes without persons or places; empty when well. */
  reasons: z.array(z.string().min(1).max(REASON_CHARS_MAX)).max(REASONS_MAX),
  /** Since the canary last came through; null where none runs. */
  canaryAgeS: z.number().min(0).nullable(),
  /** The newest of the journal; null where there is none yet. */
  checkpoint: Checkpoint.nullable(),
});
export type WellMessage = z.infer<typeof WellMessage>;

export const StalledMessage = z.strictObject({
  ...ENVELOPE,
  /** For how long the event loop has not moved. */
  stalledForS: z.number().min(0),
});
export type StalledMessage = z.infer<typeof StalledMessage>;

/** What the watchdog answers: the nonce for the next message, and why this one did not count. */
export const WatchdogAnswer = z.object({
  nonce: z.string().max(NONCE_CHARS_MAX),
  refused: z.string().nullable(),
});
export type WatchdogAnswer = z.infer<typeof WatchdogAnswer>;

/** What the signature is over: the message without it, as canonical JSON (RFC 8785), in UTF-8. */
export function signedText(message: Readonly<Record<string, Json>>): string {
  const { signature: _, ...rest } = message;
  return canonicalJson(rest);
}
