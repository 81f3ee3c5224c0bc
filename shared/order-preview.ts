import { z } from 'zod';
import { BanId, OrderId } from './ids.ts';
import { Zone } from './zone.ts';

/**
 * What a second person needs to see before saying yes: how large each zone is, what it overlaps,
 * what changes for the victim, and what it will cost in alerts.
 */

/** Body of `POST /v1/orders/{orderId}/previews`: zones that are drawn but not yet put. */
export const PreviewBody = z.object({ zones: z.record(BanId, Zone).nullish() }).nullish();
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

/** One difference from the version that stands. */
export const OrderChange = z.object({
  /** JSON pointer into the newer text, or into the older one for what is gone. */
  pointer: z.string(),
  banId: BanId.nullable(),
  what: z.enum(['added', 'removed', 'changed']),
  before: z.unknown(),
  after: z.unknown(),
  /** For the victim: more, less, some of both, or none of her protection. */
  protection: z.enum(['more', 'less', 'mixed', 'same']),
});
export type OrderChange = z.infer<typeof OrderChange>;

export const BanForecast = z.object({
  banId: BanId,
  /** Alerts a week, as the engine raises them over the recorded positions. */
  alertsPerWeek: z.number(),
  breachesPerWeek: z.number(),
});

export const OrderForecast = z.object({
  /** How many days of positions it rests on. */
  recordedDays: z.number(),
  positions: z.number().int(),
  alertsPerWeek: z.number(),
  priority1PerWeek: z.number(),
  bans: z.array(BanForecast),
});
export type OrderForecast = z.infer<typeof OrderForecast>;

export const OrderPreview = z.object({
  orderId: OrderId,
  version: z.number().int(),
  bans: z.array(BanPreview),
  changes: z.array(OrderChange),
  /** Null when nothing was recorded of the wearer. */
  forecast: OrderForecast.nullable(),
});
export type OrderPreview = z.infer<typeof OrderPreview>;
