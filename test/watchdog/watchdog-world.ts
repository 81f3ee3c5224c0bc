import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signingKey } from '../../server/adapters/signing-key.ts';
import type { Signer } from '../../server/evidence/checkpoint.ts';
import { openKnownServers } from '../../server/watchdog/known-servers.ts';
import { nonceBook } from '../../server/watchdog/nonces.ts';
import { LIMITS } from '../../server/watchdog/vigil.ts';
import { Watch } from '../../server/watchdog/watch.ts';
import { openWitness } from '../../server/watchdog/witness.ts';
import { toInstant } from '../../shared/instant.ts';
import { type Checkpoint, signedText, type WellMessage } from '../../shared/watchdog-message.ts';

export const START_MS = Date.UTC(2026, 10, 26, 12);

export interface Folder {
  readonly path: string;
  remove(): void;
}

export function folder(name: string): Folder {
  const path = mkdtempSync(join(tmpdir(), `cordon-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const checkpoint = (seq: number, hash = `hash-${seq}`): Checkpoint => ({
  seq,
  hash,
  atMs: START_MS,
  keyId: '0123456789abcdef',
  signature: 'as-the-journal-signed-it',
});

export type Facts = Partial<Omit<WellMessage, 'signature'>>;

/** A message of a server, signed with its key. */
export function messageOf(key: Signer, facts: Facts = {}): WellMessage {
  const message = {
    serverId: 'cordon',
    nonce: '',
    at: toInstant(START_MS),
    publicKey: key.publicKeyPem,
    well: true,
    reasons: [],
    canaryAgeS: null,
    checkpoint: null,
    ...facts,
  };
  return { ...message, signature: key.sign(signedText(message)) };
}

export interface WatchWish {
  readonly keys?: readonly string[];
  readonly expected?: readonly string[];
}

/** The watch of one watchdog on a folder, with a clock that the test owns. */
export function watchOn(stateDir: string, { keys, expected = [] }: WatchWish = {}) {
  let nowMs = START_MS;
  const told: string[] = [];
  const known = openKnownServers(stateDir);
  const witness = openWitness(stateDir);
  const parts = {
    limits: LIMITS,
    keys: keys ?? null,
    expected,
    known,
    witness,
    nonces: nonceBook(),
    notify: (serverId: string, { type, reasons }: { type: string; reasons: readonly string[] }) =>
      void told.push(`${serverId} ${type} ${reasons.join(' ')}`),
  };
  const watch = new Watch(parts, nowMs);
  return {
    watch,
    known,
    witness,
    told,
    nowMs: () => nowMs,
    pass(seconds: number): void {
      for (const untilMs = nowMs + seconds * 1000; nowMs < untilMs;) {
        nowMs += 250;
        watch.tick(nowMs);
      }
    },
    /** Asks for a nonce and speaks over it, as a server does. */
    say(key: Signer, facts: Facts = {}) {
      const nonce = watch.nonceFor(facts.serverId ?? 'cordon', nowMs);
      const message = messageOf(key, { ...facts, nonce });
      return { message, refused: watch.well(message, nowMs) };
    },
    close(): void {
      known.close();
      witness.close();
    },
  };
}

export const keyIn = (dir: string, name: string): Signer => signingKey(join(dir, name));
