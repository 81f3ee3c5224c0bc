import type { Alert } from '../shared/alert.ts';
import type { AlertAct } from '../shared/alert-act.ts';
import type { CourtOrder } from '../shared/court-order.ts';
import type { BanFeature, PositionFeature } from '../shared/console-message.ts';
import type { Device } from '../shared/device.ts';
import type { BanId, DeviceId, OrderId, PersonId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import type { Zone } from '../shared/zone.ts';
import type { AlertChange } from './core/alert-record.ts';
import type {
  Checkpoint,
  DecisionType,
  Delivery,
  DumpPart,
  FeedItem,
  FeedPlace,
  JournalHead,
  JournalRow,
  Limit,
  SystemEventKind,
  AlertQuery,
  PositionQuery,
  Recovered,
  Registration,
  StoredAccount,
  StoredOrder,
  OrderPage,
  StoredAlertEvent,
  StoredSession,
} from './kept.ts';
import type { AskedInterval } from './core/asked-interval.ts';
import type { Fix, SystemFault } from './core/case-event.ts';
import type { LifeRefusal, OrderStep } from './core/order-life.ts';

/** Every seam between Cordon and the world, on one screen. */

/** The only place where the time of day comes from. */
export interface Clock {
  nowMs(): number;
  /** Calls back about every so many milliseconds until the returned function is called. */
  every(periodMs: number, tick: () => void): () => void;
}

/** What the service does with a message from a device. */
export interface BusHandlers {
  /** Resolves when the message may be acknowledged: it is durable, or refused and counted. */
  onMessage(topic: string, payload: Uint8Array): Promise<void>;
  /** The link to the broker came up or went down; an embedded broker is always up. */
  onLink(state: 'up' | 'down', detail: string): void;
  /**
   * The broker has lost what it kept for us since it was last heard, so many milliseconds ago; null
   * when this process had not heard it before. Called when our subscriptions stand again.
   * `brokerAgeMs`: it may have, for it began anew so long ago, if that is since we last ran.
   */
  onSessionLost(unheardMs: number | null, brokerAgeMs: number | null): void;
}

/** MQTT, whoever runs the broker. (DESIGN §5) */
export interface Bus {
  start(handlers: BusHandlers): Promise<void>;
  /** QoS 1, not retained; fire and forget: what must survive is re-sent from the store. */
  publish(topic: string, payload: string): void;
  /** Stops taking messages in, lets what is under way finish, closes. */
  close(): Promise<void>;
}

/** A message from a device as it was recorded: enough to replay it. */
export interface PositionRow {
  readonly deviceId: DeviceId;
  readonly fix: Fix;
  /** The position as the device sent it, JSON. */
  readonly payload: string;
}

/** One thing to write. Entries become durable in the order in which they were appended. */
export type Entry =
  | ({ type: 'position' } & PositionRow)
  | {
      type: 'device-event';
      deviceId: DeviceId;
      boot: string | null;
      seq: number;
      kind: string;
      eventAtMs: number;
      receivedAtMs: number;
      payload: string;
    }
  | { type: 'alert-change'; change: AlertChange; feed: FeedPlace | null }
  | {
      type: 'system-event';
      atMs: number;
      kind: SystemEventKind;
      detail: Readonly<Record<string, string | number | boolean | null>>;
    }
  /** What a device was asked, as of its being sent, sent again or heard; the newest counts. */
  | { type: 'command'; atMs: number; deviceId: DeviceId; asked: AskedInterval }
  | ({ type: 'checkpoint' } & Checkpoint)
  /** The server ran at this instant: what is later and unwritten is the time it was down. */
  | { type: 'alive'; atMs: number }
  /** The canary came through, or did not. (SPEC PO1) */
  | { type: 'beat'; atMs: number; tookMs: number | null }
  | { type: 'device'; atMs: number; by: string; device: Device }
  | ({ type: 'order-version' } & StoredOrder)
  | ({ type: 'registration' } & Registration)
  | ({ type: 'delivered' } & Delivery)
  | ({ type: 'account' } & StoredAccount)
  | ({ type: 'session' } & StoredSession)
  | { type: 'session-ended'; tokenHash: string }
  /** Somebody looked at positions or broke the glass. Never left out. */
  | { type: 'look'; atMs: number; by: string; what: string; subject: string; reason: string }
  | {
      type: 'rejection';
      atMs: number;
      topic: string;
      reason: string;
      detail: string;
      payload: string;
    };

export type Decision = Extract<Entry, { type: DecisionType }>;

export interface Dumped {
  /** To be appended elsewhere as they are. */
  readonly entries: readonly Entry[];
  /** For the next page; null after the last. */
  readonly next: string | null;
}

/** Where everything durable lives. One contract suite holds for every adapter. */
export interface Store {
  /**
   * Resolves once all entries are on disk; rejects if any could not be written, with none lost
   * silently.
   */
  append(entries: readonly Entry[]): Promise<void>;
  /** The newest so many positions of each device that an order rests on, and of each other. */
  recover(relied: number, other?: number): Promise<Recovered>;
  /** The newest version of each, by id. */
  orders(page?: OrderPage): Promise<readonly StoredOrder[]>;
  /** Oldest first. */
  orderVersions(orderId: OrderId): Promise<readonly StoredOrder[]>;
  alerts(query: AlertQuery): Promise<readonly Alert[]>;
  alert(alertId: string): Promise<Alert | null>;
  alertEvents(alertId: string): Promise<readonly StoredAlertEvent[]>;
  /** Oldest first. */
  positions(query: PositionQuery): Promise<readonly PositionRow[]>;
  accounts(): Promise<readonly StoredAccount[]>;
  sessions(nowMs: number): Promise<readonly StoredSession[]>;
  /** The newest of each kind and key, without those taken back. */
  registrations(): Promise<readonly Registration[]>;
  deliveries(): Promise<readonly Delivery[]>;
  looks(limit: number): Promise<readonly Extract<Entry, { type: 'look' }>[]>;
  /** Decisions after this number, oldest first. */
  journal(afterSeq: number, limit: number): Promise<readonly JournalRow[]>;
  /** The newest row; seq 0 when there is none. */
  journalHead(): Promise<JournalHead>;
  /** Oldest first. */
  checkpoints(): Promise<readonly Checkpoint[]>;
  /** Everything with a term, a page at a time in one fixed order, for an export. */
  dump(part: DumpPart, after: string | null, limit: number): Promise<Dumped>;
  /** What may run out, as far as the store knows it. */
  limits(): Promise<readonly Limit[]>;
  /**
   * Drops positions measured before this instant, but none of an alert's track, and old rejections.
   */
  prune(beforeMs: number): Promise<void>;
  close(): Promise<void>;
}

/** A store that is only read, also while a server writes to it: for checks and exports. */
export type Archive = Pick<
  Store,
  | 'alerts'
  | 'checkpoints'
  | 'close'
  | 'dump'
  | 'journal'
  | 'journalHead'
  | 'orders'
  | 'registrations'
>;

/** Why something asked of the service is not done; each has one HTTP status. (STYLE rule 6) */
export type Refusal =
  | 'unknown-order'
  | 'unknown-alert'
  | 'unknown-device'
  | 'unknown-person'
  | LifeRefusal
  | 'alert-closed'
  | 'priority-1-not-shelvable'
  | 'store-failing';

/** A step in an order's life, and of whom. */
export interface TakenStep {
  readonly step: OrderStep;
  readonly reason: string | null;
  readonly by: string;
  /** The version that was looked at; null when the caller does not say. */
  readonly ifMatch: number | null;
}

export interface OrderAnswer {
  readonly stored: StoredOrder;
  readonly created: boolean;
}

/** The sequence of alert changes that consoles follow. */
export interface Feed {
  readonly epoch: string;
  /** Number of the newest item. */
  readonly seq: number;
  /** Items after `seq`, oldest first; null when they are no longer kept or the epoch differs. */
  since(epoch: string, seq: number): readonly FeedItem[] | null;
  /** Calls back synchronously with every new item. */
  subscribe(listener: (item: FeedItem) => void): () => void;
}

export interface Health {
  /** False while something that protection rests on does not work. */
  readonly ready: boolean;
  readonly store: 'up' | 'failing';
  readonly broker: 'up' | 'down';
  /** How far evaluation runs behind the clock. */
  readonly lagMs: number;
  /** How long ago the canary last came through; null when there is none, or not yet. */
  readonly canaryAgeS: number | null;
}

/** What people and machines may ask of the running service. Every answer is after the write. */
export interface Desk {
  readonly feed: Feed;
  /** Of the canary alone; no operator hears of it. (SPEC PO1) */
  readonly canaryFeed: Feed;
  openAlerts(): readonly Alert[];
  act(alertId: string, act: AlertAct, by: string): Promise<Result<Alert, Refusal>>;
  hasOrder(orderId: OrderId): boolean;
  /** `ifMatch`: the version that the caller has seen; null when the header is absent. */
  putOrder(
    order: CourtOrder,
    ifMatch: number | null,
    by: string,
    /** The compact JWS that it came in. */
    signature?: string | null,
  ): Promise<Result<OrderAnswer, Refusal>>;
  /** A zone drawn by hand, as a version of its own. (SPEC OR13) */
  putZone(
    orderId: OrderId,
    drawn: { readonly banId: BanId; readonly zone: Zone },
    ifMatch: number | null,
    by: string,
  ): Promise<Result<StoredOrder, Refusal>>;
  stepOrder(orderId: OrderId, taken: TakenStep): Promise<Result<StoredOrder, Refusal>>;
  putDevice(device: Device, by: string): Promise<Result<{ created: boolean }, Refusal>>;
  devices(): readonly Device[];
  devicesOf(personId: PersonId): readonly Device[];
  /** Newest position of each device in the cases named. */
  positionsOf(caseIds: ReadonlySet<string>): readonly PositionFeature[];
  bansOf(caseIds: ReadonlySet<string>): readonly BanFeature[];
  /** Logs that somebody saw positions; resolves when the log is durable. */
  look(by: string, what: string, subject: string, reason: string): Promise<void>;
  health(): Health;
}

/** Where a part of Cordon says that something is wrong with it, or no longer is. */
export interface Alarms {
  /** Told as a system alert at the next tick; the same fault again is told once. */
  report(fault: SystemFault): void;
}

/** Counters and times of the running service; no label ever holds a person or a place. */
export interface Meter {
  message(channel: string): void;
  /** A message, or a part of one, that was refused; `reason` is one of a fixed list. */
  rejected(reason: string): void;
  /** A message of a device that sends more than it may: it waited, or was not taken. */
  held(outcome: 'waited' | 'refused'): void;
  evaluated(seconds: number): void;
  alertChanged(kind: string, change: string, priority: number): void;
  durable(entries: number, seconds: number): void;
  consoles(connected: number): void;
  /** What waits for the console that is furthest behind. */
  consoleBehind(bytes: number): void;
  /** A command went to a device, perhaps not for the first time. */
  commanded(kind: string, again: boolean): void;
  /** How many commands no device has said to have heard. */
  unsettled(commands: number): void;
}

/** Structured log without positions, names or secrets. */
export interface Log {
  info(facts: Record<string, unknown>, message: string): void;
  warn(facts: Record<string, unknown>, message: string): void;
  error(facts: Record<string, unknown>, message: string): void;
}
