import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { OrderId, PersonId } from '../../shared/ids.ts';
import { toInstant } from '../../shared/instant.ts';
import { OrderVersionView, versionFields } from '../../shared/order-view.ts';
import type { StoredOrder } from '../kept.ts';
import type { Store } from '../ports.ts';
import { allow } from './http-auth.ts';
import { page, pageOf, PageQuery } from './http-page.ts';
import { ProblemError } from './http-problem.ts';

export const OrderView = OrderVersionView.meta({ id: 'Order' });
export type OrderView = OrderVersionView;
/** A client may send back what it got: these say where an order stands and change nothing. */
export const READ_ONLY_KEYS = ['orderId', ...Object.keys(versionFields)];

export const OrderParams = z.object({ orderId: OrderId });

const READERS = ['cjib', 'approver', 'operator', 'administrator'] as const;

export const readOrders =
  (store: Store): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['orders'];
    const Query = PageQuery.extend({ wearerId: PersonId.optional() });
    app.get(
      '/v1/orders',
      {
        ...allow(READERS),
        schema: { tags, querystring: Query, response: { 200: pageOf(OrderView) } },
      },
      async (request) => {
        const { limit, after, wearerId } = request.query;
        const found = (await store.orders())
          .filter(({ order }) => wearerId === undefined || order.wearerId === wearerId)
          .filter(({ orderId }) => after === undefined || orderId > after)
          .toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
        return page(request, found.map(toView), limit, ({ orderId }) => orderId);
      },
    );
    app.get(
      '/v1/orders/:orderId',
      { ...allow(READERS), schema: { tags, params: OrderParams, response: { 200: OrderView } } },
      async (request, reply) => {
        const newest = (await versions(store, request.params.orderId)).at(-1)!;
        return answerOrder(reply, newest);
      },
    );
    app.get(
      '/v1/orders/:orderId/versions',
      {
        ...allow(READERS),
        schema: { tags, params: OrderParams, response: { 200: pageOf(OrderView) } },
      },
      async (request) => {
        const found = await versions(store, request.params.orderId);
        return { items: found.map(toView), next: null };
      },
    );
  };

/** Oldest first. */
async function versions(store: Store, orderId: OrderId): Promise<StoredOrder[]> {
  const found = await store.orderVersions(orderId);
  if (found.length === 0) throw new ProblemError('unknown-order');
  return found.toSorted((a, b) => a.version - b.version);
}

export const answerOrder = (reply: FastifyReply, stored: StoredOrder): FastifyReply =>
  reply.header('etag', `"${stored.version}"`).send(toView(stored));

function toView({ order, version, status, atMs, by, cause, reason }: StoredOrder): OrderView {
  return { ...order, version, status, at: toInstant(atMs), by, cause, reason };
}
