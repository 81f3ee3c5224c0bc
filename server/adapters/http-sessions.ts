import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { toInstant } from '../../shared/instant.ts';
import { Scope } from '../../shared/api-client.ts';
import { Role, Session, SignInBody } from '../../shared/session.ts';
import type { StoredSession } from '../kept.ts';
import type { Clock } from '../ports.ts';
import { allow, CHALLENGE, identityOf, SESSION_COOKIE } from './http-auth.ts';
import { ProblemError } from './http-problem.ts';
import { SESSION_LIFE_MS, type SessionBook } from './http-session-book.ts';
import { signInThrottle } from './http-sign-in-throttle.ts';

export interface SessionParts {
  readonly book: SessionBook;
  readonly clock: Clock;
  readonly secureCookies: boolean;
}

const anybody = allow(Role.options, ...Scope.options);
const SessionView = Session.meta({ id: 'Session' });

export const sessionRoutes =
  ({ book, clock, secureCookies }: SessionParts): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['sessions'];
    const cookie = {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: secureCookies,
    } as const;
    const throttle = signInThrottle();

    app.post(
      '/v1/sessions',
      { ...allow('anyone'), schema: { tags, body: SignInBody, response: { 201: SessionView } } },
      async (request, reply) => {
        const { username, password } = request.body;
        const waitS = throttle.begin(username, request.ip, clock.nowMs());
        if (waitS !== null) {
          throw new ProblemError('too-many-requests', [], { 'retry-after': String(waitS) });
        }
        const account = await book
          .checkPassword(username, password)
          .catch(() => null)
          .then((found) => {
            throttle.end(username, request.ip, found !== null);
            return found;
          });
        if (account === null) throw new ProblemError('wrong-credentials', [], CHALLENGE);
        const { token, session } = await book.open(account);
        void reply.setCookie(SESSION_COOKIE, token, { ...cookie, maxAge: SESSION_LIFE_MS / 1_000 });
        return reply.code(201).header('location', '/v1/sessions/current').send(toSession(session));
      },
    );

    app.get(
      '/v1/sessions/current',
      { ...anybody, schema: { tags, response: { 200: SessionView } } },
      async (request) => toSession(sessionOf(identityOf(request).session)),
    );

    app.delete('/v1/sessions/current', { ...anybody, schema: { tags } }, async (request, reply) => {
      const durable = await book.end(sessionOf(identityOf(request).session));
      void reply.clearCookie(SESSION_COOKIE, cookie);
      // Ended here and now, but a restart would bring the session back: the caller must know.
      if (!durable) throw new ProblemError('store-failing');
      return reply.code(204).send();
    });
  };

/** A bearer token is a machine's: it has no session to speak of. */
function sessionOf(session: StoredSession | null): StoredSession {
  if (session === null) throw new ProblemError('not-found');
  return session;
}

const toSession = ({ username, role, expiresAtMs }: StoredSession): Session => ({
  username,
  role,
  expiresAt: toInstant(expiresAtMs),
});
