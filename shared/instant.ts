import { z } from 'zod';

/**
 * RFC 3339 instant with any offset. `-00:00` says "offset unknown" and is refused, as the Dutch
 * API design rules ask. Years are bounded so that no later arithmetic can overflow.
 */
export const Instant = z.iso
  .datetime({ offset: true, error: 'give an RFC 3339 time with offset, as 2026-11-23T10:15:30Z' })
  .refine(
    (text) => !text.endsWith('-00:00'),
    'the offset -00:00 means "unknown": give the real one',
  )
  .refine((text) => {
    const atMs = Date.parse(text);
    return atMs >= INSTANT_MIN_MS && atMs <= INSTANT_MAX_MS;
  }, 'the time must lie between the years 2000 and 2200');
export type Instant = z.infer<typeof Instant>;

const INSTANT_MIN_MS = Date.UTC(2000, 0, 1);
const INSTANT_MAX_MS = Date.UTC(2200, 0, 1);

/** Milliseconds since 1970 to the wire's form, always UTC. */
export const toInstant = (atMs: number): string => new Date(atMs).toISOString();
export const fromInstant = (instant: string): number => Date.parse(instant);
