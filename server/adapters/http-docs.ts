import type { FastifyPluginAsync } from 'fastify';
import { allow } from './http-auth.ts';
import { pageFor } from './http-docs-page.ts';
import { STYLE } from './http-docs-style.ts';
import { BASE_PATH } from './http-openapi.ts';

export const DOCS_PATH = `${BASE_PATH}/docs`;

/** For people; not part of what it describes. Anybody may read it. (SPEC AP6) */
export const docsRoutes: FastifyPluginAsync = async (app) => {
  let page: string | null = null;
  const options = { ...allow('anyone'), schema: { hide: true } };
  app.get(DOCS_PATH, options, async (_request, reply) => {
    page ??= pageFor({ ...app.swagger() });
    return reply.type('text/html; charset=utf-8').send(page);
  });
  app.get(`${DOCS_PATH}/style.css`, options, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(STYLE),
  );
};
