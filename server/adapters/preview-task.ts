import type { CourtOrder, OrderStatus } from '../../shared/court-order.ts';
import type { BanId, OrderId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import type { OrderCause } from '../../shared/order-view.ts';
import type { Zone } from '../../shared/zone.ts';
import { lifeOf, type Standing } from '../core/order-life.ts';
import type { PreviewTask } from '../core/order-preview.ts';
import type { StoredOrder } from '../kept.ts';
import type { Desk, Store } from '../ports.ts';

/** Gathers what a preview is worked out from, but for positions. */
export async function previewTask(
  { desk, store }: { desk: Pick<Desk, 'devices'>; store: Store },
  versions: readonly StoredOrder[],
  drawn: Readonly<Record<BanId, Zone>>,
  nowMs: number,
): Promise<PreviewTask> {
  const newest = versions.at(-1)!;
  const standing = lifeOf(versions)?.standing ?? null;
  const order = withZones(newest.order, drawn);
  const persons = new Set<string>([
    order.wearerId,
    ...order.bans.flatMap((ban) => (ban.kind === 'contact-ban' ? [ban.victimId] : [])),
  ]);
  return {
    order,
    version: newest.version,
    statusAfter: statusAfter(newest, standing),
    standing,
    others: await otherOrders(store, order, nowMs),
    devices: desk.devices().filter(({ personId }) => persons.has(personId)),
    nowMs,
  };
}

const withZones = (order: CourtOrder, drawn: Readonly<Record<BanId, Zone>>): CourtOrder => ({
  ...order,
  bans: order.bans.map((ban) => {
    const zone = Object.hasOwn(drawn, ban.banId) ? drawn[ban.banId] : undefined;
    return ban.kind === 'contact-ban' || !zone ? ban : { ...ban, zone };
  }),
});

const AWAITED: Partial<Record<OrderCause, OrderStatus>> = {
  suspension: 'suspended',
  withdrawal: 'withdrawn',
};

function statusAfter(newest: StoredOrder, standing: Standing | null): OrderStatus {
  if (newest.status === 'awaiting-approval') {
    return AWAITED[newest.cause] ?? standing?.status ?? 'active';
  }
  return standing?.status ?? newest.status;
}

/** An order that awaits approval may yet come; until then the version before it stands. */
async function otherOrders(
  store: Store,
  { orderId, wearerId }: CourtOrder,
  nowMs: number,
): Promise<CourtOrder[]> {
  const theirs = (await store.orders()).filter(
    (other) => other.order.wearerId === wearerId && other.orderId !== orderId,
  );
  const texts: CourtOrder[] = [];
  for (const { status, order, orderId: otherId } of theirs) {
    if (status === 'active') texts.push(order);
    if (status === 'awaiting-approval') texts.push(...(await awaitingTexts(store, otherId)));
  }
  return texts.filter(({ validUntil }) => fromInstant(validUntil) > nowMs);
}

/** What stands, and of what awaits only the bans that differ. */
async function awaitingTexts(store: Store, orderId: OrderId): Promise<CourtOrder[]> {
  const versions = await store.orderVersions(orderId);
  const standing = lifeOf(versions)?.standing ?? null;
  const newest = versions.at(-1)!.order;
  if (standing?.status !== 'active') return [newest];
  const known = new Set(standing.order.bans.map((ban) => JSON.stringify(ban)));
  const bans = newest.bans.filter((ban) => !known.has(JSON.stringify(ban)));
  return [standing.order, { ...newest, bans }];
}
