import type { JournalHead } from '../kept.ts';
import { abandon, ask, connect, type Connection } from './store-postgres-connection.ts';
import { checkFitness } from './store-postgres-durability.ts';
import { takeLock } from './store-postgres-lock.ts';
import { migrate } from './store-postgres-migrate.ts';
import { PartitionBook } from './store-postgres-partitions.ts';
import type { Session } from './store-postgres-write.ts';
import { integerOf, type Row, textOf } from './store-row.ts';

/** The one session that writes: locked, looked over, and sure of where the journal stands. */

/**
 * What waits so long for a lock waits for somebody's repair of a table: the batch is then refused
 * aloud, and what it held comes again. There is no other bound on a statement: the server's would
 * run out while the server itself stands still, and refuse what it need only have finished.
 */
const LOCKED_WITHIN_MS = 30_000;
/** We ask one thing after the other: so long between two in a transaction, and we are gone. */
const IDLE_WITHIN_MS = 120_000;
/** So that the lock of a machine that lost its power is free within half a minute. */
const KEEPALIVE = { idleS: 10, intervalS: 5, count: 3 };

/** Nothing that decides about durability is set here: that is the administrator's, and checked. */
const settingsOf = (name: string): string => `
  SET application_name = '${name}';
  SET extra_float_digits = 1;
  SET statement_timeout = 0;
  SET lock_timeout = ${LOCKED_WITHIN_MS};
  SET idle_in_transaction_session_timeout = ${IDLE_WITHIN_MS};
  SET tcp_keepalives_idle = ${KEEPALIVE.idleS};
  SET tcp_keepalives_interval = ${KEEPALIVE.intervalS};
  SET tcp_keepalives_count = ${KEEPALIVE.count};
  SET client_connection_check_interval = ${KEEPALIVE.idleS * 1000}`;

export interface SessionWish {
  readonly url: string;
  /** Application name of all sessions of this process that write. */
  readonly name: string;
  readonly partitions: PartitionBook;
  readonly answerWithinMs: number;
}

export interface OpenSession extends Session {
  readonly warnings: readonly string[];
}

export async function openSession(wish: SessionWish): Promise<OpenSession> {
  const { url, name, partitions, answerWithinMs } = wish;
  const connection = await connect(url, answerWithinMs);
  try {
    await ask(connection, settingsOf(name));
    const warnings = await checkFitness(connection);
    await takeLock(connection, name);
    await migrate(connection);
    await partitions.load(connection);
    const head = headOf((await ask(connection, HEAD)).rows);
    return { connection, partitions, positioned: new Set(), head, warnings };
  } catch (error) {
    // A lock that is given back late would look like another Cordon.
    await endSession(connection);
    throw error;
  }
}

/** Waits until the server has let go of it, unless it does not answer. */
export async function endSession(connection: Connection): Promise<void> {
  const timer = setTimeout(() => abandon(connection), END_WITHIN_MS);
  await connection.end().catch(() => undefined);
  clearTimeout(timer);
}

const END_WITHIN_MS = 2_000;

export const HEAD = 'SELECT seq, hash FROM journal_head';

export const headOf = ([row]: readonly Row[]): JournalHead => ({
  seq: integerOf(row!, 'seq'),
  hash: textOf(row!, 'hash'),
});
