import type { CourtOrder, OrderStatus } from '../../shared/court-order.ts';
import type { BanId } from '../../shared/ids.ts';
import type { OrderCause } from '../../shared/order-view.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import type { Zone } from '../../shared/zone.ts';

/**
 * The life of an order as a function of its versions: received, awaiting approval, in force,
 * suspended, over. Whoever takes protection away, and whoever writes a text, proposes; a second
 * person disposes; meanwhile what stood goes on standing. (SPEC OR4–OR8)
 */

/** A step that somebody takes, beside putting a text. (DESIGN §6) */
export type OrderStep = 'approval' | 'rejection' | 'suspension' | 'resumption' | 'withdrawal';

export type LifeRefusal =
  | 'version-mismatch'
  | 'version-required'
  | 'order-withdrawn'
  | 'order-expired'
  | 'order-not-suspended'
  | 'order-not-in-force'
  | 'already-approved'
  | 'nothing-proposed'
  | 'proposal-waits'
  | 'same-person'
  | 'unknown-ban'
  | 'ban-without-zone';

/** What a version says of an order's life. */
export interface LifeVersion {
  readonly version: number;
  readonly status: OrderStatus;
  readonly order: CourtOrder;
  readonly by: string;
  readonly cause: OrderCause;
}

/** The text that is in force, or held back by a suspension. */
export interface Standing {
  readonly version: number;
  readonly status: 'active' | 'suspended';
  readonly order: CourtOrder;
}

/** What waits for a second person. */
export interface Proposal {
  readonly cause: 'put' | 'zone' | 'suspension' | 'withdrawal';
  readonly order: CourtOrder;
  /** Who had a hand in it: none of them is a second person. (SPEC OR5) */
  readonly writers: readonly string[];
}

export interface Life {
  readonly newest: LifeVersion;
  readonly standing: Standing | null;
  readonly proposal: Proposal | null;
}

/** What a step makes of an order; the same version again when there is nothing to do. */
export type Next =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'version';
      readonly order: CourtOrder;
      readonly status: OrderStatus;
      readonly cause: OrderCause;
    };

/** Oldest first; null when there are none. */
export function lifeOf(versions: readonly LifeVersion[]): Life | null {
  return versions.reduce<Life | null>(after, null);
}

function after(life: Life | null, newest: LifeVersion): Life {
  const { status, order, version, cause, by } = newest;
  const standing = life?.standing ?? null;
  switch (status) {
    case 'awaiting-approval':
      return { newest, standing, proposal: proposalOf(life, cause, order, by) };
    case 'active':
    case 'suspended':
      return { newest, standing: { version, status, order }, proposal: null };
    case 'rejected':
    case 'withdrawn':
    case 'expired':
      return { newest, standing: null, proposal: null };
  }
}

function proposalOf(life: Life | null, cause: OrderCause, order: CourtOrder, by: string): Proposal {
  switch (cause) {
    case 'zone':
      // A zone drawn into a text that waits makes its drawer one of its writers.
      return { cause, order, writers: [...(life?.proposal?.writers ?? []), by] };
    case 'suspension':
    case 'withdrawal':
      return { cause, order, writers: [by] };
    default:
      return { cause: 'put', order, writers: [by] };
  }
}

/** May a text be put, and what becomes of it? */
export function putOf(
  life: Life | null,
  order: CourtOrder,
  ifMatch: number | null,
  approvalRequired: boolean,
): Result<Next, LifeRefusal> {
  if (life === null) {
    return ifMatch === null
      ? version(order, approvalRequired ? 'awaiting-approval' : 'active', 'put')
      : refused('version-mismatch');
  }
  const { newest } = life;
  if (newest.status !== 'rejected' && !isOver(newest.status) && equal(newest.order, order)) {
    return ok({ kind: 'unchanged' });
  }
  const refusal = refusalOfText(life, ifMatch);
  if (refusal) return refused(refusal);
  return version(order, statusOfText(life, approvalRequired), 'put');
}

/** A zone drawn by hand into the newest text. (SPEC OR13) */
export function zoneOf(
  life: Life,
  drawn: { readonly banId: BanId; readonly zone: Zone },
  ifMatch: number | null,
  approvalRequired: boolean,
): Result<Next, LifeRefusal> {
  const refusal = refusalOfText(life, ifMatch);
  if (refusal) return refused(refusal);
  const text = life.proposal?.order ?? life.standing?.order;
  if (!text) return refused('order-not-in-force');
  const ban = text.bans.find(({ banId }) => banId === drawn.banId);
  if (!ban) return refused('unknown-ban');
  if (ban.kind === 'contact-ban') return refused('ban-without-zone');
  const bans = text.bans.map((each) => (each === ban ? { ...ban, zone: drawn.zone } : each));
  return version({ ...text, bans }, statusOfText(life, approvalRequired), 'zone');
}

function refusalOfText({ newest, proposal }: Life, ifMatch: number | null): LifeRefusal | null {
  if (newest.status === 'withdrawn') return 'order-withdrawn';
  if (newest.status === 'expired') return 'order-expired';
  if (ifMatch === null) return 'version-required';
  if (ifMatch !== newest.version) return 'version-mismatch';
  // A text over a withdrawal that waits would silently undo one of the two.
  if (proposal?.cause === 'suspension' || proposal?.cause === 'withdrawal') return 'proposal-waits';
  return null;
}

const statusOfText = ({ standing }: Life, approvalRequired: boolean): OrderStatus =>
  approvalRequired ? 'awaiting-approval' : (standing?.status ?? 'active');

/** What becomes of an order by a step that is not a text. */
export function stepOf(
  life: Life,
  step: OrderStep,
  by: string,
  ifMatch: number | null,
  approvalRequired: boolean,
): Result<Next, LifeRefusal> {
  const { newest } = life;
  if (newest.status === 'withdrawn') return refused('order-withdrawn');
  if (newest.status === 'expired') return refused('order-expired');
  if (ifMatch !== null && ifMatch !== newest.version) return refused('version-mismatch');
  switch (step) {
    case 'approval':
      return approvalOf(life, by);
    case 'rejection':
      return rejectionOf(life);
    case 'suspension':
      return suspensionOf(life, approvalRequired);
    case 'resumption':
      return resumptionOf(life);
    case 'withdrawal':
      return withdrawalOf(life, approvalRequired);
  }
}

function approvalOf({ standing, proposal }: Life, by: string): Result<Next, LifeRefusal> {
  if (proposal === null) return refused('already-approved');
  // Four eyes: who wrote it cannot be the second to look at it. (SPEC OR5)
  if (proposal.writers.includes(by)) return refused('same-person');
  switch (proposal.cause) {
    case 'put':
    case 'zone':
      // A text approved during a suspension waits with the order for its resumption.
      return version(proposal.order, standing?.status ?? 'active', 'approval');
    case 'suspension':
      return version(proposal.order, 'suspended', 'approval');
    case 'withdrawal':
      return version(proposal.order, 'withdrawn', 'approval');
  }
}

/** Also by a writer, who takes back what nobody has approved. */
function rejectionOf({ standing, proposal }: Life): Result<Next, LifeRefusal> {
  if (proposal === null) return refused('nothing-proposed');
  if (standing === null) return version(proposal.order, 'rejected', 'rejection');
  return version(standing.order, standing.status, 'rejection');
}

function suspensionOf(
  { standing, proposal }: Life,
  approvalRequired: boolean,
): Result<Next, LifeRefusal> {
  if (proposal?.cause === 'suspension') return ok({ kind: 'unchanged' });
  if (proposal) return refused(standing ? 'proposal-waits' : 'order-not-in-force');
  if (standing === null) return refused('order-not-in-force');
  if (standing.status === 'suspended') return ok({ kind: 'unchanged' });
  const status = approvalRequired ? 'awaiting-approval' : 'suspended';
  return version(standing.order, status, 'suspension');
}

/** Gives back what was approved before, so it asks nobody. (SPEC OR7) */
function resumptionOf({ standing, proposal }: Life): Result<Next, LifeRefusal> {
  if (standing?.status !== 'suspended') return refused('order-not-suspended');
  if (proposal) return refused('proposal-waits');
  return version(standing.order, 'active', 'resumption');
}

function withdrawalOf(
  { newest, standing, proposal }: Life,
  approvalRequired: boolean,
): Result<Next, LifeRefusal> {
  // Nobody is protected by it yet: there is nothing for a second person to guard.
  if (standing === null) return version(newest.order, 'withdrawn', 'withdrawal');
  if (proposal?.cause === 'withdrawal') return ok({ kind: 'unchanged' });
  if (proposal) return refused('proposal-waits');
  const status = approvalRequired ? 'awaiting-approval' : 'withdrawn';
  return version(standing.order, status, 'withdrawal');
}

/** When an order ends by itself; null for one that is over already. (SPEC OR9) */
export function endsAt({ newest, standing }: Life): string | null {
  return isOver(newest.status) ? null : (standing?.order ?? newest.order).validUntil;
}

export const isOver = (status: OrderStatus): boolean =>
  status === 'withdrawn' || status === 'expired';

const version = (order: CourtOrder, status: OrderStatus, cause: OrderCause) =>
  ok({ kind: 'version', order, status, cause } as const);

/** Parsed by the same schema, equal orders have equal texts. */
const equal = (one: CourtOrder, two: CourtOrder): boolean =>
  JSON.stringify(one) === JSON.stringify(two);
