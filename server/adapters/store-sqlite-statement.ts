import { type Row, storable } from './store-row.ts';
import type { Connection } from './store-sqlite-connection.ts';

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
      const { changes, lastInsertRowid } = prepared.run(values.map(storable));
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    },
    get: (...values) => prepared.get(values.map(storable)) as Row | undefined,
    all: (...values) => prepared.all(values.map(storable)) as Row[],
  };
}
