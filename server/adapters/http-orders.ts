import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CourtOrderBody } from '../../shared/court-order.ts';
import type { OrderId } from '../../shared/ids.ts';
import type { AreaBox } from '../core/order-check.ts';
import type { OrderStep } from '../kept.ts';
import type { Desk, Store } from '../ports.ts';
import { allow, identityOf } from './http-auth.ts';
import { ContentCrs, readZones } from './http-crs.ts';
import { validateStrictly } from './http-input.ts';
import {
  answerOrder,
  OrderParams,
  OrderView,
  READ_ONLY_KEYS,
  readOrders,
} from './http-orders-read.ts';
import { type InputFault, ProblemError } from './http-problem.ts';
import { orderInUtc } from './http-utc.ts';

/** A zone of 10,000 points is under half a megabyte; an order holds several. */
const ORDER_BYTES_MAX = 5 * 2 ** 20;
/** No version has this number: an If-Match that names none of ours matches none. */
const NO_VERSION = -1;

const reason = z.string().trim().min(1).max(2000);
const WithReason = z.object({ reason });
const MayGiveReason = z.object({ reason: reason.nullish() }).nullish();

const STEPS: readonly [path: string, step: OrderStep, body: z.ZodType<Reasoned>][] = [
  ['approvals', 'approval', MayGiveReason],
  ['suspensions', 'suspension', WithReason],
  ['resumptions', 'resumption', WithReason],
  ['withdrawals', 'withdrawal', WithReason],
];
type Reasoned = { reason?: string | null | undefined } | null | undefined;

export interface OrderParts {
  readonly desk: Desk;
  readonly store: Store;
  readonly area: readonly AreaBox[];
}

export const orderRoutes =
  (parts: OrderParts): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(putOrder(parts));
    await app.register(readOrders(parts.store));
    for (const [path, step, body] of STEPS) {
      app.post(
        `/v1/orders/:orderId/${path}`,
        {
          ...allow(step === 'approval' ? ['approver'] : ['approver', 'cjib']),
          schema: { tags: ['orders'], params: OrderParams, body, response: { 201: OrderView } },
        },
        async (request, reply) => {
          const { orderId } = request.params;
          const why = request.body?.reason ?? null;
          const done = await parts.desk.stepOrder(orderId, step, why, identityOf(request).username);
          if (!done.ok) throw new ProblemError(done.error);
          return answerOrder(reply.code(201), done.value);
        },
      );
    }
  };

const putOrder =
  ({ desk, store, area }: OrderParts): FastifyPluginAsyncZod =>
  async (app) => {
    const headers = z.looseObject({
      'if-match': z.string().max(1_000).optional(),
      'content-crs': ContentCrs.optional(),
    });
    const geometry = new WeakMap<object, readonly InputFault[]>();
    const geometryOf = (body: unknown): readonly InputFault[] => geometry.get(Object(body)) ?? [];
    app.put(
      '/v1/orders/:orderId',
      {
        ...allow(['cjib']),
        bodyLimit: ORDER_BYTES_MAX,
        preValidation: async ({ body, headers: { 'content-crs': crs } }) => {
          if (body) geometry.set(Object(body), await readZones(body, crs, area));
        },
        validatorCompiler: validateStrictly(READ_ONLY_KEYS, geometryOf),
        schema: {
          tags: ['orders'],
          params: OrderParams,
          headers,
          body: CourtOrderBody,
          response: { 200: OrderView, 201: OrderView },
        },
      },
      async (request, reply) => {
        const { orderId } = request.params;
        const ifMatch = await versionOf(request.headers['if-match'], orderId, store);
        const order = { ...orderInUtc(request.body), orderId };
        const done = await desk.putOrder(order, ifMatch, identityOf(request).username);
        if (!done.ok) throw new ProblemError(done.error);
        if (done.value.created) void reply.header('location', `/v1/orders/${orderId}`);
        return answerOrder(reply.code(done.value.created ? 201 : 200), done.value.stored);
      },
    );
  };

/**
 * If-Match as a version: `*` is whichever is current, and only a strong tag can match. (RFC 9110)
 */
async function versionOf(
  header: string | undefined,
  orderId: OrderId,
  store: Store,
): Promise<number | null> {
  if (header === undefined) return null;
  const tags = header.split(',').map((tag) => tag.trim());
  const named = tags.map((tag) => Number(/^"(\d{1,15})"$/.exec(tag)?.[1] ?? NO_VERSION));
  if (tags.length === 1 && tags[0] !== '*') return named[0]!;
  const current = Math.max(
    NO_VERSION,
    ...(await store.orderVersions(orderId)).map((o) => o.version),
  );
  return tags.includes('*') || named.includes(current) ? current : NO_VERSION;
}
