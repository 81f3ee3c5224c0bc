import type { Entry, Log, Meter, Store } from '../ports.ts';
import type { SystemWatch } from './system-watch.ts';

/** An hour of a bad day's alerts: beyond that a full disk has long been everybody's business. */
const OWED_MAX = 10_000;

/**
 * The way to the store. A device sends again what was not acknowledged, but nobody repeats an
 * alert: what could not be written of it is owed, and goes before the next write. (SPEC ST3)
 */
export class Journal {
  readonly #store: Store;
  readonly #watch: SystemWatch;
  readonly #meter: Meter;
  readonly #log: Log;
  #owed: readonly Entry[] = [];

  constructor(parts: { store: Store; meter: Meter; log: Log }, watch: SystemWatch) {
    this.#store = parts.store;
    this.#meter = parts.meter;
    this.#log = parts.log;
    this.#watch = watch;
  }

  async write(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    this.#settle();
    const begun = performance.now();
    try {
      await this.#store.append(entries);
      this.#meter.durable(entries.length, (performance.now() - begun) / 1000);
      this.#watch.storeWrote(null);
    } catch (error) {
      this.#watch.storeWrote(String(error));
      this.#log.error({ error: String(error) }, 'a write failed');
      this.#owe(entries, error);
      throw error;
    }
  }

  #settle(): void {
    const owed = this.#owed;
    if (owed.length === 0) return;
    this.#owed = [];
    this.#store.append(owed).catch((error: unknown) => this.#owe(owed, error));
  }

  #owe(entries: readonly Entry[], error: unknown): void {
    // Of such a batch all is on disk but what no retry can write.
    if (error instanceof Error && error.name === 'BadEntryError') return;
    const changes = entries.filter(({ type }) => type === 'alert-change');
    this.#owed = [...this.#owed, ...changes].slice(-OWED_MAX);
  }
}
