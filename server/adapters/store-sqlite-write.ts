import type { Entry } from '../ports.ts';
import {
  type Connection,
  inTransaction,
  SQLITE_CONSTRAINT,
  SQLITE_CORRUPT,
  SQLITE_FULL,
  SQLITE_IOERR,
  SQLITE_MISMATCH,
  SQLITE_TOOBIG,
  sqliteCodeOf,
} from './store-sqlite-connection.ts';
import { isDecision } from '../evidence/journal-chain.ts';
import { DISK_FULL, isVital } from './store-append-queue.ts';
import type { Ballast } from './store-sqlite-ballast.ts';
import { decisionWriter } from './store-sqlite-decision.ts';
import { type BadEntry, serverTimeOf } from './store-entry.ts';
import { entryWriter } from './store-sqlite-entry.ts';
import { statement } from './store-sqlite-statement.ts';

/** Returns the bad entries once all others are on disk; throws when nothing could be written. */
export type WriteBatch = (entries: readonly Entry[]) => readonly BadEntry[];

/** Writes entries in order, a batch in one transaction. */
export function batchWriter(connection: Connection, ballast: Ballast = NO_BALLAST): WriteBatch {
  const writeData = entryWriter(connection);
  const journal = decisionWriter(connection);
  const noteNewest = statement(connection, 'UPDATE newest SET at_ms = max(ifnull(at_ms, 0), ?)');

  const write = (entry: Entry): void =>
    isDecision(entry) ? journal.write(entry) : writeData(entry);

  /** `writeOne` says whether it wrote. */
  const writeAll = (entries: readonly Entry[], writeOne: (entry: Entry, i: number) => boolean) => {
    const { head } = journal;
    try {
      inTransaction(connection, () => {
        let newestMs = 0;
        entries.forEach((entry, index) => {
          if (writeOne(entry, index)) newestMs = Math.max(newestMs, serverTimeOf(entry) ?? 0);
        });
        if (newestMs > 0) noteNewest.run(newestMs);
        if (journal.head !== head) journal.saveHead();
      });
    } catch (error) {
      journal.returnTo(head);
      throw error;
    }
  };

  const writeOneByOne = (entries: readonly Entry[]): readonly BadEntry[] => {
    const bad: BadEntry[] = [];
    writeAll(entries, (entry, index) => {
      connection.exec('SAVEPOINT entry');
      const { head } = journal;
      try {
        write(entry);
      } catch (error) {
        if (!isFaultOfEntry(error)) throw error;
        connection.exec('ROLLBACK TO entry');
        journal.returnTo(head);
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
    if (ballast.isTight() && !entries.every(isVital)) throw diskFull('kept for decisions');
    try {
      writeAll(entries, (entry) => {
        write(entry);
        return true;
      });
      return [];
    } catch (error) {
      if (isFaultOfEntry(error)) return writeOneByOne(entries);
      if (isBroken(error)) broken = error;
      if (sqliteCodeOf(error) !== SQLITE_FULL) throw error;
      ballast.throwOut();
      throw diskFull((error as Error).message);
    }
  };
}

/** Without a folder of its own, as in a test of the tables. */
const NO_BALLAST: Ballast = { isTight: () => false, throwOut: () => false };

const diskFull = (why: string): Error => new Error(`${DISK_FULL}: ${why}`);

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
