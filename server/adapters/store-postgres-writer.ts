import type { JournalHead } from '../kept.ts';
import type { Entry } from '../ports.ts';
import type { BadEntry } from './store-entry.ts';
import { abandon, NoAnswerError, placeOf } from './store-postgres-connection.ts';
import { UnfitError } from './store-postgres-durability.ts';
import { TakenError } from './store-postgres-lock.ts';
import {
  endSession,
  openSession,
  type OpenSession,
  type SessionWish,
} from './store-postgres-session.ts';
import { fenced, FencedError, writeEntries, type Written } from './store-postgres-write.ts';

/**
 * Writes batches one after the other, whatever becomes of the connection. A batch whose COMMIT was
 * asked for and not answered is in doubt: it is neither refused nor simply written again, but the
 * next session tells. That one has the lock, which the last one held to its end: so the last one
 * can commit nothing any more, and the head of the journal says what it has.
 *
 * - connected: a session stands; a batch is written, or refused as a whole, or found partly bad.
 * - lost: there was no answer; sessions are tried until one stands. Batches wait.
 * - fenced: somebody else wrote, or holds the lock. Over for this process.
 */

const RETRY_FIRST_MS = 100;
/** A server that comes back is used within so much; each try costs it one connection. */
const RETRY_MAX_MS = 2_000;
/** A server that starts with us, as after a power failure, is waited for. */
const OPEN_WITHIN_MS = 30_000;

export type TellTrouble = (trouble: string | null) => void;

export interface WriterWish extends SessionWish {
  /** Told when the connection is in trouble, as often as it changes, and null when it is over. */
  readonly onTrouble: TellTrouble;
  readonly openWithinMs?: number;
}

export class Writer {
  readonly warnings: readonly string[];
  readonly #wish: WriterWish;
  #session: OpenSession | null;
  #head: JournalHead;
  readonly #tell: TellTrouble;
  #over: Error | null = null;
  #isGivenUp = false;

  private constructor(wish: WriterWish, tell: TellTrouble, session: OpenSession) {
    this.#wish = wish;
    this.#tell = tell;
    this.#session = session;
    this.#head = session.head;
    this.warnings = session.warnings;
  }

  /** Throws a sentence that says why this database must not be used, or cannot be reached. */
  static async open(wish: WriterWish): Promise<Writer> {
    const untilMs = performance.now() + (wish.openWithinMs ?? OPEN_WITHIN_MS);
    const tell = changesOf(wish.onTrouble);
    for await (const _ of attempts()) {
      try {
        const session = await openSession(wish);
        tell(null);
        return new Writer(wish, tell, session);
      } catch (error) {
        if (!isPassing(error) || performance.now() > untilMs) throw refusal(wish.url, error);
        tell(told(error));
      }
    }
    throw new Error('unreachable');
  }

  /** The bad entries, once all others are on disk; throws when nothing was written. */
  async write(entries: readonly Entry[]): Promise<readonly BadEntry[]> {
    let inDoubt: Written | null = null;
    for (;;) {
      const committed = await this.#stand(inDoubt);
      if (committed) return this.#written(committed);
      const session = this.#session!;
      inDoubt = null;
      try {
        const written = await writeEntries(session, this.#head, entries, (asked) => {
          inDoubt = asked;
        });
        return this.#written(written);
      } catch (error) {
        this.#failed(session, error as Error);
      }
    }
  }

  /** What waits is given this long; then it is told that nobody knows what became of it. */
  async close(drained: Promise<void>, withinMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#isGivenUp = true;
      if (this.#session) abandon(this.#session.connection);
    }, withinMs);
    await drained;
    clearTimeout(timer);
    if (this.#session) await endSession(this.#session.connection);
    this.#session = null;
  }

  #written({ head, bad }: Written): readonly BadEntry[] {
    this.#head = head;
    this.#tell(null);
    return bad;
  }

  /** Goes on only after an error that leaves the batch to be written again. */
  #failed({ connection }: OpenSession, error: Error): void {
    if (error instanceof FencedError) this.#end(error);
    if (error instanceof UnfitError) this.#tell(error.message);
    if (!(error instanceof NoAnswerError)) throw error;
    abandon(connection);
    this.#session = null;
    this.#tell(told(error));
  }

  /**
   * Waits for a session, however long it takes. Gives what is in doubt if the new one finds it
   * committed; null when it is to be written.
   */
  async #stand(inDoubt: Written | null): Promise<Written | null> {
    for await (const _ of attempts()) {
      if (this.#over) throw this.#over;
      if (this.#session) return null;
      if (this.#isGivenUp) throw new Error('the store was closed before the database answered');
      try {
        const session = await openSession(this.#wish);
        this.#session = session;
        return this.#goOn(session.head, inDoubt);
      } catch (error) {
        this.#unopened(error as Error, inDoubt !== null);
      }
    }
    return null;
  }

  #unopened(error: Error, inDoubt: boolean): void {
    if (error instanceof FencedError) throw error;
    this.#tell(told(error));
    if (error instanceof TakenError) {
      this.#end(new FencedError(`${error.message}: this process writes no more, restart it`));
    }
    // What is in doubt cannot be refused; all else can, and must be told at once.
    if (error instanceof UnfitError && !inDoubt) throw error;
  }

  /** Did the last session do what it did not answer? */
  #goOn(stored: JournalHead, inDoubt: Written | null): Written | null {
    const changes = inDoubt !== null && !isSame(inDoubt.head, this.#head);
    if (changes && isSame(stored, inDoubt.head)) return inDoubt;
    if (isSame(stored, this.#head)) return null;
    throw this.#end(fenced(this.#head));
  }

  /** For good; whoever starts now finds the lock free. */
  #end(error: FencedError): FencedError {
    this.#over = error;
    this.#tell(error.message);
    if (this.#session) abandon(this.#session.connection);
    this.#session = null;
    return error;
  }
}

/** Only what is another than the last: a server that is away for an hour is told once. */
function changesOf(onTrouble: TellTrouble): TellTrouble {
  let last: string | null = null;
  return (trouble) => {
    if (trouble === last) return;
    last = trouble;
    onTrouble(trouble);
  };
}

/** One at once, then ever more seldom. */
async function* attempts(): AsyncGenerator<void> {
  for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    yield;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

const isSame = (a: JournalHead, b: JournalHead): boolean => a.seq === b.seq && a.hash === b.hash;

/** Of a name with two addresses Node tells a code only. Never the URL: it holds the password. */
function told(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return message || code || String(error);
}

const refusal = (url: string, error: unknown): Error =>
  new Error(`cannot use ${placeOf(url)} (CORDON_DATABASE_URL): ${told(error)}`, { cause: error });

/** Nothing is wrong with the database, it is only not there yet. */
const NOT_THERE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EAI_AGAIN', '57P03', '57P01']);

function isPassing(error: unknown): boolean {
  if (error instanceof NoAnswerError) return true;
  const { code, message } = error as { code?: string; message?: string };
  return NOT_THERE.has(code ?? '') || /timeout|terminated/i.test(message ?? '');
}
