import type { FeedbackEvent, SubscriptionView } from '../../shared/subscription.ts';
import { sequenceOf } from '../../shared/subscription.ts';
import { toInstant } from '../../shared/instant.ts';
import { assertNever } from '../../shared/result.ts';
import type { Alarms, Clock, Log, Store } from '../ports.ts';
import type { FeedbackJournal } from './feedback-journal.ts';
import type { StoredSubscription } from './stored-subscription.ts';

/** What became of one event at its receiver; `waitMs`: how long it asks us to wait. */
export type Delivered =
  { got: 'taken' } | { got: 'gone' } | { got: 'failed'; why: string; waitMs: number };

/** Brings one event to one receiver; never throws, and gives up by itself. */
export interface Courier {
  bring(sink: string, event: FeedbackEvent, signal: AbortSignal): Promise<Delivered>;
}

export interface LineParts {
  readonly store: Pick<Store, 'append'>;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly log: Log;
  readonly courier: Courier;
  readonly journal: FeedbackJournal;
  /** From 0 to 1, so that receivers that fell over together are not all tried at once. */
  readonly random: () => number;
  /** The receiver says that it is gone for good. */
  ended(line: FeedbackLine): void;
}

/** Where a line begins. */
export interface LineStart {
  readonly subscription: StoredSubscription;
  readonly seq: number;
  readonly lastSuccessMs: number | null;
}

const RETRY_MS_MIN = 1_000;
export const RETRY_MS_MAX = 3_600_000;
/** Whoever does not hear from us for so long is somebody's to call. (SPEC FB6) */
export const FAILING_TOLD_AFTER_MS = 3_600_000;
/** A start reads at most so many rows again that were nothing to this subscription. */
const UNWRITTEN_ROWS_MAX = 1_000;

/** Between half of it and all of it, doubling from 1 s to 1 h. (SPEC FB5) */
export function retryAfterMs(tries: number, random: number): number {
  const wholeMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(tries, 30));
  return Math.round(wholeMs * (0.5 + random / 2));
}

interface Failing {
  readonly sinceMs: number;
  readonly tries: number;
  readonly why: string;
  readonly retryAtMs: number;
}

/**
 * The telling of one subscription: each event until it was taken, and only then the next. What was
 * taken is written, so that a restart tells at most the last one again. (SPEC FB4)
 */
export class FeedbackLine {
  readonly subscription: StoredSubscription;
  readonly #parts: LineParts;
  readonly #closing = new AbortController();
  /** Up to here all is told, or is nothing to this subscription. */
  #seq: number;
  #writtenSeq: number;
  #lastSuccessMs: number | null;
  #failing: Failing | null = null;
  #told = false;
  #running: Promise<void> | null = null;

  constructor(parts: LineParts, { subscription, seq, lastSuccessMs }: LineStart) {
    this.#parts = parts;
    this.subscription = subscription;
    this.#seq = seq;
    this.#writtenSeq = seq;
    this.#lastSuccessMs = lastSuccessMs;
  }

  get seq(): number {
    return this.#seq;
  }

  get lastSuccessMs(): number | null {
    return this.#lastSuccessMs;
  }

  view(): SubscriptionView {
    const { subscriptionId, owner, sink, types, ended } = this.subscription;
    const failing = this.#failing;
    return {
      subscriptionId,
      owner,
      sink,
      types,
      state: ended ? 'ended' : failing ? 'failing' : 'active',
      cursor: sequenceOf(this.#seq),
      lastSuccessAt: this.#lastSuccessMs === null ? null : toInstant(this.#lastSuccessMs),
      failingSince: failing && toInstant(failing.sinceMs),
      failure: failing && failing.why,
      nextTryAt: failing && toInstant(failing.retryAtMs),
    };
  }

  /** Goes on telling, unless it does already, or waits, or is over. */
  look(): void {
    this.#tellOfFailing();
    if (this.#running || this.subscription.ended || this.#isClosed()) return;
    if (this.#failing && this.#parts.clock.nowMs() < this.#failing.retryAtMs) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Tells nobody any more, from now on; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#report(false, 'the subscription was changed, or has ended');
    await this.#running;
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #run(): Promise<void> {
    try {
      for (let more = true; more && !this.#isClosed();) {
        const batch = await this.#parts.journal.read(this.#seq);
        for (const event of batch.events) {
          if (this.#wants(event) && !(await this.#tell(event))) return;
        }
        if (this.#isClosed()) return;
        this.#seq = batch.readToSeq;
        if (this.#seq - this.#writtenSeq >= UNWRITTEN_ROWS_MAX) await this.#write();
        more = batch.more;
      }
    } catch (error) {
      this.#parts.log.error({ fault: String(error) }, 'the journal cannot be read as events');
      this.#fails('the journal cannot be read');
    }
  }

  #wants({ type }: FeedbackEvent): boolean {
    const { types } = this.subscription;
    return types === null || types.includes(type);
  }

  /** True when it was taken. */
  async #tell(event: FeedbackEvent): Promise<boolean> {
    const { courier, clock } = this.#parts;
    const { sink } = this.subscription;
    const delivered = await courier.bring(sink, event, this.#closing.signal);
    if (this.#isClosed()) return false;
    switch (delivered.got) {
      case 'taken':
        this.#seq = Number(event.sequence);
        this.#lastSuccessMs = clock.nowMs();
        this.#failing = null;
        this.#report(false, 'events are taken again');
        await this.#write();
        return true;
      case 'gone':
        this.#parts.ended(this);
        return false;
      case 'failed':
        this.#fails(delivered.why, delivered.waitMs);
        return false;
      default:
        return assertNever(delivered);
    }
  }

  /** A cursor that could not be written costs a repetition at the next start, and nothing now. */
  async #write(): Promise<void> {
    const { store, log } = this.#parts;
    const { key, setAtMs } = this.subscription;
    const seq = this.#seq;
    const atMs = this.#lastSuccessMs ?? setAtMs;
    try {
      await store.append([{ type: 'delivered', subscriptionId: key, seq, atMs }]);
      this.#writtenSeq = seq;
    } catch (error) {
      log.warn({ error: String(error) }, 'a cursor could not be written');
    }
  }

  #fails(why: string, waitMs = 0): void {
    const { clock, random, log } = this.#parts;
    const nowMs = clock.nowMs();
    const { sinceMs = nowMs, tries = 0 } = this.#failing ?? {};
    if (tries === 0)
      log.warn({ subscription: this.subscription.key, why }, 'an event is not taken');
    const askedMs = Math.min(waitMs, RETRY_MS_MAX);
    const retryAtMs = nowMs + Math.max(askedMs, retryAfterMs(tries, random()));
    this.#failing = { sinceMs, tries: tries + 1, why, retryAtMs };
  }

  #tellOfFailing(): void {
    if (!this.#failing || this.#told || this.#isClosed()) return;
    if (this.#parts.clock.nowMs() - this.#failing.sinceMs < FAILING_TOLD_AFTER_MS) return;
    this.#report(true, `no event is taken since ${toInstant(this.#failing.sinceMs)}`);
  }

  #report(standing: boolean, detail: string): void {
    if (standing === this.#told) return;
    this.#told = standing;
    const about = this.subscription.key;
    this.#parts.alarms.report({ code: 'feedback-failing', about, standing, detail });
  }
}
