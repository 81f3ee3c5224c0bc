import type { CourtOrder, OrderStatus } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import type { BanPreview, OrderChange, OrderPreview } from '../../shared/order-preview.ts';
import { orderChanges } from './order-diff.ts';
import { fixesOf, forecastOf, type RecordedPosition } from './order-forecast.ts';
import { followedMs, type Place, placesOf } from './stays.ts';
import { zoneAreaM2, zonePoints } from './zone-area.ts';
import {
  banOverlaps,
  isZoned,
  type PlacedBan,
  stayOverlaps,
  type ZonedBan,
} from './zone-overlaps.ts';

/** All that a preview is worked out from, but for positions. Plain data: it goes to a thread. */
export interface PreviewTask {
  /** The newest text, with the zones that are drawn but not yet put. */
  readonly order: CourtOrder;
  readonly version: number;
  /** What a yes would make of it. */
  readonly statusAfter: OrderStatus;
  readonly standing: {
    readonly version: number;
    readonly status: OrderStatus;
    readonly order: CourtOrder;
  } | null;
  /** Of the same wearer, in force or awaiting approval. */
  readonly others: readonly CourtOrder[];
  /** Of the wearer, and of the victims of the order's bans. */
  readonly devices: readonly Device[];
  readonly nowMs: number;
}

export type Comparison = Pick<
  OrderPreview,
  'orderId' | 'version' | 'standingVersion' | 'bans' | 'changes'
>;

/** Everything but the forecast, which takes longest. */
export function comparisonOf(task: PreviewTask, recorded: readonly RecordedPosition[]): Comparison {
  const { order, version, standing } = task;
  return {
    orderId: order.orderId,
    version,
    standingVersion: standing?.version ?? null,
    bans: banPreviews(task, recorded),
    changes: changesOf(task),
  };
}

export type Forecast = Pick<OrderPreview, 'forecast' | 'forecastState'>;

export function forecastPart(
  { order, devices, nowMs }: PreviewTask,
  recorded: readonly RecordedPosition[],
): Forecast {
  const forecast = forecastOf(order, devices, recorded, nowMs);
  return { forecast, forecastState: forecast ? 'done' : 'nothing-recorded' };
}

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** What came in of late: enough for a forecast of every day of the week. */
export const newestWeek = (
  { nowMs }: PreviewTask,
  recorded: readonly RecordedPosition[],
): readonly RecordedPosition[] => recorded.filter(({ fix }) => fix.receivedAtMs > nowMs - WEEK_MS);

function banPreviews(
  { order, others, devices }: PreviewTask,
  recorded: readonly RecordedPosition[],
): BanPreview[] {
  const fixes = fixesOf(order.wearerId, devices, recorded);
  const places = placesOf(fixes);
  const followedHours = followedMs(fixes) / HOUR_MS;
  const placed = [order, ...others].flatMap((each) =>
    each.bans.filter(isZoned).map((ban): PlacedBan => ({ order: each, ban })),
  );
  return order.bans.map((ban): BanPreview => {
    if (!isZoned(ban)) return { banId: ban.banId, areaM2: null, points: null, overlaps: [] };
    return {
      banId: ban.banId,
      areaM2: zoneAreaM2(ban.zone),
      points: zonePoints(ban.zone),
      overlaps: overlapsOf({ order, ban }, placed, places, followedHours),
    };
  });
}

const overlapsOf = (
  ours: PlacedBan & { ban: ZonedBan },
  placed: readonly PlacedBan[],
  places: readonly Place[],
  followedHours: number,
) => [
  ...stayOverlaps(ours.ban.zone, places, followedHours),
  ...banOverlaps(
    ours,
    placed.filter(({ ban }) => ban !== ours.ban),
  ),
];

/** Whether the order is watched over at all comes before what it says. */
function changesOf({ order, statusAfter, standing }: PreviewTask): OrderChange[] {
  if (!standing) return [];
  const changes = orderChanges(standing.order, order);
  if (standing.status === statusAfter) return changes;
  const status: OrderChange = {
    pointer: '/status',
    banId: null,
    what: 'changed',
    before: standing.status,
    after: statusAfter,
    protection: statusAfter === 'active' ? 'more' : 'less',
    zone: null,
    hoursPerWeek: null,
  };
  return [status, ...changes];
}
