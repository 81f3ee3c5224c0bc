import { Client, type CustomTypesConfig, DatabaseError, Pool, types } from 'pg';
import { assert } from '../../shared/result.ts';
import type { Row } from './store-row.ts';

/** How we speak to PostgreSQL: one session for writing, a few for reading. */

/** A machine that answers takes milliseconds; a frozen one is asked again. */
export const CONNECT_WITHIN_MS = 5_000;
/**
 * A server that is frozen for half a minute comes back and answers: to give it up earlier would
 * only put what was asked in doubt. One that is gone without a word shows after this.
 */
export const ANSWER_WITHIN_MS = 60_000;
/** An idle connection that a firewall dropped must show before the next write needs it. */
const KEEPALIVE_AFTER_MS = 10_000;
/**
 * Readers: alert pages, tracks and an export at once, and little of the 100 connections that a
 * server has by default. A reader that waits for one of these does not hold up any write.
 */
const READ_CONNECTIONS_MAX = 4;
const READ_IDLE_MS = 60_000;
/** Longer than any page takes; a forgotten question must not hold old rows back from cleaning. */
const READ_WITHIN_MS = 60_000;

const INT8 = 20;

/** A whole number as JavaScript can hold it: beyond 2^53 it would silently be another number. */
function safeInteger(text: string): number {
  const value = Number(text);
  assert(Number.isSafeInteger(value), `${text} is no safe integer`);
  return value;
}

const parsers: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === INT8 ? safeInteger : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
};

export type Connection = Client;

/** Which server and database, without who we are there: for sentences and logs. */
export function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host || 'this machine'}${pathname}`;
}

export async function connect(url: string, answerWithinMs = ANSWER_WITHIN_MS): Promise<Connection> {
  const connection = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: answerWithinMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
    types: parsers,
  });
  // A connection that breaks while nobody uses it is found broken by its next use.
  connection.on('error', () => undefined);
  try {
    await connection.connect();
    return connection;
  } catch (error) {
    abandon(connection);
    throw error;
  }
}

/** Ends a connection that may not answer any more. */
export function abandon(connection: Connection): void {
  connection.connection.stream.destroy();
}

/** Nobody knows whether what was asked has been done. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** Asks over a session of our own; throws `NoAnswerError` when the session is over. */
export async function ask(
  connection: Connection,
  text: string,
  values: readonly unknown[] = [],
  name?: string,
) {
  try {
    const query = { text, values: [...values], ...(name !== undefined && { name }) };
    return await connection.query<Row>(query);
  } catch (error) {
    if (isAnswer(error)) throw error;
    throw new NoAnswerError((error as Error).message, { cause: error });
  }
}

/** After these the server ends the session, or all sessions. */
const ENDS_SESSION = /^(08|57P0)/;

/** An error that the server told within a session that goes on. */
const isAnswer = (error: unknown): error is DatabaseError =>
  error instanceof DatabaseError &&
  error.severity === 'ERROR' &&
  !ENDS_SESSION.test(error.code ?? '');

/** PostgreSQL's five characters for what went wrong; null when it was not PostgreSQL's to say. */
export const sqlStateOf = (error: unknown): string | null =>
  error instanceof DatabaseError ? (error.code ?? null) : null;

/** Rows as text, numbers to the last bit, nothing ever written. */
const READ_SESSION = `SET default_transaction_read_only = on; SET extra_float_digits = 1;
  SET statement_timeout = ${READ_WITHIN_MS}`;

/** A few sessions that only read. */
export function readers(url: string): Pool {
  const pool = new Pool({
    connectionString: url,
    max: READ_CONNECTIONS_MAX,
    idleTimeoutMillis: READ_IDLE_MS,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: READ_WITHIN_MS + CONNECT_WITHIN_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
    types: parsers,
    onConnect: (client) => client.query(READ_SESSION),
  });
  // An idle one that breaks is replaced by the next.
  pool.on('error', () => undefined);
  return pool;
}

export type Select = (text: string, values?: readonly unknown[]) => Promise<Row[]>;

export const selectOf =
  (pool: Pool): Select =>
  async (text, values = []) =>
    (await pool.query<Row>(text, [...values])).rows;
