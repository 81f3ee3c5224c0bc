import { z } from 'zod';
import { Instant } from './instant.ts';

/**
 * What CJIB is told of; none says where anybody was. Named after the system, for the names of
 * organisations change, with one version each. (NL GOV profile for CloudEvents, `type`)
 */
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
  /** Number in the journal of decisions, as text that sorts: the cursor to go on from. */
  sequence: z.string(),
});
export type FeedbackEvent = z.infer<typeof FeedbackEvent>;

/** As text that sorts like the number: a cursor is never compared as a number by mistake. */
export const sequenceOf = (seq: number): string => String(seq).padStart(16, '0');

/** The `sequence` of an event, or any number in its place. */
export const Sequence = z
  .string()
  .regex(/^\d{1,16}$/, { error: 'give the "sequence" of an event', abort: true })
  .refine((text) => Number.isSafeInteger(Number(text)), 'is larger than any "sequence"');

export const SubscriptionId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'use 1 to 64 letters, digits and . _ -');

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export const isLoopbackHost = (hostname: string): boolean => LOOPBACK_HOST.test(hostname);

/** Encrypted, or not leaving this machine; a password in an address ends up in logs. */
const Sink = z
  .url({ protocol: /^https?$/, error: 'give an address that begins with https://' })
  .max(2_000)
  .superRefine((text, context) => {
    if (!URL.canParse(text)) return;
    const { protocol, hostname, username, password, hash } = new URL(text);
    const fault = (message: string): void => void context.addIssue({ code: 'custom', message });
    if (protocol === 'http:' && !isLoopbackHost(hostname)) {
      fault('is not encrypted: use https; http works to this machine alone');
    }
    if (username || password) fault('holds a password: leave it out, every event is signed');
    if (hash) fault('ends in a fragment, which is never sent: leave out what follows the "#"');
  });

/** Body of `PUT /v1/subscriptions/{subscriptionId}`. */
export const SubscriptionBody = z.object({
  sink: Sink,
  /** All when absent. */
  types: z.array(FeedbackType).min(1).nullish(),
  /** Tells again from after this `sequence`; from now on when absent. */
  after: Sequence.nullish(),
});
export type SubscriptionBody = z.infer<typeof SubscriptionBody>;

/** As it is read; `cursor` is the `sequence` up to which it was told. */
export const SubscriptionView = z.object({
  subscriptionId: SubscriptionId,
  owner: z.string(),
  sink: z.string(),
  types: z.array(FeedbackType).nullable(),
  /** `ended`: the receiver answered 410 Gone; put it again to begin anew. */
  state: z.enum(['active', 'failing', 'ended']),
  cursor: z.string(),
  lastSuccessAt: Instant.nullable(),
  failingSince: Instant.nullable(),
  /** What the last try came to, as `HTTP 503`. */
  failure: z.string().nullable(),
  nextTryAt: Instant.nullable(),
});
export type SubscriptionView = z.infer<typeof SubscriptionView>;
