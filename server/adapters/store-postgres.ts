import { randomUUID } from 'node:crypto';
import type { Archive, Store } from '../ports.ts';
import { appendQueue } from './store-append-queue.ts';
import {
  ANSWER_WITHIN_MS,
  connect,
  placeOf,
  readers,
  selectOf,
} from './store-postgres-connection.ts';
import { readLimits } from './store-postgres-limits.ts';
import { newestVersion, presentVersion } from './store-postgres-migrate.ts';
import { PartitionBook } from './store-postgres-partitions.ts';
import { prune } from './store-postgres-prune.ts';
import { reader } from './store-postgres-read.ts';
import { recovery } from './store-postgres-recovery.ts';
import { endSession } from './store-postgres-session.ts';
import { type TellTrouble, Writer } from './store-postgres-writer.ts';

/** Well within the time that Docker and systemd give before they kill. */
const CLOSE_WITHIN_MS = 8_000;

export interface PostgresWish {
  /** Told what is wrong with the connection, whenever that changes; null when all is well. */
  readonly onTrouble?: TellTrouble;
  /** For tests: how long an answer is waited for before its session is given up. */
  readonly answerWithinMs?: number;
  /** For tests: how long a database that is not there yet is waited for. */
  readonly openWithinMs?: number;
  /** For tests: how long what was appended may still take when the store is closed. */
  readonly closeWithinMs?: number;
}

export interface PostgresStore extends Store {
  /** What the administrator must know about this database. */
  readonly warnings: readonly string[];
}

/**
 * A database on this or another machine. One session writes, a few others read. What PostgreSQL has
 * committed is on disk, or the store does not open. (RELIABILITY §5)
 */
export async function postgresStore(url: string, wish: PostgresWish = {}): Promise<PostgresStore> {
  const partitions = new PartitionBook();
  const writer = await Writer.open({
    url,
    name: `cordon ${randomUUID()}`,
    partitions,
    answerWithinMs: wish.answerWithinMs ?? ANSWER_WITHIN_MS,
    onTrouble: wish.onTrouble ?? (() => undefined),
    ...(wish.openWithinMs !== undefined && { openWithinMs: wish.openWithinMs }),
  });
  const pool = readers(url);
  const select = selectOf(pool);
  const queue = appendQueue((entries) => writer.write(entries));
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await writer.close(queue.drain(), wish.closeWithinMs ?? CLOSE_WITHIN_MS);
    await pool.end();
  };
  return {
    warnings: writer.warnings,
    append: queue.append,
    ...reader(select),
    recover: recovery(select),
    limits: () => readLimits(select),
    prune: (beforeMs) => prune(url, partitions, beforeMs),
    close: () => (closed ??= close()),
  };
}

/** The same database, to be read only, also while a server writes to it. */
export async function postgresArchive(url: string): Promise<Archive> {
  const connection = await connect(url).catch((error: unknown) => {
    throw new Error(`cannot use ${placeOf(url)}: ${(error as Error).message}`, { cause: error });
  });
  const version = await presentVersion(connection).finally(() => endSession(connection));
  if (version !== newestVersion()) {
    throw new Error(
      `the database has version ${version}, this program reads ${newestVersion()}: start the ` +
        'server once, or use the program that goes with it',
    );
  }
  const pool = readers(url);
  const { alerts, checkpoints, dump, journal, journalHead, orders, registrations } = reader(
    selectOf(pool),
  );
  const close = (): Promise<void> => pool.end();
  return { alerts, checkpoints, dump, journal, journalHead, orders, registrations, close };
}
