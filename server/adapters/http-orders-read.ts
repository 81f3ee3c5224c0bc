import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { OrderId } from '../../shared/ids.ts';
import type { StoredOrder } from '../kept.ts';
import type { Store } from '../ports.ts';
import { allow } from './http-auth.ts';
import { CrsUri, tellCrs } from './http-crs.ts';
import {
  answerOrder,
  type AnswerParts,
  OrderAnswer,
  orderViews,
  VersionAnswer,
  versionView,
} from './http-order-answers.ts';
import { findOrders, OrderQuery } from './http-order-query.ts';
import { page, pageOf } from './http-page.ts';
import { ProblemError } from './http-problem.ts';

export interface ReadParts extends AnswerParts {
  readonly store: Store;
}

export const OrderParams = z.object({ orderId: OrderId });

const InCrs = z.strictObject({ crs: CrsUri.optional() });
const READERS = allow(['cjib', 'approver', 'operator', 'administrator'], 'orders:read');

export const readOrders =
  (parts: ReadParts): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['orders'];
    await app.register(readOrder(parts));
    app.get(
      '/v1/orders',
      {
        ...READERS,
        schema: { tags, querystring: OrderQuery, response: { 200: pageOf(OrderAnswer) } },
      },
      async (request, reply) => {
        const { limit, crs } = request.query;
        const found = await findOrders(parts.store, request.query);
        const { items, next } = page(request, found, limit, ({ orderId }) => orderId);
        void tellCrs(reply, crs);
        return { items: await orderViews(items, parts, crs), next };
      },
    );
  };

const readOrder =
  (parts: ReadParts): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['orders'];
    const { store } = parts;
    app.get(
      '/v1/orders/:orderId',
      {
        ...READERS,
        schema: { tags, params: OrderParams, querystring: InCrs, response: { 200: OrderAnswer } },
      },
      async (request, reply) => {
        const newest = (await versions(store, request.params.orderId)).at(-1)!;
        return answerOrder(reply, newest, parts, request.query.crs);
      },
    );
    app.get(
      '/v1/orders/:orderId/versions',
      {
        ...READERS,
        schema: {
          tags,
          params: OrderParams,
          querystring: InCrs,
          response: { 200: pageOf(VersionAnswer) },
        },
      },
      async (request, reply) => {
        const found = await versions(store, request.params.orderId);
        const { crs } = request.query;
        void tellCrs(reply, crs);
        return { items: found.map((stored) => versionView(stored, crs)), next: null };
      },
    );
  };

/** Oldest first. */
async function versions(store: Store, orderId: OrderId): Promise<readonly StoredOrder[]> {
  const found = await store.orderVersions(orderId);
  if (found.length === 0) throw new ProblemError('unknown-order');
  return found;
}
