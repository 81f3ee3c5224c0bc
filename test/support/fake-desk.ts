import type { Alert } from '../../shared/alert.ts';
import { isOpen } from '../../shared/alert.ts';
import type { BanFeature, PositionFeature } from '../../shared/console-message.ts';
import type { CourtOrder } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import type { FeedItem, StoredOrder } from '../../server/kept.ts';
import type { Clock, Desk, Health, Log, Refusal } from '../../server/ports.ts';
import type { FakeStore } from './fake-store.ts';

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
    healthNow: { ready: true, store: 'up', broker: 'up', lagMs: 3, canaryAgeS: null },
    alerts,
    features,
    bans,
    deviceList: [],
    acts: [],
    feed,
    canaryFeed: fakeFeed(feedKept),
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
    putOrder: async (order, ifMatch, by, signature = null) =>
      putOrder(desk, store, clock, { order, ifMatch, by, signature }),
    hasOrder: (orderId) => store.orderRows.some((row) => row.orderId === orderId),
    putZone: (orderId, { banId, zone }, _ifMatch, by) =>
      nextVersion(desk, store, orderId, ({ order }) => ({
        order: {
          ...order,
          bans: order.bans.map((ban) => (ban.banId === banId ? { ...ban, zone } : ban)),
        },
        cause: 'zone',
        by,
      })),
    stepOrder: (orderId, { step, reason, by }) =>
      nextVersion(desk, store, orderId, () => ({ cause: step, reason, by })),
    async putDevice(device) {
      const refusal = takeRefusal(desk);
      if (refusal) return refused(refusal);
      const at = desk.deviceList.findIndex(({ deviceId }) => deviceId === device.deviceId);
      if (at >= 0) desk.deviceList.splice(at, 1);
      desk.deviceList.push(device);
      return ok({ created: at < 0 });
    },
    devices: () => desk.deviceList,
    devicesOf: (personId) => desk.deviceList.filter((device) => device.personId === personId),
    positionsOf: (cases) =>
      features.filter((f) => desk.overshares || cases.has(f.properties.caseId)),
    bansOf: (cases) => bans.filter((ban) => desk.overshares || cases.has(ban.caseId)),
    look: (by, what, subject, reason) =>
      store.append([{ type: 'look', atMs: clock.nowMs(), by, what, subject, reason }]),
    health: () => desk.healthNow,
  };
  return desk;
}

async function nextVersion(
  desk: FakeDesk,
  store: FakeStore,
  orderId: string,
  change: (last: StoredOrder) => Partial<StoredOrder>,
): Promise<Result<StoredOrder, Refusal>> {
  const refusal = takeRefusal(desk);
  if (refusal) return refused(refusal);
  const last = store.orderRows.findLast((row) => row.orderId === orderId);
  if (!last) return refused('unknown-order');
  const stored = { ...last, version: last.version + 1, ...change(last) };
  store.orderRows.push(stored);
  return ok(stored);
}

function takeRefusal(desk: FakeDesk): Refusal | null {
  const refusal = desk.refuseNext;
  desk.refuseNext = null;
  return refusal;
}

interface Put {
  readonly order: CourtOrder;
  readonly ifMatch: number | null;
  readonly by: string;
  readonly signature: string | null;
}

function putOrder(
  desk: FakeDesk,
  store: FakeStore,
  clock: Clock,
  { order, ifMatch, by, signature }: Put,
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
    orderId: order.orderId,
    version: (last?.version ?? 0) + 1,
    status: 'active',
    order,
    atMs: clock.nowMs(),
    by,
    cause: 'put',
    reason: null,
    signature,
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
