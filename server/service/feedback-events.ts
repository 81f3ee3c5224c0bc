import type { FeedbackEvent, FeedbackType } from '../../shared/subscription.ts';
import { sequenceOf } from '../../shared/subscription.ts';
import type { AlertKind } from '../../shared/alert.ts';
import type { OrderId } from '../../shared/ids.ts';
import { toInstant } from '../../shared/instant.ts';
import { assertNever } from '../../shared/result.ts';
import type { AlertChange } from '../core/alert-record.ts';
import type { JournalRow, StoredOrder } from '../kept.ts';

/**
 * What a row of the journal is to whoever sent the order: one event, or none. The journal is the
 * outbox: events are derived from it each time anew and stored nowhere. (SPEC FB1)
 */

/** As `suspended`: what stands between the name of the system and the version in a type. */
export type FeedbackName = FeedbackType extends `nl.cordon.order.${infer Name}.v1` ? Name : never;

const typeOf = (name: FeedbackName): FeedbackType => `nl.cordon.order.${name}.v1`;

/** Who tells, and where what it tells of can be read. */
export interface FeedbackOrigin {
  readonly source: string;
  /** Of our interface, without a slash at its end; empty for addresses relative to it. */
  baseUrl(): string;
}

/** No organisation has it: whoever runs Cordon sets its own. */
const NO_OIN = '0'.repeat(20);

export const sourceOf = (oin: string | null): string =>
  `urn:nld:oin:${oin ?? NO_OIN}:systeem:cordon`;

/**
 * What a version of an order is told as. What awaits a second person has been received, whatever it
 * asks for: it is told as done when it is. (SPEC FB2)
 */
export function nameOfVersion(
  { status, cause }: Pick<StoredOrder, 'status' | 'cause'>,
  earlier: readonly Pick<StoredOrder, 'status' | 'cause'>[],
): FeedbackName {
  if (status === 'awaiting-approval') return 'received';
  switch (cause) {
    case 'put':
      return 'received';
    case 'zone':
      return 'zone-drawn';
    case 'approval':
      return nameOfApproval(status, earlier);
    case 'rejection':
      return 'rejected';
    case 'suspension':
      return 'suspended';
    case 'resumption':
      return 'resumed';
    case 'withdrawal':
      return 'withdrawn';
    case 'expiry':
      return 'expired';
    default:
      return assertNever(cause);
  }
}

/**
 * By what it approves: the newest step that awaited it. A text approved while the order is
 * suspended is approved, and not suspended once more.
 */
function nameOfApproval(
  status: StoredOrder['status'],
  earlier: readonly Pick<StoredOrder, 'status' | 'cause'>[],
): FeedbackName {
  if (status === 'withdrawn') return 'withdrawn';
  const decided = earlier.findLastIndex((version) => version.status !== 'awaiting-approval');
  const awaiting = earlier.slice(decided + 1).map(({ cause }) => cause);
  const newest = awaiting.at(-1);
  if (newest === 'suspension' && status === 'suspended') return 'suspended';
  if (awaiting.includes('put')) return 'approved';
  if (newest === 'zone') return 'zone-drawn';
  return newest === 'resumption' && status === 'active' ? 'resumed' : 'approved';
}

const KINDS_OF_BANS: readonly AlertKind[] = ['contact', 'location', 'duty'];

/**
 * Does what was found of somebody's compliance change with it? When an alert of a ban first becomes
 * a breach, and when such an alert is closed; not with each thing learnt between. (SPEC FB3)
 */
export function changesCompliance(
  { change, record }: Pick<AlertChange, 'change' | 'record'>,
  wasBreach: boolean,
): boolean {
  if (record.orderId === null || !KINDS_OF_BANS.includes(record.kind)) return false;
  const isBreach = record.stage === 'breach';
  return change === 'closed' ? isBreach || wasBreach : isBreach && !wasBreach;
}

/** The envelope alone: who may see more fetches it. (SPEC FB1) */
export function feedbackEvent(
  { seq, atMs, hash }: Pick<JournalRow, 'seq' | 'atMs' | 'hash'>,
  name: FeedbackName,
  orderId: OrderId,
  origin: FeedbackOrigin,
): FeedbackEvent {
  const place = name === 'compliance-changed' ? 'compliance' : 'versions';
  return {
    specversion: '1.0',
    // The row's digest, for it names the row over an export and import too.
    id: hash.slice(0, 32),
    source: origin.source,
    type: typeOf(name),
    time: toInstant(atMs),
    dataref: `${origin.baseUrl()}/v1/orders/${encodeURIComponent(orderId)}/${place}`,
    sequence: sequenceOf(seq),
  };
}
