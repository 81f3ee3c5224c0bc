import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  type FastifyPluginAsyncZod,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Scope } from '../../shared/api-client.ts';
import { Ban, CourtOrderBody, OrderException, Schedule } from '../../shared/court-order.ts';
import { Problem } from '../../shared/problem.ts';
import { Zone } from '../../shared/zone.ts';
import { type Allow, allow, allowOf, scopesOf, SESSION_COOKIE } from './http-auth.ts';
import { finish, type Part } from './http-openapi-finish.ts';
import { INTRODUCTION, TAGS } from './http-openapi-words.ts';

/** Goes up with every change of the interface, as semantic versioning says. */
export const API_VERSION = '1.1.0';
export const BASE_PATH = '/v1';

const ProblemView = Problem.meta({ id: 'Problem' });
const EVERY_PROBLEM = {
  description: 'A problem (RFC 9457); "code" says which',
  content: { 'application/problem+json': { schema: ProblemView } },
};

/** Given names, so that the description says each of them once. */
const NAMED = { Ban, OrderBody: CourtOrderBody, OrderException, Schedule, Zone };
for (const [id, schema] of Object.entries(NAMED)) z.globalRegistry.add(schema, { id });

const SCOPES: Record<Scope, string> = {
  'orders:read': 'Read orders and what became of them',
  'orders:create': 'Put new orders',
  'orders:amend': 'Replace, suspend and resume orders',
  'orders:withdraw': 'Withdraw orders',
};

const SECURITY_SCHEMES = {
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'People, after POST /v1/sessions.',
  },
  oauth2: {
    type: 'oauth2',
    description: 'Machines: a signed assertion for a token of five minutes.',
    flows: { clientCredentials: { tokenUrl: `${BASE_PATH}/tokens`, scopes: SCOPES } },
  },
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'A fixed token, for demonstrations and tests.',
  },
} as const;

/** Must be registered before the routes that it is to describe. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Cordon',
        summary: 'Court orders, devices and alerts of a GPS proximity alert system.',
        description: INTRODUCTION,
        version: API_VERSION,
        contact: {
          name: 'The Cordon maintainers',
          url: `${BASE_PATH}/docs`,
          email: 'api@cordon.example',
        },
        license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
      },
      externalDocs: { description: 'The same as a page', url: `${BASE_PATH}/docs` },
      servers: [{ url: '/' }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    transform(document) {
      const { route, schema } = document;
      const allowed = allowOf(route.config ?? {}) ?? [];
      const response = { ...(schema?.response as object | undefined), default: EVERY_PROBLEM };
      const security = securityOf(allowed, scopesOf(route.config ?? {}));
      const hide = schema?.hide ?? !/^\/(v1|health|metrics)/.test(route.url);
      const described = { ...schema, response, security, hide, description: rolesOf(allowed) };
      return jsonSchemaTransform({ ...document, schema: described });
    },
    transformObject: (document) => finish(jsonSchemaTransformObject(document) as Part),
  });
}

function rolesOf(allowed: Allow): string {
  if (allowed === 'anyone') return 'Needs no sign-in.';
  if (allowed === 'loopback') return 'For: administrator, or anybody on the same machine.';
  return `For: ${allowed.join(', ')}.`;
}

type Requirement = Record<string, readonly string[]>;

/** Any of these will do. */
function securityOf(allowed: Allow, scopes: readonly string[]): Requirement[] {
  if (allowed === 'anyone') return [];
  if (allowed === 'loopback') return [{ session: [] }];
  const people = allowed.some((role) => role !== 'cjib') ? [{ session: [] }] : [];
  if (!allowed.includes('cjib')) return people;
  const tokens = scopes.length === 0 ? [{ oauth2: [] }] : scopes.map((s) => ({ oauth2: [s] }));
  return [...people, ...tokens, { token: [] }];
}

/** Anybody may know what can be asked, from a page of any site. (NLGov publish-openapi) */
export const openapiRoutes: FastifyPluginAsyncZod = async (app) => {
  app.get(
    `${BASE_PATH}/openapi.json`,
    { ...allow('anyone'), schema: { tags: ['meta'], response: { 200: z.unknown() } } },
    async (_request, reply) =>
      reply
        .header('access-control-allow-origin', '*')
        .header('cross-origin-resource-policy', 'cross-origin')
        .send(app.swagger()),
  );
};
