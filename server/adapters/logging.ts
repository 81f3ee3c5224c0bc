import { pino, type DestinationStream } from 'pino';
import type { Log } from '../ports.ts';

/** Says where and when, never who and where on earth: a log is read by many and kept for long. */
const SECRET = new RegExp(
  [
    '^(lon|lat|longitude|latitude|coordinates?|center|centre|geometry|zone|zones|features?|bans?)$',
    '^(positions?|fix|fixes|track|payload|body|order|message|text|note|alert|act)$',
    '^(username|operator|by|person|wearer|victim|personId|wearerId|victimId|subject|name)$',
    '^(password|secret|secretHash|token|tokenHash|cookies?|authorization|headers|url|query)$',
  ].join('|'),
  'i',
);
const REDACTED = '[redacted]';
/** Facts are flat; anything deeper was put there by mistake. */
const DEPTH_MAX = 2;

/** Structured log on standard output; `destination` is for tests. */
export function createLog(level: string, destination?: DestinationStream): Log {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    info: (facts, message) => logger.info(scrubbed(facts), message),
    warn: (facts, message) => logger.warn(scrubbed(facts), message),
    error: (facts, message) => logger.error(scrubbed(facts), message),
  };
}

function scrubbed(facts: Record<string, unknown>, depth = 1): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [
      key,
      SECRET.test(key) ? REDACTED : clean(value, depth),
    ]),
  );
}

function clean(value: unknown, depth: number): unknown {
  if (value instanceof Error) return faultOf(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX || ArrayBuffer.isView(value)) return REDACTED;
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  return scrubbed(value as Record<string, unknown>, depth + 1);
}

/** An error without its message, which may quote the very data that went wrong. */
export function faultOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { kind: typeof error };
  const { code } = error as { code?: unknown };
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return { kind: error.constructor.name, ...(typeof code === 'string' && { code }), frames };
}
