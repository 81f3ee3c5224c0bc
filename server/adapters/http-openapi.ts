import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  type FastifyPluginAsyncZod,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Problem } from '../../shared/problem.ts';
import { allow, allowOf, SESSION_COOKIE } from './http-auth.ts';

/** Goes up with every change of the interface, as semantic versioning says. */
export const API_VERSION = '1.0.0';

const ProblemView = Problem.meta({ id: 'Problem' });
const EVERY_PROBLEM = {
  description: 'A problem (RFC 9457); "code" says which',
  content: { 'application/problem+json': { schema: ProblemView } },
};

/** Must be registered before the routes that it is to describe. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Cordon',
        description: 'Court orders, devices and alerts of a GPS proximity alert system.',
        version: API_VERSION,
        contact: { name: 'The Cordon project' },
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
          machine: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform(document) {
      const { route, schema } = document;
      const allowed = allowOf(route.config ?? {});
      const response = { ...(schema?.response as object | undefined), default: EVERY_PROBLEM };
      const roles = Array.isArray(allowed) ? `For: ${allowed.join(', ')}.` : 'Needs no sign-in.';
      const security = allowed === 'anyone' ? [] : [{ session: [] }, { machine: [] }];
      const hide = !/^\/(v1|health|metrics)/.test(route.url);
      const described = { ...schema, response, security, hide, description: roles };
      return jsonSchemaTransform({ ...document, schema: described });
    },
    transformObject: (document) => withVersionHeader(jsonSchemaTransformObject(document)),
  });
}

interface Operation {
  responses?: Record<string, { headers?: Record<string, unknown> }>;
}

/** The version header stands in every answer, so it stands in every description of one. */
function withVersionHeader<T extends { paths?: unknown }>(document: T): T {
  const header = { description: 'Full version of the interface', schema: { type: 'string' } };
  const paths = (document.paths ?? {}) as Record<string, Record<string, Operation>>;
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    for (const response of Object.values(operation.responses ?? {})) {
      response.headers = { ...response.headers, 'API-Version': header };
    }
  }
  return document;
}

/** Anybody may know what can be asked, from a page of any site. (NLGov publish-openapi) */
export const openapiRoutes: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/v1/openapi.json',
    { ...allow('anyone'), schema: { tags: ['meta'], response: { 200: z.unknown() } } },
    async (_request, reply) =>
      reply
        .header('access-control-allow-origin', '*')
        .header('cross-origin-resource-policy', 'cross-origin')
        .send(app.swagger()),
  );
};
