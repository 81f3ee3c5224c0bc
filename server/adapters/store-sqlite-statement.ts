import { assert } from '../../shared/result.ts';
import type { Connection } from './store-sqlite-connection.ts';

export type Row = Record<string, unknown>;

export interface Statement {
  run(...values: unknown[]): { changes: number; lastInsertRowid: number };
  get(...values: unknown[]): Row | undefined;
  all(...values: unknown[]): Row[];
}

/** A prepared statement that binds only what SQLite can keep. */
export function statement(connection: Connection, sql: string): Statement {
  const prepared = connection.prepare(sql);
  return {
    run: (...values) => {
      const { changes, lastInsertRowid } = prepared.run(values.map(bindable));
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    },
    get: (...values) => prepared.get(values.map(bindable)) as Row | undefined,
    all: (...values) => prepared.all(values.map(bindable)) as Row[],
  };
}

/**
 * libsql ends the whole process on a boolean, keeps NaN and undefined as NULL, and cuts a text off
 * at its first NUL. A NUL is kept as its visible sign, since PostgreSQL could not hold it either.
 */
function bindable(value: unknown): string | number | null {
  if (value === null) return null;
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '␀') : value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new TypeError(`cannot store ${typeof value === 'number' ? value : typeof value}`);
}

export const textOf = (row: Row, column: string): string => {
  const value = row[column];
  assert(typeof value === 'string', `column ${column} holds ${typeof value}, not text`);
  return value;
};

/** A whole number as JavaScript can hold it: beyond 2^53 it would silently be another number. */
export const integerOf = (row: Row, column: string): number => {
  const value = row[column];
  assert(Number.isSafeInteger(value), `column ${column} holds ${value}, not a safe integer`);
  return value as number;
};

export const numberOf = (row: Row, column: string): number => {
  const value = row[column];
  assert(typeof value === 'number', `column ${column} holds ${typeof value}, not a number`);
  return value;
};

export const orNull = <T>(read: (row: Row, column: string) => T, row: Row, column: string) =>
  row[column] === null ? null : read(row, column);
