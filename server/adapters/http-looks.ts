import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Instant, toInstant } from '../../shared/instant.ts';
import type { Store } from '../ports.ts';
import { allow } from './http-auth.ts';
import { page, pageOf, PageQuery } from './http-page.ts';

/** Who looked at whose positions, when and why. */
const Look = z
  .object({
    at: Instant,
    by: z.string(),
    what: z.string(),
    subject: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'Look' });

/** `after` counts looks from the newest: one that comes in between repeats a line, hides none. */
const Query = PageQuery.extend({ after: z.coerce.number().int().min(0).max(1_000_000).default(0) });

export const lookRoutes =
  (store: Store): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/looks',
      {
        ...allow(['auditor']),
        schema: { tags: ['looks'], querystring: Query, response: { 200: pageOf(Look) } },
      },
      async (request) => {
        const { limit, after } = request.query;
        const found = (await store.looks(after + limit + 1)).slice(after);
        const looks = found.map(({ atMs, by, what, subject, reason }) => ({
          at: toInstant(atMs),
          by,
          what,
          subject,
          reason,
        }));
        return page(request, looks, limit, () => String(after + limit));
      },
    );
  };
