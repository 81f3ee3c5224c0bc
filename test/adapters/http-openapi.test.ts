import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ORDER_EXAMPLE,
  ORDER_VERSION_EXAMPLE,
} from '../../server/adapters/http-openapi-examples.ts';
import { OPERATIONS } from '../../server/adapters/http-openapi-words.ts';
import { CourtOrderBody } from '../../shared/court-order.ts';
import { OrderVersionView } from '../../shared/order-view.ts';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';

type Part = Record<string, unknown>;
interface Operation extends Part {
  operationId: string;
  description: string;
  security: Record<string, string[]>[];
  parameters: { in: string; name: string; description?: string }[];
  responses: Record<string, { headers?: Part; content?: Record<string, { example?: unknown }> }>;
}
interface Document extends Part {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, Part>>;
}

let world: HttpWorld;
let document: Document;
beforeAll(async () => {
  world = await httpWorld();
  document = (await world.app.inject({ url: '/v1/openapi.json' })).json<Document>();
});
afterAll(() => world.app.close());

const operations = (): [name: string, operation: Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== 'servers')
      .map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path.replace('/v1/', '/')}`,
        operation,
      ]),
  );
const of = (name: string): Operation => operations().find(([found]) => found === name)![1];

describe('the description of the interface', () => {
  test('[AP4] has words for every call, and for every parameter', () => {
    for (const [name, operation] of operations()) {
      expect(OPERATIONS).toHaveProperty([name]);
      expect(operation.description).toMatch(/For: |Needs no sign-in\./);
      const mute = (operation.parameters ?? []).filter(({ description }) => !description);
      expect(mute.map((parameter) => `${name}: ${parameter.name}`)).toEqual([]);
    }
  });

  test('[AP4] refers to nothing that is not there, and holds nothing that nobody refers to', () => {
    const text = JSON.stringify(document);
    const refs = new Set([...text.matchAll(/"#\/components\/(\w+)\/([\w-]+)"/g)].map((m) => m[0]));
    for (const ref of refs) {
      const [, , kind, name] = ref.slice(1, -1).split('/');
      expect(document.components[kind!]).toHaveProperty([name!]);
    }
    for (const name of Object.keys(document.components['schemas']!)) {
      expect(refs).toContain(`"#/components/schemas/${name}"`);
      expect(name).not.toMatch(/Input$/);
    }
  });

  test('[AP4] shows orders as they are: the examples parse', () => {
    expect(CourtOrderBody.parse(ORDER_EXAMPLE)).toEqual(ORDER_EXAMPLE);
    expect(OrderVersionView.parse(ORDER_VERSION_EXAMPLE)).toEqual(ORDER_VERSION_EXAMPLE);
    const put = of('PUT /orders/{orderId}');
    expect(put['requestBody']).toMatchObject({
      content: { 'application/json': { example: ORDER_EXAMPLE } },
    });
    expect(put.responses['201']!.content!['application/json']!.example).toEqual(
      ORDER_VERSION_EXAMPLE,
    );
  });

  test('[AP4] tells the headers of orders, and who may ask how', () => {
    const put = of('PUT /orders/{orderId}');
    const headers = put.parameters.filter((parameter) => parameter.in === 'header');
    expect(headers.map(({ name }) => name)).toEqual(['If-Match', 'Content-Crs']);
    expect(Object.keys(put.responses['201']!.headers!)).toEqual([
      'API-Version',
      'Content-Crs',
      'ETag',
      'Location',
    ]);
    expect(put.security.flatMap(Object.keys)).toEqual(['oauth2', 'oauth2', 'token']);
    expect(of('GET /orders').security.flatMap(Object.keys)).toEqual(['session', 'oauth2', 'token']);
    expect(of('GET /looks').security.flatMap(Object.keys)).toEqual(['session']);
    expect(of('POST /sessions').security).toEqual([]);
    const { oauth2 } = document.components['securitySchemes']!;
    expect(oauth2).toMatchObject({ flows: { clientCredentials: { tokenUrl: '/v1/tokens' } } });
  });

  test.each([
    ['PUT /orders/{orderId}', [400, 401, 403, 404, 406, 409, 412, 413, 415, 428, 500, 503]],
    ['GET /orders', [400, 401, 403, 406, 500]],
    ['GET /health/live', [500]],
  ])('[AP4] tells how %s may be refused', (name, statuses) => {
    const refused = Object.keys(of(name).responses).filter((status) => /^[45]/.test(status));
    expect(refused.map(Number)).toEqual(statuses);
  });
});
