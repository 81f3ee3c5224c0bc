import type { CourtOrderBody } from '../../shared/court-order.ts';
import { fromInstant, toInstant } from '../../shared/instant.ts';

/** The same instant in UTC, as answers have it. (NLGov date-time/timezone; SPEC AP5) */
export const utcOf = (instant: string): string => toInstant(fromInstant(instant));

/** Kept so and answered so, it stays the same order when it is sent back. */
export function orderInUtc<T extends CourtOrderBody>(order: T): T {
  const { validFrom, validUntil, exceptions } = order;
  const span = { validFrom: utcOf(validFrom), validUntil: utcOf(validUntil) };
  if (exceptions == null) return { ...order, ...span };
  const inUtc = exceptions.map((exception) => ({
    ...exception,
    from: utcOf(exception.from),
    until: utcOf(exception.until),
  }));
  return { ...order, ...span, exceptions: inUtc };
}
