import type { Alert } from '../shared/alert.ts';
import type { AlertAct } from '../shared/alert-act.ts';
import type { CourtOrder, OrderStatus } from '../shared/court-order.ts';
import type { Device } from '../shared/device.ts';
import type { DeviceId, OrderId } from '../shared/ids.ts';
import type { OrderCause } from '../shared/order-view.ts';
import type { Role } from '../shared/session.ts';
import type { AlertChange, AlertRecord } from './core/alert-record.ts';
import type { AskedInterval } from './core/asked-interval.ts';
import type { Fix } from './core/case-event.ts';

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

/** What an administrator or a client sets up, and may take back: the newest of a key counts. */
export interface Registration {
  readonly kind: 'client' | 'subscription';
  readonly key: string;
  readonly atMs: number;
  readonly by: string;
  /** Null for what was taken back. */
  readonly value: Readonly<Record<string, unknown>> | null;
}

/** Up to where in the journal a subscription was told. */
export interface Delivery {
  readonly subscriptionId: string;
  readonly seq: number;
  readonly atMs: number;
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
  /** The compact JWS that it came in, as evidence of who sent what; older versions know of none. */
  readonly signature?: string | null;
}

/** Some of the orders, in the order of their ids. */
export interface OrderPage {
  /** Only orders whose id comes after this one; null for the first page. */
  readonly after: string | null;
  readonly limit: number;
}

export interface AlertQuery {
  readonly state: 'open' | 'all';
  readonly limit: number;
  /** Only alerts older than this one in the listing's order; from a page's `next`. */
  readonly after: string | null;
  /** Only those of this order. */
  readonly orderId?: OrderId | null;
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

/** What is decided and stays decided: orders, alerts, acts, looks, and what befell the system. */
export type DecisionType =
  | 'alert-change'
  | 'command'
  | 'device'
  | 'look'
  | 'order-version'
  | 'registration'
  | 'system-event';

/** What an export carries beside the journal and its checkpoints. */
export type DumpPart = 'positions' | 'device-events' | 'accounts' | 'deliveries';

/** One alert as consoles get it, in an unbroken sequence within an epoch. (DESIGN §7) */
export interface FeedItem {
  readonly seq: number;
  readonly alert: Alert;
}

/** All that the service needs to go on where it stopped. */
export interface Recovered {
  readonly devices: readonly Device[];
  /** The newest version of each order. */
  readonly orders: readonly StoredOrder[];
  /** Every alert that is not closed, and the newest of each cause, for its episode number. */
  readonly alerts: readonly AlertRecord[];
  /** The newest few positions of each device, oldest first within each. */
  readonly positions: readonly { readonly deviceId: DeviceId; readonly fix: Fix }[];
  /** What each device was asked last. */
  readonly asked: readonly AskedInterval[];
  /** The newest alert changes, oldest first, for consoles that come back. */
  readonly feed: readonly FeedChange[];
  /** Newest server time in the store; null when empty. */
  readonly lastAtMs: number | null;
}
