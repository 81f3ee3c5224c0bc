import type { Alert } from '../../shared/alert.ts';
import type { CourtOrder } from '../../shared/court-order.ts';
import { CourtOrder as CourtOrderSchema } from '../../shared/court-order.ts';
import { Device } from '../../shared/device.ts';
import { toInstant } from '../../shared/instant.ts';
import { topicOf } from '../../shared/topics.ts';
import { newestTimeOf } from '../../server/adapters/store-entry.ts';
import { toAlert, type AlertRecord } from '../../server/core/alert-record.ts';
import type { AskedInterval } from '../../server/core/asked-interval.ts';
import { DEFAULT_RULES } from '../../server/core/case-state.ts';
import { Engine } from '../../server/core/engine.ts';
import type { StoredOrder } from '../../server/kept.ts';
import type { Bus, BusHandlers, Entry, Store } from '../../server/ports.ts';
import { Service } from '../../server/service/service.ts';
import { fakeClock, START_MS, type FakeClock } from './fake-store.ts';

/** A disk whose writes end when the test says so. */
export interface HeldStore extends Store {
  readonly written: Entry[];
  /** Writes wait for `release` while this is set. */
  held: boolean;
  failing: boolean;
  /** Lets the writes that wait end, well or badly. */
  release(): void;
}

const NOBODY_ASKS = (): never => {
  throw new Error('this test does not read that');
};

/** Each alert as it was written last. */
function alertsIn(written: readonly Entry[]): AlertRecord[] {
  const records = written.flatMap((entry) =>
    entry.type === 'alert-change' ? [entry.change.record] : [],
  );
  return [...new Map(records.map((record) => [record.alertId, record])).values()];
}

/** What each device was asked last. */
const askedIn = (written: readonly Entry[]): AskedInterval[] => [
  ...new Map(
    written.flatMap((entry) =>
      entry.type === 'command' ? [[entry.deviceId, entry.asked] as const] : [],
    ),
  ).values(),
];

export function heldStore(): HeldStore {
  const written: Entry[] = [];
  let waiting: (() => void)[] = [];
  const versions = (): StoredOrder[] =>
    written.flatMap((entry) => (entry.type === 'order-version' ? [entry] : []));
  const store: HeldStore = {
    written,
    held: false,
    failing: false,
    release() {
      const all = waiting;
      waiting = [];
      all.forEach((end) => end());
    },
    append: (entries) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          if (store.failing) return reject(new Error('disk full'));
          written.push(...entries);
          resolve();
        };
        if (store.held) waiting.push(end);
        else end();
      }),
    recover: async () => ({
      devices: written.flatMap((entry) => (entry.type === 'device' ? [entry.device] : [])),
      orders: [...new Map(versions().map((order) => [order.orderId, order])).values()],
      alerts: alertsIn(written),
      positions: written.flatMap((entry) => (entry.type === 'position' ? [entry] : [])),
      asked: askedIn(written),
      feed: written.flatMap((entry) =>
        entry.type === 'alert-change' && entry.feed
          ? [{ ...entry.feed, alert: toAlert(entry.change.record) }]
          : [],
      ),
      lastAtMs: newestTimeOf(written),
    }),
    orders: async () => versions(),
    orderVersions: async (orderId) => versions().filter((order) => order.orderId === orderId),
    alert: async () => null,
    alerts: NOBODY_ASKS,
    alertEvents: NOBODY_ASKS,
    positions: NOBODY_ASKS,
    accounts: NOBODY_ASKS,
    sessions: NOBODY_ASKS,
    looks: NOBODY_ASKS,
    registrations: NOBODY_ASKS,
    deliveries: NOBODY_ASKS,
    journal: NOBODY_ASKS,
    journalHead: NOBODY_ASKS,
    checkpoints: NOBODY_ASKS,
    dump: NOBODY_ASKS,
    limits: NOBODY_ASKS,
    prune: async () => undefined,
    close: async () => undefined,
  };
  return store;
}

/** A running service between a bus, a disk and a clock that the test owns. */
export interface ServiceWorld {
  readonly service: Service;
  readonly store: HeldStore;
  readonly clock: FakeClock;
  /** What was published to devices. */
  readonly published: { topic: string; payload: unknown }[];
  /** The acknowledgements among them. */
  acks(): { topic: string; payload: unknown }[];
  /** What the meter was told of commands. */
  counted(): { sent: number; again: number; unsettled: number };
  /** What consoles heard, in order. */
  readonly heard: Alert[];
  /** Reasons for which messages, or parts of them, were refused. */
  readonly refused: string[];
  /** How many messages waited, or were not taken, because their device sent too many. */
  held(): { waited: number; refused: number };
  send(topic: string, body: unknown): Promise<void>;
  position(deviceId: string, seq: number, lon: number): Promise<void>;
  event(deviceId: string, seq: number, kind: string): Promise<void>;
  link: BusHandlers['onLink'];
  sessionLost: BusHandlers['onSessionLost'];
}

const SILENT_LOG = { info: () => {}, warn: () => {}, error: () => {} };
const DEAF_METER = {
  message: () => {},
  rejected: () => {},
  evaluated: () => {},
  alertChanged: () => {},
  durable: () => {},
  consoles: () => {},
  commanded: () => {},
  unsettled: () => {},
  consoleBehind: () => {},
};

export async function serviceWorld(
  store = heldStore(),
  { approvalRequired = false, startMs = START_MS, engine = new Engine() } = {},
): Promise<ServiceWorld> {
  const clock = fakeClock(startMs);
  const published: ServiceWorld['published'] = [];
  const heard: Alert[] = [];
  const refused: string[] = [];
  const held = { waited: 0, refused: 0 };
  const counted = { sent: 0, again: 0, unsettled: 0 };
  const bus: Bus = {
    start: async () => undefined,
    publish: (topic, payload) => void published.push({ topic, payload: JSON.parse(payload) }),
    close: async () => undefined,
  };
  const service = new Service({
    store,
    bus,
    clock,
    approvalRequired,
    meter: {
      ...DEAF_METER,
      rejected: (reason) => void refused.push(reason),
      held: (outcome) => void (held[outcome] += 1),
      commanded: (_, again) => void (counted[again ? 'again' : 'sent'] += 1),
      unsettled: (commands) => void (counted.unsettled = commands),
    },
    log: SILENT_LOG,
    rules: DEFAULT_RULES,
    engine,
    retentionMs: 86_400_000,
  });
  service.feed.subscribe(({ alert }) => void heard.push(alert));
  await service.start();
  const send = (topic: string, body: unknown): Promise<void> =>
    service.onMessage(topic, Buffer.from(JSON.stringify(body)));
  return {
    service,
    store,
    clock,
    published,
    acks: () => published.filter(({ topic }) => topic.endsWith('/ack')),
    counted: () => counted,
    heard,
    refused,
    held: () => held,
    send,
    link: (state, detail) => service.onLink(state, detail),
    sessionLost: (...times) => service.onSessionLost(...times),
    position: (deviceId, seq, lon) =>
      send(topicOf(deviceId, 'position'), {
        seq,
        time: toInstant(clock.nowMs()),
        lat: 52,
        lon,
        accuracy: 5,
        speed: 0,
      }),
    event: (deviceId, seq, kind) =>
      send(topicOf(deviceId, 'event'), { seq, time: toInstant(clock.nowMs()), kind }),
  };
}

export const ANKLE = Device.parse({ deviceId: 'ankle', kind: 'ankle-monitor', personId: 'w-1' });
export const PHONE = Device.parse({ deviceId: 'phone', kind: 'victim-device', personId: 'v-1' });

/** He must stay so far from her. */
export const orderOf = (distanceM: number): CourtOrder =>
  CourtOrderSchema.parse({
    orderId: 'order-1',
    reference: 'TEST-1',
    legalBasis: 'special-condition',
    wearerId: 'w-1',
    validFrom: toInstant(START_MS - 86_400_000),
    validUntil: toInstant(START_MS + 86_400_000),
    bans: [{ banId: 'b1', kind: 'contact-ban', victimId: 'v-1', distanceM }],
  });

/** Both devices known, the order in force, she at 5° east. */
export async function guarded(world: ServiceWorld, distanceM = 500): Promise<ServiceWorld> {
  await world.service.putDevice(ANKLE, 'administrator');
  await world.service.putDevice(PHONE, 'administrator');
  await world.service.putOrder(orderOf(distanceM), null, 'cjib');
  await world.position('phone', 1, 5);
  return world;
}

/** A little over 100 m from her. */
export const NEAR_LON = 5.0015;
