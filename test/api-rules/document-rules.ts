import { type Call, callsOf, type Document, type Part, resolved, walk } from './document.ts';

/**
 * NLGov REST API Design Rules (2.2.0-rc.1), those that the description of an interface shows.
 * Each gives a line for every place where it is broken.
 */
export type DocumentRule = (document: Document) => string[];

const METHODS = new Set(['get', 'put', 'post', 'patch', 'delete', 'head', 'options']);
const KEBAB = /^([a-z0-9]+(-[a-z0-9]+)*|\{[a-zA-Z]+\})$/;
/** Files whose names are given: by the rules themselves, and by RFC 7517. */
const FILES = new Set(['openapi.json', 'jwks.json']);
/** Named so by the geospatial module of the same rules. */
const NAMED_BY_MODULE = new Set(['bbox-crs']);
const VERBS = new RegExp(
  '^(get|list|create|make|add|update|set|delete|remove|approve|reject|suspend|resume|withdraw' +
    '|close|search|find|do|send|acknowledge|shelve|dispatch|preview|draw|sign-?in|login)$',
);
const SENSITIVE =
  /bsn|name$|^reference|e-?mail|phone|password|secret|token|birth|address|^lat|^lon|reason/i;
const OURS = /fastify|express|sqlite|postgres|node\.?js|typescript|zod/i;
const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[\w.-]+)?(\+[\w.-]+)?$/;
const STATUSES = new Set(
  '200 201 202 204 304 400 401 403 404 405 406 409 410 412 413 415 426 428 429 500 503'.split(' '),
);

const segmentsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');
const isParameter = (segment: string): boolean => segment.startsWith('{');

const eachCall =
  (faultsOf: (call: Call, document: Document) => string[]): DocumentRule =>
  (document) =>
    callsOf(document).flatMap((call) =>
      faultsOf(call, document).map((fault) => `${call.name}: ${fault}`),
    );

const eachPath =
  (faultsOf: (path: string) => string[]): DocumentRule =>
  ({ paths }) =>
    Object.keys(paths).flatMap((path) => faultsOf(path).map((fault) => `${path}: ${fault}`));

/** Beside the interface of a version, not in it. */
const BESIDE = /^\/(health|metrics)/;

const unless = (holds: unknown, fault: string): string[] => (holds ? [] : [fault]);

export const DOCUMENT_RULES: Readonly<Record<string, DocumentRule>> = {
  '/core/naming-resources': eachPath((path) =>
    segmentsOf(path)
      .filter((segment) => VERBS.test(segment))
      .map((verb) => `"${verb}" is a verb: name what it is about`),
  ),

  '/core/naming-collections': eachPath((path) => {
    const segments = segmentsOf(path);
    return segments.flatMap((segment, index) => {
      const holdsMany = !isParameter(segment) && isParameter(segments[index + 1] ?? '');
      return unless(!holdsMany || segment.endsWith('s'), `"${segment}" holds many: say so`);
    });
  }),

  '/core/interface-language': eachCall(({ operation }) =>
    unless(/\([^)]+\)$/.test(operation.summary ?? ''), 'give its Dutch word in the summary'),
  ),

  '/core/no-trailing-slash': eachPath((path) => unless(!/.\/$/.test(path), 'ends in a slash')),

  '/core/path-segments-kebab-case': eachPath((path) =>
    segmentsOf(path)
      .filter((segment) => !KEBAB.test(segment) && !FILES.has(segment))
      .map((segment) => `"${segment}" is not kebab-case`),
  ),

  '/core/query-keys-camel-case': eachCall(({ operation }) =>
    (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'query' && !NAMED_BY_MODULE.has(parameter.name))
      .filter(({ name }) => !/^[a-z][a-zA-Z0-9]*$/.test(name))
      .map(({ name }) => `"${name}" is not camelCase`),
  ),

  '/core/hide-implementation': (document) => {
    const found = OURS.exec(JSON.stringify(document));
    return found ? [`says "${found[0]}": that is nobody's business`] : [];
  },

  '/core/date-time/format': (document) =>
    propertiesOf(document).flatMap(([name, schema]) => {
      const isInstant = /(At|From|Until)$|^at$/.test(name) && typesOf(schema).includes('string');
      const formats = [...walk(schema)].map(([, part]) => part['format']);
      const wrong = formats.find((format) => format === 'time' || format === 'date-time-local');
      return [
        ...unless(!isInstant || formats.includes('date-time'), `${name}: is no date-time`),
        ...unless(wrong === undefined, `${name}: has the format ${String(wrong)}`),
      ];
    }),

  '/core/date-time/date-omit-time-portion': (document) =>
    propertiesOf(document).flatMap(([name, schema]) => {
      const isDate = /(^d|[a-z]D)ate$/.test(name);
      return unless(!isDate || schema['format'] === 'date', `${name}: is a date without a time`);
    }),

  '/core/http-methods': eachCall(({ method }) =>
    unless(METHODS.has(method), `${method} is no standard method`),
  ),

  '/core/http-safety': eachCall(({ method, operation }) =>
    unless(!/get|head|delete/.test(method) || !operation.requestBody, 'takes a body'),
  ),

  '/core/http-response-code': eachCall(({ operation }) =>
    Object.keys(operation.responses)
      .filter((status) => status !== 'default' && !STATUSES.has(status))
      .map((status) => `${status} is not one that everybody knows`),
  ),

  '/core/error-handling/problem-details': eachCall(({ path, operation }, document) =>
    Object.entries(operation.responses).flatMap(([status, response]) => {
      // What stands beside the interface, as a state of health, is no refusal.
      if (!/^[45]|default/.test(status) || BESIDE.test(path)) return [];
      // OAuth has a form of its own for errors, and clients read it. (RFC 6749 §5.2)
      if (path === '/v1/tokens') return [];
      const content = (resolved(document, response)['content'] ?? {}) as Record<string, Part>;
      const media = content['application/problem+json'];
      if (!media) return [`${status} is no problem+json`];
      const schema = resolved(document, (media['schema'] ?? {}) as Part);
      const required = (schema['required'] ?? []) as string[];
      return ['status', 'title', 'detail']
        .filter((member) => !required.includes(member))
        .map((member) => `the problem of ${status} lacks ${member}`);
    }),
  ),

  '/core/error-handling/invalid-input': eachCall(({ operation }) => {
    const { parameters = [], requestBody, responses } = operation;
    const takesInput = parameters.length > 0 || requestBody !== undefined;
    return [
      ...unless(!takesInput || responses['400'], 'takes input and knows no 400'),
      ...unless(!responses['422'], 'answers 422: that is a 400'),
    ];
  }),

  '/core/doc-openapi': (document) => {
    const ids = callsOf(document).map(({ operation }) => operation.operationId);
    const dead = [...walk(document)]
      .filter(([, part]) => typeof part['$ref'] === 'string')
      .filter(([, part]) => Object.keys(resolved(document, part)).length === 0);
    return [
      ...unless(/^3\.\d+\.\d+$/.test(document.openapi), 'is not OpenAPI 3'),
      ...unless(ids.length > 0, 'has no paths'),
      ...unless(new Set(ids).size === ids.length && !ids.includes(undefined), 'operationId twice'),
      ...dead.map(([, part]) => `${String(part['$ref'])} leads nowhere`),
      ...callsOf(document)
        .filter(({ operation }) => !operation.summary || !operation.description)
        .map(({ name }) => `${name}: has no summary or no description`),
    ];
  },

  '/core/doc-openapi-contact': ({ info }) =>
    ['name', 'url', 'email']
      .filter((field) => !info.contact?.[field])
      .map((field) => `info.contact lacks ${field}`),

  '/core/publish-openapi': ({ paths }) => {
    const operation = paths['/v1/openapi.json']?.['get'];
    return unless(operation && (operation.security ?? []).length === 0, 'is not for anybody');
  },

  '/core/uri-version': eachPath((path) =>
    unless(BESIDE.test(path) || /^\/v\d+\//.test(path), 'has no major version'),
  ),

  '/core/semver': ({ info }) => unless(SEMVER.test(info.version), `${info.version} is no semver`),

  '/core/version-header': eachCall(({ operation }, document) =>
    Object.entries(operation.responses)
      .filter(([status]) => /^[23]/.test(status))
      .filter(([, response]) => !resolved(document, response)['headers'])
      .concat(
        Object.entries(operation.responses).filter(([status, response]) => {
          const headers = resolved(document, response)['headers'] as Part | undefined;
          return /^[23]/.test(status) && headers && !('API-Version' in headers);
        }),
      )
      .map(([status]) => `${status} has no API-Version`),
  ),

  '/core/transport/tls': ({ servers }) =>
    servers.flatMap(({ url }) => unless(!url.startsWith('http://'), `${url} is not TLS`)),

  /** What is deprecated goes with the next major version. */
  '/core/transport/no-sensitive-uris': eachCall(({ operation }) =>
    (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'query' || parameter.in === 'path')
      .filter(({ name, deprecated }) => SENSITIVE.test(name) && deprecated !== true)
      .map(({ name }) => `"${name}" does not belong in an address, which ends up in logs`),
  ),

  '/core/modules/geospatial': (document) => {
    const of = (method: string, path: string) => document.paths[path]?.[method];
    const names = (method: string, path: string): string[] =>
      (of(method, path)?.parameters ?? []).map(({ name }) => name);
    const headers = of('get', '/v1/orders')?.responses['200']?.headers ?? {};
    return [
      ...unless(names('put', '/v1/orders/{orderId}').includes('Content-Crs'), 'no Content-Crs in'),
      ...unless('Content-Crs' in headers, 'no Content-Crs out'),
      ...['bbox', 'bbox-crs', 'crs']
        .filter((name) => !names('get', '/v1/orders').includes(name))
        .map((name) => `no ${name} on the collection`),
    ];
  },
};

const propertiesOf = (document: Document): [name: string, schema: Part][] =>
  [...walk(document.components.schemas), ...walk(document.paths)].flatMap(([, part]) => {
    const properties = part['properties'];
    if (typeof properties !== 'object' || properties === null) return [];
    return Object.entries(properties as Record<string, Part>);
  });

const typesOf = (schema: Part): unknown[] => [...walk(schema)].flatMap(([, part]) => part['type']);
