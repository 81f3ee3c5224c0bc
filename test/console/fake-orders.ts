import type { IncomingMessage, ServerResponse } from 'node:http';
import { toInstant } from '../../shared/instant.ts';
import { OrderVersionView, OrderView } from '../../shared/order-view.ts';
import { Zone } from '../../shared/zone.ts';
import { areaM2 } from '../../console/zone-measure.ts';
import { type FakeOrder, ME } from './approval-fixtures.ts';

/** What came in besides questions. */
export interface HeardAct {
  readonly method: string;
  readonly path: string;
  readonly ifMatch: string | undefined;
  readonly body: unknown;
}

/** The orders part of the API, as the contract has it, over orders that a test gives. */
export interface FakeOrders {
  readonly heard: HeardAct[];
  /** From now on no question about orders is answered. */
  fallSilent(): void;
  speakAgain(): void;
  /** From now on the session is over. */
  signOut(): void;
  /** Another version by somebody else. */
  amend(orderId: string, patch: Record<string, unknown>): void;
  add(order: FakeOrder): void;
  answer(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const orderIdOf = ({ versions }: FakeOrder): string => versions[0]!.orderId;

export function fakeOrders(given: readonly FakeOrder[]): FakeOrders {
  const orders = new Map(given.map((order) => [orderIdOf(order), order]));
  const heard: HeardAct[] = [];
  let silent = false;
  let signedOut = false;
  return {
    heard,
    fallSilent: () => void (silent = true),
    speakAgain: () => void (silent = false),
    signOut: () => void (signedOut = true),
    amend: (orderId, patch) => void addVersion(orders.get(orderId)!, patch),
    add: (order) => void orders.set(orderIdOf(order), order),
    async answer(url, request, response) {
      if (silent) return void request.socket.destroy();
      const send = sender(response);
      if (signedOut) return send(401, problemOf('not-signed-in', 401));
      const body = await bodyOf(request);
      const act = {
        method: request.method ?? 'GET',
        path: url.pathname,
        ifMatch: request.headers['if-match'],
        body,
      };
      if (act.method !== 'GET') heard.push(act);
      respond(orders, url, act, send);
    },
  };
}

type Send = (status: number, body: unknown) => void;

const sender =
  (response: ServerResponse): Send =>
  (status, body) => {
    const problem = status >= 400 ? 'application/problem+json' : 'application/json';
    response.writeHead(status, { 'content-type': problem });
    response.end(JSON.stringify(body));
  };

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? null : JSON.parse(text);
}

const problemOf = (code: string, status: number, errors?: object[]): object => ({
  type: `urn:cordon:problem:${code}`,
  title: code,
  status,
  detail: 'In English, for machines.',
  code,
  ...(errors === undefined ? {} : { errors }),
});

function respond(orders: Map<string, FakeOrder>, url: URL, act: HeardAct, send: Send): void {
  if (url.pathname === '/v1/orders') return send(200, listOf(orders, url.searchParams));
  const [, id = '', rest = ''] = /^\/v1\/orders\/([^/]+)(?:\/(.+))?$/.exec(url.pathname) ?? [];
  const order = orders.get(decodeURIComponent(id));
  if (order === undefined) return send(404, problemOf('unknown-order', 404));
  if (rest === '') return send(200, viewOf(order));
  if (rest === 'versions') return send(200, { items: order.versions, next: null });
  if (rest === 'previews') return preview(order, act, send);
  if (act.ifMatch !== `"${order.versions.at(-1)!.version}"`) {
    return send(412, problemOf('version-mismatch', 412));
  }
  const banId = /^bans\/([^/]+)\/zone$/.exec(rest)?.[1];
  if (banId !== undefined) return drawn(order, banId, Zone.parse(act.body), send);
  step(order, rest, (act.body as { reason?: string }).reason ?? null, send);
}

const PAGE = 3;

/** In pages of three, so that paging is walked through. */
function listOf(orders: Map<string, FakeOrder>, params: URLSearchParams): object {
  const after = params.get('after') ?? '';
  const found = [...orders.values()]
    .map(viewOf)
    .filter(({ status }) => status === (params.get('status') ?? status))
    .filter(({ wearerId }) => wearerId === (params.get('wearerId') ?? wearerId))
    .filter(({ orderId }) => orderId > after)
    .toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
  const items = found.slice(0, PAGE);
  const next = new URLSearchParams(params);
  next.set('after', items.at(-1)?.orderId ?? '');
  return { items, next: found.length > PAGE ? `/v1/orders?${next}` : null };
}

function viewOf({ versions, standing }: FakeOrder): OrderView {
  const newest = versions.at(-1)!;
  const text = versions.find(({ version }) => version === standing?.version) ?? versions[0]!;
  const enforcement = text.bans.map((ban) => {
    const reasons = [
      ...(standing === null ? ['awaiting-approval'] : []),
      ...(ban.kind !== 'contact-ban' && ban.zone == null ? ['no-zone'] : []),
      ...(standing?.status === 'suspended' ? ['suspended'] : []),
    ];
    return { banId: ban.banId, enforced: reasons.length === 0, reasons };
  });
  return OrderView.parse({ ...newest, standing, enforcement });
}

function preview(order: FakeOrder, { body }: HeardAct, send: Send): void {
  const zones = (body as { zones?: Record<string, Zone> } | null)?.zones ?? {};
  for (const [banId, zone] of Object.entries(zones)) {
    if (zone.type !== 'Polygon' || zone.coordinates[0]!.length !== 5) continue;
    const [a, , c] = zone.coordinates[0]!;
    // A quadrangle whose third corner lies west of its first crosses itself here.
    if (c![0] >= a![0]) continue;
    const pointer = `/zones/${banId}/coordinates/0/2`;
    const detail = 'crosses or touches itself at 5.1, 52.1';
    return send(400, problemOf('invalid-input', 400, [{ pointer, detail }]));
  }
  const { version, bans, orderId } = order.versions.at(-1)!;
  const { changes, forecast, overlaps } = order.preview;
  send(201, {
    orderId,
    version,
    changes,
    forecast,
    forecastState: forecast === null ? 'nothing-recorded' : 'done',
    standingVersion: order.standing?.version ?? null,
    bans: bans.map((ban) => {
      const zone = zones[ban.banId] ?? (ban.kind === 'contact-ban' ? null : ban.zone);
      const known = overlaps[ban.banId] ?? [];
      return {
        banId: ban.banId,
        areaM2: zone == null ? null : areaM2(zone),
        points: null,
        overlaps: known,
      };
    }),
  });
}

function addVersion(order: FakeOrder, patch: Record<string, unknown>): void {
  const newest = order.versions.at(-1)!;
  const at = toInstant(Date.now());
  const version = newest.version + 1;
  order.versions.push(OrderVersionView.parse({ ...newest, reason: null, at, version, ...patch }));
}

function drawn(order: FakeOrder, banId: string, zone: Zone, send: Send): void {
  const { bans } = order.versions.at(-1)!;
  addVersion(order, {
    bans: bans.map((ban) => (ban.banId === banId ? { ...ban, zone } : ban)),
    cause: 'zone',
    by: ME,
    status: 'awaiting-approval',
  });
  send(200, viewOf(order));
}

const CAUSES: Record<string, [cause: string, status: string]> = {
  approvals: ['approval', 'active'],
  rejections: ['rejection', 'rejected'],
  suspensions: ['suspension', 'awaiting-approval'],
  resumptions: ['resumption', 'active'],
  withdrawals: ['withdrawal', 'awaiting-approval'],
};

function step(order: FakeOrder, path: string, reason: string | null, send: Send): void {
  const [cause, status] = CAUSES[path]!;
  const asked = order.versions.at(-1)!;
  if (path === 'approvals' && asked.by === ME) return send(403, problemOf('same-person', 403));
  if (path !== 'approvals' && reason === null) return send(400, problemOf('invalid-input', 400));
  addVersion(order, { cause, status, reason, by: ME });
  const { version } = order.versions.at(-1)!;
  if (path === 'approvals') order.standing = { version, status: 'active' };
  send(201, viewOf(order));
}
