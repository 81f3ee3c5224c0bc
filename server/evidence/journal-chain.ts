import { createHash } from 'node:crypto';
import { assert } from '../../shared/result.ts';
import type { JournalHead, JournalRow } from '../kept.ts';
import type { Decision, Entry } from '../ports.ts';

/**
 * The journal of decisions as a chain: each row's hash covers the one before it, so that a row that
 * is changed, left out or moved no longer fits its successor. A hash alone stops nobody who can
 * rewrite all that follows: for that there are checkpoints. (RELIABILITY §6, T22)
 */

/** What the first row is chained to. */
export const GENESIS: JournalHead = { seq: 0, hash: '0'.repeat(64) };

/** Kept for ever and chained; all else is data with a term, or access. */
const DECISIONS: ReadonlySet<Entry['type']> = new Set<Decision['type']>([
  'alert-change',
  'command',
  'device',
  'look',
  'order-version',
  'registration',
  'system-event',
]);

export const isDecision = (entry: Entry): entry is Decision => DECISIONS.has(entry.type);

const atMsOf = (decision: Decision): number =>
  decision.type === 'alert-change' ? decision.change.atMs : decision.atMs;

/**
 * The row that a decision becomes after this head. Throws a TypeError for one that could not be
 * read back as it was.
 */
export function rowAfter(head: JournalHead, decision: Decision): JournalRow {
  assertWhole(decision);
  const seq = head.seq + 1;
  assert(Number.isSafeInteger(seq), 'the journal is at the end of its numbers');
  const unsealed = { seq, atMs: atMsOf(decision), body: JSON.stringify(decision) };
  return { ...unsealed, type: decision.type, hash: hashAfter(head.hash, unsealed) };
}

/** SHA-256, hexadecimal, over the hash before it, number, time and text, each on a line. */
export const hashAfter = (
  previousHash: string,
  { seq, atMs, body }: Pick<JournalRow, 'seq' | 'atMs' | 'body'>,
): string => createHash('sha256').update(`${previousHash}\n${seq}\n${atMs}\n${body}`).digest('hex');

export const headOf = ({ seq, hash }: JournalRow): JournalHead => ({ seq, hash });

export const decisionOf = ({ body }: JournalRow): Decision => JSON.parse(body) as Decision;

/** JSON drops what is undefined and turns NaN into null: neither may happen to evidence. */
function assertWhole(decision: Decision): void {
  const fault = faultIn(decision, '');
  if (fault !== null) throw new TypeError(fault);
  if (Object.keys(decision).length === 1) throw new TypeError('a value is missing');
}

/** Does it come back from JSON as it was? */
export const isWhole = (entry: Entry): boolean => faultIn(entry, '') === null;

function faultIn(value: unknown, path: string): string | null {
  if (value === undefined) return `${path} is missing`;
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return `${path} is ${value}, which cannot be stored`;
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const key in value) {
    const fault = faultIn((value as Record<string, unknown>)[key], `${path}/${key}`);
    if (fault !== null) return fault;
  }
  return null;
}
