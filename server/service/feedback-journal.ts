import type { FeedbackEvent } from '../../shared/subscription.ts';
import type { AlertId } from '../../shared/ids.ts';
import type { AlertChange } from '../core/alert-record.ts';
import { decisionOf } from '../evidence/journal-chain.ts';
import type { JournalRow } from '../kept.ts';
import type { Entry, Store } from '../ports.ts';
import {
  changesCompliance,
  type FeedbackName,
  feedbackEvent,
  type FeedbackOrigin,
  nameOfVersion,
} from './feedback-events.ts';

/** A few milliseconds of reading at a time: warnings go first. */
export const ROWS_PER_LOOK = 200;
/** Alerts of which is remembered whether they were a breach; of others the store is asked. */
const REMEMBERED_MAX = 10_000;

/** The events of a stretch of the journal. */
export interface FeedbackBatch {
  readonly events: readonly FeedbackEvent[];
  /** The last row looked at. */
  readonly readToSeq: number;
  /** There may be rows after it already. */
  readonly more: boolean;
}

type Part = Pick<Store, 'journal' | 'orderVersions' | 'alertEvents'>;

/** Was this alert ever told as a breach? As of the last row that was read. */
type Breaches = Map<AlertId, boolean>;

/**
 * Reads the journal as events. Whoever has heard all asks for the same stretch, so the last one is
 * kept; and what is known of alerts at its end is where the next begins.
 */
export class FeedbackJournal {
  readonly #store: Part;
  readonly #origin: FeedbackOrigin;
  #last: { afterSeq: number; batch: Promise<FeedbackBatch> } | null = null;
  #known: { seq: number; breaches: Breaches } | null = null;

  constructor(store: Part, origin: FeedbackOrigin) {
    this.#store = store;
    this.#origin = origin;
  }

  read(afterSeq: number): Promise<FeedbackBatch> {
    if (this.#last?.afterSeq === afterSeq) return this.#last.batch;
    const batch = this.#readAnew(afterSeq);
    const last = { afterSeq, batch };
    this.#last = last;
    // What failed is tried again, and where there was nothing there may be something now.
    const forget = (): void => {
      if (this.#last === last) this.#last = null;
    };
    batch.then(({ readToSeq }) => readToSeq === afterSeq && forget(), forget);
    return batch;
  }

  async #readAnew(afterSeq: number): Promise<FeedbackBatch> {
    const known = this.#known?.seq === afterSeq ? this.#known.breaches : new Map();
    this.#known = null;
    const rows = await this.#store.journal(afterSeq, ROWS_PER_LOOK);
    const events: FeedbackEvent[] = [];
    for (const row of rows) {
      const event = await this.#eventOf(row, known);
      if (event) events.push(event);
    }
    const readToSeq = rows.at(-1)?.seq ?? afterSeq;
    this.#known = { seq: readToSeq, breaches: known };
    return { events, readToSeq, more: rows.length === ROWS_PER_LOOK };
  }

  async #eventOf(row: JournalRow, breaches: Breaches): Promise<FeedbackEvent | null> {
    if (row.type !== 'order-version' && row.type !== 'alert-change') return null;
    const decision = decisionOf(row);
    if (decision.type === 'order-version') {
      const name = await this.#nameOf(decision);
      return feedbackEvent(row, name, decision.orderId, this.#origin);
    }
    if (decision.type !== 'alert-change') return null;
    const { change } = decision;
    const { orderId, alertId, stage } = change.record;
    if (orderId === null) return null;
    const wasBreach = await this.#wasBreach(row.seq, change, breaches);
    // An approach that goes on is told to nobody, whatever it was before.
    if (wasBreach === null) return null;
    remember(breaches, alertId, wasBreach || stage === 'breach');
    const told = changesCompliance(change, wasBreach);
    return told ? feedbackEvent(row, 'compliance-changed', orderId, this.#origin) : null;
  }

  /** Only an approval depends on what was before it. */
  async #nameOf(version: Extract<Entry, { type: 'order-version' }>): Promise<FeedbackName> {
    if (version.cause !== 'approval') return nameOfVersion(version, []);
    const versions = await this.#store.orderVersions(version.orderId);
    const earlier = versions.filter((other) => other.version < version.version);
    return nameOfVersion(version, earlier);
  }

  /** Null when it is not known and makes no difference. */
  async #wasBreach(
    seq: number,
    { change, record }: AlertChange,
    breaches: Breaches,
  ): Promise<boolean | null> {
    if (change === 'raised') return false;
    const known = breaches.get(record.alertId);
    if (known !== undefined) return known;
    if (record.stage !== 'breach' && change !== 'closed') return null;
    const history = await this.#store.alertEvents(record.alertId);
    return history.some((event) => event.seq < seq && event.alert.stage === 'breach');
  }
}

function remember(breaches: Breaches, alertId: AlertId, isBreach: boolean): void {
  breaches.set(alertId, isBreach);
  if (breaches.size <= REMEMBERED_MAX) return;
  const [oldest] = breaches.keys();
  if (oldest !== undefined) breaches.delete(oldest);
}
