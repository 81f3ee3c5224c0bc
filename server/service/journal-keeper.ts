import type { Signer } from '../evidence/checkpoint.ts';
import { signedCheckpoint } from '../evidence/checkpoint.ts';
import { GENESIS, headOf } from '../evidence/journal-chain.ts';
import { rowFaults } from '../evidence/verify-journal.ts';
import type { Checkpoint, JournalHead } from '../kept.ts';
import type { Alarms, Clock, Log, Store } from '../ports.ts';

/** What somebody changes later than this after it was written shows. (RELIABILITY §6, T22) */
export const CHECKPOINT_EVERY_MS = 60_000;
/** A few milliseconds of hashing at a time; a million rows are read through in eight hours. */
const ROWS_PER_LOOK = 2_000;

/**
 * Signs for the journal as it grows, and reads it over and over, a piece at a time: damage that
 * nobody looks for is found when a court does. (SPEC JN1, JN3)
 */
export class JournalKeeper {
  readonly #parts: { store: Store; clock: Clock; alarms: Alarms; log: Log; signer: Signer };
  #latest: Checkpoint | null = null;
  #read: JournalHead = GENESIS;
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: { store: Store; clock: Clock; alarms: Alarms; log: Log; signer: Signer }) {
    this.#parts = parts;
  }

  /** The newest checkpoint, for a witness outside. */
  get latest(): Checkpoint | null {
    return this.#latest;
  }

  async start(): Promise<() => void> {
    const { store, signer, clock } = this.#parts;
    this.#latest = (await store.checkpoints()).at(-1) ?? null;
    if (this.#latest?.keyId !== signer.keyId) {
      const detail = { keyId: signer.keyId, publicKey: signer.publicKeyPem };
      await store.append([{ type: 'system-event', atMs: clock.nowMs(), kind: 'key', detail }]);
    }
    return this.#parts.clock.every(CHECKPOINT_EVERY_MS, () => void this.look());
  }

  /** One look: a checkpoint if there is something new, and the next piece of the journal. */
  look(): Promise<void> {
    // One after the other: the last look of a server must not be left out for one under way.
    this.#looking = this.#looking.then(() => this.#lookOnce());
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    try {
      await this.checkpoint();
      await this.#readOn();
    } catch (error) {
      // A failing store is told by who writes to it.
      this.#parts.log.warn({ error: String(error) }, 'no look at the journal');
    }
  }

  /** Signs for all that is on disk by now. */
  async checkpoint(): Promise<void> {
    const { store, clock, signer } = this.#parts;
    const head = await store.journalHead();
    if (head.seq === (this.#latest?.seq ?? 0)) return;
    const checkpoint = signedCheckpoint(head, clock.nowMs(), signer);
    await store.append([{ type: 'checkpoint', ...checkpoint }]);
    this.#latest = checkpoint;
  }

  async #readOn(): Promise<void> {
    const { store } = this.#parts;
    // First, for the journal grows meanwhile.
    const head = await store.journalHead();
    const rows = await store.journal(this.#read.seq, ROWS_PER_LOOK);
    for (const row of rows) {
      const [fault] = rowFaults(this.#read, row);
      if (fault) this.#tell(fault.what);
      this.#read = headOf(row);
    }
    if (rows.length === ROWS_PER_LOOK) return;
    if (this.#read.seq < head.seq) {
      this.#tell(`cut short: the last row is ${this.#read.seq}, it was ${head.seq}`);
    }
    // Read through: from the beginning again.
    this.#read = GENESIS;
  }

  #tell(detail: string): void {
    this.#parts.log.error({ detail }, 'the journal is damaged');
    this.#parts.alarms.report({ code: 'journal-broken', standing: true, detail });
  }
}
