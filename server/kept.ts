import type { Alert } from '../shared/alert.ts';
import type { AlertAct } from '../shared/alert-act.ts';
import type { CourtOrder, OrderStatus } from '../shared/court-order.ts';
import type { DeviceId, OrderId } from '../shared/ids.ts';
import type { OrderCause } from '../shared/order-view.ts';
import type { Role } from '../shared/session.ts';
import type { AlertChange } from './core/alert-record.ts';

/** What is kept, as stores give it back: the journal of decisions, and what else has a form. */

/** One row of the journal; `body` is the decision as JSON. (server/evidence/journal-chain.ts) */
export interface JournalRow {
  /** 1, 2, 3 … without gaps, in the order of commits. */
  readonly seq: number;
  readonly atMs: number;
  /** Of the decision; tells readers apart what they look for. */
  readonly type: string;
  readonly body: string;
  readonly hash: string;
}

export type JournalHead = Pick<JournalRow, 'seq' | 'hash'>;

/** The journal up to a row, signed: who rewrites the rows after all cannot forge it. */
export interface Checkpoint extends JournalHead {
  readonly atMs: number;
  readonly keyId: string;
  readonly signature: string;
}

/** What happened to the system itself and belongs in the evidence. */
export type SystemEventKind = 'started' | 'stopped' | 'imported' | 'key';

/** Where an alert stands in the sequence that consoles follow. */
export interface FeedPlace {
  readonly epoch: string;
  readonly seq: number;
}

/** A change as consoles heard of it. */
export interface FeedChange extends FeedPlace {
  readonly alert: Alert;
}

/** Something that runs out. */
export interface Limit {
  /** As `disk`, `journal-numbers`: part of the alert's cause. */
  readonly name: string;
  readonly used: number;
  readonly max: number;
  readonly unit: string;
}

export interface StoredAccount {
  readonly username: string;
  readonly role: Role;
  readonly secretHash: string;
}

export interface StoredSession {
  readonly tokenHash: string;
  readonly username: string;
  readonly role: Role;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** One version of an order: each step in its life is one. (SPEC OR1) */
export interface StoredOrder {
  readonly orderId: OrderId;
  readonly version: number;
  readonly status: OrderStatus;
  readonly order: CourtOrder;
  readonly atMs: number;
  readonly by: string;
  /** Why this version exists. */
  readonly cause: OrderCause;
  readonly reason: string | null;
}

/** Some of the orders, in the order of their ids. */
export interface OrderPage {
  /** Only orders whose id comes after this one; null for the first page. */
  readonly after: string | null;
  readonly limit: number;
}

/** A later step in an order's life, each kept as a version. (DESIGN §6) */
export type OrderStep = 'approval' | 'suspension' | 'resumption' | 'withdrawal';

export interface AlertQuery {
  readonly state: 'open' | 'all';
  readonly limit: number;
  /** Only alerts older than this one in the listing's order; from a page's `next`. */
  readonly after: string | null;
}

export interface PositionQuery {
  readonly deviceIds: readonly DeviceId[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly limit: number;
}

export interface StoredAlertEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly change: AlertChange['change'];
  readonly by: string | null;
  readonly act: AlertAct | null;
  readonly alert: Alert;
}

/** What an export carries beside the journal and its checkpoints. */
export type DumpPart = 'positions' | 'device-events' | 'accounts';

/** One alert as consoles get it, in an unbroken sequence within an epoch. (DESIGN §7) */
export interface FeedItem {
  readonly seq: number;
  readonly alert: Alert;
}
