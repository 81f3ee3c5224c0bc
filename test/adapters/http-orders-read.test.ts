import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OrderStatus } from '../../shared/court-order.ts';
import { toRd } from '../../shared/rd.ts';
import type { Zone } from '../../shared/zone.ts';
import type { OrderId, PersonId } from '../../shared/ids.ts';
import type { StoredOrder } from '../../server/kept.ts';
import type { OrderPage } from '../../server/kept.ts';
import { START_MS } from '../support/fake-store.ts';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';

let world: HttpWorld;
beforeAll(async () => {
  world = await httpWorld();
});
afterAll(() => world.app.close());
beforeEach(() => {
  world.store.orderRows.length = 0;
});

const CIRCLE: Zone = { type: 'Circle', center: [5.1, 52], radiusM: 1_000 };
const SQUARE: Zone = {
  type: 'Polygon',
  coordinates: [[[6, 53], [6.1, 53], [6.1, 53.1], [6, 53.1], [6, 53]]], // prettier-ignore
};
const TWO: Zone = {
  type: 'MultiPolygon',
  coordinates: [
    [[[4, 51], [4.1, 51], [4.1, 51.1], [4, 51]]], // prettier-ignore
    [[[4.5, 51.5], [4.6, 51.5], [4.6, 51.6], [4.5, 51.5]]], // prettier-ignore
  ],
};

interface Some {
  readonly wearerId?: string;
  readonly status?: OrderStatus;
  readonly zones?: readonly Zone[];
}

/** Puts an order into the store as it would have come there. */
function keep(orderId: string, { wearerId = 'w-1', status = 'active', zones = [] }: Some = {}) {
  const last = world.store.orderRows.findLast((row) => row.orderId === orderId);
  const order = {
    orderId: orderId as OrderId,
    reference: `CJIB-${orderId}`,
    legalBasis: 'civil-order',
    wearerId: wearerId as PersonId,
    validFrom: '2026-11-01T00:00:00Z',
    validUntil: '2027-01-30T00:00:00Z',
    bans: [
      { banId: 'c', kind: 'contact-ban', victimId: 'v-1', distanceM: 500 },
      { banId: 'p', kind: 'location-duty', place: 'somewhere' },
      ...zones.map((zone, i) => ({ banId: `b${i}`, kind: 'location-ban', zone })),
    ],
  };
  world.store.orderRows.push({
    orderId: orderId as OrderId,
    version: (last?.version ?? 0) + 1,
    status,
    order: order as unknown as StoredOrder['order'],
    atMs: START_MS,
    by: 'cjib',
    cause: 'put',
    reason: null,
  });
}

type Page = { items: { orderId: string }[]; next: string | null };

/** Ids of each page in turn. */
async function pagesOf(query: string): Promise<string[][]> {
  const pages: string[][] = [];
  let url: string | null = `/v1/orders?${query}`;
  while (url !== null) {
    const answer = await world.ask('approver', 'GET', url);
    expect(answer.statusCode).toBe(200);
    const { items, next }: Page = answer.json<Page>();
    pages.push(items.map(({ orderId }) => orderId));
    url = next;
  }
  return pages;
}

const RD = 'http://www.opengis.net/def/crs/EPSG/0/28992';
const WGS84 = 'http://www.opengis.net/def/crs/EPSG/0/4326';

describe('orders are listed', () => {
  test('[AP3] by id, filters before pages', async () => {
    for (let i = 0; i < 9; i++) keep(`o-${8 - i}`, { wearerId: i % 2 ? 'w-1' : 'w-2' });
    expect(await pagesOf('limit=3')).toEqual([
      ['o-0', 'o-1', 'o-2'],
      ['o-3', 'o-4', 'o-5'],
      ['o-6', 'o-7', 'o-8'],
    ]);
    expect(await pagesOf('limit=3&wearerId=w-2')).toEqual([
      ['o-0', 'o-2', 'o-4'],
      ['o-6', 'o-8'],
    ]);
    expect(await pagesOf('wearerId=w-3')).toEqual([[]]);
  });

  test('[AP3] by the status of the newest version', async () => {
    keep('o-1', { status: 'awaiting-approval' });
    keep('o-2', { status: 'awaiting-approval' });
    keep('o-1', { status: 'active' });
    expect(await pagesOf('status=awaiting-approval')).toEqual([['o-2']]);
    expect(await pagesOf('status=active')).toEqual([['o-1']]);
    expect(await pagesOf('status=active&wearerId=w-2')).toEqual([[]]);
  });

  // prettier-ignore
  test.each<[name: string, bbox: string, crs: string | null, found: string[]]>([
    ['all over',                '-180,-90,180,90',      null,  ['circle', 'square', 'two']],
    ['around the circle',       '5,51.9,5.2,52.1',      null,  ['circle']],
    ['on its centre',           '5.1,52,5.1,52',        null,  ['circle']],
    ['its edge, 1 km north',    '5.09,52.008,5.11,53',  null,  ['circle']],
    ['beyond it',               '5.09,52.01,5.11,52.9', null,  []],
    ['a side of the square',    '6.1,53,7,54',          null,  ['square']],
    ['past that side',          '6.1001,53,7,54',       null,  []],
    ['inside the square',       '6.04,53.04,6.05,53.05', null, ['square']],
    ['the second part of two',  '4.55,51.55,4.56,51.56', null, ['two']],
    ['latitude first',          '51.9,5,52.1,5.2',      WGS84, ['circle']],
    ['metres around the circle', rdBox(5.1, 52, 100),   RD,    ['circle']],
    ['metres beyond it',        rdBox(5.13, 52, 100),   RD,    []],
  ])('[AP3] by a box: %s', async (_name, bbox, crs, found) => {
    keep('circle', { zones: [CIRCLE] });
    keep('none');
    keep('square', { zones: [SQUARE] });
    keep('two', { zones: [TWO] });
    const how = crs === null ? '' : `&bbox-crs=${encodeURIComponent(crs)}`;
    expect(await pagesOf(`bbox=${bbox}${how}`)).toEqual([found]);
    expect(await pagesOf(`limit=1&bbox=${bbox}${how}`)).toEqual(
      found.length === 0 ? [[]] : found.map((orderId) => [orderId]),
    );
  });

  // prettier-ignore
  test.each<[query: string, errors: RegExp[]]>([
    ['limit=0&status=x&wearerId=-&bbox=1,2&bbox-crs=RD&crs=RD',
      [/^\/limit /, /^\/status .*awaiting-approval/, /^\/wearerId /, /^\/bbox give four numbers/, /^\/bbox-crs .*28992/, /^\/crs .*28992/]],
    ['status=x&bbox=6,52,5,53',        [/^\/status /, /^\/bbox the first corner must be/]],
    ['bbox=5,53,6,52',                 [/^\/bbox the first corner must be/]],
    ['bbox=5,52,6,91',                 [/^\/bbox is not on the globe/]],
    ['bbox=5,52,6,1e2',                [/^\/bbox give four numbers/]],
    ['bbox=,,,',                       [/^\/bbox give four numbers/]],
    [`bbox=5,52,6,53&bbox-crs=${RD}`,  [/^\/bbox \(5, 52\) is not in RD/]],
    [`bbox-crs=${RD}`,                 [/^\/bbox-crs says how to read bbox, which is missing/]],
    ['wearerid=w-1',                   [/^ Unrecognized key: "wearerid"/]],
    ['bbox=5,52,6,53&bbox=1,2,3,4',    [/^\/bbox is a list: give a text/]],
  ])('[AP3] all faults of ?%s are told at once', async (query, errors) => {
    const answer = await world.ask('approver', 'GET', `/v1/orders?${query}`);
    expect(answer.statusCode).toBe(400);
    const told = answer.json<{ errors: { pointer: string; detail: string }[] }>().errors;
    expect(told.map(({ pointer, detail }) => `${pointer} ${detail}`)).toEqual(
      errors.map((error) => expect.stringMatching(error) as string),
    );
  });
});

describe('of ten thousand orders', () => {
  test('a page reads about a page, and a rare one is found in parts', async () => {
    for (let i = 0; i < 10_000; i++) keep(`o-${String(i).padStart(5, '0')}`);
    keep('o-09000', { status: 'suspended' });
    const asked: OrderPage[] = [];
    const { orders } = world.store;
    world.store.orders = (page) => {
      if (page) asked.push(page);
      return orders.call(world.store, page);
    };
    const first = await world.ask('approver', 'GET', '/v1/orders?limit=100');
    expect(first.json<Page>().items).toHaveLength(100);
    expect(asked).toEqual([{ after: null, limit: 250 }]);
    expect(await pagesOf('status=suspended')).toEqual([['o-09000']]);
    expect(Math.max(...asked.map(({ limit }) => limit))).toBe(250);
    world.store.orders = orders;
  });
});

function rdBox(lon: number, lat: number, halfM: number): string {
  const [x, y] = toRd(lon, lat);
  return [x - halfM, y - halfM, x + halfM, y + halfM].join(',');
}
