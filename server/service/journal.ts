import { isDecision } from '../evidence/journal-chain.ts';
import type { Decision, Entry, Log, Meter, Store } from '../ports.ts';
import type { SystemWatch } from './system-watch.ts';

/** An hour of a bad day's alerts: beyond that a full disk has long been everybody's business. */
const OWED_MAX = 10_000;

/**
 * The way to the store. A device sends again what was not acknowledged, and whoever puts an order
 * hears that it failed, but nobody repeats an alert: what could not be written of it is owed. It
 * goes before the next write, so that the journal keeps the order of things. (SPEC ST3)
 */
export class Journal {
  readonly #store: Store;
  readonly #watch: SystemWatch;
  readonly #meter: Meter;
  readonly #log: Log;
  #owed: readonly Decision[] = [];
  #settling = false;

  constructor(parts: { store: Store; meter: Meter; log: Log }, watch: SystemWatch) {
    this.#store = parts.store;
    this.#meter = parts.meter;
    this.#log = parts.log;
    this.#watch = watch;
  }

  /** Resolves when all of it is on disk. */
  async write(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    this.settle();
    const begun = performance.now();
    const done = this.#watch.storeAsked();
    try {
      await this.#store.append(entries);
      this.#meter.durable(entries.length, (performance.now() - begun) / 1000);
      this.#watch.storeWrote(null);
    } catch (error) {
      this.#watch.storeWrote(String(error));
      this.#log.error({ error: String(error) }, 'a write failed');
      this.#owe(entries.filter(isOwed), error);
      throw error;
    } finally {
      done();
    }
  }

  /** Tries again to write what is owed; called with each write, and as time goes by. */
  settle(): void {
    const owed = this.#owed;
    if (owed.length === 0 || this.#settling) return;
    this.#owed = [];
    void this.#appendOwed(owed);
  }

  async #appendOwed(owed: readonly Decision[]): Promise<void> {
    this.#settling = true;
    try {
      await this.#store.append(owed);
      this.#watch.storeWrote(null);
    } catch (error) {
      // It is older than all that has failed meanwhile.
      this.#owe(owed, error, 'first');
    }
    this.#settling = false;
  }

  #owe(decisions: readonly Decision[], error: unknown, place: 'first' | 'last' = 'last'): void {
    // Of such a batch all is on disk but what no retry can write.
    if (error instanceof Error && error.name === 'BadEntryError') return;
    const all = place === 'first' ? [...decisions, ...this.#owed] : [...this.#owed, ...decisions];
    this.#owed = all.slice(-OWED_MAX);
  }
}

/** What somebody was told, though it is not on disk. */
const isOwed = (entry: Entry): entry is Decision =>
  isDecision(entry) && ['alert-change', 'command', 'system-event'].includes(entry.type);
