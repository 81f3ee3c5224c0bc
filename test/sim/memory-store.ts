import { reliedDevices } from '../../server/adapters/store-relied.ts';
import type { AlertRecord } from '../../server/core/alert-record.ts';
import type { AskedInterval } from '../../server/core/asked-interval.ts';
import type { Recovered, StoredOrder } from '../../server/kept.ts';
import type { Entry, PositionRow, Store } from '../../server/ports.ts';
import type { Device } from '../../shared/device.ts';
import { fakeStore } from '../support/fake-store.ts';

/** The store's rule: a fix can't be measured so long after it came in. */
const CLOCK_AHEAD_MS_MAX = 60_000;

const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Survives its server: what the real store keeps for `recover`, chosen by the same rules. */
export function memoryStore(): Store {
  const devices = new Map<string, Device>();
  const orders: StoredOrder[] = [];
  const alerts = new Map<string, AlertRecord>();
  const positions = new Map<string, Map<string, PositionRow>>();
  const asked = new Map<string, AskedInterval>();
  let lastAtMs: number | null = null;

  const others = fakeStore();
  const keep = (entry: Entry): void => {
    if (entry.type === 'device') devices.set(entry.device.deviceId, entry.device);
    if (entry.type === 'order-version') orders.push(entry);
    if (entry.type === 'alert-change') {
      alerts.set(entry.change.record.alertId, copyOf(entry.change.record));
    }
    if (entry.type === 'command') asked.set(entry.deviceId, copyOf(entry.asked));
    if (entry.type !== 'position') return;
    const own = positions.get(entry.deviceId) ?? new Map<string, PositionRow>();
    const key = `${entry.fix.boot}/${entry.fix.seq}`;
    if (!own.has(key)) own.set(key, copyOf(entry));
    positions.set(entry.deviceId, own);
    lastAtMs = Math.max(lastAtMs ?? 0, entry.fix.receivedAtMs);
  };

  return {
    ...others,
    async append(entries) {
      entries.forEach(keep);
      others.entries.push(...entries.filter(isRegister));
    },
    orderVersions: async (orderId) => orders.filter((stored) => stored.orderId === orderId),
    async recover(relied, other = relied): Promise<Recovered> {
      const known = reliedDevices([...devices.values()], newestOrders(orders));
      return {
        devices: [...devices.values()],
        orders: newestOrders(orders),
        alerts: recoveredAlerts([...alerts.values()]),
        positions: [...positions.values()].flatMap((own) =>
          newestOf([...own.values()], known.has([...own.values()][0]!.deviceId) ? relied : other),
        ),
        asked: [...asked.values()],
        feed: [],
        lastAtMs,
      };
    },
  };
}

const isRegister = ({ type }: Entry): boolean => type === 'registration' || type === 'delivered';

const newestOrders = (orders: readonly StoredOrder[]): StoredOrder[] => [
  ...new Map(orders.map((stored) => [stored.orderId as string, stored])).values(),
];

const causeOf = ({ code, orderId, banId, deviceId, retrospective }: AlertRecord): string =>
  JSON.stringify([code, orderId, banId, deviceId, retrospective]);

/** Every alert that is not closed, and the newest of each cause. */
function recoveredAlerts(records: readonly AlertRecord[]): AlertRecord[] {
  const newest = new Map<string, number>();
  for (const record of records) {
    const cause = causeOf(record);
    newest.set(cause, Math.max(newest.get(cause) ?? 0, record.episode));
  }
  return records
    .filter((record) => record.state !== 'closed' || newest.get(causeOf(record)) === record.episode)
    .toSorted((a, b) => a.raisedAtMs - b.raisedAtMs || (a.alertId < b.alertId ? -1 : 1));
}

const newestOf = (rows: readonly PositionRow[], count: number): PositionRow[] =>
  rows
    .filter(({ fix }) => fix.atMs <= fix.receivedAtMs + CLOCK_AHEAD_MS_MAX)
    .toSorted((a, b) => a.fix.atMs - b.fix.atMs || a.fix.seq - b.fix.seq)
    .slice(-count);
