import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { OrderStatus } from '../../shared/court-order.ts';
import { PersonId } from '../../shared/ids.ts';
import { polygonsOf, type Zone } from '../../shared/zone.ts';
import { type Box, boxAround } from '../core/box.ts';
import type { StoredOrder } from '../kept.ts';
import type { Store } from '../ports.ts';
import { CRS84, CrsUri, readBox } from './http-crs.ts';
import { PageQuery } from './http-page.ts';

/** Which orders, out of all: filters first, then pages. (SPEC AP3) */

const NUMBER = /^-?\d+(\.\d+)?$/;

const cornersIn = (bbox: string): number[] => bbox.split(',').map(Number);

const Bbox = z
  .string()
  .max(200)
  .refine(
    (text) => text.split(',').length === 4 && text.split(',').every((part) => NUMBER.test(part)),
    'give four numbers: west,south,east,north in the system of bbox-crs',
  );

/** What is wrong with a box as a box; null when nothing is, or when it is no box at all. */
function faultOfBox(query: unknown): string | null {
  const { bbox: given, 'bbox-crs': crs } = query as Readonly<Record<string, unknown>>;
  const [bbox, uri] = [Bbox.safeParse(given), CrsUri.safeParse(crs ?? CRS84)];
  if (!bbox.success || !uri.success) return null;
  const [x1, y1, x2, y2] = cornersIn(bbox.data) as [number, number, number, number];
  if (x1 > x2 || y1 > y2) return 'the first corner must be the lower left one, as in west,south';
  const box = readBox(cornersIn(bbox.data), uri.data);
  if (typeof box === 'string') return box;
  const onGlobe = box.minX >= -180 && box.maxX <= 180 && box.minY >= -90 && box.maxY <= 90;
  return onGlobe ? null : 'is not on the globe: longitude is at most 180, latitude at most 90';
}

/** These checks run when other fields are wrong, too: everything is told at once. */
const when = (): boolean => true;

/** A misspelt filter would give every order there is, so an unknown key is refused. */
export const OrderQuery = PageQuery.extend({
  status: OrderStatus.optional(),
  wearerId: PersonId.optional(),
  bbox: Bbox.optional(),
  'bbox-crs': CrsUri.optional(),
  crs: CrsUri.optional(),
})
  .strict()
  .refine((query) => faultOfBox(query) === null, {
    path: ['bbox'],
    error: ({ input }) => faultOfBox(input) ?? '',
    when,
  })
  .refine((query) => query['bbox-crs'] === undefined || query.bbox !== undefined, {
    path: ['bbox-crs'],
    error: 'says how to read bbox, which is missing',
    when,
  });
export type OrderQuery = z.infer<typeof OrderQuery>;

/** At least so many are read at once, so that a rare one is not looked for one by one. */
const READ_AT_ONCE = 250;

/**
 * One order more than `limit` where there is one. Reads in parts and lets the rest of the server
 * go on in between: ten thousand orders are tens of megabytes.
 */
export async function findOrders(store: Store, query: OrderQuery): Promise<StoredOrder[]> {
  const wanted = query.limit + 1;
  const limit = Math.max(wanted, READ_AT_ONCE);
  const isAsked = filterOf(query);
  const found: StoredOrder[] = [];
  let after = query.after ?? null;
  for (;;) {
    const part = await store.orders({ after, limit });
    found.push(...part.filter(isAsked));
    if (found.length >= wanted || part.length < limit) return found.slice(0, wanted);
    after = part.at(-1)!.orderId;
    await setImmediate();
  }
}

function filterOf(query: OrderQuery): (stored: StoredOrder) => boolean {
  const { status, wearerId, bbox } = query;
  const box = bbox === undefined ? null : (readBox(cornersIn(bbox), query['bbox-crs']) as Box);
  return (stored) =>
    (status === undefined || stored.status === status) &&
    (wearerId === undefined || stored.order.wearerId === wearerId) &&
    (box === null || zonesOf(stored).some((zone) => meet(boxOf(zone), box)));
}

const zonesOf = ({ order }: StoredOrder): Zone[] =>
  order.bans.flatMap((ban) => (ban.kind === 'contact-ban' || ban.zone == null ? [] : [ban.zone]));

/** A zone never reaches over the date line. */
function boxOf(zone: Zone): Box {
  if (zone.type === 'Circle') return boxAround(zone.center[0], zone.center[1], zone.radiusM);
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (const [lon, lat] of polygonsOf(zone).flat(2)) {
    box.minX = Math.min(box.minX, lon);
    box.maxX = Math.max(box.maxX, lon);
    box.minY = Math.min(box.minY, lat);
    box.maxY = Math.max(box.maxY, lat);
  }
  return box;
}

const meet = (a: Box, b: Box): boolean =>
  a.minX <= b.maxX && b.minX <= a.maxX && a.minY <= b.maxY && b.minY <= a.maxY;
