import { isDrawn } from '../shared/court-order.ts';
import { fromInstant } from '../shared/instant.ts';
import type { OrderView } from '../shared/order-view.ts';

/** What an order that awaits a second person asks for. */
export type Ask =
  | 'new-order'
  | 'new-order-drawn'
  | 'amendment'
  | 'zone'
  | 'suspension'
  | 'resumption'
  | 'withdrawal';

/** Null when it asks for nothing. */
export function askOf({ status, cause, standing }: OrderView): Ask | null {
  if (status !== 'awaiting-approval') return null;
  switch (cause) {
    case 'suspension':
    case 'resumption':
    case 'withdrawal':
      return cause;
    case 'zone':
      return standing === null ? 'new-order-drawn' : 'zone';
    default:
      return standing === null ? 'new-order' : 'amendment';
  }
}

const OVER: readonly string[] = ['rejected', 'withdrawn', 'expired'];

/** Does it name a place where nobody watches, because nobody has drawn it? (SPEC AV2) */
export function lacksZone({ status, standing, enforcement, bans }: OrderView): boolean {
  if (standing === null && OVER.includes(status)) return false;
  const newest = !bans.every(isDrawn);
  const standingToo = enforcement.some(({ reasons }) => reasons.includes('no-zone'));
  return (newest && !OVER.includes(status)) || standingToo;
}

export const needsSomebody = (order: OrderView): boolean =>
  askOf(order) !== null || lacksZone(order);

/** A row where it stands; it keeps its part of the queue while the list is held still. */
export interface HeldRow {
  /** As it was when the row got its place. */
  readonly order: OrderView;
  readonly loud: boolean;
}

/** Without a zone first, then what waits longest; ids settle what is equal. (SPEC AV1, AV2) */
export function queueOf(orders: ReadonlyMap<string, OrderView>): HeldRow[] {
  return [...orders.values()]
    .filter(needsSomebody)
    .toSorted(byNeed)
    .map((order) => ({ order, loud: lacksZone(order) }));
}

function byNeed(a: OrderView, b: OrderView): number {
  const loud = Number(lacksZone(b)) - Number(lacksZone(a));
  if (loud !== 0) return loud;
  const older = fromInstant(a.at) - fromInstant(b.at);
  return older !== 0 ? older : a.orderId < b.orderId ? -1 : 1;
}
