import type { Entry } from '../ports.ts';
import type { BadEntry } from './store-entry.ts';

/** A transaction this long takes some 50 ms: what comes meanwhile waits no longer than that. */
const BATCH_ENTRIES_MAX = 2_000;

/** Half a minute of 2,000 entries a second: a disk that hangs longer must be heard of. */
export const QUEUE_ENTRIES_MAX = 60_000;

/** Entries that no retry can make writable; all others of the same append are on disk. */
export class BadEntryError extends Error {
  override readonly name = 'BadEntryError';
  readonly bad: readonly BadEntry[];

  constructor(bad: readonly BadEntry[]) {
    super(
      `cannot be written: ${bad.map(({ index, message }) => `[${index}] ${message}`).join('; ')}`,
    );
    this.bad = bad;
  }
}

interface Waiting {
  readonly entries: readonly Entry[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface AppendQueue {
  append(entries: readonly Entry[]): Promise<void>;
  /** Takes nothing more; resolves when all that was taken is settled. */
  drain(): Promise<void>;
}

/**
 * Group commit: at most one batch is being written, and all that arrives meanwhile goes into the
 * next. So a sync of the disk costs each entry less the more there are, and order is kept.
 */
export function appendQueue(
  write: (entries: readonly Entry[]) => Promise<readonly BadEntry[]>,
): AppendQueue {
  let waiting: Waiting[] = [];
  let entriesWaiting = 0;
  let running: Promise<void> | null = null;
  let draining = false;

  const takeBatch = (): readonly Waiting[] => {
    let entries = 0;
    let count = 0;
    while (count < waiting.length && (count === 0 || entries < BATCH_ENTRIES_MAX)) {
      entries += waiting[count]!.entries.length;
      count++;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  };

  /**
   * What waits behind a batch that failed fails with it: were it written, a later change of an
   * alert would stand before an earlier one.
   */
  const rejectAll = (batch: readonly Waiting[], error: Error): void => {
    const behind = waiting;
    waiting = [];
    for (const append of behind) entriesWaiting -= append.entries.length;
    for (const append of [...batch, ...behind]) append.reject(error);
  };

  const writeWaiting = async (): Promise<void> => {
    // All that is appended in one turn of the event loop shares the first sync already.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = takeBatch();
      const entries = batch.flatMap((append) => append.entries);
      await write(entries).then(
        (bad) => settle(batch, bad),
        (error: Error) => rejectAll(batch, error),
      );
      entriesWaiting -= entries.length;
    }
    running = null;
  };

  return {
    append(entries) {
      if (draining) return Promise.reject(new Error('the store is closed'));
      if (entries.length === 0) return Promise.resolve();
      if (entriesWaiting + entries.length > QUEUE_ENTRIES_MAX) {
        const message = `the store is ${entriesWaiting} entries behind and takes no more`;
        return Promise.reject(new Error(message));
      }
      entriesWaiting += entries.length;
      return new Promise((resolve, reject) => {
        waiting.push({ entries, resolve, reject });
        running ??= writeWaiting();
      });
    },
    async drain() {
      draining = true;
      await running;
    },
  };
}

/** Hands each append its own bad entries, numbered as it appended them. */
function settle(batch: readonly Waiting[], bad: readonly BadEntry[]): void {
  let start = 0;
  for (const { entries, resolve, reject } of batch) {
    const end = start + entries.length;
    const own = bad
      .filter(({ index }) => index >= start && index < end)
      .map(({ index, message }) => ({ index: index - start, message }));
    if (own.length === 0) resolve();
    else reject(new BadEntryError(own));
    start = end;
  }
}
