import type { Entry } from '../ports.ts';
import {
  type Connection,
  inTransaction,
  SQLITE_CONSTRAINT,
  SQLITE_CORRUPT,
  SQLITE_IOERR,
  SQLITE_MISMATCH,
  SQLITE_TOOBIG,
  sqliteCodeOf,
} from './store-sqlite-database.ts';
import { entryWriter } from './store-sqlite-entry.ts';
import { statement } from './store-sqlite-statement.ts';

/** An entry that can never be written, by its place in the batch. */
export interface BadEntry {
  readonly index: number;
  readonly message: string;
}

/** Returns the bad entries once all others are on disk; throws when nothing could be written. */
export type WriteBatch = (entries: readonly Entry[]) => readonly BadEntry[];

/** Writes entries in order, a batch in one transaction. */
export function batchWriter(connection: Connection): WriteBatch {
  const write = entryWriter(connection);
  const noteNewest = statement(connection, 'UPDATE newest SET at_ms = max(ifnull(at_ms, 0), ?)');

  /** `writeOne` says whether it wrote. */
  const writeAll = (entries: readonly Entry[], writeOne: (entry: Entry, i: number) => boolean) =>
    inTransaction(connection, () => {
      let newestMs = 0;
      entries.forEach((entry, index) => {
        if (writeOne(entry, index)) newestMs = Math.max(newestMs, serverTimeOf(entry) ?? 0);
      });
      if (newestMs > 0) noteNewest.run(newestMs);
    });

  const writeOneByOne = (entries: readonly Entry[]): readonly BadEntry[] => {
    const bad: BadEntry[] = [];
    writeAll(entries, (entry, index) => {
      connection.exec('SAVEPOINT entry');
      try {
        write(entry);
      } catch (error) {
        if (!isFaultOfEntry(error)) throw error;
        connection.exec('ROLLBACK TO entry');
        bad.push({ index, message: `${entry.type}: ${(error as Error).message}` });
      }
      connection.exec('RELEASE entry');
      return bad.at(-1)?.index !== index;
    });
    return bad;
  };

  let broken: unknown = null;
  return (entries) => {
    if (broken) throw broken;
    try {
      writeAll(entries, (entry) => {
        write(entry);
        return true;
      });
      return [];
    } catch (error) {
      if (isFaultOfEntry(error)) return writeOneByOne(entries);
      if (isBroken(error)) broken = error;
      throw error;
    }
  };
}

/** Would the same entry fail on a healthy disk too? */
function isFaultOfEntry(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  if (code === null) return true;
  return code === SQLITE_CONSTRAINT || code === SQLITE_MISMATCH || code === SQLITE_TOOBIG;
}

/**
 * After a failed sync nobody knows what is on the disk, and the next one may falsely succeed: only
 * a restart, with its check of the whole file, may go on. (RELIABILITY §7, 10)
 */
function isBroken(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  return code === SQLITE_IOERR || code === SQLITE_CORRUPT;
}

/** When the server took an entry in; null for what carries no such time. */
function serverTimeOf(entry: Entry): number | null {
  switch (entry.type) {
    case 'position':
      return entry.fix.receivedAtMs;
    case 'device-event':
      return entry.receivedAtMs;
    case 'alert-change':
      return entry.change.atMs;
    case 'session':
      return entry.createdAtMs;
    case 'account':
    case 'session-ended':
      return null;
    default:
      return entry.atMs;
  }
}
