import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Desk } from '../ports.ts';
import { allow } from './http-auth.ts';
import type { Metrics } from './metrics.ts';

const HealthView = z
  .object({
    ready: z.boolean(),
    store: z.enum(['up', 'failing']),
    broker: z.enum(['up', 'down']),
    lagMs: z.number(),
    canaryAgeS: z.number().nullable(),
  })
  .meta({ id: 'Health' });

export const healthRoutes =
  (desk: Desk, metrics: Metrics): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['health'];
    app.get('/health/live', { ...allow('anyone'), schema: { tags } }, async () => ({ live: true }));

    app.get(
      '/health/ready',
      { ...allow('anyone'), schema: { tags, response: { 200: HealthView, 503: HealthView } } },
      async (_request, reply) => {
        const health = desk.health();
        return reply.code(health.ready ? 200 : 503).send({ ...health });
      },
    );

    app.get('/metrics', { ...allow('loopback'), schema: { tags } }, async (_request, reply) =>
      reply.type(metrics.contentType).send(await metrics.text()),
    );
  };
