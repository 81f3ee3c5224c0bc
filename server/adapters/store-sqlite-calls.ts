import type { Entry } from '../ports.ts';
import { ballastIn } from './store-sqlite-ballast.ts';
import { openDatabase } from './store-sqlite-database.ts';
import { fsyncWarning, measureFsync } from './store-sqlite-fsync.ts';
import { limitsReader } from './store-sqlite-limits.ts';
import { pruner } from './store-sqlite-prune.ts';
import { reader } from './store-sqlite-read.ts';
import { batchWriter } from './store-sqlite-write.ts';

/** Few enough to start quickly, enough for a median. */
const FSYNC_PROBES = 50;

/** Opens a data folder; every call on the result is synchronous, for a thread of its own. */
export function openCalls(dataDir: string) {
  const { connection, close } = openDatabase(dataDir);
  const reading = reader(connection);
  const write = batchWriter(connection, ballastIn(dataDir));
  const warning = fsyncWarning(measureFsync(dataDir, FSYNC_PROBES));
  return {
    warnings: (): readonly string[] => (warning === null ? [] : [warning]),
    /** As text: cheaper for the thread that evaluates than a copy of so many objects. */
    append: (text: string) => write(JSON.parse(text) as Entry[]),
    pruneStep: pruner(connection),
    ...reading,
    recover: (relied: number, other: number) => JSON.stringify(reading.recover(relied, other)),
    limits: limitsReader(dataDir, connection),
    close,
  };
}

export type StoreCalls = ReturnType<typeof openCalls>;
export type StoreCall = keyof StoreCalls;

/** From the main thread. */
export interface Request {
  readonly id: number;
  readonly call: StoreCall;
  readonly parameters: readonly unknown[];
}

/** To the main thread; the opening itself is answered as request 0. */
export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: Error };
