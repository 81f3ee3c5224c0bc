import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Role } from '../../shared/session.ts';
import { assert } from '../../shared/result.ts';
import { ProblemError } from './http-problem.ts';
import type { Identity, SessionBook } from './http-session-book.ts';

/** Every 401 says how it can be done. (RFC 9110 §15.5.2) */
export const CHALLENGE = { 'www-authenticate': 'Bearer realm="cordon"' };
export const SESSION_COOKIE = 'cordon_session';

/** `loopback` lets a scraper on this machine in, and administrators from anywhere. */
export type Allow = 'anyone' | 'loopback' | readonly Role[];

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

const identities = new WeakMap<FastifyRequest, Identity>();

/** Goes into each route's options: a route without it does not let the app start. */
export const allow = (allowed: Allow): { config: object } => ({ config: { allow: allowed } });

export const allowOf = (config: object): Allow | undefined => (config as { allow?: Allow }).allow;

/** Who asks; only in routes that are not open to anyone. */
export function identityOf(request: FastifyRequest): Identity {
  const identity = identities.get(request);
  assert(identity, 'a handler that asks who is there runs behind a check of it');
  return identity;
}

/** Looks at every request before anything of it is read further. Denies by default. */
export function guard(app: FastifyInstance, book: SessionBook, secure: boolean): void {
  app.addHook('onRequest', async (request) => {
    if (request.is404) return;
    const allowed = allowOf(request.routeOptions.config);
    const safe = SAFE_METHODS.has(request.method);
    if (!safe && isForeign(request.raw, secure)) throw new ProblemError('foreign-origin');
    if (allowed === 'anyone' || (allowed === 'loopback' && isLocal(request))) return;
    const identity = identify(request.raw, book);
    if (identity === null) {
      throw new ProblemError('not-signed-in', [], CHALLENGE);
    }
    const roles = allowed === 'loopback' ? (['administrator'] as const) : (allowed ?? []);
    if (!roles.some((role) => role === identity.role)) throw new ProblemError('not-allowed');
    identities.set(request, identity);
  });
}

/** By cookie or bearer token; a request that shows a wrong token is nobody, whatever its cookie. */
export function identify(request: IncomingMessage, book: SessionBook): Identity | null {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [, token] = /^Bearer ([\w.~+/=-]{1,512})$/i.exec(authorization) ?? [];
    return token === undefined ? null : book.byBearerToken(token);
  }
  const token = cookie.parse(request.headers.cookie ?? '')[SESSION_COOKIE];
  return token ? book.bySessionToken(token) : null;
}

/** Does a page of another site ask? Browsers always say; programs that are not browsers don't. */
export function isForeign({ headers }: IncomingMessage, secure: boolean): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return false;
  if (host === undefined || !URL.canParse(origin)) return true;
  const own = new URL(origin);
  return own.host !== canonical(host, own.protocol) || (secure && own.protocol !== 'https:');
}

/** Drops a port that goes without saying, as browsers do in `Origin`. */
function canonical(host: string, protocol: string): string {
  const url = `${protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).host : '';
}

/** Behind a proxy on this machine everybody seems local: a forwarded request is not. */
function isLocal({ ip, headers }: FastifyRequest): boolean {
  const forwarded = headers.forwarded ?? headers['x-forwarded-for'];
  return forwarded === undefined && LOOPBACK.has(ip);
}
