import type { Device } from '../../shared/device.ts';
import { toInstant } from '../../shared/instant.ts';
import type { OrderVersionView, OrderView } from '../../shared/order-view.ts';
import { type Carriers, carriersOf, enforcementOf } from '../core/enforcement.ts';
import { lifeOf } from '../core/order-life.ts';
import type { StoredOrder } from '../kept.ts';
import type { Desk, Store } from '../ports.ts';

/** Orders as they are told: a version as it was written, or an order as it stands now. */

export function versionView(stored: StoredOrder): OrderVersionView {
  const { order, version, status, atMs, by, cause, reason } = stored;
  return { ...order, version, status, at: toInstant(atMs), by, cause, reason };
}

export interface Viewing {
  readonly store: Pick<Store, 'orderVersions'>;
  readonly carriers: Carriers;
  readonly nowMs: number;
}

/** For all orders of one answer: who carries what is looked up once. */
export const viewing = (
  store: Viewing['store'],
  desk: Pick<Desk, 'devices'>,
  nowMs: number,
): Viewing => ({ store, carriers: carriersOf(desk.devices() as Device[], nowMs), nowMs });

/** The newest version and what stands; reads the older ones only where another one stands. */
export async function orderView(newest: StoredOrder, about: Viewing): Promise<OrderView> {
  const waits = newest.status === 'awaiting-approval';
  const versions = waits ? await about.store.orderVersions(newest.orderId) : [newest];
  const life = lifeOf(versions.toSorted((a, b) => a.version - b.version))!;
  const { standing } = life;
  return {
    ...versionView(newest),
    standing: standing && { version: standing.version, status: standing.status },
    enforcement: enforcementOf(life, about.carriers, about.nowMs),
  };
}
