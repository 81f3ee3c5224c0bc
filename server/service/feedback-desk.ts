import type {
  FeedbackEvent,
  SubscriptionBody,
  SubscriptionView,
} from '../../shared/subscription.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import type { Entry, Store } from '../ports.ts';
import type { FeedbackOrigin } from './feedback-events.ts';
import { FeedbackJournal } from './feedback-journal.ts';
import { FeedbackLine, type LineParts, type LineStart } from './feedback-line.ts';
import {
  keyOf,
  registrationOf,
  type StoredSubscription,
  subscriptionOf,
} from './stored-subscription.ts';

/** One for each system that a client has, and some to spare. */
export const SUBSCRIPTIONS_PER_OWNER_MAX = 10;
/** Each may have a connection open and an event under way. */
export const SUBSCRIPTIONS_MAX = 200;
/** Nobody in court waits for a second, and it costs one read of the journal's end. */
export const LOOK_EVERY_MS = 1_000;
/** Of the journal for one page: a page of events that are few and far between still ends. */
const LOOKS_PER_PAGE = 10;

export type FeedbackRefusal =
  'unknown-subscription' | 'too-many-subscriptions' | 'cursor-ahead' | 'store-failing';

export interface EventPage {
  readonly events: readonly FeedbackEvent[];
  /** From here on the next page goes on, whether or not there are events by now. */
  readonly cursorSeq: number;
  readonly more: boolean;
}

export interface FeedbackParts extends Omit<LineParts, 'journal' | 'ended' | 'store'> {
  readonly store: Pick<
    Store,
    | 'alertEvents'
    | 'append'
    | 'deliveries'
    | 'journal'
    | 'journalHead'
    | 'orderVersions'
    | 'registrations'
  >;
  readonly origin: FeedbackOrigin;
}

/**
 * Tells those who sent orders what became of them. It reads what is on disk, when time passes, and
 * nothing waits for it: neither a warning nor an order. (SPEC FB1, FB4)
 */
export class FeedbackDesk {
  readonly #parts: FeedbackParts;
  readonly #lineParts: LineParts;
  readonly #lines = new Map<string, FeedbackLine>();
  #stopTicks = (): void => {};
  /** Changes of subscriptions wait for each other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: FeedbackParts) {
    this.#parts = parts;
    const journal = new FeedbackJournal(parts.store, parts.origin);
    const ended = (line: FeedbackLine): void => void this.#inTurn(() => this.#end(line));
    this.#lineParts = { ...parts, journal, ended };
  }

  /** Goes on where the last process stopped. */
  async start(): Promise<void> {
    const { store, clock, log } = this.#parts;
    const deliveries = await store.deliveries();
    const head = await store.journalHead();
    const told = new Map(deliveries.map((each) => [each.subscriptionId, each]));
    for (const registration of await store.registrations()) {
      if (registration.kind !== 'subscription') continue;
      const subscription = subscriptionOf(registration);
      if (!subscription) {
        log.error({ key: registration.key }, 'a subscription cannot be read: put it again');
        continue;
      }
      const { seq = 0, atMs = 0 } = told.get(subscription.key) ?? {};
      const lastSuccessMs = atMs > subscription.setAtMs ? atMs : null;
      // A journal that came back shorter has new events under numbers that were told already.
      this.#open({ subscription, seq: Math.min(seq, head.seq), lastSuccessMs });
    }
    this.#stopTicks = clock.every(LOOK_EVERY_MS, () => this.#look());
  }

  /** Tells nobody any more; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopTicks();
    await this.#turn;
    await Promise.all([...this.#lines.values()].map((line) => line.close()));
  }

  #look(): void {
    for (const line of this.#lines.values()) line.look();
  }

  put(
    owner: string,
    subscriptionId: string,
    body: SubscriptionBody,
  ): Promise<Result<{ view: SubscriptionView; created: boolean }, FeedbackRefusal>> {
    return this.#inTurn(async () => {
      const key = keyOf(owner, subscriptionId);
      const before = this.#lines.get(key);
      if (!before && this.#isFull(owner)) return refused('too-many-subscriptions');
      const { sink, types = null, after = null } = body;
      const wanted = { subscriptionId, owner, sink, types: types ?? null, ended: false };
      if (before && after === null && isSame(before.subscription, wanted)) {
        return ok({ view: before.view(), created: false });
      }
      const setAtMs = this.#parts.clock.nowMs();
      const subscription = { ...wanted, key, setAtMs };
      const line = await this.#replace(before, subscription, after === null ? null : Number(after));
      return line.ok ? ok({ view: line.value.view(), created: !before }) : line;
    });
  }

  remove(
    owner: string,
    subscriptionId: string,
    by: string,
  ): Promise<Result<null, FeedbackRefusal>> {
    return this.#inTurn(async () => {
      const line = this.#lines.get(keyOf(owner, subscriptionId));
      return line ? this.#remove([line], by) : refused('unknown-subscription');
    });
  }

  /** Of an owner who may hear nothing any more. */
  removeAll(owner: string, by: string): Promise<Result<null, FeedbackRefusal>> {
    return this.#inTurn(() => this.#remove(this.#linesOf(owner), by));
  }

  async #remove(
    lines: readonly FeedbackLine[],
    by: string,
  ): Promise<Result<null, FeedbackRefusal>> {
    const atMs = this.#parts.clock.nowMs();
    const gone = lines.map(({ subscription: { key } }): Entry => {
      return { type: 'registration', kind: 'subscription', key, atMs, by, value: null };
    });
    if (!(await this.#written(...gone))) return refused('store-failing');
    for (const line of lines) this.#lines.delete(line.subscription.key);
    await Promise.all(lines.map((line) => line.close()));
    return ok(null);
  }

  /** Null for one that is not there, or not this owner's. */
  find(owner: string, subscriptionId: string): SubscriptionView | null {
    return this.#lines.get(keyOf(owner, subscriptionId))?.view() ?? null;
  }

  /** By key; of everybody when no owner is named. */
  list(owner: string | null): readonly SubscriptionView[] {
    const lines = owner === null ? [...this.#lines.values()] : this.#linesOf(owner);
    return lines
      .toSorted((a, b) => (a.subscription.key < b.subscription.key ? -1 : 1))
      .map((line) => line.view());
  }

  /** The same events for whoever would rather ask. */
  async events(afterSeq: number, limit: number): Promise<Result<EventPage, FeedbackRefusal>> {
    const head = await this.#parts.store.journalHead();
    if (afterSeq > head.seq) return refused('cursor-ahead');
    const journal = new FeedbackJournal(this.#parts.store, this.#parts.origin);
    const events: FeedbackEvent[] = [];
    let cursorSeq = afterSeq;
    let more = true;
    for (let looks = 0; more && looks < LOOKS_PER_PAGE; looks++) {
      const batch = await journal.read(cursorSeq);
      events.push(...batch.events.slice(0, limit - events.length));
      const last = events.at(-1);
      if (last && events.length === limit) {
        return ok({ events, cursorSeq: Number(last.sequence), more: true });
      }
      ({ readToSeq: cursorSeq, more } = batch);
    }
    return ok({ events, cursorSeq, more });
  }

  #linesOf(owner: string): FeedbackLine[] {
    return [...this.#lines.values()].filter((line) => line.subscription.owner === owner);
  }

  #isFull(owner: string): boolean {
    const own = this.#linesOf(owner).length;
    return own >= SUBSCRIPTIONS_PER_OWNER_MAX || this.#lines.size >= SUBSCRIPTIONS_MAX;
  }

  /** The old line stops before the new cursor is written: nothing it hears later can move that. */
  async #replace(
    before: FeedbackLine | undefined,
    subscription: StoredSubscription,
    afterSeq: number | null,
  ): Promise<Result<FeedbackLine, FeedbackRefusal>> {
    const { store } = this.#parts;
    const head = afterSeq === null && before ? null : await store.journalHead().catch(() => null);
    if (head && afterSeq !== null && afterSeq > head.seq) return refused('cursor-ahead');
    await before?.close();
    const seq = afterSeq ?? before?.seq ?? head?.seq;
    const { key, owner, setAtMs } = subscription;
    const lastSuccessMs = before?.lastSuccessMs ?? null;
    const isWritten =
      seq !== undefined &&
      (await this.#written(
        { type: 'delivered', subscriptionId: key, seq, atMs: lastSuccessMs ?? setAtMs },
        registrationOf(subscription, owner),
      ));
    if (isWritten) return ok(this.#open({ subscription, seq, lastSuccessMs }));
    if (before) this.#open({ subscription: before.subscription, seq: before.seq, lastSuccessMs });
    return refused('store-failing');
  }

  /** What its receiver ended stays listed as ended, until its owner puts it again or deletes it. */
  async #end(line: FeedbackLine): Promise<void> {
    const { key } = line.subscription;
    if (this.#lines.get(key) !== line) return;
    await line.close();
    const subscription = { ...line.subscription, ended: true };
    this.#open({ subscription, seq: line.seq, lastSuccessMs: line.lastSuccessMs });
    const setAtMs = this.#parts.clock.nowMs();
    await this.#written(registrationOf({ ...subscription, setAtMs }, 'cordon'));
    const detail = 'the receiver says that it is gone (410): its subscription has ended';
    const fault = { code: 'feedback-failing', about: key, detail } as const;
    // Over when it is told, and still somebody's to acknowledge.
    this.#parts.alarms.report({ ...fault, standing: true });
    this.#parts.alarms.report({ ...fault, standing: false });
  }

  #open(start: LineStart): FeedbackLine {
    const line = new FeedbackLine(this.#lineParts, start);
    this.#lines.set(start.subscription.key, line);
    return line;
  }

  async #written(...entries: Entry[]): Promise<boolean> {
    try {
      await this.#parts.store.append(entries);
      return true;
    } catch (error) {
      this.#parts.log.error({ error: String(error) }, 'a subscription could not be written');
      return false;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function isSame(
  a: Omit<StoredSubscription, 'key' | 'setAtMs'>,
  b: Omit<StoredSubscription, 'key' | 'setAtMs'>,
): boolean {
  const face = ({ sink, types, ended }: typeof b): string =>
    JSON.stringify([sink, types && types.toSorted(), ended]);
  return face(a) === face(b);
}
