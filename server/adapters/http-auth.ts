import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Scope } from '../../shared/api-client.ts';
import type { Role } from '../../shared/session.ts';
import { assert } from '../../shared/result.ts';
import type { AccessTokens } from './access-tokens.ts';
import { certificateOf } from './client-certificate.ts';
import { ProblemError } from './http-problem.ts';
import type { LimitRate } from './http-rate-limit.ts';
import type { Identity, SessionBook } from './http-session-book.ts';

/** Every 401 says how it can be done. (RFC 9110 §15.5.2) */
const BEARER = 'Bearer realm="cordon"';
export const CHALLENGE = { 'www-authenticate': BEARER };
export const SESSION_COOKIE = 'cordon_session';

/** `loopback` lets a scraper on this machine in, and administrators from anywhere. */
export type Allow = 'anyone' | 'loopback' | readonly Role[];

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

const identities = new WeakMap<FastifyRequest, Identity>();

/**
 * Goes into each route's options: a route without it does not let the app start. Of the scopes a
 * machine needs one, whatever its role; a route that lets machines in must name some.
 */
export const allow = (allowed: Allow, ...scopes: readonly Scope[]): { config: object } => ({
  config: { allow: allowed, scopes },
});

export const scopesOf = (config: object): readonly Scope[] =>
  (config as { scopes?: readonly Scope[] }).scopes ?? [];

export const allowOf = (config: object): Allow | undefined => (config as { allow?: Allow }).allow;

/** Who asks; only in routes that are not open to anyone. */
export function identityOf(request: FastifyRequest): Identity {
  const identity = identities.get(request);
  assert(identity, 'a handler that asks who is there runs behind a check of it');
  return identity;
}

/** People have no scopes: their role says it all. */
export const hasScope = ({ machine }: Identity, scope: Scope): boolean =>
  machine === null || machine.scopes.includes(scope);

/** Ends the request of a machine that has none of these. (SPEC CI6) */
export function needScope(identity: Identity, ...scopes: readonly Scope[]): void {
  if (scopes.some((scope) => hasScope(identity, scope))) return;
  if (identity.machine === null) return;
  const named = scopes.join(' or ');
  const message = `needs the scope ${named}: ask for it with the token, if the client may have it`;
  throw new ProblemError('not-in-scope', [{ path: [], message }], {
    'www-authenticate': `${BEARER}, error="insufficient_scope", scope="${scopes.join(' ')}"`,
  });
}

export interface GuardParts {
  readonly book: SessionBook;
  readonly tokens: AccessTokens;
  readonly limitRate: LimitRate;
  readonly secure: boolean;
}

/** Looks at every request before anything of it is read further. Denies by default. */
export function guard(app: FastifyInstance, parts: GuardParts): void {
  const { secure } = parts;
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return;
    const allowed = allowOf(request.routeOptions.config);
    const safe = SAFE_METHODS.has(request.method);
    if (!safe && isForeign(request.raw, secure)) throw new ProblemError('foreign-origin');
    if (allowed === 'anyone' || (allowed === 'loopback' && isLocal(request))) return;
    const identity = await identityFor(request, reply, parts);
    const roles = allowed === 'loopback' ? (['administrator'] as const) : (allowed ?? []);
    if (!roles.some((role) => role === identity.role)) throw new ProblemError('not-allowed');
    if (identity.machine !== null) needScope(identity, ...scopesOf(request.routeOptions.config));
    identities.set(request, identity);
  });
}

async function identityFor(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  { book, tokens, limitRate }: GuardParts,
): Promise<Identity> {
  const token = bearerTokenOf(raw);
  const identity =
    token !== null && isJwt(token)
      ? await tokens.identify(token, certificateOf(raw.socket))
      : identify(raw, book);
  if (identity === null) {
    const error = token === null ? '' : ', error="invalid_token"';
    const header = { 'www-authenticate': BEARER + error };
    throw new ProblemError('not-signed-in', [], header);
  }
  limitRate(identity, reply);
  return identity;
}

const isJwt = (token: string): boolean => token.split('.').length === 3;

function bearerTokenOf({ headers }: IncomingMessage): string | null {
  return /^Bearer ([\w.~+/=-]{1,2048})$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** By cookie or bearer token; a request that shows a wrong token is nobody, whatever its cookie. */
export function identify(request: IncomingMessage, book: SessionBook): Identity | null {
  if (request.headers.authorization !== undefined) {
    const token = bearerTokenOf(request);
    return token === null ? null : book.byBearerToken(token);
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
