import type { Problem } from '../../shared/problem.ts';
import type { Cordon, Reply } from './cordon.ts';
import type { Payload } from './order-file.ts';

/** What became of one order. */
export type Outcome =
  | {
      readonly type: 'accepted';
      readonly change: 'created' | 'changed' | 'unchanged';
      readonly version: number;
      readonly status: string;
    }
  | { readonly type: 'refused'; readonly problem: Problem }
  /** No answer about the order itself: it must be sent again. */
  | { readonly type: 'unanswered'; readonly why: string };

/** Somebody else amends it at the same time, again and again. */
const RACES_MAX = 3;

export const orderPath = (orderId: string): string => `/v1/orders/${encodeURIComponent(orderId)}`;

/**
 * Puts it, and if it is another text than the one that is there, over the version that it finds.
 * Running it again changes nothing: the same text needs no If-Match. (SPEC OC4)
 */
export async function putOver(cordon: Cordon, orderId: string, payload: Payload): Promise<Outcome> {
  let ifMatch: string | null = null;
  for (let races = 0; ; races++) {
    const outcome = await putOnce(cordon, orderId, payload, ifMatch);
    if (!needsVersion(outcome) || races === RACES_MAX) return outcome;
    const found = await cordon.ask('GET', orderPath(orderId));
    const { etag } = found.headers;
    if (found.status !== 200 || etag === undefined) return refusalOf(found);
    ifMatch = etag;
  }
}

const needsVersion = (outcome: Outcome): boolean =>
  outcome.type === 'refused' &&
  ['version-required', 'version-mismatch'].includes(outcome.problem.code);

/** Puts it over exactly this version, or as a new order. */
export async function putOnce(
  cordon: Cordon,
  orderId: string,
  { headers, body }: Payload,
  ifMatch: string | null,
): Promise<Outcome> {
  const condition = ifMatch === null ? {} : { 'if-match': ifMatch };
  const reply = await cordon.ask('PUT', orderPath(orderId), {
    headers: { ...headers, ...condition },
    body,
  });
  if (reply.status !== 200 && reply.status !== 201) return refusalOf(reply);
  const { version, status } = reply.body as { version: number; status: string };
  return { type: 'accepted', change: changeOf(reply, ifMatch), version, status };
}

function changeOf({ status, headers }: Reply, ifMatch: string | null) {
  if (status === 201) return 'created';
  // Without If-Match only what is the same is taken.
  return ifMatch === null || headers.etag === ifMatch ? 'unchanged' : 'changed';
}

/** A fault of the server says nothing about the order. */
export function refusalOf({ status, problem }: Reply): Outcome {
  if (problem === null) return { type: 'unanswered', why: `unexpected status ${status}` };
  if (status >= 500) return { type: 'unanswered', why: `${status} ${problem.title}` };
  return { type: 'refused', problem };
}
