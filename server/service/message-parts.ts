import { POSITIONS_PER_MESSAGE_MAX } from '../../shared/topics.ts';

/** One thing that a message says, read without asking what it means. */
export interface Part {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** Parsed; undefined where it is not JSON. */
  readonly body: unknown;
}

/**
 * A list gives each of its items, so that the same position is the same part in whatever company it
 * comes; everything else is one part.
 */
export function partsIn(payload: Uint8Array): readonly [Part, ...Part[]] {
  const text = Buffer.from(payload).toString();
  const whole = (body: unknown): Part => ({ text, bytes: payload, body });
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return [whole(undefined)];
  }
  if (!Array.isArray(body)) return [partOf(body)];
  const [first, ...others] = body.length > POSITIONS_PER_MESSAGE_MAX ? [] : body.map(partOf);
  return first ? [first, ...others] : [whole(body)];
}

function partOf(body: unknown): Part {
  const text = JSON.stringify(body);
  return { text, bytes: Buffer.from(text), body };
}
