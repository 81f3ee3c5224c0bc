import type { FastifyReply } from 'fastify';
import { toInstant } from '../../shared/instant.ts';
import { OrderVersionView, OrderView, versionFields } from '../../shared/order-view.ts';
import { enforcementOf } from '../core/enforcement.ts';
import { lifeOf } from '../core/order-life.ts';
import type { StoredOrder } from '../kept.ts';
import type { Clock, Desk, Store } from '../ports.ts';
import { orderIn, tellCrs } from './http-crs.ts';
import { orderInUtc } from './http-utc.ts';

/** Orders as they are told: a version as it was written, or an order as it stands now. */

export const OrderAnswer = OrderView.meta({ id: 'Order' });
export const VersionAnswer = OrderVersionView.meta({ id: 'OrderVersion' });

/** A client may send back what it got: these say where an order stands and change nothing. */
export const READ_ONLY_KEYS = ['orderId', 'standing', 'enforcement', ...Object.keys(versionFields)];

export interface AnswerParts {
  readonly desk: Pick<Desk, 'devicesOf'>;
  readonly store: Pick<Store, 'orderVersions'>;
  readonly clock: Clock;
}

/** `crs`: the reference system that was asked for. */
export async function answerOrder(
  reply: FastifyReply,
  newest: StoredOrder,
  parts: AnswerParts,
  crs?: string,
): Promise<OrderView> {
  void tellCrs(reply, crs).header('etag', `"${newest.version}"`);
  const [view] = await orderViews([newest], parts, crs);
  return view!;
}

/** The newest version and what stands; reads the older ones only where another one stands. */
export async function orderViews(
  orders: readonly StoredOrder[],
  { desk, store, clock }: AnswerParts,
  crs?: string,
): Promise<OrderView[]> {
  const nowMs = clock.nowMs();
  const viewOf = async (newest: StoredOrder): Promise<OrderView> => {
    const mayStand = newest.status === 'awaiting-approval' && newest.version > 1;
    const versions = mayStand ? await store.orderVersions(newest.orderId) : [newest];
    return orderView(versions, desk, nowMs, crs);
  };
  return Promise.all(orders.map(viewOf));
}

function orderView(
  versions: readonly StoredOrder[],
  desk: AnswerParts['desk'],
  nowMs: number,
  crs?: string,
): OrderView {
  const life = lifeOf(versions)!;
  const { standing } = life;
  return {
    ...versionView(versions.at(-1)!, crs),
    standing: standing && { version: standing.version, status: standing.status },
    enforcement: enforcementOf(life, (personId) => desk.devicesOf(personId), nowMs),
  };
}

export function versionView(stored: StoredOrder, crs?: string): OrderVersionView {
  const { order, version, status, atMs, by, cause, reason } = stored;
  return {
    ...orderInUtc(orderIn(order, crs)),
    version,
    status,
    at: toInstant(atMs),
    by,
    cause,
    reason,
  };
}
