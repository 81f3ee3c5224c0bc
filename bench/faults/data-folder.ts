import { fleetPayload, fleetSetup } from '../../device-sim/load-fleet.ts';
import { sqliteStore } from '../../server/adapters/store-sqlite.ts';
import { Engine } from '../../server/core/engine.ts';
import type { Entry, Store } from '../../server/ports.ts';
import { toInstant } from '../../shared/instant.ts';
import { topicOf } from '../../shared/topics.ts';

export interface FolderWish {
  readonly devices: number;
  /** Each ties the devices of one pair together; the other devices have none. */
  readonly orders: number;
  readonly positionsPerDevice: number;
  readonly openAlerts: number;
}

/** Whoever wrote it; what comes later has numbers of its own. */
export const FOLDER_BOOT = 'before';
const INTERVAL_MS = 10_000;
/** As large as the store writes at once. */
const ENTRIES_AT_ONCE = 2_000;

/**
 * Fills a data folder as a server that ran would have left it: through the engine, for its alerts
 * are what the core made, and through the store's own adapter.
 */
export async function fillDataFolder(dataDir: string, wish: FolderWish): Promise<void> {
  const store = await sqliteStore(dataDir);
  try {
    await fill(store, wish);
  } finally {
    await store.close();
  }
}

async function fill(store: Store, wish: FolderWish): Promise<void> {
  const engine = new Engine();
  const setup = fleetSetup(wish.devices, Date.now());
  const fromMs = Date.now() - wish.positionsPerDevice * INTERVAL_MS;
  const entries = function* (): Generator<Entry> {
    for (const device of setup.devices as readonly Extract<Entry, { type: 'device' }>['device'][]) {
      engine.setDevice(device, fromMs);
      yield { type: 'device', atMs: fromMs, by: 'administrator', device };
    }
    for (const order of setup.orders.slice(0, wish.orders)) {
      const version = { order, version: 1, status: 'active' } as const;
      engine.setOrder(version, fromMs);
      const { orderId } = order;
      const cause = { by: 'cjib', cause: 'put', reason: null, atMs: fromMs } as const;
      yield { type: 'order-version', orderId, ...cause, ...version };
    }
    yield* heard(
      engine,
      setup.devices.map(({ deviceId }) => deviceId),
      wish,
      fromMs,
    );
  };
  let batch: Entry[] = [];
  for (const entry of entries()) {
    batch.push(entry);
    if (batch.length < ENTRIES_AT_ONCE) continue;
    await store.append(batch);
    batch = [];
  }
  await store.append(batch);
}

/** What the devices said, and the alerts that it led to. */
function* heard(
  engine: Engine,
  deviceIds: readonly string[],
  { positionsPerDevice, openAlerts }: FolderWish,
  fromMs: number,
): Generator<Entry> {
  for (let seq = 0; seq < positionsPerDevice; seq++) {
    const atMs = fromMs + seq * INTERVAL_MS;
    for (const [index, deviceId] of deviceIds.entries()) {
      const payload = fleetPayload(index, seq, FOLDER_BOOT, atMs);
      const { decoded, changes } = engine.message(topicOf(deviceId, 'position'), payload, atMs);
      for (const change of changes) yield { type: 'alert-change', change, feed: null };
      for (const position of decoded.positions) {
        yield { type: 'position', deviceId: decoded.deviceId!, ...position };
      }
    }
  }
  const atMs = Date.now();
  for (const deviceId of deviceIds.slice(0, openAlerts)) {
    const sos = { seq: 1, time: toInstant(atMs), kind: 'sos', boot: FOLDER_BOOT };
    const payload = JSON.stringify(sos);
    const { changes } = engine.message(topicOf(deviceId, 'event'), payload, atMs);
    for (const change of changes) yield { type: 'alert-change', change, feed: null };
  }
}
