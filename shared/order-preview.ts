import { z } from 'zod';
import { BANS_PER_ORDER_MAX } from './court-order.ts';
import { BanId, OrderId } from './ids.ts';
import { Zone } from './zone.ts';

/**
 * What a second person needs to see before saying yes: how large each zone is, what it overlaps,
 * what changes for the victim, and what it will cost in alerts.
 */

/** Body of `POST /v1/orders/{orderId}/previews`: zones that are drawn but not yet put. */
export const PreviewBody = z
  .object({
    zones: z
      .record(BanId, Zone)
      .refine(
        (zones) => Object.keys(zones).length <= BANS_PER_ORDER_MAX,
        `an order has at most ${BANS_PER_ORDER_MAX} bans`,
      )
      .nullish(),
  })
  .nullish();
export type PreviewBody = z.infer<typeof PreviewBody>;

/** What else lies where a zone lies. */
export const Overlap = z.object({
  /** `home` and `work` are read from where he stays; `stay` is any other place where he does. */
  with: z.enum(['home', 'work', 'stay', 'location-ban', 'location-duty']),
  orderId: OrderId.nullable(),
  banId: BanId.nullable(),
  name: z.string().nullable(),
  /** Part of the zone's area that both cover, 0–1; null for a stay, which has no area. */
  share: z.number().nullable(),
  /** How long he is there inside the zone, in a week like the recorded ones; null for a ban. */
  hoursPerWeek: z.number().nullable(),
  /** He must be where he may not be: one of the two is wrong. */
  contradicts: z.boolean(),
});
export type Overlap = z.infer<typeof Overlap>;

export const BanPreview = z.object({
  banId: BanId,
  /** Square metres, on the ellipsoid; null for a contact ban and for a ban without a zone. */
  areaM2: z.number().nullable(),
  points: z.number().int().nullable(),
  overlaps: z.array(Overlap),
});
export type BanPreview = z.infer<typeof BanPreview>;

/** For the victim: more, less, some of both, or none of her protection. */
export const Protection = z.enum(['more', 'less', 'mixed', 'same']);
export type Protection = z.infer<typeof Protection>;

/** One difference from the version that stands. */
export const OrderChange = z.object({
  /** JSON pointer into the newer text, or into the older one for what is gone. */
  pointer: z.string(),
  banId: BanId.nullable(),
  what: z.enum(['added', 'removed', 'changed']),
  before: z.unknown(),
  after: z.unknown(),
  protection: Protection,
  /** Of a zone: what it covers that it did not, and the other way round; null for all else. */
  zone: z.object({ gainedM2: z.number(), lostM2: z.number() }).nullable(),
  /** Of a schedule: hours of a week in which the ban applies; null for all else. */
  hoursPerWeek: z.object({ before: z.number(), after: z.number() }).nullable(),
});
export type OrderChange = z.infer<typeof OrderChange>;

export const BanForecast = z.object({
  banId: BanId,
  /** Alerts a week, as the engine raises them over the recorded positions. */
  alertsPerWeek: z.number(),
  breachesPerWeek: z.number(),
  /** False where the victim was not recorded: then no alerts say nothing. */
  judged: z.boolean(),
});
export type BanForecast = z.infer<typeof BanForecast>;

export const OrderForecast = z.object({
  /** How many days of positions it rests on. */
  recordedDays: z.number(),
  positions: z.number().int(),
  alertsPerWeek: z.number(),
  priority1PerWeek: z.number(),
  /** Without those that nobody is held to, for want of a zone. */
  bans: z.array(BanForecast),
});
export type OrderForecast = z.infer<typeof OrderForecast>;

export const ForecastState = z.enum(['done', 'nothing-recorded', 'took-too-long']);
export type ForecastState = z.infer<typeof ForecastState>;

export const OrderPreview = z.object({
  orderId: OrderId,
  version: z.number().int(),
  /** The version that stands, which `changes` begin from; null while none does. */
  standingVersion: z.number().int().nullable(),
  bans: z.array(BanPreview),
  /** Empty while no version stands: then all is new. */
  changes: z.array(OrderChange),
  /** Null when nothing was recorded of him; of the newest week or null when it took too long. */
  forecast: OrderForecast.nullable(),
  forecastState: ForecastState,
});
export type OrderPreview = z.infer<typeof OrderPreview>;
