import type { CourtOrder } from '../../shared/court-order.ts';
import type { BanId, OrderId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import type { Zone } from '../../shared/zone.ts';
import { createDueQueue } from '../core/due-queue.ts';
import {
  endsAt,
  type Life,
  lifeOf,
  type LifeRefusal,
  type Next,
  putOf,
  stepOf,
  zoneOf,
} from '../core/order-life.ts';
import type { StoredOrder } from '../kept.ts';
import type { Alarms, Clock, OrderAnswer, Refusal, Store, TakenStep } from '../ports.ts';
import { UndrawnWatch } from './undrawn-watch.ts';

interface Hooks extends Alarms {
  readonly store: Pick<Store, 'append' | 'orderVersions'>;
  readonly clock: Clock;
  readonly approvalRequired: boolean;
  /** Called after the write with a version that is to apply from now on. */
  apply(stored: StoredOrder): void;
}

/** Who ends an order when its time has come. */
const CORDON = 'cordon';
/** What came late is judged by an order that was in force then: so long it is kept for that. */
const KEPT_FOR_THE_LATE_MS = 24 * 3_600_000;
const RETRY_MS = 10_000;

interface Asked {
  readonly orderId: OrderId;
  readonly by: string;
  readonly reason: string | null;
  /** The JWS that a text came in. */
  readonly signature?: string | null;
}

interface Written {
  readonly stored: StoredOrder;
  readonly created: boolean;
}

/**
 * The life of orders: each step is a version, durable before it is answered and before it works.
 * What may follow what is said by the core. (SPEC OR1–OR13)
 */
export class OrderDesk {
  readonly #hooks: Hooks;
  readonly #known = new Set<OrderId>();
  readonly #queues = new Map<OrderId, Promise<unknown>>();
  /** When orders end by themselves, and later when they are forgotten. */
  readonly #due = createDueQueue<OrderId>();
  readonly #undrawn: UndrawnWatch;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
    this.#undrawn = new UndrawnWatch(hooks);
  }

  /** The newest version of each order. */
  restore(orders: readonly StoredOrder[]): void {
    for (const stored of orders) {
      const { orderId, status, order } = stored;
      this.#known.add(orderId);
      this.#undrawn.note(stored);
      if (status === 'withdrawn') continue;
      const endsMs = fromInstant(order.validUntil);
      // Of what awaits approval another text may stand: that is looked up at once.
      if (status === 'awaiting-approval') this.#due.want(orderId, 0);
      else this.#due.want(orderId, status === 'expired' ? endsMs + KEPT_FOR_THE_LATE_MS : endsMs);
    }
    this.#undrawn.tell();
  }

  has(orderId: OrderId): boolean {
    return this.#known.has(orderId);
  }

  put(
    order: CourtOrder,
    ifMatch: number | null,
    by: string,
    signature: string | null = null,
  ): Promise<Result<OrderAnswer, Refusal>> {
    const { approvalRequired } = this.#hooks;
    const asked = { orderId: order.orderId, by, reason: null, signature };
    return this.#inTurn(asked, (life) => putOf(life, order, ifMatch, approvalRequired));
  }

  async putZone(
    orderId: OrderId,
    drawn: { readonly banId: BanId; readonly zone: Zone },
    ifMatch: number | null,
    by: string,
  ): Promise<Result<StoredOrder, Refusal>> {
    const { approvalRequired } = this.#hooks;
    return storedOf(
      await this.#inTurn({ orderId, by, reason: null }, (life) =>
        life ? zoneOf(life, drawn, ifMatch, approvalRequired) : refused('unknown-order'),
      ),
    );
  }

  async step(orderId: OrderId, taken: TakenStep): Promise<Result<StoredOrder, Refusal>> {
    const { step, reason, by, ifMatch } = taken;
    const { approvalRequired } = this.#hooks;
    return storedOf(
      await this.#inTurn({ orderId, by, reason }, (life) =>
        life ? stepOf(life, step, by, ifMatch, approvalRequired) : refused('unknown-order'),
      ),
    );
  }

  /** Ends what is over, at its instant. (SPEC OR9) */
  tick(nowMs: number): void {
    while (this.#due.nextMs() <= nowMs) {
      const orderId = this.#due.take();
      void this.#queued(orderId, () => this.#look(orderId));
    }
  }

  async #look(orderId: OrderId): Promise<void> {
    const nowMs = this.#hooks.clock.nowMs();
    const versions = await this.#versions(orderId);
    // It applies to nobody any more, for its dates say so; only the version is still owed.
    if (versions === null) return this.#due.want(orderId, nowMs + RETRY_MS);
    const life = lifeOf(versions);
    if (life === null) return;
    const end = endsAt(life);
    if (end === null) return this.#forget(versions.at(-1)!, nowMs);
    if (fromInstant(end) > nowMs) return this.#due.want(orderId, fromInstant(end));
    const order = life.standing?.order ?? life.newest.order;
    const next = { order, status: 'expired', cause: 'expiry' } as const;
    const stored = await this.#write({ orderId, by: CORDON, reason: null }, life, next);
    this.#due.want(orderId, nowMs + (stored ? KEPT_FOR_THE_LATE_MS : RETRY_MS));
  }

  /** Until now it was kept to judge what came late; from now on it ties nobody together. */
  #forget(stored: StoredOrder, nowMs: number): void {
    const untilMs = fromInstant(stored.order.validUntil) + KEPT_FOR_THE_LATE_MS;
    if (stored.status !== 'expired') return;
    if (untilMs > nowMs) this.#due.want(stored.orderId, untilMs);
    else this.#hooks.apply(stored);
  }

  /** Oldest first; null when they cannot be read. */
  async #versions(orderId: OrderId): Promise<readonly StoredOrder[] | null> {
    if (!this.has(orderId)) return [];
    return this.#hooks.store.orderVersions(orderId).catch(() => null);
  }

  async #inTurn(
    asked: Asked,
    decide: (life: Life | null) => Result<Next, LifeRefusal | 'unknown-order'>,
  ): Promise<Result<Written, Refusal>> {
    return this.#queued(asked.orderId, async () => {
      const versions = await this.#versions(asked.orderId);
      if (versions === null) return refused('store-failing');
      const life = lifeOf(versions);
      const next = decide(life);
      if (!next.ok) return next;
      if (next.value.kind === 'unchanged') return ok({ stored: versions.at(-1)!, created: false });
      const stored = await this.#write(asked, life, next.value);
      return stored ? ok({ stored, created: life === null }) : refused('store-failing');
    });
  }

  /** Two writers of one order wait for each other; other orders go on meanwhile. */
  #queued<T>(orderId: OrderId, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(orderId) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#queues.set(orderId, turn);
    const leave = (): void => {
      if (this.#queues.get(orderId) === turn) this.#queues.delete(orderId);
    };
    turn.then(leave, leave);
    return turn;
  }

  /** Null when it could not be written: then it is as if it had not been asked. */
  async #write(
    asked: Asked,
    life: Life | null,
    { order, status, cause }: Pick<StoredOrder, 'order' | 'status' | 'cause'>,
  ): Promise<StoredOrder | null> {
    const { orderId, by, reason, signature } = asked;
    const version = (life?.newest.version ?? 0) + 1;
    const atMs = this.#hooks.clock.nowMs();
    const proof = signature ? { signature } : {};
    const stored: StoredOrder = {
      orderId,
      version,
      status,
      order,
      atMs,
      by,
      cause,
      reason,
      ...proof,
    };
    try {
      await this.#hooks.store.append([{ type: 'order-version', ...stored }]);
    } catch {
      return null;
    }
    this.#known.add(orderId);
    this.#follow(stored, life);
    return stored;
  }

  /** What a version on disk sets in motion. */
  #follow(stored: StoredOrder, life: Life | null): void {
    const { orderId, status, cause, order } = stored;
    this.#undrawn.note(stored);
    this.#undrawn.tell();
    if (status !== 'expired') this.#due.want(orderId, fromInstant(order.validUntil));
    // A proposal changes nothing yet, its rejection never did, and dates end an order alone.
    const stands = status === 'active' || status === 'suspended';
    if (cause === 'rejection' || !(stands || (status === 'withdrawn' && life?.standing))) return;
    this.#hooks.apply(stored);
  }
}

const storedOf = (answer: Result<Written, Refusal>): Result<StoredOrder, Refusal> =>
  answer.ok ? ok(answer.value.stored) : answer;
