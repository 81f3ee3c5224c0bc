import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CourtOrderBody } from '../../shared/court-order.ts';
import { BanId, type OrderId } from '../../shared/ids.ts';
import { Zone } from '../../shared/zone.ts';
import { type AreaBox, nameFaults } from '../core/order-check.ts';
import type { OrderStep } from '../core/order-life.ts';
import { termFaults } from '../core/order-terms.ts';
import type { Clock, Desk, Store } from '../ports.ts';
import { allow, identityOf, needScope } from './http-auth.ts';
import { ContentCrs, readZone, readZones } from './http-crs.ts';
import { validateStrictly } from './http-input.ts';
import { answerOrder, OrderAnswer, READ_ONLY_KEYS } from './http-order-answers.ts';
import { OrderParams, readOrders } from './http-orders-read.ts';
import { type InputFault, ProblemError } from './http-problem.ts';
import { signedBodies } from './http-signed-body.ts';
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
  ['rejections', 'rejection', WithReason],
  ['suspensions', 'suspension', WithReason],
  ['resumptions', 'resumption', WithReason],
  ['withdrawals', 'withdrawal', WithReason],
];
const ALLOWED: Record<OrderStep, { config: object }> = {
  approval: allow(['approver']),
  // Its writer may take back what waits; but a new order taken back guards nobody.
  rejection: allow(['approver', 'cjib'], 'orders:withdraw'),
  suspension: allow(['approver', 'cjib'], 'orders:amend'),
  resumption: allow(['approver', 'cjib'], 'orders:amend'),
  withdrawal: allow(['approver', 'cjib'], 'orders:withdraw'),
};
type Reasoned = { reason?: string | null | undefined } | null | undefined;

export interface OrderParts {
  readonly desk: Desk;
  readonly store: Store;
  readonly clock: Clock;
  readonly area: readonly AreaBox[];
  /** From every client, whatever is registered for it. */
  readonly signedOrdersRequired: boolean;
}

const IfMatch = z.looseObject({ 'if-match': z.string().max(1_000).optional() });
const TextHeaders = IfMatch.extend({ 'content-crs': ContentCrs.optional() });

export const orderRoutes =
  (parts: OrderParts): FastifyPluginAsyncZod =>
  async (app) => {
    const { desk, store } = parts;
    await app.register(putOrder(parts));
    await app.register(putZone(parts));
    await app.register(readOrders(parts));
    for (const [path, step, body] of STEPS) {
      app.post(
        `/v1/orders/:orderId/${path}`,
        {
          ...ALLOWED[step],
          schema: {
            tags: ['orders'],
            params: OrderParams,
            headers: IfMatch,
            body,
            response: { 201: OrderAnswer },
          },
        },
        async (request, reply) => {
          const { orderId } = request.params;
          const given = request.body?.reason ?? null;
          const ifMatch = await versionOf(request.headers['if-match'], orderId, store);
          const by = identityOf(request).username;
          const done = await desk.stepOrder(orderId, { step, reason: given, by, ifMatch });
          if (!done.ok) throw new ProblemError(done.error);
          return answerOrder(reply.code(201), done.value, parts);
        },
      );
    }
  };

const putOrder =
  (parts: OrderParts): FastifyPluginAsyncZod =>
  async (app) => {
    const { desk, store, signedOrdersRequired } = parts;
    const signed = signedBodies(app, signedOrdersRequired);
    const found = new WeakMap<object, readonly InputFault[]>();
    const foundIn = (body: unknown): readonly InputFault[] => found.get(Object(body)) ?? [];
    app.put(
      '/v1/orders/:orderId',
      {
        ...allow(['cjib'], 'orders:create', 'orders:amend'),
        bodyLimit: ORDER_BYTES_MAX,
        preValidation: async (request) => {
          signed.check(request);
          const { body, params, headers } = request;
          if (body) found.set(Object(body), await faultsOf(body, params, headers, parts));
        },
        validatorCompiler: validateStrictly(READ_ONLY_KEYS, foundIn),
        schema: {
          tags: ['orders'],
          params: OrderParams,
          headers: TextHeaders,
          body: CourtOrderBody,
          response: { 200: OrderAnswer, 201: OrderAnswer },
        },
      },
      async (request, reply) => {
        const { orderId } = request.params;
        const ifMatch = await versionOf(request.headers['if-match'], orderId, store);
        const identity = identityOf(request);
        needScope(identity, desk.hasOrder(orderId) ? 'orders:amend' : 'orders:create');
        const order = { ...orderInUtc(request.body), orderId };
        const signature = signed.signatureOf(request);
        const done = await desk.putOrder(order, ifMatch, identity.username, signature);
        if (!done.ok) throw new ProblemError(done.error);
        if (done.value.created) void reply.header('location', `/v1/orders/${orderId}`);
        const { created, stored } = done.value;
        return answerOrder(reply.code(created ? 201 : 200), stored, parts);
      },
    );
  };

/** A zone that an approver draws, because the order came with words alone. (SPEC OR13) */
const putZone =
  (parts: OrderParts): FastifyPluginAsyncZod =>
  async (app) => {
    const { desk, store, area } = parts;
    const found = new WeakMap<object, readonly InputFault[]>();
    const params = OrderParams.extend({ banId: BanId });
    app.put(
      '/v1/orders/:orderId/bans/:banId/zone',
      {
        ...allow(['approver']),
        bodyLimit: ORDER_BYTES_MAX,
        preValidation: async ({ body, headers }) => {
          if (body) found.set(Object(body), readZone(body, headers['content-crs'], area));
        },
        validatorCompiler: validateStrictly([], (body) => found.get(Object(body)) ?? []),
        schema: {
          tags: ['orders'],
          params,
          headers: TextHeaders,
          body: Zone,
          response: { 200: OrderAnswer },
        },
      },
      async (request, reply) => {
        const { orderId, banId } = request.params;
        const ifMatch = await versionOf(request.headers['if-match'], orderId, store);
        const drawn = { banId, zone: request.body };
        const done = await desk.putZone(orderId, drawn, ifMatch, identityOf(request).username);
        if (!done.ok) throw new ProblemError(done.error);
        return answerOrder(reply, done.value, parts);
      },
    );
  };

/** All that its schema cannot tell: what the law says of it, and the geometry of its zones. */
async function faultsOf(
  body: unknown,
  params: unknown,
  headers: Readonly<Record<string, unknown>>,
  { desk, store, clock, area }: OrderParts,
): Promise<InputFault[]> {
  const { orderId } = params as z.infer<typeof OrderParams>;
  const versions = desk.hasOrder(orderId) ? await store.orderVersions(orderId) : [];
  const terms = termFaults(body, versions, clock.nowMs());
  const zones = await readZones(body, headers['content-crs'], area);
  return [...nameFaults(body, orderId), ...terms, ...zones];
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
