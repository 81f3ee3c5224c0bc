import { isDrawn } from '../../shared/court-order.ts';
import type { OrderId } from '../../shared/ids.ts';
import { isOver } from '../core/order-life.ts';
import type { StoredOrder } from '../kept.ts';
import type { Alarms } from '../ports.ts';

/**
 * Bans whose zone nobody has drawn yet: courts order them, and nobody is held to them. One alert
 * for all of them, for ten thousand of one cause would hide the others. (SPEC OR13)
 */
export class UndrawnWatch {
  readonly #alarms: Alarms;
  readonly #undrawn = new Set<OrderId>();
  /** Null: nothing yet, and an alert of the last process may stand. */
  #told: number | null = null;

  constructor(alarms: Alarms) {
    this.#alarms = alarms;
  }

  /** The newest version of an order. */
  note({ orderId, status, order }: StoredOrder): void {
    const isNothing = isOver(status) || status === 'rejected';
    if (isNothing || order.bans.every(isDrawn)) this.#undrawn.delete(orderId);
    else this.#undrawn.add(orderId);
  }

  tell(): void {
    const orders = this.#undrawn.size;
    if (orders === this.#told) return;
    this.#told = orders;
    const detail = orders === 0 ? 'every zone is drawn' : `orders with a zone to draw: ${orders}`;
    this.#alarms.report({ code: 'zone-missing', standing: orders > 0, detail, facts: { orders } });
  }
}
