import type { DeviceId } from '../../shared/ids.ts';
import type { Fix, OrderVersion } from '../core/case-event.ts';
import type { Engine } from '../core/engine.ts';
import { lifeOf } from '../core/order-life.ts';
import type { Recovered, StoredOrder } from '../kept.ts';
import type { Store } from '../ports.ts';

/** Enough for each device's place, motion and report interval. */
const POSITIONS_PER_DEVICE = 4;
/** Where a device was that no order rests on: of 100,000 nobody waits for more. */
const POSITIONS_PER_OTHER = 1;

/** Takes up where the last process stopped, and gives what it left. (SPEC ST4) */
export async function recover(store: Store, engine: Engine, atMs: number): Promise<Recovered> {
  const recovered = await store.recover(POSITIONS_PER_DEVICE, POSITIONS_PER_OTHER);
  const { devices, orders, alerts, positions, asked, lastAtMs } = recovered;
  for (const device of devices) engine.setDevice(device, atMs);
  for (const stored of orders) {
    const inForce = await inForceOf(store, stored);
    if (inForce) engine.setOrder(inForce, atMs);
  }
  const downtime = { aliveMs: lastAtMs ?? atMs, atMs };
  for (const [deviceId, fixes] of byDevice(positions)) engine.seed(deviceId, fixes, downtime);
  engine.restoreAsked(asked, atMs);
  engine.restore(alerts, atMs);
  return recovered;
}

/** What the engine is to know of an order; null when that is nothing. */
async function inForceOf(store: Store, stored: StoredOrder): Promise<OrderVersion | null> {
  switch (stored.status) {
    case 'active':
    case 'suspended':
    case 'withdrawn':
      return stored;
    case 'expired':
      // Its dates say that it is over; until it is forgotten it judges what comes late.
      return { ...stored, status: 'active' };
    case 'rejected':
      return null;
    case 'awaiting-approval': {
      // What stood before it goes on. (SPEC OR4)
      return lifeOf(await store.orderVersions(stored.orderId))?.standing ?? null;
    }
  }
}

function byDevice(rows: readonly { deviceId: DeviceId; fix: Fix }[]): ReadonlyMap<DeviceId, Fix[]> {
  const fixes = new Map<DeviceId, Fix[]>();
  for (const { deviceId, fix } of rows) {
    const own = fixes.get(deviceId);
    if (own) own.push(fix);
    else fixes.set(deviceId, [fix]);
  }
  return fixes;
}
