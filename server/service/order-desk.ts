import { createHash } from 'node:crypto';
import type { CourtOrder, OrderStatus } from '../../shared/court-order.ts';
import type { OrderId } from '../../shared/ids.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import type { OrderStep, StoredOrder } from '../kept.ts';
import type { Clock, Entry, OrderAnswer, Refusal, Store } from '../ports.ts';

interface Hooks {
  readonly store: Store;
  readonly clock: Clock;
  readonly approvalRequired: boolean;
  /** Called after the write with a version that is to apply from now on. */
  apply(stored: StoredOrder): void;
}

/** What of the newest version must be at hand; the order's text is in the store. */
interface Head {
  readonly version: number;
  readonly status: OrderStatus;
  readonly digest: string;
}

const headOf = ({ version, status, order }: StoredOrder): Head => ({
  version,
  status,
  digest: digestOf(order),
});

/** Parsed by the same schema, equal orders have equal texts. */
const digestOf = (order: CourtOrder): string =>
  createHash('sha256').update(JSON.stringify(order)).digest('base64');

/**
 * The life of orders: each step is a version, durable before it is answered and before it works.
 * An amendment that awaits approval leaves the version before it in force. (SPEC OR1–OR6)
 */
export class OrderDesk {
  readonly #hooks: Hooks;
  readonly #current = new Map<OrderId, Head>();
  readonly #queues = new Map<OrderId, Promise<unknown>>();

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  restore(orders: readonly StoredOrder[]): void {
    for (const stored of orders) this.#current.set(stored.orderId, headOf(stored));
  }

  put(
    order: CourtOrder,
    ifMatch: number | null,
    by: string,
    signature: string | null = null,
  ): Promise<Result<OrderAnswer, Refusal>> {
    return this.#inTurn(order.orderId, async () => {
      const current = this.#current.get(order.orderId);
      if (current && current.digest === digestOf(order) && current.status !== 'withdrawn') {
        const versions = await this.#versions(order.orderId);
        return ok({ stored: versions.at(-1)!, created: false });
      }
      const refusal = refusalOfPut(current, ifMatch);
      if (refusal) return refused(refusal);
      const status = this.#hooks.approvalRequired ? 'awaiting-approval' : 'active';
      const version = (current?.version ?? 0) + 1;
      const proof = signature === null ? {} : { signature };
      const put = { order, version, status, cause: 'put', reason: null, by, ...proof } as const;
      const written = await this.#write(put);
      return written.ok ? ok({ stored: written.value, created: !current }) : written;
    });
  }

  step(
    orderId: string,
    step: OrderStep,
    reason: string | null,
    by: string,
  ): Promise<Result<StoredOrder, Refusal>> {
    return this.#inTurn(orderId as OrderId, async () => {
      const current = this.#current.get(orderId as OrderId);
      if (!current) return refused('unknown-order');
      const versions = await this.#versions(orderId as OrderId);
      const refusal = refusalOfStep(current, step, by, versions);
      if (refusal) return refused(refusal);
      return this.#write({
        order: versions.at(-1)!.order,
        version: current.version + 1,
        status: statusAfter(step, versions),
        cause: step,
        reason,
        by,
      });
    });
  }

  /** Oldest first; there is at least one. */
  async #versions(orderId: OrderId): Promise<readonly StoredOrder[]> {
    const versions = await this.#hooks.store.orderVersions(orderId);
    return versions.toSorted((a, b) => a.version - b.version);
  }

  /** Two writers of one order wait for each other; other orders go on meanwhile. */
  #inTurn<T>(orderId: OrderId, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(orderId) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#queues.set(orderId, turn);
    const leave = (): void => {
      if (this.#queues.get(orderId) === turn) this.#queues.delete(orderId);
    };
    turn.then(leave, leave);
    return turn;
  }

  async #write(
    version: Omit<StoredOrder, 'orderId' | 'atMs'>,
  ): Promise<Result<StoredOrder, Refusal>> {
    const stored = {
      ...version,
      orderId: version.order.orderId,
      atMs: this.#hooks.clock.nowMs(),
    };
    const entry: Entry = { type: 'order-version', ...stored };
    try {
      await this.#hooks.store.append([entry]);
    } catch {
      return refused('store-failing');
    }
    this.#current.set(stored.orderId, headOf(stored));
    if (stored.status !== 'awaiting-approval') this.#hooks.apply(stored);
    return ok(stored);
  }
}

const STATUS_AFTER: Record<OrderStep, OrderStatus> = {
  approval: 'active',
  suspension: 'suspended',
  resumption: 'active',
  withdrawal: 'withdrawn',
};

/** Suspending and resuming approve nothing: what nobody has approved awaits it again. (SPEC OR5) */
function statusAfter(step: OrderStep, versions: readonly StoredOrder[]): OrderStatus {
  if (step !== 'resumption') return STATUS_AFTER[step];
  const decided = versions.findLast(({ cause }) => cause === 'put' || cause === 'approval');
  return decided?.status === 'awaiting-approval' ? 'awaiting-approval' : STATUS_AFTER[step];
}

function refusalOfPut(current: Head | undefined, ifMatch: number | null): Refusal | null {
  if (!current) return ifMatch === null ? null : 'version-mismatch';
  if (current.status === 'withdrawn') return 'order-withdrawn';
  if (ifMatch === null) return 'version-required';
  return ifMatch === current.version ? null : 'version-mismatch';
}

function refusalOfStep(
  current: Head,
  step: OrderStep,
  by: string,
  versions: readonly StoredOrder[],
): Refusal | null {
  if (current.status === 'withdrawn') return 'order-withdrawn';
  switch (step) {
    case 'approval':
      if (current.status !== 'awaiting-approval') return 'already-approved';
      // Four eyes: who wrote it cannot be the second to look at it. (SPEC OR5)
      return versions.findLast(({ cause }) => cause === 'put')?.by === by ? 'same-person' : null;
    case 'resumption':
      return current.status === 'suspended' ? null : 'order-not-suspended';
    case 'suspension':
    case 'withdrawal':
      return null;
  }
}
