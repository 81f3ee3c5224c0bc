import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { toInstant } from '../../shared/instant.ts';
import { ServerId } from '../../shared/watchdog-message.ts';
import { openLedger } from './ledger.ts';

/** Servers that one watchdog looks after; beyond, a second watchdog is the better answer. */
export const SERVERS_MAX = 20;

const Line = z.object({ serverId: ServerId, publicKey: z.string().nullable() });
type Line = z.infer<typeof Line>;

/** Which servers there are, and by which key each is known: kept over a restart. */
export interface KnownServers {
  readonly unreadable: number;
  ids(): readonly string[];
  /** Null for one that is expected but was never heard. */
  keyOf(serverId: string): string | null;
  /** Trust on first use; false when there are too many. */
  learn(serverId: string, publicKey: string, atMs: number): boolean;
  /** No longer watched, and free to come back with another key. */
  forget(serverId: string, atMs: number): void;
  close(): void;
}

export function openKnownServers(stateDir: string): KnownServers {
  const keys = new Map<string, string>();
  const take = ({ serverId, publicKey }: Line): void => {
    if (publicKey === null) keys.delete(serverId);
    else keys.set(serverId, publicKey);
  };
  const ledger = openLedger(join(stateDir, 'servers.ndjson'), (line) => take(Line.parse(line)));
  const write = (line: Line, atMs: number): void => {
    ledger.append({ at: toInstant(atMs), ...line });
    take(line);
  };
  return {
    unreadable: ledger.unreadable,
    ids: () => [...keys.keys()],
    keyOf: (serverId) => keys.get(serverId) ?? null,
    learn(serverId, publicKey, atMs) {
      if (!keys.has(serverId) && keys.size >= SERVERS_MAX) return false;
      write({ serverId, publicKey }, atMs);
      return true;
    },
    forget: (serverId, atMs) => write({ serverId, publicKey: null }, atMs),
    close: () => ledger.close(),
  };
}

/** The one spelling of a public key in PEM; null for what is none. */
export function spelledKey(pem: string): string | null {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519'
      ? (key.export({ type: 'spki', format: 'pem' }) as string)
      : null;
  } catch {
    return null;
  }
}
