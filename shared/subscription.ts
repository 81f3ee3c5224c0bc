import { z } from 'zod';
import { Instant } from './instant.ts';

/** What CJIB is told of; none says where anybody was. */
export const FeedbackType = z.enum([
  'nl.cordon.order.received.v1',
  'nl.cordon.order.approved.v1',
  'nl.cordon.order.rejected.v1',
  'nl.cordon.order.suspended.v1',
  'nl.cordon.order.resumed.v1',
  'nl.cordon.order.withdrawn.v1',
  'nl.cordon.order.expired.v1',
  'nl.cordon.order.zone-drawn.v1',
  'nl.cordon.order.compliance-changed.v1',
]);
export type FeedbackType = z.infer<typeof FeedbackType>;

/**
 * CloudEvents 1.0 in the NL GOV profile: an envelope without personal data; who may see it fetches
 * the rest from `dataref`.
 */
export const FeedbackEvent = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: FeedbackType,
  time: Instant,
  dataref: z.string(),
  /** Number in the journal of decisions: the cursor to go on from. */
  sequence: z.string(),
});
export type FeedbackEvent = z.infer<typeof FeedbackEvent>;

export const SubscriptionId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'use 1 to 64 letters, digits and . _ -');

/** Body of `PUT /v1/subscriptions/{subscriptionId}`. */
export const SubscriptionBody = z.object({
  /** `https`, or `http` on this machine. */
  sink: z.url({ protocol: /^https?$/ }).max(2_000),
  /** All when absent. */
  types: z.array(FeedbackType).min(1).nullish(),
  /** Tells again from after this `sequence`; from now on when absent. */
  after: z
    .string()
    .regex(/^\d{1,16}$/, 'give the "sequence" of an event')
    .nullish(),
});
export type SubscriptionBody = z.infer<typeof SubscriptionBody>;
