import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Compliance } from '../../shared/compliance.ts';
import { OrderId } from '../../shared/ids.ts';
import {
  FeedbackEvent,
  Sequence,
  sequenceOf,
  SubscriptionBody,
  SubscriptionId,
  SubscriptionView,
} from '../../shared/subscription.ts';
import type { Store } from '../ports.ts';
import { ComplianceDesk } from '../service/compliance.ts';
import type { FeedbackDesk, FeedbackRefusal } from '../service/feedback-desk.ts';
import { allow, identityOf } from './http-auth.ts';
import { validateStrictly } from './http-input.ts';
import {
  linkWith,
  PAGE_LIMIT_DEFAULT,
  PAGE_LIMIT_MAX,
  page,
  pageOf,
  PageQuery,
} from './http-page.ts';
import { ProblemError } from './http-problem.ts';

export interface FeedbackRouteParts {
  readonly feedback: FeedbackDesk;
  readonly store: Store;
}

/** Machines need to be allowed to read orders, for events tell of them. */
const SENDERS = allow(['cjib'], 'orders:read');
const SENDERS_AND_ADMINISTRATORS = allow(['cjib', 'administrator'], 'orders:read');
const SENDERS_AND_APPROVERS = allow(['cjib', 'approver'], 'orders:read');
const tags = ['subscriptions'];
const Subscription = SubscriptionView.meta({ id: 'Subscription' });
const Event = FeedbackEvent.meta({ id: 'FeedbackEvent' });
const Params = z.object({ subscriptionId: SubscriptionId });
/** Answers are read only: a client may send back what it got. */
const READ_ONLY_KEYS = Object.keys(SubscriptionView.shape);

export const feedbackRoutes =
  (parts: FeedbackRouteParts): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(putSubscription(parts));
    await app.register(readSubscriptions(parts));
    await app.register(readEvents(parts));
    await app.register(readCompliance(parts));
  };

function refuse(refusal: FeedbackRefusal): never {
  if (refusal !== 'cursor-ahead') throw new ProblemError(refusal);
  const message = 'is beyond the newest event: give the "sequence" of one you got, or leave it out';
  throw new ProblemError('invalid-input', [{ path: ['after'], message }]);
}

const putSubscription =
  ({ feedback }: FeedbackRouteParts): FastifyPluginAsyncZod =>
  async (app) => {
    app.put(
      '/v1/subscriptions/:subscriptionId',
      {
        ...SENDERS,
        validatorCompiler: validateStrictly(READ_ONLY_KEYS),
        schema: {
          tags,
          params: Params,
          body: SubscriptionBody,
          response: { 200: Subscription, 201: Subscription },
        },
      },
      async (request, reply) => {
        const { subscriptionId } = request.params;
        const { username } = identityOf(request);
        const done = await feedback.put(username, subscriptionId, request.body);
        if (!done.ok) return refuse(done.error);
        const { view, created } = done.value;
        if (created) void reply.header('location', `/v1/subscriptions/${subscriptionId}`);
        return reply.code(created ? 201 : 200).send(view);
      },
    );
    app.delete(
      '/v1/subscriptions/:subscriptionId',
      { ...SENDERS, schema: { tags, params: Params, response: { 204: z.null() } } },
      async (request, reply) => {
        const { username } = identityOf(request);
        const done = await feedback.remove(username, request.params.subscriptionId, username);
        if (!done.ok) return refuse(done.error);
        return reply.code(204).send(null);
      },
    );
  };

const readSubscriptions =
  ({ feedback }: FeedbackRouteParts): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/subscriptions',
      {
        ...SENDERS_AND_ADMINISTRATORS,
        schema: { tags, querystring: PageQuery, response: { 200: pageOf(Subscription) } },
      },
      async (request) => {
        const { role, username } = identityOf(request);
        const { limit, after } = request.query;
        const cursorOf = (view: SubscriptionView) => `${view.owner}/${view.subscriptionId}`;
        // Whoever administers sees everybody's, to see who does not hear from us.
        const found = feedback
          .list(role === 'administrator' ? null : username)
          .filter((view) => after === undefined || cursorOf(view) > after);
        return page(request, found, limit, cursorOf);
      },
    );
    app.get(
      '/v1/subscriptions/:subscriptionId',
      { ...SENDERS, schema: { tags, params: Params, response: { 200: Subscription } } },
      async (request) => {
        const { username } = identityOf(request);
        const found = feedback.find(username, request.params.subscriptionId);
        return found ?? refuse('unknown-subscription');
      },
    );
  };

const readEvents =
  ({ feedback }: FeedbackRouteParts): FastifyPluginAsyncZod =>
  async (app) => {
    const Query = z.object({
      after: Sequence.default('0'),
      limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
    });
    /** `cursor`: what to give as `after` next time, when `next` is null. */
    const Page = pageOf(Event).extend({ cursor: Sequence });
    app.get(
      '/v1/events',
      { ...SENDERS, schema: { tags, querystring: Query, response: { 200: Page } } },
      async (request) => {
        const { after, limit } = request.query;
        const found = await feedback.events(Number(after), limit);
        if (!found.ok) return refuse(found.error);
        const { events, cursorSeq, more } = found.value;
        const cursor = sequenceOf(cursorSeq);
        return {
          items: [...events],
          next: more ? linkWith(request, { after: cursor }) : null,
          cursor,
        };
      },
    );
  };

const readCompliance =
  ({ store }: FeedbackRouteParts): FastifyPluginAsyncZod =>
  async (app) => {
    const desk = new ComplianceDesk(store);
    app.get(
      '/v1/orders/:orderId/compliance',
      {
        ...SENDERS_AND_APPROVERS,
        schema: {
          tags,
          params: z.object({ orderId: OrderId }),
          response: { 200: Compliance.meta({ id: 'Compliance' }) },
        },
      },
      async (request) => {
        const { orderId } = request.params;
        const versions = await store.orderVersions(orderId);
        const [first, ...others] = versions;
        if (!first) throw new ProblemError('unknown-order');
        const newest = others.reduce((a, b) => (b.version > a.version ? b : a), first);
        return desk.of(
          orderId,
          newest.order.bans.map(({ banId }) => banId),
        );
      },
    );
  };
