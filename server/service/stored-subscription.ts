import { z } from 'zod';
import { FeedbackType, SubscriptionId } from '../../shared/subscription.ts';
import type { Registration } from '../kept.ts';

/** What is kept of a subscription; who owns it chose the rest, and may choose as another did. */
const Kept = z.object({
  subscriptionId: SubscriptionId,
  owner: z.string(),
  sink: z.string(),
  types: z.array(FeedbackType).nullable(),
  /** The receiver said that it is gone. */
  ended: z.boolean(),
});

export interface StoredSubscription extends z.infer<typeof Kept> {
  readonly key: string;
  readonly setAtMs: number;
}

/** No id holds a slash, so that no two owners share a key. */
export const keyOf = (owner: string, subscriptionId: string): string =>
  `${owner}/${subscriptionId}`;

/** Null for what no version of Cordon that we know wrote. */
export function subscriptionOf({ key, atMs, value }: Registration): StoredSubscription | null {
  const parsed = Kept.safeParse(value);
  return parsed.success ? { ...parsed.data, key, setAtMs: atMs } : null;
}

export function registrationOf(
  { key, setAtMs, ...kept }: StoredSubscription,
  by: string,
): { type: 'registration' } & Registration {
  return { type: 'registration', kind: 'subscription', key, atMs: setAtMs, by, value: kept };
}
