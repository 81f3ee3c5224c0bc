import { ask, type Connection, NoAnswerError, sqlStateOf } from './store-postgres-connection.ts';
import { type Row, textOf } from './store-row.ts';

/** The days of measurement that have a partition of their own. */

export const DAY_MS = 86_400_000;
/** A weekend in which nobody can make one, and a day of margin. */
export const DAYS_AHEAD = 3;
/**
 * A fix that comes later than this, or that much from the future, is one of a clock far off: it
 * goes to the default partition, lest a broken device make a thousand tables. Five weeks of backlog
 * are more than any device keeps.
 */
const DAYS_LATE_MAX = 35;
const DAYS_EARLY_MAX = 1;

/** Appends wait no longer than this for readers to let a table be made; then they go on without. */
export const TABLE_LOCK_WITHIN_MS = 500;
const TRY_AGAIN_AFTER_MS = 10_000;

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';

export const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS);

/** As `positions_20261123`. */
export const partitionOf = (day: number): string =>
  `positions_${new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '')}`;

const PARTITIONS = `SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
  WHERE inhparent = 'positions'::regclass AND relname ~ '^positions_[0-9]{8}$' ORDER BY relname`;

const dayOfPartition = (row: Row): number => {
  const [, year, month, day] = /_(\d{4})(\d\d)(\d\d)$/.exec(textOf(row, 'relname'))!;
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / DAY_MS;
};

/** Oldest first. */
export async function presentDays(
  select: (text: string) => Promise<readonly Row[]>,
): Promise<number[]> {
  return (await select(PARTITIONS)).map(dayOfPartition);
}

/** Should a fix of this day, received on that one, have a partition? */
export const isPlausibleDay = (day: number, receivedDay: number): boolean =>
  day >= receivedDay - DAYS_LATE_MAX && day <= receivedDay + DAYS_EARLY_MAX;

export const isTableBusy = (error: unknown): boolean =>
  [LOCK_NOT_AVAILABLE, DEADLOCK].includes(sqlStateOf(error) ?? '');

/** What the writer and the pruning share: which days have a partition. */
export class PartitionBook {
  #days = new Set<number>();
  /** Being dropped: not to be made again meanwhile. */
  readonly #retiring = new Set<number>();
  #notBeforeMs = 0;

  has(day: number): boolean {
    return this.#days.has(day) && !this.#retiring.has(day);
  }

  async load(connection: Connection): Promise<void> {
    this.#days = new Set(await presentDays(async (text) => (await ask(connection, text)).rows));
  }

  /** Runs the drop of a day; positions of that day go to the default partition until it is over. */
  async retire(day: number, drop: () => Promise<void>): Promise<void> {
    this.#retiring.add(day);
    try {
      await drop();
      this.#days.delete(day);
    } finally {
      this.#retiring.delete(day);
    }
  }

  /**
   * Makes what is missing of these days. Where that fails, be it that somebody reads, it is for
   * another time: the default partition takes everything, and the limits tell what is missing.
   */
  async ensure(connection: Connection, days: Iterable<number>): Promise<void> {
    for (const day of days) {
      if (this.#days.has(day) || this.#retiring.has(day)) continue;
      if (performance.now() < this.#notBeforeMs) return;
      try {
        await makePartition(connection, day);
        this.#days.add(day);
      } catch (error) {
        if (error instanceof NoAnswerError) throw error;
        await ask(connection, 'ROLLBACK');
        this.#notBeforeMs = performance.now() + TRY_AGAIN_AFTER_MS;
      }
    }
  }
}

/**
 * Filled before it is attached, with what came meanwhile and with what is left of a dropped one: so
 * the key of a position is in one table only, whichever way it went.
 */
async function makePartition(connection: Connection, day: number): Promise<void> {
  const name = partitionOf(day);
  const [fromMs, untilMs] = [day * DAY_MS, (day + 1) * DAY_MS];
  const within = `fix_at_ms >= ${fromMs} AND fix_at_ms < ${untilMs}`;
  const moveFrom = (table: string): string =>
    `WITH moved AS (DELETE FROM ${table} WHERE ${within} RETURNING *)
     INSERT INTO ${name} SELECT * FROM moved ON CONFLICT DO NOTHING;`;
  await ask(
    connection,
    `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
     SET LOCAL lock_timeout = ${TABLE_LOCK_WITHIN_MS};
     CREATE TABLE ${name} (LIKE positions INCLUDING ALL);
     ${moveFrom('kept_positions')}
     ${moveFrom('positions_default')}
     ALTER TABLE positions ATTACH PARTITION ${name} FOR VALUES FROM (${fromMs}) TO (${untilMs});
     COMMIT`,
  );
}
