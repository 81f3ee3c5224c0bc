import Database from 'libsql';

export type Connection = InstanceType<typeof Database>;

/** The present value of a pragma. */
export function pragma(connection: Connection, name: string): unknown {
  const row = connection.prepare(`PRAGMA ${name}`).raw().get() as unknown[] | undefined;
  return row?.[0];
}

/** All of `work` or none of it. */
export function inTransaction<T>(connection: Connection, work: () => T): T {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk makes SQLite roll back by itself.
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

export const SQLITE_BUSY = 5;
export const SQLITE_IOERR = 10;
export const SQLITE_CORRUPT = 11;
export const SQLITE_FULL = 13;
export const SQLITE_TOOBIG = 18;
export const SQLITE_CONSTRAINT = 19;
export const SQLITE_MISMATCH = 20;

/** SQLite's primary result code; null when the error is not SQLite's. */
export function sqliteCodeOf(error: unknown): number | null {
  if (!(error instanceof Database.SqliteError)) return null;
  return (error.rawCode ?? 1) & 0xff;
}
