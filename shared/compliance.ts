import { z } from 'zod';
import { CLOSURE_FINDINGS } from './alert.ts';
import { BanId, OrderId } from './ids.ts';
import { Instant } from './instant.ts';

const count = z.number().int().min(0);

/**
 * How one ban was kept, in numbers: no place, no distance, no device, and no word that an operator
 * wrote.
 */
export const ComplianceCounts = z.object({
  /** Alerts that never became a breach. */
  approaches: count,
  /** Alerts that were a breach when it happened, by the most that was ever certain. */
  breaches: z.object({ possible: count, likely: count, certain: count }),
  /** Breaches that were learnt when they were past. */
  retrospectiveBreaches: z.object({ possible: count, likely: count, certain: count }),
  /** Alerts of all these that still ask something of an operator. */
  open: count,
  /** Closed ones by what the operator found; what is none of these words is `other`. */
  closed: z.record(z.enum(CLOSURE_FINDINGS), count),
  firstBreachAt: Instant.nullable(),
  lastBreachAt: Instant.nullable(),
});
export type ComplianceCounts = z.infer<typeof ComplianceCounts>;

export const BanCompliance = ComplianceCounts.safeExtend({ banId: BanId });
export type BanCompliance = z.infer<typeof BanCompliance>;

/** Answer of `GET /v1/orders/{orderId}/compliance`. */
export const Compliance = z.object({
  orderId: OrderId,
  total: ComplianceCounts,
  /** Every ban of the newest version, and those of earlier ones of which there are alerts. */
  bans: z.array(BanCompliance),
  /** False when there are more alerts than are counted: then these are the newest. */
  complete: z.boolean(),
});
export type Compliance = z.infer<typeof Compliance>;
