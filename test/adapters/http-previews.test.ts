import { afterEach, describe, expect, test } from 'vitest';
import type { StoredOrder } from '../../server/kept.ts';
import { forecastOf } from '../../server/core/order-forecast.ts';
import type { CourtOrder } from '../../shared/court-order.ts';
import { toInstant } from '../../shared/instant.ts';
import { OrderPreview } from '../../shared/order-preview.ts';
import type { Role } from '../../shared/session.ts';
import { START_MS } from '../support/fake-store.ts';
import { ANKLE, APART, fixOf, orderOf, PHONE, square } from '../support/given.ts';
import { type Answer, type HttpWorld, httpWorld } from '../support/http-world.ts';

const ZONE = { banId: 'z', kind: 'location-ban', zone: square(1_000) };
const UNDRAWN = { banId: 'u', kind: 'location-ban', place: 'her street' };
const DRAWN = square(400, 2_000);
const URL = '/v1/orders/ord-1/previews';

const worlds: HttpWorld[] = [];
afterEach(() => Promise.all(worlds.splice(0).map(({ app }) => app.close())));

const versionOf = (order: CourtOrder, version: number, other: Partial<StoredOrder> = {}) => ({
  orderId: order.orderId,
  version,
  status: 'active' as const,
  order,
  atMs: START_MS,
  by: 'cjib',
  cause: 'put' as const,
  reason: null,
  ...other,
});

/** Two hours at home, from an hour ago on. */
const AT_HOME = Array.from({ length: 60 }, (_, seq) => {
  const atMs = START_MS - (60 - seq) * 60_000;
  const { lon, lat } = fixOf();
  const payload = JSON.stringify({ seq, time: toInstant(atMs), lon, lat, accuracy: 10 });
  return { deviceId: ANKLE.deviceId, fix: fixOf({ seq, atMs, accuracyM: 10 }), payload };
});

async function worldOf(...versions: StoredOrder[]): Promise<HttpWorld> {
  const world = await httpWorld();
  worlds.push(world);
  world.store.orderRows.push(...versions);
  world.store.positionRows.push(...AT_HOME);
  world.desk.deviceList.push(ANKLE, PHONE);
  return world;
}

const previewed = (answer: Answer): OrderPreview => {
  if (answer.statusCode !== 201) throw new Error(answer.body);
  return OrderPreview.parse(answer.json());
};
const faultsOf = ({ problem }: Answer) =>
  (problem['errors'] as { pointer: string; detail: string }[]).map(
    ({ pointer, detail }) => `${pointer} ${detail}`,
  );
const looksIn = ({ store }: HttpWorld) => store.looks(10);

describe('POST /v1/orders/{orderId}/previews', () => {
  test('[PV1] holds the newest version against the one that stands', async () => {
    const [first, second] = [orderOf([ZONE]), orderOf([{ ...ZONE, zone: square(900) }, APART])];
    const awaiting = { status: 'awaiting-approval' as const };
    const world = await worldOf(versionOf(first, 1), versionOf(second, 2, awaiting));
    const preview = previewed(await world.ask('approver', 'POST', URL));
    expect(preview).toMatchObject({ orderId: 'ord-1', version: 2, standingVersion: 1 });
    expect(preview.changes.map(({ pointer, protection }) => `${pointer} ${protection}`)).toEqual([
      '/bans/0/zone less',
      '/bans/1 more',
    ]);
    expect(preview.bans.map(({ banId, points }) => [banId, points])).toEqual([
      ['z', 4],
      ['b1', null],
    ]);
    expect(preview.bans[0]!.overlaps).toMatchObject([{ with: 'stay', hoursPerWeek: 168 }]);
    expect(preview.forecastState).toBe('done');
    expect(preview.forecast).toEqual(forecastOf(second, [ANKLE, PHONE], AT_HOME, START_MS));
  });

  test('[PV1] takes zones that are drawn but not put, and puts none', async () => {
    const world = await worldOf(versionOf(orderOf([ZONE, UNDRAWN]), 1));
    const zones = { u: DRAWN };
    const preview = previewed(await world.ask('approver', 'POST', URL, { zones }));
    expect(preview.bans.map(({ banId, areaM2 }) => [banId, Math.round(areaM2! / 1e4)])).toEqual([
      ['z', 100],
      ['u', 16],
    ]);
    expect(preview.changes).toMatchObject([
      { pointer: '/bans/1/zone', what: 'added', protection: 'more', before: null, after: DRAWN },
    ]);
    expect(preview.forecast!.bans.map(({ banId }) => banId)).toEqual(['z', 'u']);
    expect(world.store.orderRows).toHaveLength(1);
  });

  test('[PV1] is a look at positions, with who and at what', async () => {
    const world = await worldOf(versionOf(orderOf([ZONE]), 4));
    previewed(await world.ask('approver', 'POST', URL));
    const reason = 'preview of version 4';
    expect(await looksIn(world)).toMatchObject([
      { by: 'approver', what: 'preview', subject: 'ord-1', reason },
    ]);
  });

  test('[PV1] is not shown when the look cannot be written', async () => {
    const world = await worldOf(versionOf(orderOf([ZONE]), 1));
    world.store.failing = true;
    const answer = await world.ask('approver', 'POST', URL);
    expect([answer.statusCode, answer.problem['code']]).toEqual([503, 'store-failing']);
  });

  test.each<[Role | null, number]>([
    ['cjib', 403],
    ['operator', 403],
    ['administrator', 403],
    ['auditor', 403],
    [null, 401],
  ])('[PV1] is nothing for %s', async (role, status) => {
    const world = await worldOf(versionOf(orderOf([ZONE]), 1));
    const answer = await world.ask(role, 'POST', URL);
    expect(answer.statusCode).toBe(status);
    expect(await looksIn(world)).toEqual([]);
  });

  test('[PV1] there is none of an order that is not there', async () => {
    const answer = await (await worldOf()).ask('approver', 'POST', URL);
    expect([answer.statusCode, answer.problem['code']]).toEqual([404, 'unknown-order']);
  });

  const BOW_TIE = {
    type: 'Polygon',
    coordinates: [
      [
        [5, 52],
        [5.01, 52.01],
        [5.01, 52],
        [5, 52.01],
        [5, 52],
      ],
    ],
  };

  // prettier-ignore
  test.each<[what: string, body: unknown, faults: RegExp[]]>([
    ['a ban that is not there',     { zones: { x: DRAWN } },                        [/^\/zones\/x names no ban of this order/]],
    ['a contact ban',               { zones: { b1: DRAWN } },                       [/^\/zones\/b1 is a contact ban/]],
    ['a zone that crosses itself',  { zones: { z: BOW_TIE } },                      [/^\/zones\/z\/coordinates\/0 crosses or touches itself/]],
    ['a zone in another country',   { zones: { z: { type: 'Circle', center: [13, 52], radiusM: 100 } } }, [/^\/zones\/z\/center .* outside the area/]],
    ['a zone without a radius',     { zones: { z: { type: 'Circle', center: [5, 52] } } }, [/^\/zones\/z\/radiusM /]],
    ['metres of the Dutch map',     { zones: { z: { type: 'Circle', center: [155_000, 463_000], radiusM: 100 } } }, [/^\/zones\/z looks like RD/]],
    ['a field of another name',     { zone: { z: DRAWN } },                         [/^\/zone is not a known field/]],
    ['text',                        'zones',                                        []],
  ])('[PV1] refuses %s, and looks at nothing', async (_, body, faults) => {
    const world = await worldOf(versionOf(orderOf([ZONE, APART]), 1));
    const answer = await world.ask('approver', 'POST', URL, body);
    expect([400, 415]).toContain(answer.statusCode);
    if (faults.length > 0) {
      const told = faultsOf(answer);
      const missing = faults.filter((fault) => !told.some((each) => fault.test(each)));
      expect({ missing, told }).toEqual({ missing: [], told });
    }
    expect(await looksIn(world)).toEqual([]);
  });

  test('[PV6] knows of his other orders, in force or awaiting, and of nobody else', async () => {
    const order = orderOf([ZONE]);
    const other = (orderId: string, more: object = {}) =>
      orderOf([{ ...ZONE, banId: orderId }], { orderId, ...more });
    const amended = orderOf(
      [
        { ...ZONE, banId: 'new' },
        { ...ZONE, banId: 'o-1' },
      ],
      { orderId: 'o-1' },
    );
    const world = await worldOf(
      versionOf(order, 1),
      versionOf(other('o-1'), 1),
      versionOf(amended, 2, { status: 'awaiting-approval' }),
      versionOf(other('o-2'), 1, { status: 'withdrawn' }),
      versionOf(other('o-3', { validUntil: '2026-11-20T00:00:00Z' }), 1),
      versionOf(other('o-4', { wearerId: 'w-4' }), 1),
      versionOf(other('o-5'), 1, { status: 'awaiting-approval' }),
    );
    const { bans } = previewed(await world.ask('approver', 'POST', URL));
    const known = bans[0]!.overlaps.flatMap((overlap) =>
      overlap.orderId ? [`${overlap.orderId}/${overlap.banId}`] : [],
    );
    expect(known.toSorted()).toEqual(['o-1/new', 'o-1/o-1', 'o-5/o-5']);
  });

  test('[PV4] tells that a yes would suspend what stands', async () => {
    const order = orderOf([ZONE]);
    const asked = { status: 'awaiting-approval', cause: 'suspension' } as const;
    const world = await worldOf(versionOf(order, 1), versionOf(order, 2, asked));
    const { changes } = previewed(await world.ask('approver', 'POST', URL));
    expect(changes).toMatchObject([{ pointer: '/status', after: 'suspended', protection: 'less' }]);
  });

  test('[PV8] a fifth at once is refused, and told when to come back', async () => {
    const world = await worldOf(versionOf(orderOf([ZONE]), 1));
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { positions } = world.store;
    world.store.positions = (query) => held.then(() => positions(query));
    const answers = [1, 2, 3, 4, 5].map(() => world.ask('approver', 'POST', URL));
    const first = await Promise.race(answers);
    expect([first.statusCode, first.problem['code']]).toEqual([503, 'too-many-previews']);
    expect(first.headers['retry-after']).toBe('30');
    release();
    const all = (await Promise.all(answers)).map(({ statusCode }) => statusCode);
    expect(all.toSorted((a, b) => a - b)).toEqual([201, 201, 201, 201, 503]);
  });
});
