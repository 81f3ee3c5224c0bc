import { walk } from './document.ts';

/** NLGov REST API Design Rules that only an answer shows. */

export interface LiveAnswer {
  /** As `GET /v1/orders`. */
  readonly name: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export type AnswerRule = (answer: LiveAnswer, version: string) => string[];

const unless = (holds: unknown, fault: string): string[] => (holds ? [] : [fault]);
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const DESCRIPTION = 'GET /v1/openapi.json';
const PROBLEM = 'application/problem+json';
const isJson = (type: unknown): boolean => /^application\/([\w.-]+\+)?json/.test(String(type));

const SECURITY: readonly [header: string, value: RegExp][] = [
  ['cache-control', /no-store/],
  ['content-security-policy', /frame-ancestors 'none'/],
  ['strict-transport-security', /max-age=\d{7,}/],
  ['x-content-type-options', /^nosniff$/],
  ['x-frame-options', /^DENY$/],
];

export const ANSWER_RULES: Readonly<Record<string, AnswerRule>> = {
  '/core/version-header': ({ headers }, version) =>
    unless(headers['api-version'] === version, `API-Version is ${String(headers['api-version'])}`),

  '/core/transport/security-headers': ({ headers }) =>
    SECURITY.flatMap(([header, value]) =>
      unless(value.test(String(headers[header] ?? '')), `lacks ${header}`),
    ),

  '/core/transport/cors': ({ name, headers }) => {
    const allowed = headers['access-control-allow-origin'];
    const wanted = name === DESCRIPTION ? '*' : undefined;
    return unless(allowed === wanted, `lets in ${String(allowed)}`);
  },

  '/core/error-handling/problem-details': ({ status, headers, body }) => {
    if (status < 400) return [];
    const told = (body ?? {}) as Record<string, unknown>;
    return [
      ...unless(String(headers['content-type']).startsWith(PROBLEM), 'no problem'),
      ...unless(told['status'] === status, 'another status in the body'),
      ...['title', 'detail'].flatMap((key) => unless(told[key], `lacks ${key}`)),
    ];
  },

  '/core/error-handling/invalid-input': ({ status }) =>
    unless(status !== 422, 'answers 422: that is a 400'),

  '/core/error-handling/all-errors': ({ status, body }) => {
    if (status !== 400) return [];
    const { code, errors } = (body ?? {}) as { code?: string; errors?: unknown[] };
    return unless(code !== 'invalid-input' || errors?.length, 'does not say what is wrong');
  },

  '/core/date-time/timezone': ({ name, headers, body }) => {
    // The description shows what may be sent, which is any offset.
    if (!isJson(headers['content-type']) || name === DESCRIPTION) return [];
    return [...walk(body)]
      .flatMap(([, part]) => Object.entries(part))
      .filter(([, value]) => typeof value === 'string' && INSTANT.test(value))
      .filter(([, value]) => !String(value).endsWith('Z'))
      .map(([key, value]) => `${key} is ${String(value)}, not UTC`);
  },

  '/core/http-response-code': ({ status, headers }) => [
    ...unless(status !== 405 || headers['allow'], '405 without Allow'),
    ...unless(status !== 401 || headers['www-authenticate'], '401 without WWW-Authenticate'),
    ...unless(status !== 429 || headers['retry-after'], '429 without Retry-After'),
  ],
};
