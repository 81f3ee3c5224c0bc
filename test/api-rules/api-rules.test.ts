import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ORDER_EXAMPLE } from '../../server/adapters/http-openapi-examples.ts';
import { START_MS } from '../support/fake-store.ts';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';
import { alertOf, positionRow } from '../support/sample.ts';
import { ANSWER_RULES, type LiveAnswer } from './answer-rules.ts';
import type { Document } from './document.ts';
import { DOCUMENT_RULES } from './document-rules.ts';

/** The interface against the rules of the Dutch government for interfaces. (SPEC AP7) */

let world: HttpWorld;
let document: Document;
beforeAll(async () => {
  world = await httpWorld({ secureCookies: true });
  document = (await world.app.inject({ url: '/v1/openapi.json' })).json<Document>();
});
afterAll(() => world.app.close());

type Role = 'cjib' | 'operator' | 'approver' | 'administrator' | 'auditor' | null;
type Request = [
  name: string,
  role: Role,
  status: number,
  body?: unknown,
  headers?: Record<string, string>,
];

const ORDER = '/v1/orders/3f0c9a52';
const OFFSET = { validFrom: '2026-01-01T00:00:00+02:00', validUntil: null };
const DEVICE = { kind: 'ankle-monitor', personId: 'w-1', ...OFFSET };

/** In this order: some need what another made. */
// prettier-ignore
const REQUESTS: Request[] = [
  ['GET /v1/openapi.json',                       null,            200],
  [`PUT ${ORDER}`,                               'cjib',          201, ORDER_EXAMPLE],
  [`PUT ${ORDER}`,                               'cjib',          200, ORDER_EXAMPLE],
  [`PUT ${ORDER}`,                               'cjib',          428, { ...ORDER_EXAMPLE, reference: 'other' }],
  [`PUT ${ORDER}`,                               'cjib',          412, { ...ORDER_EXAMPLE, reference: 'other' }, { 'if-match': '"9"' }],
  [`PUT ${ORDER}`,                               'cjib',          400, { reference: 7 }],
  [`PUT ${ORDER}`,                               'operator',      403, ORDER_EXAMPLE],
  [`PUT ${ORDER}`,                               null,            401, ORDER_EXAMPLE],
  [`PUT ${ORDER}`,                               'cjib',          415, '<order/>', { 'content-type': 'text/xml' }],
  [`PUT ${ORDER}`,                               'cjib',          400, '{', { 'content-type': 'application/json' }],
  [`PUT ${ORDER}`,                               'cjib',          413, { reference: 'x'.repeat(6e6) }],
  [`GET ${ORDER}`,                               'approver',      200],
  [`GET ${ORDER}/versions`,                      'approver',      200],
  ['GET /v1/orders',                             'approver',      200],
  ['GET /v1/orders?limit=0&bbox=1&status=x',     'approver',      400],
  ['GET /v1/orders/',                            'approver',      404],
  ['GET /v1/orders/none',                        'approver',      404],
  [`GET ${ORDER}`,                               'approver',      406, undefined, { accept: 'text/xml' }],
  [`PATCH ${ORDER}`,                             'cjib',          405, {}],
  [`POST ${ORDER}/withdrawals`,                  'cjib',          201, { reason: 'lifted' }],
  [`POST ${ORDER}/withdrawals`,                  'cjib',          400],
  ['PUT /v1/devices/d-1',                        'administrator', 201, DEVICE],
  ['GET /v1/devices',                            'administrator', 200],
  ['GET /v1/alerts',                             'operator',      200],
  ['GET /v1/alerts/a-1',                         'operator',      200],
  ['GET /v1/alerts/a-1/track',                   'operator',      200],
  ['POST /v1/alerts/a-1/acknowledgement',        'operator',      201, {}],
  ['GET /v1/persons/w-1/positions?reason=because+it+must', 'operator', 200],
  ['GET /v1/persons/w-1/positions',              'operator',      400],
  ['GET /v1/looks',                              'auditor',       200],
  ['GET /v1/sessions/current',                   'auditor',       200],
  ['POST /v1/sessions',                          null,            401, { username: 'x', password: 'y' }],
  ['GET /v1/console',                            'operator',      426],
  ['GET /v1/nowhere',                            'operator',      404],
];

async function ask([name, role, status, body, headers = {}]: Request): Promise<LiveAnswer> {
  const [method, url] = name.split(' ') as ['GET', string];
  const answer = await world.app.inject({
    method,
    url,
    headers: { ...(role === null ? {} : world.as(role)), ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
  });
  expect(`${name} ${answer.statusCode}`).toBe(`${name} ${status}`);
  return { name, status, headers: answer.headers, body: answer.body && answer.json<unknown>() };
}

describe('the description of the interface', () => {
  test.each(Object.entries(DOCUMENT_RULES))('[AP7] keeps %s', (_id, rule) => {
    expect(rule(document)).toEqual([]);
  });
});

describe('every answer', () => {
  test('[AP7] keeps the rules, refusals as well', async () => {
    world.desk.raise(alertOf('a-1'));
    world.store.alertRows.push(alertOf('a-1'));
    world.store.positionRows.push(positionRow('d-1', 1, START_MS));
    const faults: string[] = [];
    for (const request of REQUESTS) {
      const answer = await ask(request);
      for (const [id, rule] of Object.entries(ANSWER_RULES)) {
        for (const fault of rule(answer, document.info.version)) {
          faults.push(`${id}: ${answer.name} (${answer.status}): ${fault}`);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  test('[AP7] of 400 has all faults of body and query', async () => {
    const broken = { ...ORDER_EXAMPLE, reference: '', wearerId: 7, legalBasis: 'none' };
    const { body } = await ask([`PUT ${ORDER}`, 'cjib', 400, broken]);
    const { errors } = body as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/legalBasis',
      '/reference',
      '/wearerId',
    ]);
  });
});

type Mutation = (copy: Document) => void;
const list = (copy: Document) => copy.paths['/v1/orders']!['get']!;
const put = (copy: Document) => copy.paths['/v1/orders/{orderId}']!['put']!;
const renamed =
  (to: string): Mutation =>
  ({ paths }) => {
    paths[to] = paths['/v1/orders']!;
  };
const asked =
  (name: string): Mutation =>
  (copy) =>
    void list(copy).parameters!.push({ name, in: 'query' });
const field =
  (name: string, schema: object): Mutation =>
  ({ components }) => {
    components.schemas['Order'] = { type: 'object', properties: { [name]: schema } };
  };

describe('the rules find what breaks them', () => {
  // prettier-ignore
  test.each<[rule: string, what: string, mutation: Mutation]>([
    ['/core/naming-resources',          'a verb',               renamed('/v1/orders/{orderId}/approve')],
    ['/core/naming-collections',        'a single collection',  renamed('/v1/order/{orderId}')],
    ['/core/interface-language',        'no Dutch word',        (copy) => { list(copy).summary = 'List orders'; }],
    ['/core/no-trailing-slash',         'a trailing slash',     renamed('/v1/orders/')],
    ['/core/path-segments-kebab-case',  'camelCase in a path',  renamed('/v1/courtOrders')],
    ['/core/path-segments-kebab-case',  'an underscore',        renamed('/v1/court_orders')],
    ['/core/query-keys-camel-case',     'a kebab in a query',   asked('wearer-id')],
    ['/core/hide-implementation',       'a framework',          (copy) => { list(copy).description = 'By Fastify.'; }],
    ['/core/date-time/format',          'a time without form',  field('closedAt', { type: 'string' })],
    ['/core/date-time/format',          'a local date-time',    field('begin', { type: 'string', format: 'date-time-local' })],
    ['/core/date-time/date-omit-time-portion', 'a date with a time', field('birthDate', { type: 'string', format: 'date-time' })],
    ['/core/http-methods',              'an odd method',        ({ paths }) => { paths['/v1/orders']!['search'] = paths['/v1/orders']!['get']!; }],
    ['/core/http-safety',               'a GET with a body',    (copy) => { list(copy).requestBody = {}; }],
    ['/core/http-response-code',        'a teapot',             (copy) => { list(copy).responses['418'] = {}; }],
    ['/core/error-handling/problem-details', 'plain JSON',      (copy) => { put(copy).responses['409'] = { content: { 'application/json': {} } }; }],
    ['/core/error-handling/problem-details', 'no detail',       ({ components }) => { components.schemas['Problem']!['required'] = ['status', 'title']; }],
    ['/core/error-handling/invalid-input', 'no 400',            (copy) => { delete put(copy).responses['400']; }],
    ['/core/error-handling/invalid-input', 'a 422',             (copy) => { put(copy).responses['422'] = put(copy).responses['400']!; }],
    ['/core/doc-openapi',               'OpenAPI 2',            (copy) => { copy.openapi = '2.0'; }],
    ['/core/doc-openapi',               'a dead reference',     (copy) => { list(copy).responses['404'] = { $ref: '#/components/responses/None' }; }],
    ['/core/doc-openapi',               'an id twice',          (copy) => { list(copy).operationId = 'putOrder'; }],
    ['/core/doc-openapi',               'nothing said',         (copy) => { delete list(copy).description; }],
    ['/core/doc-openapi-contact',       'nobody to ask',        ({ info }) => { delete info.contact; }],
    ['/core/publish-openapi',           'a sign-in for it',     ({ paths }) => { paths['/v1/openapi.json']!['get']!.security = [{ session: [] }]; }],
    ['/core/uri-version',               'no version',           renamed('/orders')],
    ['/core/uri-version',               'a full version',       renamed('/v1.1/orders')],
    ['/core/semver',                    'half a version',       ({ info }) => { info.version = '1.1'; }],
    ['/core/version-header',            'no API-Version',       (copy) => { put(copy).responses['200']!.headers = {}; }],
    ['/core/version-header',            'no headers',           (copy) => { delete put(copy).responses['200']!.headers; }],
    ['/core/transport/tls',             'a server without TLS', (copy) => { copy.servers = [{ url: 'http://cordon.example/v1' }]; }],
    ['/core/transport/no-sensitive-uris', 'a citizen number',   asked('bsn')],
    ['/core/transport/no-sensitive-uris', 'a reference',        asked('reference')],
    ['/core/modules/geospatial',        'no box',               (copy) => { list(copy).parameters = []; }],
    ['/core/modules/geospatial',        'no Content-Crs',       (copy) => { put(copy).parameters = []; }],
  ])('[AP7] %s: %s', (id, _what, mutation) => {
    const copy = structuredClone(document);
    mutation(copy);
    const broken = Object.entries(DOCUMENT_RULES).filter(([, rule]) => rule(copy).length > 0);
    expect(broken.map(([name]) => name)).toContain(id);
  });

  const good: LiveAnswer = {
    name: 'GET /v1/orders',
    status: 200,
    headers: {
      'api-version': '1.2.3',
      'cache-control': 'no-store',
      'content-security-policy': "frame-ancestors 'none'",
      'content-type': 'application/json',
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    },
    body: { at: '2026-11-23T10:00:00Z' },
  };
  const without = (header: string): Partial<LiveAnswer> => ({
    headers: { ...good.headers, [header]: undefined },
  });
  const refused = (status: number, body: object = {}): Partial<LiveAnswer> => ({
    status,
    headers: { ...good.headers, 'content-type': 'application/problem+json' },
    body: { status, title: 'No', detail: 'No.', ...body },
  });
  // prettier-ignore
  test.each<[rule: string, what: string, change: Partial<LiveAnswer>]>([
    ['/core/version-header',              'no version',        without('api-version')],
    ['/core/transport/security-headers',  'no HSTS',           without('strict-transport-security')],
    ['/core/transport/security-headers',  'may be framed',     without('content-security-policy')],
    ['/core/transport/security-headers',  'may be kept',       without('cache-control')],
    ['/core/transport/cors',              'open to all',       { headers: { ...good.headers, 'access-control-allow-origin': '*' } }],
    ['/core/transport/cors',              'closed description', { name: 'GET /v1/openapi.json' }],
    ['/core/error-handling/problem-details', 'plain JSON',     { status: 404, body: { status: 404, title: 'No', detail: 'No.' } }],
    ['/core/error-handling/problem-details', 'no detail',      refused(404, { detail: undefined })],
    ['/core/error-handling/problem-details', 'another status', refused(404, { status: 400 })],
    ['/core/error-handling/invalid-input', 'a 422',            refused(422)],
    ['/core/error-handling/all-errors',   'nothing said',      refused(400, { code: 'invalid-input' })],
    ['/core/date-time/timezone',          'local time',        { body: { items: [{ at: '2026-11-23T10:00:00+01:00' }] } }],
    ['/core/http-response-code',          '405 without Allow', refused(405)],
    ['/core/http-response-code',          '401 without a way', refused(401)],
  ])('[AP7] %s in an answer: %s', (id, _what, change) => {
    const brokenIn = (answer: LiveAnswer): string[] =>
      Object.entries(ANSWER_RULES)
        .filter(([, rule]) => rule(answer, '1.2.3').length > 0)
        .map(([name]) => name);
    expect(brokenIn(good)).toEqual([]);
    expect(brokenIn({ ...good, ...change })).toContain(id);
  });
});
