import { z } from 'zod';
import { OrderPreview } from '../shared/order-preview.ts';
import { OrderVersionView, OrderView } from '../shared/order-view.ts';
import { Problem } from '../shared/problem.ts';
import type { Zone } from '../shared/zone.ts';
import type { ActName, Dossier, DraftCheck } from './approval-model.ts';

/** Longer than this and nobody knows whether the server heard. */
const ANSWER_MS_MAX = 10_000;
const PAGE_ORDERS = 200;
/** More orders than these pages hold are found by searching. */
const PAGES_MAX = 10;
/** Neighbours that are drawn beside an order; more would hide it. */
const OTHERS_MAX = 20;

export type Fetched<T> =
  | { readonly ok: true; readonly value: T; readonly serverMs: number | null }
  | { readonly ok: false; readonly why: 'signed-out' | 'unreachable' }
  | { readonly ok: false; readonly why: 'refused'; readonly problem: Problem };

const Page = z.object({ items: z.array(OrderView), next: z.string().nullable() });
const Versions = z.object({ items: z.array(OrderVersionView) });
const path = (orderId: string): string => `/v1/orders/${encodeURIComponent(orderId)}`;

async function ask<T>(
  address: string,
  schema: z.ZodType<T>,
  init: RequestInit = {},
): Promise<Fetched<T>> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    const answer = await fetch(address, { ...init, signal });
    if (answer.status === 401) return { ok: false, why: 'signed-out' };
    const body: unknown = await answer.json().catch(() => null);
    if (!answer.ok) return refusal(body, answer.status);
    const serverMs = Date.parse(answer.headers.get('date') ?? '');
    const value = schema.parse(body);
    return { ok: true, value, serverMs: Number.isNaN(serverMs) ? null : serverMs };
  } catch {
    return { ok: false, why: 'unreachable' };
  }
}

/** An answer without a problem in it comes from something that stands before the server. */
function refusal(body: unknown, status: number): Fetched<never> {
  const problem = Problem.safeParse(body);
  if (problem.success) return { ok: false, why: 'refused', problem: problem.data };
  if (status >= 500) return { ok: false, why: 'unreachable' };
  const code = 'unknown';
  const bare = { type: 'about:blank', title: `HTTP ${status}`, status, detail: '', code };
  return { ok: false, why: 'refused', problem: bare };
}

export type Listing = Fetched<{ orders: OrderView[]; complete: boolean }>;

/** All pages of one question, up to a limit that is told. */
export async function listOrders(query: Readonly<Record<string, string>>): Promise<Listing> {
  const orders: OrderView[] = [];
  const params = new URLSearchParams({ limit: String(PAGE_ORDERS), ...query });
  let next: string | null = `/v1/orders?${params}`;
  let serverMs: number | null = null;
  for (let pages = 0; next !== null && pages < PAGES_MAX; pages++) {
    const answer: Fetched<z.infer<typeof Page>> = await ask(next, Page);
    if (!answer.ok) return answer;
    orders.push(...answer.value.items);
    ({ next } = answer.value);
    ({ serverMs } = answer);
  }
  return { ok: true, value: { orders, complete: next === null }, serverMs };
}

export const getOrder = (orderId: string): Promise<Fetched<OrderView>> =>
  ask(path(orderId), OrderView);

/** What the server cannot work out is left empty; without order and history there is nothing. */
export async function getDossier(orderId: string): Promise<Fetched<Dossier>> {
  const [order, versions, preview] = await Promise.all([
    ask(path(orderId), OrderView),
    ask(`${path(orderId)}/versions`, Versions),
    askPreview(orderId, {}),
  ]);
  if (!order.ok) return order;
  if (!versions.ok) return versions;
  const seen = preview.ok && preview.value.version === order.value.version ? preview.value : null;
  const others = await othersOf(orderId, seen);
  const { items } = versions.value;
  const dossier: Dossier = {
    state: 'loaded',
    orderId,
    order: order.value,
    versions: items.toSorted((a, b) => a.version - b.version),
    preview: seen,
    others,
  };
  return { ok: true, value: dossier, serverMs: order.serverMs };
}

async function othersOf(orderId: string, preview: OrderPreview | null): Promise<OrderView[]> {
  const named = preview?.bans.flatMap(({ overlaps }) => overlaps.map((one) => one.orderId)) ?? [];
  const wanted = [...new Set(named)].filter((one) => one !== null && one !== orderId);
  const answers = await Promise.all(wanted.slice(0, OTHERS_MAX).map((one) => getOrder(one!)));
  return answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
}

const json = (method: string, body: unknown, version?: number): RequestInit => ({
  method,
  headers: {
    'content-type': 'application/json',
    ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
  },
  body: JSON.stringify(body),
});

const askPreview = (orderId: string, body: object): Promise<Fetched<OrderPreview>> =>
  ask(`${path(orderId)}/previews`, OrderPreview, json('POST', body));

/** What the server says of a zone that is drawn but not saved. */
export async function checkZone(orderId: string, banId: string, zone: Zone): Promise<DraftCheck> {
  const answer = await askPreview(orderId, { zones: { [banId]: zone } });
  if (answer.ok) return { state: 'good', preview: answer.value };
  if (answer.why === 'refused') return { state: 'faults', problem: answer.problem };
  return { state: 'unreachable' };
}

/** The version goes with it: what is decided is what was seen. (SPEC AV5) */
export function putZone(
  orderId: string,
  banId: string,
  zone: Zone,
  version: number,
): Promise<Fetched<OrderView>> {
  const address = `${path(orderId)}/bans/${encodeURIComponent(banId)}/zone`;
  return ask(address, OrderView, json('PUT', zone, version));
}

const COLLECTION: Record<Exclude<ActName, 'zone'>, string> = {
  approval: 'approvals',
  rejection: 'rejections',
  suspension: 'suspensions',
  resumption: 'resumptions',
  withdrawal: 'withdrawals',
};

export function postStep(
  orderId: string,
  step: Exclude<ActName, 'zone'>,
  reason: string | null,
  version: number,
): Promise<Fetched<OrderView>> {
  const body = reason === null ? {} : { reason };
  return ask(`${path(orderId)}/${COLLECTION[step]}`, OrderView, json('POST', body, version));
}
