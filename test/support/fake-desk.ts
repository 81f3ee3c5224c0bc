import type { Alert } from '../../shared/alert.ts';
import { isOpen } from '../../shared/alert.ts';
import type { BanFeature, PositionFeature } from '../../shared/console-message.ts';
import type { CourtOrder } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import { toInstant } from '../../shared/instant.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import type {
  Clock,
  Desk,
  Entry,
  FeedItem,
  Health,
  Log,
  PositionRow,
  Refusal,
  Store,
  StoredAlertEvent,
  StoredOrder,
} from '../../server/ports.ts';

/** Monday morning, a second past the hour. */
export const START_MS = Date.UTC(2026, 10, 23, 10, 0, 1);

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  advance(ms: number): void;
}

export function fakeClock(startMs = START_MS): FakeClock {
  let nowMs = startMs;
  const timers = new Set<{ dueMs: number; periodMs: number; tick: () => void }>();
  return {
    nowMs: () => nowMs,
    every(periodMs, tick) {
      const timer = { dueMs: nowMs + periodMs, periodMs, tick };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const next = [...timers].toSorted((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined || next.dueMs > untilMs) break;
        nowMs = next.dueMs;
        next.dueMs += next.periodMs;
        next.tick();
      }
      nowMs = untilMs;
    },
  };
}

export type Look = Extract<Entry, { type: 'look' }>;

/** Keeps everything in memory; `failing` makes each write fail. */
export interface FakeStore extends Store {
  failing: boolean;
  readonly entries: Entry[];
  readonly orderRows: StoredOrder[];
  readonly alertRows: Alert[];
  readonly eventRows: Map<string, StoredAlertEvent[]>;
  readonly positionRows: PositionRow[];
}

export function fakeStore(): FakeStore {
  const entries: Entry[] = [];
  const orderRows: StoredOrder[] = [];
  const alertRows: Alert[] = [];
  const eventRows = new Map<string, StoredAlertEvent[]>();
  const positionRows: PositionRow[] = [];
  const all = <T extends Entry['type']>(type: T) =>
    entries.filter((entry): entry is Extract<Entry, { type: T }> => entry.type === type);
  return {
    failing: false,
    ...{ entries, orderRows, alertRows, eventRows, positionRows },
    async append(added) {
      if (this.failing) throw new Error('disk full at lon 5.123456');
      entries.push(...added);
    },
    recover: () => Promise.reject(new Error('not used by the adapters')),
    async orders() {
      const newest = new Map<string, StoredOrder>();
      for (const row of orderRows) newest.set(row.orderId, row);
      return [...newest.values()];
    },
    orderVersions: async (orderId) => orderRows.filter((row) => row.orderId === orderId),
    async alerts({ limit, after }) {
      const from = after === null ? 0 : alertRows.findIndex((a) => a.alertId === after) + 1;
      return alertRows.slice(from, from + limit);
    },
    alert: async (alertId) => alertRows.find((row) => row.alertId === alertId) ?? null,
    alertEvents: async (alertId) => eventRows.get(alertId) ?? [],
    positions: async ({ deviceIds, fromMs, untilMs, limit }) =>
      positionRows
        .filter(({ deviceId }) => deviceIds.includes(deviceId))
        .filter(({ fix }) => fix.atMs >= fromMs && fix.atMs <= untilMs)
        .toSorted((a, b) => a.fix.atMs - b.fix.atMs)
        .slice(0, limit),
    accounts: async () => all('account'),
    async sessions(nowMs) {
      const ended = new Set(all('session-ended').map(({ tokenHash }) => tokenHash));
      return all('session').filter((s) => !ended.has(s.tokenHash) && s.expiresAtMs > nowMs);
    },
    looks: async (limit) => all('look').toReversed().slice(0, limit),
    prune: async () => {},
    close: async () => {},
  };
}

/** Answers as the service would, from what a test puts into it. */
export interface FakeDesk extends Desk {
  /** What the next call that may be refused answers. */
  refuseNext: Refusal | null;
  healthNow: Health;
  readonly alerts: Map<string, Alert>;
  readonly deviceList: Device[];
  /** Everything that is known about anybody, whoever may see it. */
  readonly features: PositionFeature[];
  readonly bans: BanFeature[];
  readonly acts: { alertId: string; act: unknown; by: string }[];
  /** When set, a call for some cases answers with all there is: the caller must not pass it on. */
  overshares: boolean;
  raise(alert: Alert): void;
}

export function fakeDesk(store: FakeStore, clock: Clock, feedKept = 1_000): FakeDesk {
  const alerts = new Map<string, Alert>();
  const feed = fakeFeed(feedKept);
  const features: PositionFeature[] = [];
  const bans: BanFeature[] = [];

  const desk: FakeDesk = {
    refuseNext: null,
    overshares: false,
    healthNow: { ready: true, store: 'up', broker: 'up', lagMs: 3 },
    ...{ alerts, features, bans, deviceList: [], acts: [], feed },
    raise(alert) {
      alerts.set(alert.alertId, alert);
      feed.push(alert);
    },
    openAlerts: () => [...alerts.values()].filter(isOpen),
    async act(alertId, act, by) {
      desk.acts.push({ alertId, act, by });
      const refusal = takeRefusal(desk);
      const alert = alerts.get(alertId);
      if (refusal) return refused(refusal);
      if (!alert) return refused('unknown-alert');
      const acknowledged = { ...alert, state: 'acknowledged' as const, acknowledgedBy: by };
      desk.raise(acknowledged);
      return ok(acknowledged);
    },
    putOrder: async (order, ifMatch, by) => putOrder(desk, store, clock, order, ifMatch, by),
    async stepOrder(orderId, step, reason, by) {
      const refusal = takeRefusal(desk);
      if (refusal) return refused(refusal);
      const last = store.orderRows.findLast((row) => row.orderId === orderId);
      if (!last) return refused('unknown-order');
      const stored = { ...last, version: last.version + 1, cause: step, reason, by };
      store.orderRows.push(stored);
      return ok(stored);
    },
    async putDevice(device) {
      const refusal = takeRefusal(desk);
      if (refusal) return refused(refusal);
      const at = desk.deviceList.findIndex(({ deviceId }) => deviceId === device.deviceId);
      if (at >= 0) desk.deviceList.splice(at, 1);
      desk.deviceList.push(device);
      return ok({ created: at < 0 });
    },
    devices: () => desk.deviceList,
    positionsOf: (cases) =>
      features.filter((f) => desk.overshares || cases.has(f.properties.caseId)),
    bansOf: (cases) => bans.filter((ban) => desk.overshares || cases.has(ban.caseId)),
    look: (by, what, subject, reason) =>
      store.append([{ type: 'look', atMs: clock.nowMs(), by, what, subject, reason }]),
    health: () => desk.healthNow,
  };
  return desk;
}

function takeRefusal(desk: FakeDesk): Refusal | null {
  const refusal = desk.refuseNext;
  desk.refuseNext = null;
  return refusal;
}

function putOrder(
  desk: FakeDesk,
  store: FakeStore,
  clock: Clock,
  order: CourtOrder,
  ifMatch: number | null,
  by: string,
): Result<{ stored: StoredOrder; created: boolean }, Refusal> {
  const refusal = takeRefusal(desk);
  if (refusal) return refused(refusal);
  const last = store.orderRows.findLast((row) => row.orderId === order.orderId);
  if (last && JSON.stringify(last.order) === JSON.stringify(order)) {
    return ok({ stored: last, created: false });
  }
  if (last && ifMatch === null) return refused('version-required');
  if (ifMatch !== null && ifMatch !== last?.version) return refused('version-mismatch');
  const stored: StoredOrder = {
    ...{ orderId: order.orderId, version: (last?.version ?? 0) + 1, status: 'active', order },
    ...{ atMs: clock.nowMs(), by, cause: 'put', reason: null },
  };
  store.orderRows.push(stored);
  return ok({ stored, created: last === undefined });
}

function fakeFeed(kept: number) {
  const items: FeedItem[] = [];
  const listeners = new Set<(item: FeedItem) => void>();
  return {
    epoch: 'epoch-1',
    get seq() {
      return items.length;
    },
    since(epoch: string, seq: number) {
      if (epoch !== 'epoch-1' || seq < items.length - kept) return null;
      return items.slice(seq);
    },
    subscribe(listener: (item: FeedItem) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    push(alert: Alert) {
      const item = { seq: items.length + 1, alert };
      items.push(item);
      for (const listener of listeners) listener(item);
    },
  };
}

export interface FakeLog extends Log {
  readonly lines: string[];
}

export function fakeLog(): FakeLog {
  const lines: string[] = [];
  const add = (facts: Record<string, unknown>, message: string): void => {
    lines.push(JSON.stringify({ ...facts, message }));
  };
  return { lines, info: add, warn: add, error: add };
}

/** An open alert of priority 1 in case `c-1`, but for what a test says otherwise. */
export function alertOf(alertId: string, other: Partial<Record<keyof Alert, unknown>> = {}): Alert {
  const at = toInstant(START_MS);
  const nothing = {
    ...{ clearedAt: null, uncertaintyM: 10, closingSpeedMs: 1, timeToBreachS: null },
    ...{ timeToContactS: 60, deviceId: null, acknowledgedBy: null, acknowledgedAt: null },
    ...{ shelvedUntil: null, closure: null },
  };
  const basis = {
    ...{ ruleVersion: '1', rules: ['CB2'], orderVersion: 1, evaluatedAt: at, fixes: [] },
    ...{ finding: 'certain', reason: 'within-distance', mover: null, banName: null, detail: {} },
    limits: { distanceM: 500, warningM: 1_000 },
  };
  return {
    ...{ alertId, caseId: 'c-1', orderId: 'ord-1', banId: 'b1', kind: 'contact' },
    ...{ code: 'contact-ban', stage: 'breach', certainty: 'certain', priority: 1 },
    ...{ state: 'unacknowledged', retrospective: false, raisedAt: at, updatedAt: at },
    ...{ distanceM: 120, wearerId: 'w-1', victimId: 'v-1', basis },
    ...nothing,
    ...other,
  } as unknown as Alert;
}

/** Newest position of a device, at a longitude that a test can look for. */
export function featureOf(caseId: string, deviceId: string, lon = 5.123456): PositionFeature {
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [lon, 52.1] },
    properties: {
      ...{ deviceId, personId: `person-of-${deviceId}`, caseId, kind: 'ankle-monitor' },
      ...{ time: toInstant(START_MS), receivedAt: toInstant(START_MS), accuracyM: 5 },
      ...{ speedMs: null, headingDeg: null, source: 'gnss', battery: 0.8 },
    },
  } as unknown as PositionFeature;
}

export function positionRow(deviceId: string, seq: number, atMs: number): PositionRow {
  const fix = {
    ...{ seq, boot: null, atMs, receivedAtMs: atMs + 400, lon: 5.123456, lat: 52.1 },
    ...{ accuracyM: 5, speedMs: 1, headingDeg: 90, source: 'gnss' as const, battery: 0.8 },
  };
  return { deviceId: deviceId as PositionRow['deviceId'], fix, payload: '{}' };
}
