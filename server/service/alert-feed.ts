import { randomBytes } from 'node:crypto';
import type { Alert } from '../../shared/alert.ts';
import type { FeedChange, FeedPlace } from '../kept.ts';
import type { FeedItem } from '../kept.ts';
import type { Feed } from '../ports.ts';

/** A console that was away longer than this many changes gets a snapshot instead. */
export const FEED_ITEMS_MAX = 10_000;

/** The unbroken sequence of alert changes, over restarts too. (SPEC WS1, WS3) */
export class AlertFeed implements Feed {
  /** A new process is a new epoch: what the last one told and never wrote is not in it. */
  readonly epoch = randomBytes(8).toString('hex');
  readonly #items: FeedItem[] = [];
  readonly #listeners = new Set<(item: FeedItem) => void>();
  /** Of each earlier epoch, the last number of which we know what it was. */
  readonly #earlier = new Map<string, number>();
  #seq = 0;

  get seq(): number {
    return this.#seq;
  }

  /** Goes on after what earlier processes told and wrote. */
  restore(changes: readonly FeedChange[]): void {
    const ordered = changes.toSorted((a, b) => a.seq - b.seq);
    for (const { epoch, seq } of ordered) this.#earlier.set(epoch, seq);
    const gap = ordered.findLastIndex(({ seq }, i) => i > 0 && ordered[i - 1]!.seq !== seq - 1);
    // What came before a gap cannot be told without one.
    for (const { seq, alert } of ordered.slice(Math.max(0, gap))) this.#items.push({ seq, alert });
    this.#seq = this.#items.at(-1)?.seq ?? 0;
  }

  since(epoch: string, seq: number): readonly FeedItem[] | null {
    const knownSeq = epoch === this.epoch ? this.#seq : this.#earlier.get(epoch);
    // A number beyond was told by a process that died before it could write it.
    if (knownSeq === undefined || seq > knownSeq) return null;
    const missed = this.#seq - seq;
    return missed > this.#items.length ? null : this.#items.slice(this.#items.length - missed);
  }

  subscribe(listener: (item: FeedItem) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells it to all who listen, in the same turn, and says where it stands. */
  publish(alert: Alert): FeedPlace {
    this.#seq += 1;
    const item = { seq: this.#seq, alert };
    this.#items.push(item);
    // Cut in large pieces, for cutting one off the front each time would move all the others.
    if (this.#items.length > 2 * FEED_ITEMS_MAX) this.#items.splice(0, FEED_ITEMS_MAX);
    for (const listener of this.#listeners) listener(item);
    return { epoch: this.epoch, seq: item.seq };
  }
}
