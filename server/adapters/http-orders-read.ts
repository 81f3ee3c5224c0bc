import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { OrderId } from '../../shared/ids.ts';
import { toInstant } from '../../shared/instant.ts';
import { OrderVersionView, versionFields } from '../../shared/order-view.ts';
import type { StoredOrder } from '../kept.ts';
import type { Store } from '../ports.ts';
import { allow } from './http-auth.ts';
import { CrsUri, orderIn, tellCrs } from './http-crs.ts';
import { findOrders, OrderQuery } from './http-order-query.ts';
import { page, pageOf } from './http-page.ts';
import { ProblemError } from './http-problem.ts';
import { orderInUtc } from './http-utc.ts';

export const OrderView = OrderVersionView.meta({ id: 'Order' });
export type OrderView = OrderVersionView;
/** A client may send back what it got: these say where an order stands and change nothing. */
export const READ_ONLY_KEYS = ['orderId', ...Object.keys(versionFields)];

export const OrderParams = z.object({ orderId: OrderId });

const InCrs = z.strictObject({ crs: CrsUri.optional() });
const READERS = ['cjib', 'approver', 'operator', 'administrator'] as const;

export const readOrders =
  (store: Store): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['orders'];
    await app.register(readOrder(store));
    app.get(
      '/v1/orders',
      {
        ...allow(READERS),
        schema: { tags, querystring: OrderQuery, response: { 200: pageOf(OrderView) } },
      },
      async (request, reply) => {
        const { limit, crs } = request.query;
        const found = await findOrders(store, request.query);
        const { items, next } = page(request, found, limit, ({ orderId }) => orderId);
        void tellCrs(reply, crs);
        return { items: items.map((stored) => toView(stored, crs)), next };
      },
    );
  };

const readOrder =
  (store: Store): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['orders'];
    app.get(
      '/v1/orders/:orderId',
      {
        ...allow(READERS),
        schema: { tags, params: OrderParams, querystring: InCrs, response: { 200: OrderView } },
      },
      async (request, reply) => {
        const newest = (await versions(store, request.params.orderId)).at(-1)!;
        return answerOrder(reply, newest, request.query.crs);
      },
    );
    app.get(
      '/v1/orders/:orderId/versions',
      {
        ...allow(READERS),
        schema: {
          tags,
          params: OrderParams,
          querystring: InCrs,
          response: { 200: pageOf(OrderView) },
        },
      },
      async (request, reply) => {
        const found = await versions(store, request.params.orderId);
        const { crs } = request.query;
        void tellCrs(reply, crs);
        return { items: found.map((stored) => toView(stored, crs)), next: null };
      },
    );
  };

/** Oldest first. */
async function versions(store: Store, orderId: OrderId): Promise<StoredOrder[]> {
  const found = await store.orderVersions(orderId);
  if (found.length === 0) throw new ProblemError('unknown-order');
  return found.toSorted((a, b) => a.version - b.version);
}

/** `crs`: the reference system that was asked for. */
export const answerOrder = (reply: FastifyReply, stored: StoredOrder, crs?: string): FastifyReply =>
  tellCrs(reply, crs).header('etag', `"${stored.version}"`).send(toView(stored, crs));

function toView(stored: StoredOrder, crs?: string): OrderView {
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
