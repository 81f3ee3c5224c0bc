import type { FastifyInstance, FastifyRequest } from 'fastify';
import { assert } from '../../shared/result.ts';
import type { Clock, Log } from '../ports.ts';
import { allowOf, scopesOf } from './http-auth.ts';
import { API_VERSION } from './http-openapi.ts';
import { ProblemError } from './http-problem.ts';

/** Nothing from elsewhere, nothing inline, in nobody's frame: the map's tiles are ours too. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};
const HSTS = 'max-age=31536000; includeSubDomains';

const ACCEPTED = new Set(['application/json', 'application/*', '*/*', 'application/problem+json']);

export interface AnswerParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Behind TLS. */
  readonly secure: boolean;
}

/** What every answer carries, whoever asked and however it ends. */
export function answerHeaders(app: FastifyInstance, { clock, log, secure }: AnswerParts): void {
  const startedAtMs = new WeakMap<object, number>();

  app.addHook('onRequest', async (request, reply) => {
    startedAtMs.set(request, clock.nowMs());
    void reply.headers(SECURITY_HEADERS);
    if (secure) void reply.header('strict-transport-security', HSTS);
    if (!isApi(request.url)) return;
    void reply.headers({ 'api-version': API_VERSION, 'cache-control': 'no-store' });
    // Otherwise it would be an item of the collection, with nothing for an id.
    if (request.url.split('?', 1)[0]!.endsWith('/')) throw new ProblemError('not-found');
    if (!isAcceptable(request)) throw new ProblemError('not-acceptable');
  });

  // Neither address nor body nor name: the route's pattern tells enough and nobody's secret.
  app.addHook('onResponse', async (request, reply) => {
    const route = request.is404 ? 'none' : request.routeOptions.url;
    const ms = clock.nowMs() - (startedAtMs.get(request) ?? clock.nowMs());
    log.info({ method: request.method, route, status: reply.statusCode, ms }, 'answered');
  });

  const routes: { url: string; config?: object }[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  app.addHook('onReady', async () => {
    for (const { url, config = {} } of routes) {
      const allowed = allowOf(config);
      assert(allowed, `${url} says whom it allows`);
      const forMachines = Array.isArray(allowed) && allowed.includes('cjib');
      assert(!forMachines || scopesOf(config).length > 0, `${url} says what scope a machine needs`);
    }
  });
}

const isApi = (url: string): boolean => /^\/(v1|health)(\/|$)/.test(url);

/** All but the pages for people is JSON. */
function isAcceptable({ url, headers: { accept } }: FastifyRequest): boolean {
  if (accept === undefined || /^\/v1\/docs(\/|\?|$)/.test(url)) return true;
  return accept
    .split(',')
    .some((range) => ACCEPTED.has(range.split(';', 1)[0]!.trim().toLowerCase()));
}
