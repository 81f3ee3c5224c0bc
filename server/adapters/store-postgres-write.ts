import type { JournalHead } from '../kept.ts';
import type { Entry } from '../ports.ts';
import { Batch, type PositionValues, type Values } from './store-postgres-batch.ts';
import { type Bulk, columnsOf } from './store-postgres-bulk.ts';
import { ask, type Connection, NoAnswerError, sqlStateOf } from './store-postgres-connection.ts';
import { DURABILITY, durabilityFaults, UnfitError } from './store-postgres-durability.ts';
import {
  dayOf,
  DAYS_AHEAD,
  isPlausibleDay,
  type PartitionBook,
} from './store-postgres-partitions.ts';
import * as table from './store-postgres-tables.ts';
import { type BadEntry, REJECTIONS_MAX } from './store-entry.ts';

/** One batch of entries in one transaction. */

/** Somebody else has written to the journal: this process no longer knows how things stand. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

export interface Written {
  readonly head: JournalHead;
  readonly bad: readonly BadEntry[];
}

export interface Session {
  readonly connection: Connection;
  readonly partitions: PartitionBook;
  /** Devices known to be in `positioned`. */
  readonly positioned: Set<string>;
  /** Where the journal stood when the session began. */
  readonly head: JournalHead;
}

const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE';

/**
 * Writes all that can be written. `onCommit` is told what will have been written just before it is
 * asked for: from then on until the answer it is in doubt.
 */
export async function writeEntries(
  session: Session,
  head: JournalHead,
  entries: readonly Entry[],
  onCommit: (written: Written) => void,
): Promise<Written> {
  const batch = new Batch(head, entries);
  await session.partitions.ensure(session.connection, daysOf(batch));
  try {
    return await inTransaction(session, onCommit, async () => {
      if (batch.head !== head) await moveHead(session.connection, head, batch.head);
      await writeRows(session, batch);
      return batch;
    });
  } catch (error) {
    if (!isFaultOfEntry(error)) throw error;
    return inTransaction(session, onCommit, async () => {
      await moveHead(session.connection, head, head);
      const outcome = await writeHalves(session, head, entries);
      await moveHead(session.connection, head, outcome.head);
      return outcome;
    });
  }
}

interface Outcome extends Written {
  readonly newestMs: number | null;
  readonly positioned: ReadonlySet<string>;
}

async function inTransaction(
  { connection, positioned }: Session,
  onCommit: (written: Written) => void,
  work: () => Promise<Outcome>,
): Promise<Written> {
  await ask(connection, BEGIN);
  let outcome: Outcome;
  try {
    outcome = await work();
    await checkDurability(connection, outcome.newestMs);
    onCommit(outcome);
    // A transaction that failed unnoticed would answer with ROLLBACK.
    const { command } = await ask(connection, 'COMMIT');
    if (command !== 'COMMIT') throw new Error(`PostgreSQL answered ${command} to COMMIT`);
  } catch (error) {
    if (!(error instanceof NoAnswerError)) await ask(connection, 'ROLLBACK');
    throw error;
  }
  for (const deviceId of outcome.positioned) positioned.add(deviceId);
  return outcome;
}

/** Notes the newest time, and looks whether this commit will be worth its answer. */
async function checkDurability(connection: Connection, newestMs: number | null): Promise<void> {
  const note = `UPDATE newest SET at_ms = greatest(at_ms, $1::bigint) RETURNING ${DURABILITY}`;
  const { rows } = await ask(connection, note, [newestMs], 'newest');
  const faults = durabilityFaults(rows[0]!);
  if (faults.length > 0) throw new UnfitError(`nothing is written: ${faults.join('; ')}`);
}

/**
 * Before the first row is written, lest the number that somebody else has taken look like a fault
 * of ours; and nobody else can move it until the end of the transaction.
 */
async function moveHead(
  connection: Connection,
  before: JournalHead,
  after: JournalHead,
): Promise<void> {
  const move = `UPDATE journal_head SET seq = $1::bigint, hash = $2
    WHERE seq = $3::bigint AND hash = $4`;
  const values = [after.seq, after.hash, before.seq, before.hash];
  const { rowCount } = await ask(connection, move, values, 'journal-head');
  if (rowCount !== 1) throw fenced(before);
}

export const fenced = ({ seq }: JournalHead): FencedError =>
  new FencedError(
    `somebody else wrote to the journal after row ${seq}: this process writes no more, restart it`,
  );

/** Would the same entry fail anywhere? Wrong data, or what a key or a rule refuses. */
const isFaultOfEntry = (error: unknown): boolean => /^2[123]/.test(sqlStateOf(error) ?? '');

/**
 * Finds the entries that cannot be written: what fails as a whole is tried in halves, in order,
 * each within a savepoint.
 */
async function writeHalves(
  session: Session,
  head: JournalHead,
  entries: readonly Entry[],
  firstIndex = 0,
): Promise<Outcome> {
  const { connection } = session;
  const batch = new Batch(head, entries, firstIndex);
  await ask(connection, 'SAVEPOINT part');
  try {
    await writeRows(session, batch);
    await ask(connection, 'RELEASE part');
    return batch;
  } catch (error) {
    if (!isFaultOfEntry(error)) throw error;
    await ask(connection, 'ROLLBACK TO part; RELEASE part');
    if (entries.length === 1) return nothing(head, [badEntry(entries[0]!, firstIndex, error)]);
  }
  const middle = Math.ceil(entries.length / 2);
  const left = await writeHalves(session, head, entries.slice(0, middle), firstIndex);
  const later = firstIndex + middle;
  const right = await writeHalves(session, left.head, entries.slice(middle), later);
  return {
    head: right.head,
    bad: [...left.bad, ...right.bad],
    newestMs: maxOf(left.newestMs, right.newestMs),
    positioned: new Set([...left.positioned, ...right.positioned]),
  };
}

const nothing = (head: JournalHead, bad: readonly BadEntry[]): Outcome => ({
  head,
  bad,
  newestMs: null,
  positioned: new Set(),
});

/** PostgreSQL quotes the value that it refuses, and this goes into a log. */
function badEntry(entry: Entry, index: number, error: unknown): BadEntry {
  const state = sqlStateOf(error)!;
  const why = state.startsWith('23') ? (error as Error).message : 'a value is out of range';
  return { index, message: `${entry.type}: ${why} (${state})` };
}

const maxOf = (a: number | null, b: number | null): number | null =>
  a === null ? b : Math.max(a, b ?? a);

/** The days to come, and those of the fixes. */
function daysOf({ newestMs, positions }: Batch): ReadonlySet<number> {
  const days = new Set<number>();
  for (const { fixAtMs, receivedAtMs } of positions) {
    const day = dayOf(fixAtMs);
    if (isPlausibleDay(day, dayOf(receivedAtMs))) days.add(day);
  }
  const today = newestMs === null ? null : dayOf(newestMs);
  for (let ahead = 0; today !== null && ahead <= DAYS_AHEAD; ahead++) days.add(today + ahead);
  return days;
}

/** In this order, for each refers to what stands before it. */
async function writeRows(session: Session, batch: Batch): Promise<void> {
  const { connection } = session;
  const write = async (bulk: Bulk, rows: readonly Values[]): Promise<void> => {
    if (rows.length === 0) return;
    await ask(connection, bulk.text, columnsOf(bulk, rows), bulk.name);
  };
  await writePositions(session, batch, write);
  await write(table.INTO_DEVICE_EVENTS, batch.deviceEvents);
  await write(table.INTO_JOURNAL, batch.journal);
  await write(table.INTO_CHECKPOINTS, batch.checkpoints);
  await write(table.INTO_ALERTS, [...batch.alerts.values()]);
  await write(table.INTO_ALERT_EVENTS, batch.alertEvents);
  const tracks = [...batch.tracks.values()];
  await write(
    table.INTO_TRACKS,
    tracks.map(({ deviceId, alertId, fromMs }) => [deviceId, alertId, fromMs]),
  );
  await write(table.END_TRACKS, [...batch.trackEnds.values()]);
  await write(table.INTO_ORDERS, batch.orders);
  await write(table.INTO_DEVICES, [...batch.devices.values()]);
  await write(table.INTO_COMMANDS, [...batch.commands.values()]);
  await write(table.INTO_REGISTRATIONS, [...batch.registrations.values()]);
  await write(table.INTO_DELIVERIES, [...batch.deliveries.values()]);
  await write(table.INTO_BEATS, [...batch.beats.values()]);
  await write(table.INTO_ACCOUNTS, [...batch.accounts.values()]);
  await writeSessions(batch, write);
  await writeRejections(connection, batch, write);
}

type Write = (bulk: Bulk, rows: readonly Values[]) => Promise<void>;

async function writePositions(
  { partitions, positioned }: Session,
  { positions, positioned: devices }: Batch,
  write: Write,
): Promise<void> {
  const inDay = ({ fixAtMs }: PositionValues): boolean => partitions.has(dayOf(fixAtMs));
  const valuesOf = ({ values }: PositionValues): Values => values;
  await write(table.INTO_POSITIONS, positions.filter(inDay).map(valuesOf));
  const others = positions.filter((position) => !inDay(position));
  await write(table.INTO_DEFAULT_POSITIONS, others.map(valuesOf));
  const unknown = [...devices].filter((deviceId) => !positioned.has(deviceId));
  await write(
    table.INTO_POSITIONED,
    unknown.map((deviceId) => [deviceId]),
  );
}

async function writeSessions({ sessions }: Batch, write: Write): Promise<void> {
  const begun = [...sessions.values()].filter((values) => values !== null);
  await write(table.INTO_SESSIONS, begun);
  const ended = [...sessions].filter(([, values]) => values === null);
  await write(
    table.END_SESSIONS,
    ended.map(([tokenHash]) => [tokenHash]),
  );
}

async function writeRejections(
  connection: Connection,
  { rejections }: Batch,
  write: Write,
): Promise<void> {
  if (rejections.length === 0) return;
  await write(table.INTO_REJECTIONS, rejections);
  const drop = `DELETE FROM rejections WHERE id <= (SELECT max(id) FROM rejections) - $1::bigint`;
  await ask(connection, drop, [REJECTIONS_MAX], 'drop-rejections');
}
