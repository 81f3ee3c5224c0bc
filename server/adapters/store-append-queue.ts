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

/** How a store says that there is no room for all of a batch, though perhaps for decisions. */
export const DISK_FULL = 'disk full';

const isDiskFull = (error: Error): boolean => error.message.startsWith(DISK_FULL);

/** Small, and nowhere else: everything but what devices send, and what was refused of it. */
export const isVital = ({ type }: Entry): boolean =>
  type !== 'position' && type !== 'device-event' && type !== 'rejection';

const hasChange = ({ entries }: Waiting): boolean =>
  entries.some(({ type }) => type === 'alert-change');

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

/** Returns the bad entries once all others are on disk; rejects when nothing could be written. */
type Write = (entries: readonly Entry[]) => Promise<readonly BadEntry[]>;

export function appendQueue(write: Write): AppendQueue {
  const queue = new GroupCommit(write);
  return { append: (entries) => queue.append(entries), drain: () => queue.drain() };
}

/**
 * Group commit: at most one batch is being written, and all that arrives meanwhile goes into the
 * next. So a sync of the disk costs each entry less the more there are, and order is kept.
 */
class GroupCommit {
  readonly #write: Write;
  #waiting: Waiting[] = [];
  #entriesWaiting = 0;
  #running: Promise<void> | null = null;
  #draining = false;

  constructor(write: Write) {
    this.#write = write;
  }

  append(entries: readonly Entry[]): Promise<void> {
    if (this.#draining) return Promise.reject(new Error('the store is closed'));
    if (entries.length === 0) return Promise.resolve();
    if (this.#entriesWaiting + entries.length > QUEUE_ENTRIES_MAX) {
      const message = `the store is ${this.#entriesWaiting} entries behind and takes no more`;
      return Promise.reject(new Error(message));
    }
    this.#entriesWaiting += entries.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entries, resolve, reject });
      this.#running ??= this.#writeWaiting();
    });
  }

  async drain(): Promise<void> {
    this.#draining = true;
    await this.#running;
  }

  async #writeWaiting(): Promise<void> {
    // All that is appended in one turn of the event loop shares the first sync already.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      const entries = batch.flatMap((append) => append.entries);
      await this.#write(entries).then(
        (bad) => settle(batch, bad),
        (error: Error) =>
          isDiskFull(error) ? this.#writeVital(batch, error) : this.#rejectAll(batch, error),
      );
      this.#entriesWaiting -= entries.length;
    }
    this.#running = null;
  }

  #takeBatch(): readonly Waiting[] {
    let entries = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || entries < BATCH_ENTRIES_MAX)) {
      entries += this.#waiting[count]!.entries.length;
      count++;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return batch;
  }

  /**
   * A full disk has room for what has no other place to be: devices keep their positions. Where a
   * change of an alert is refused with its position, later changes are refused with it, for it
   * comes again.
   */
  async #writeVital(batch: readonly Waiting[], full: Error): Promise<void> {
    const vital: Waiting[] = [];
    let changeRefused = false;
    for (const append of batch) {
      const overtakes = changeRefused && hasChange(append);
      if (!overtakes && append.entries.every(isVital)) {
        vital.push(append);
        continue;
      }
      changeRefused ||= hasChange(append);
      append.reject(full);
    }
    if (changeRefused) this.#rejectWaiting(hasChange, full);
    if (vital.length === 0) return;
    await this.#write(vital.flatMap((append) => append.entries)).then(
      (bad) => settle(vital, bad),
      (error: Error) => this.#rejectAll(vital, error),
    );
  }

  /**
   * What waits behind a batch that failed fails with it: were it written, a later change of an
   * alert would stand before an earlier one.
   */
  #rejectAll(batch: readonly Waiting[], error: Error): void {
    for (const append of batch) append.reject(error);
    this.#rejectWaiting(() => true, error);
  }

  #rejectWaiting(which: (append: Waiting) => boolean, error: Error): void {
    const rejected = this.#waiting.filter(which);
    this.#waiting = this.#waiting.filter((append) => !which(append));
    for (const append of rejected) {
      this.#entriesWaiting -= append.entries.length;
      append.reject(error);
    }
  }
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
