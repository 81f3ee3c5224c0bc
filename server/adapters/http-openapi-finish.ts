import { STATUS_CODES } from 'node:http';
import {
  CONTENT_CRS_EXAMPLE,
  ORDER_EXAMPLE,
  ORDER_VERSION_EXAMPLE,
  PROBLEM_EXAMPLE,
} from './http-openapi-examples.ts';
import { OPERATIONS, PARAMETERS } from './http-openapi-words.ts';

/** What the routes' schemas do not say, added to the description that is made of them. */

/** A part of the document, as loose as JSON is. */
export type Part = Record<string, unknown>;
const partOf = (parent: Part, key: string): Part => (parent[key] ?? {}) as Part;

/** Headers are case-insensitive, so routes read them in lower case; people do not. */
const HEADERS: Readonly<Record<string, string>> = {
  'if-match': 'If-Match',
  'content-crs': 'Content-Crs',
  'cordon-reason': 'Cordon-Reason',
};

/** An address ends up in the logs of what stands in between; the header Cordon-Reason does not. */
const DEPRECATED = new Set(['reason']);

const string = { type: 'string' };
const RESPONSE_HEADERS: Part = {
  'API-Version': { description: 'Full version of the interface.', schema: string },
  ETag: { description: 'Version of the order, for If-Match.', schema: string, example: '"1"' },
  Location: { description: 'Address of what was made.', schema: string },
  'Content-Crs': {
    description: 'The reference system of the zones in the answer.',
    schema: string,
    example: CONTENT_CRS_EXAMPLE,
  },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
  'WWW-Authenticate': { description: 'How to sign in.', schema: string },
};
const headersNamed = (...names: string[]): Part =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** Which further headers a refusal carries. */
const REFUSAL_HEADERS: Readonly<Record<number, string>> = {
  401: 'WWW-Authenticate',
  429: 'Retry-After',
};
const REFUSALS = [400, 401, 403, 404, 406, 409, 412, 413, 415, 426, 428, 429, 500, 503];

/** What all paths but health and metrics begin with; the words leave it out. */
const VERSION = /^\/v\d+(?=\/)/;

export function finish(document: Part): Part {
  const paths = partOf(document, 'paths');
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods as Part)) {
      const place = path.replace(VERSION, '');
      finishOperation(`${method.toUpperCase()} ${place}`, operation as Part);
    }
  }
  const components = partOf(document, 'components');
  components['headers'] = RESPONSE_HEADERS;
  components['responses'] = Object.fromEntries(REFUSALS.map((status) => refusal(status)));
  loosen(document);
  components['schemas'] = schemasOf(document, partOf(components, 'schemas'));
  document['components'] = components;
  return document;
}

function finishOperation(name: string, operation: Part): void {
  const words = OPERATIONS[name];
  if (words) {
    const roles = operation['description'];
    const description = [words.description, roles].filter(Boolean).join('\n\n');
    Object.assign(operation, { operationId: words.id, summary: words.summary, description });
  }
  const parameters = (operation['parameters'] ?? []) as Part[];
  for (const parameter of parameters) {
    const given = String(parameter['name']);
    const told = parameter['in'] === 'header' ? (HEADERS[given] ?? given) : given;
    parameter['name'] = told;
    if (DEPRECATED.has(told) && parameter['in'] === 'query') parameter['deprecated'] = true;
    if (PARAMETERS[told] !== undefined) parameter['description'] ??= PARAMETERS[told];
  }
  const responses = partOf(operation, 'responses');
  for (const [status, response] of Object.entries(responses)) {
    const told = response as Part;
    told['headers'] = { ...headersNamed('API-Version', ...headersOf(name, status)) };
    if (told['description'] === 'Default Response') {
      told['description'] = STATUS_CODES[Number(status)] ?? 'Answer';
    }
  }
  for (const status of refusalsOf(name, operation, words?.refusals ?? [])) {
    responses[status] ??= { $ref: `#/components/responses/Problem${status}` };
  }
  addExamples(name, operation);
}

function headersOf(name: string, status: string): string[] {
  const answers = OPERATIONS[name]?.answers;
  const isMade =
    status === '201' && (name === 'PUT /orders/{orderId}' || name === 'POST /sessions');
  return [
    ...(answers === undefined ? [] : ['Content-Crs']),
    ...(answers === 'order' ? ['ETag'] : []),
    ...(isMade ? ['Location'] : []),
  ];
}

/** What follows from the form of an operation, and what only it knows. */
function refusalsOf(name: string, operation: Part, own: readonly number[]): number[] {
  const parameters = (operation['parameters'] ?? []) as Part[];
  const hasBody = operation['requestBody'] !== undefined;
  const isGuarded = ((operation['security'] ?? []) as unknown[]).length > 0;
  const statuses = [
    ...(parameters.length > 0 || hasBody ? [400] : []),
    ...(isGuarded ? [401, 403] : []),
    ...(parameters.some((parameter) => parameter['in'] === 'path') ? [404] : []),
    ...(name.includes(' /health') || name.includes(' /metrics') ? [] : [406]),
    ...(hasBody ? [413, 415] : []),
    ...own,
    ...(isGuarded && !name.startsWith('GET') ? [503] : []),
    500,
  ];
  return [...new Set(statuses)].toSorted((a, b) => a - b);
}

function refusal(status: number): [name: string, response: Part] {
  const also = REFUSAL_HEADERS[status];
  const headers = headersNamed('API-Version', ...(also === undefined ? [] : [also]));
  const example = status === 400 ? { example: PROBLEM_EXAMPLE } : {};
  const schema = { $ref: '#/components/schemas/Problem' };
  const content = { 'application/problem+json': { schema, ...example } };
  return [`Problem${status}`, { description: STATUS_CODES[status]!, headers, content }];
}

function addExamples(name: string, operation: Part): void {
  const answers = OPERATIONS[name]?.answers;
  if (answers === undefined) return;
  if (name === 'PUT /orders/{orderId}') jsonOf(operation['requestBody'])['example'] = ORDER_EXAMPLE;
  const pageExample = { items: [ORDER_VERSION_EXAMPLE], next: null };
  for (const [status, response] of Object.entries(partOf(operation, 'responses'))) {
    if (!status.startsWith('2')) continue;
    jsonOf(response)['example'] = answers === 'order' ? ORDER_VERSION_EXAMPLE : pageExample;
  }
}

const jsonOf = (message: unknown): Part =>
  partOf(partOf(message as Part, 'content'), 'application/json');

/**
 * Schemas that something refers to. What is read and what is answered are described apart; where
 * both say the same, once is enough.
 */
function schemasOf(document: Part, all: Part): Part {
  const merge = (from: string, to: string): void => {
    all[to] ??= all[from];
    delete all[from];
    redirect([document, all], refTo(from), refTo(to));
  };
  const dropUnused = (): void => {
    for (;;) {
      const text = JSON.stringify([document['paths'], document['components'], all]);
      const unused = Object.keys(all).filter((name) => !text.includes(`"${refTo(name)}"`));
      if (unused.length === 0) return;
      for (const name of unused) delete all[name];
    }
  };
  for (const name of Object.keys(all)) {
    const read = JSON.stringify(all[`${name}Input`] ?? null);
    const isSame = read.replaceAll(/(schemas\/\w+?)Input"/g, '$1"') === JSON.stringify(all[name]);
    if (isSame) merge(`${name}Input`, name);
  }
  dropUnused();
  for (const name of Object.keys(all)) {
    const plain = name.replace(/Input$/, '');
    if (all[plain] === undefined) merge(name, plain);
  }
  return all;
}

const refTo = (name: string): string => `#/components/schemas/${name}`;

function redirect(part: unknown, from: string, to: string): void {
  if (typeof part !== 'object' || part === null) return;
  if ((part as Part)['$ref'] === from) (part as Part)['$ref'] = to;
  for (const child of Object.values(part)) redirect(child, from, to);
}

/** What would hold clients up: answers may get new fields, and `format` says it all of a time. */
function loosen(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  const schema = part as Part;
  if (schema['additionalProperties'] === false) delete schema['additionalProperties'];
  if (schema['format'] === 'date-time') delete schema['pattern'];
  for (const child of Object.values(schema)) loosen(child);
}
