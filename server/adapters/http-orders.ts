import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { CourtOrder, CourtOrderBody, OrderStatus } from '../../shared/court-order.ts';
import { OrderId, PersonId } from '../../shared/ids.ts';
import { Instant, toInstant } from '../../shared/instant.ts';
import { type AreaBox, bansIn, checkBan, nameFaults } from '../core/order-check.ts';
import type { OrderStep, StoredOrder } from '../kept.ts';
import type { Desk, Store } from '../ports.ts';
import { allow, identityOf } from './http-auth.ts';
import { validateStrictly } from './http-input.ts';
import { page, pageOf, PageQuery } from './http-page.ts';
import { type InputFault, ProblemError } from './http-problem.ts';

/** A zone of 10,000 points is under half a megabyte; an order holds several. */
const ORDER_BYTES_MAX = 5 * 2 ** 20;
/** No version has this number: an If-Match that names none of ours matches none. */
const NO_VERSION = -1;

/** What an order became, with the version that did it. */
const versionFields = {
  version: z.number().int(),
  status: OrderStatus,
  at: Instant,
  by: z.string(),
  cause: z.string(),
  reason: z.string().nullable(),
};
const OrderView = CourtOrder.safeExtend(versionFields).meta({ id: 'Order' });
type OrderView = z.infer<typeof OrderView>;
/** A client may send back what it got: these say where an order stands and change nothing. */
const READ_ONLY_KEYS = ['orderId', ...Object.keys(versionFields)];

const Params = z.object({ orderId: OrderId });
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

const READERS = ['cjib', 'approver', 'operator', 'administrator'] as const;

export interface OrderParts {
  readonly desk: Desk;
  readonly store: Store;
  readonly area: readonly AreaBox[];
}

export const orderRoutes =
  (parts: OrderParts): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(putOrder(parts));
    await app.register(readOrders(parts));
    for (const [path, step, body] of STEPS) {
      app.post(
        `/v1/orders/:orderId/${path}`,
        {
          ...allow(step === 'approval' ? ['approver'] : ['approver', 'cjib']),
          schema: { tags: ['orders'], params: Params, body, response: { 201: OrderView } },
        },
        async (request, reply) => {
          const { orderId } = request.params;
          const why = request.body?.reason ?? null;
          const done = await parts.desk.stepOrder(orderId, step, why, identityOf(request).username);
          if (!done.ok) throw new ProblemError(done.error);
          return answer(reply.code(201), done.value);
        },
      );
    }
  };

const putOrder =
  ({ desk, store, area }: OrderParts): FastifyPluginAsyncZod =>
  async (app) => {
    const headers = z.looseObject({ 'if-match': z.string().max(1_000).optional() });
    const geometry = new WeakMap<object, readonly InputFault[]>();
    const geometryOf = (body: unknown): readonly InputFault[] => geometry.get(Object(body)) ?? [];
    app.put(
      '/v1/orders/:orderId',
      {
        ...allow(['cjib']),
        bodyLimit: ORDER_BYTES_MAX,
        preValidation: async ({ body, params }) => {
          if (!body) return;
          const { orderId } = params as z.infer<typeof Params>;
          const faults = [...nameFaults(body, orderId), ...(await checkInTurns(body, area))];
          geometry.set(Object(body), faults);
        },
        validatorCompiler: validateStrictly(READ_ONLY_KEYS, geometryOf),
        schema: {
          tags: ['orders'],
          params: Params,
          headers,
          body: CourtOrderBody,
          response: { 200: OrderView, 201: OrderView },
        },
      },
      async (request, reply) => {
        const { orderId } = request.params;
        const ifMatch = await versionOf(request.headers['if-match'], orderId, store);
        const order = { ...request.body, orderId };
        const done = await desk.putOrder(order, ifMatch, identityOf(request).username);
        if (!done.ok) throw new ProblemError(done.error);
        if (done.value.created) void reply.header('location', `/v1/orders/${orderId}`);
        return answer(reply.code(done.value.created ? 201 : 200), done.value.stored);
      },
    );
  };

/** One zone a turn: what would hold up a warning for a second holds it up for a tenth of that. */
async function checkInTurns(body: unknown, area: readonly AreaBox[]): Promise<InputFault[]> {
  const faults: InputFault[] = [];
  for (const [index, ban] of bansIn(body).entries()) {
    faults.push(...checkBan(ban, index, area));
    await setImmediate();
  }
  return faults;
}

const readOrders =
  ({ store }: OrderParts): FastifyPluginAsyncZod =>
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
      { ...allow(READERS), schema: { tags, params: Params, response: { 200: OrderView } } },
      async (request, reply) => {
        const newest = (await versions(store, request.params.orderId)).at(-1)!;
        return answer(reply, newest);
      },
    );
    app.get(
      '/v1/orders/:orderId/versions',
      { ...allow(READERS), schema: { tags, params: Params, response: { 200: pageOf(OrderView) } } },
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

const answer = (reply: FastifyReply, stored: StoredOrder) =>
  reply.header('etag', `"${stored.version}"`).send(toView(stored));

function toView({ order, version, status, atMs, by, cause, reason: why }: StoredOrder): OrderView {
  return { ...order, version, status, at: toInstant(atMs), by, cause, reason: why };
}
