import { randomBytes } from 'node:crypto';
import type { Alert } from '../../shared/alert.ts';
import type { Feed, FeedItem } from '../ports.ts';

/** A console that was away longer than this many changes gets a snapshot instead. */
export const FEED_ITEMS_MAX = 10_000;

/** The unbroken sequence of alert changes since this process began. (SPEC WS1) */
export class AlertFeed implements Feed {
  /** A new process is a new epoch: its sequence says nothing of the last one's. */
  readonly epoch = randomBytes(8).toString('hex');
  readonly #items: FeedItem[] = [];
  readonly #listeners = new Set<(item: FeedItem) => void>();
  #seq = 0;

  get seq(): number {
    return this.#seq;
  }

  since(epoch: string, seq: number): readonly FeedItem[] | null {
    if (epoch !== this.epoch || seq > this.#seq) return null;
    const missed = this.#seq - seq;
    return missed > this.#items.length ? null : this.#items.slice(this.#items.length - missed);
  }

  subscribe(listener: (item: FeedItem) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  publish(alert: Alert): void {
    this.#seq += 1;
    const item = { seq: this.#seq, alert };
    this.#items.push(item);
    // Cut in large pieces, for cutting one off the front each time would move all the others.
    if (this.#items.length > 2 * FEED_ITEMS_MAX) this.#items.splice(0, FEED_ITEMS_MAX);
    for (const listener of this.#listeners) listener(item);
  }
}
