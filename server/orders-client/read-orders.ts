import { z } from 'zod';
import { FeedbackEvent } from '../../shared/subscription.ts';
import type { Cordon, Reply } from './cordon.ts';
import { UsageError } from './settings.ts';

/** What comes back is another's: only what is told of it is looked at. */
const Order = z.looseObject({
  orderId: z.string(),
  status: z.string(),
  enforcement: z
    .array(z.looseObject({ enforced: z.boolean(), reasons: z.array(z.string()) }))
    .optional(),
});
const OrdersPage = z.object({ items: z.array(Order), next: z.string().nullable() });
const EventsPage = z.object({
  items: z.array(FeedbackEvent),
  next: z.string().nullable(),
  /** Where to go on; also after rows that were no event. */
  cursor: z.string(),
});

const PAGE_LIMIT = 500;

/** Said no to, with what the server says. */
export class RefusedError extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`${reply.status} ${reply.problem?.code ?? ''}`);
    this.reply = reply;
  }
}

export async function getOk(cordon: Cordon, path: string): Promise<Reply> {
  const reply = await cordon.ask('GET', path);
  if (reply.status !== 200) throw new RefusedError(reply);
  return reply;
}

export interface Standing {
  readonly orders: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Bans that nobody is held to, by the reason. */
  readonly unenforced: Readonly<Record<string, number>>;
}

/** Counts all orders, page by page. */
export async function standingOf(cordon: Cordon): Promise<Standing> {
  const byStatus: Record<string, number> = {};
  const unenforced: Record<string, number> = {};
  const add = (to: Record<string, number>, word: string): void => {
    to[word] = (to[word] ?? 0) + 1;
  };
  let orders = 0;
  let path: string | null = `/v1/orders?limit=${PAGE_LIMIT}`;
  while (path !== null) {
    const { items, next }: z.infer<typeof OrdersPage> = OrdersPage.parse(
      (await getOk(cordon, path)).body,
    );
    orders += items.length;
    for (const { status, enforcement = [] } of items) {
      add(byStatus, status);
      for (const { reasons } of enforcement) for (const reason of reasons) add(unenforced, reason);
    }
    path = next;
  }
  return { orders, byStatus, unenforced };
}

/** Cordon pushes by webhook; who pulls asks this often. */
const FOLLOW_EVERY_MS = 2_000;

export interface EventsWish {
  readonly after: string | undefined;
  readonly follow: boolean;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly told: (event: FeedbackEvent) => void;
}

/** All events after a number, oldest first; following, for ever. */
export async function pullEvents(cordon: Cordon, wish: EventsWish): Promise<void> {
  if (wish.after !== undefined && !/^\d{1,16}$/.test(wish.after)) {
    throw new UsageError(`--after ${wish.after}: give the "sequence" of an event`);
  }
  let { after } = wish;
  for (;;) {
    const query = new URLSearchParams({ limit: String(PAGE_LIMIT) });
    if (after !== undefined) query.set('after', after);
    const page = EventsPage.parse((await getOk(cordon, `/v1/events?${query}`)).body);
    for (const event of page.items) wish.told(event);
    after = page.cursor;
    if (page.next !== null) continue;
    if (!wish.follow) return;
    await wish.wait(FOLLOW_EVERY_MS);
  }
}
