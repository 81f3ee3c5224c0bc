import type { OrderException, OrderStatus } from '../../shared/court-order.ts';
import type { OrderId, PersonId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import type { OrderVersion } from './case-event.ts';

/** An order as the case keeps it; its text lies in the store, its bans beside it. */
export interface OrderState {
  readonly orderId: OrderId;
  readonly version: number;
  readonly status: OrderStatus;
  readonly wearerId: PersonId;
  readonly victimIds: readonly PersonId[];
  /** Since when this text stands, as far as known; it judges no earlier past. (SPEC PA5) */
  readonly textSinceMs: number;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  readonly exceptions: readonly OrderException[];
}

const NO_EXCEPTIONS: readonly OrderException[] = [];

export function orderStateOf(
  { order, version, status }: OrderVersion,
  textSinceMs = -Infinity,
): OrderState {
  return {
    orderId: order.orderId,
    version,
    status,
    wearerId: order.wearerId,
    textSinceMs,
    victimIds: order.bans
      .flatMap((ban) => (ban.kind === 'contact-ban' ? [ban.victimId] : []))
      .slice(),
    validFromMs: fromInstant(order.validFrom),
    validUntilMs: fromInstant(order.validUntil),
    exceptions: order.exceptions ?? NO_EXCEPTIONS,
  };
}
