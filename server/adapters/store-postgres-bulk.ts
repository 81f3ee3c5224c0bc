import type { Storable } from './store-row.ts';

/** Statements that write many rows at once: a column is one parameter, an array. */

export interface Bulk {
  /** Prepared once per session under this name. */
  readonly name: string;
  readonly text: string;
  readonly columns: number;
}

type Column = readonly [name: string, type: 'text' | 'bigint' | 'double precision' | 'boolean'];

interface BulkWish {
  readonly table: string;
  readonly columns: readonly Column[];
  readonly where?: string;
  readonly onConflict?: string;
}

/** The rows are `added` in `where`. */
export function bulkInsert(name: string, wish: BulkWish): Bulk {
  const { table, columns, where = '', onConflict = '' } = wish;
  const names = columns.map(([column]) => column).join(', ');
  const arrays = columns.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ');
  const text = `INSERT INTO ${table} (${names})
    SELECT * FROM unnest(${arrays}) AS added (${names}) ${where} ${onConflict}`;
  return { name, text, columns: columns.length };
}

/** The same values, a column at a time. */
export const columnsOf = (
  { columns }: Bulk,
  rows: readonly (readonly (Storable | boolean)[])[],
): unknown[][] => Array.from({ length: columns }, (_, i) => rows.map((row) => row[i]));
