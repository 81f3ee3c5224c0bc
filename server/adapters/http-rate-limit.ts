import type { FastifyReply } from 'fastify';
import type { Clock, Log } from '../ports.ts';
import { ClientPace, type Pace } from '../service/client-pace.ts';
import { ProblemError } from './http-problem.ts';
import type { Identity } from './http-session-book.ts';

export type LimitRate = (identity: Identity, reply: FastifyReply) => void;

/**
 * Lets each machine ask as often as it may, and tells it with every answer how much that is.
 * (draft-ietf-httpapi-ratelimit-headers-10; SPEC CI7)
 */
export function rateLimiter(clock: Clock, log: Log): LimitRate {
  const paces = new ClientPace();
  return ({ username, machine }, reply) => {
    if (machine === null) return;
    const pace = paces.take(username, machine.rateLimit, clock.nowMs());
    void reply.headers(headersOf(pace));
    if (pace.waitS === null) return;
    const { rateLimit } = machine;
    if (pace.isToTell) log.warn({ client: username, rateLimit }, 'a client asks too often');
    throw new ProblemError('too-many-requests', [], { 'retry-after': String(pace.waitS) });
  };
}

const headersOf = ({ quota, windowS, remaining, resetS }: Pace): Record<string, string> => ({
  'ratelimit-policy': `"client";q=${quota};w=${windowS}`,
  ratelimit: `"client";r=${remaining};t=${resetS}`,
});
