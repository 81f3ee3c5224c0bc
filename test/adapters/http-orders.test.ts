import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Refusal } from '../../server/ports.ts';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';

let world: HttpWorld;
beforeAll(async () => {
  world = await httpWorld();
});
afterAll(() => world.app.close());
beforeEach(() => {
  world.store.orderRows.length = 0;
});

type Json = Record<string, unknown>;

const SQUARE = [
  [5.1, 52.08],
  [5.12, 52.08],
  [5.12, 52.1],
  [5.1, 52.1],
  [5.1, 52.08],
];
const BOW_TIE = [
  [5.1, 52.08],
  [5.12, 52.1],
  [5.12, 52.08],
  [5.1, 52.1],
  [5.1, 52.08],
];
const FLAT = [
  [5.1, 52.08],
  [5.11, 52.08],
  [5.12, 52.08],
  [5.1, 52.08],
];
const swap = (ring: number[][]): number[][] => ring.map(([lon, lat]) => [lat!, lon!]);
const area = (coordinates: unknown) => ({
  banId: 'b2',
  kind: 'location-ban',
  name: 'home',
  bufferM: 200,
  zone: { type: 'Polygon', coordinates: [coordinates] },
  schedule: null,
});
const CONTACT = { banId: 'b1', kind: 'contact-ban', victimId: 'v-1', distanceM: 500 };
const NIGHT = { days: ['mon', 'tue'], from: '22:00', until: '06:00' };
const DUTY = {
  banId: 'b3',
  kind: 'location-duty',
  name: 'night at home',
  zone: { type: 'Circle', center: [5.2, 52.11], radiusM: 100 },
  schedule: { timeZone: 'Europe/Amsterdam', weekly: [NIGHT] },
};
const HEARING = { from: '2026-12-01T08:00:00.000Z', until: '2026-12-01T11:00:00.000Z' };
/** Times in UTC, as answers have them. */
const ORDER = {
  reference: 'CJIB-2026-000123',
  legalBasis: 'behavioural-order',
  wearerId: 'w-1',
  validFrom: '2026-10-31T23:00:00.000Z',
  validUntil: '2027-01-29T23:00:00.000Z',
  bans: [CONTACT, area(SQUARE), DUTY],
  exceptions: [{ banIds: ['b1'], ...HEARING, reason: 'court hearing' }],
};

const put = (order: unknown, headers: Record<string, string> = {}, orderId = 'ord-1') =>
  world.app.inject({
    method: 'PUT',
    url: `/v1/orders/${orderId}`,
    headers: { ...world.as('cjib'), ...headers },
    payload: order as Json,
  });

/** `/pointer detail` of each error. */
async function errorsOf(order: unknown): Promise<string[]> {
  const answer = await put(order);
  expect(answer.statusCode).toBe(400);
  expect(answer.headers['content-type']).toMatch('application/problem+json');
  const { code, errors } = answer.json<{
    code: string;
    errors: { pointer: string; detail: string }[];
  }>();
  expect(code).toBe('invalid-input');
  return errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
}

describe('putting an order', () => {
  test('creates it once: the same again changes nothing and needs no If-Match', async () => {
    const [first, again] = [await put(ORDER), await put(ORDER)];
    expect([first.statusCode, again.statusCode]).toEqual([201, 200]);
    expect([first.headers.etag, again.headers.etag]).toEqual(['"1"', '"1"']);
    expect(first.headers.location).toBe('/v1/orders/ord-1');
    expect(first.json()).toMatchObject({
      ...ORDER,
      orderId: 'ord-1',
      version: 1,
      status: 'active',
    });
    expect(world.store.orderRows).toHaveLength(1);
  });

  // prettier-ignore
  test.each([
    [undefined,      428],
    ['"1"',          200],
    ['"1", "7"',     200],
    ['*',            200],
    ['"2"',          412],
    ['W/"1"',        412],
    ['1',            412],
    ['nonsense',     412],
  ])('replacing with If-Match %s answers %i', async (ifMatch, status) => {
    await put(ORDER);
    const headers: Record<string, string> = ifMatch === undefined ? {} : { 'if-match': ifMatch };
    const answer = await put({ ...ORDER, reference: 'amended' }, headers);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers.etag).toBe(status === 200 ? '"2"' : undefined);
  });

  test.each(['*', '"1"'])('If-Match %s on an order that is not there answers 412', async (tag) => {
    expect((await put(ORDER, { 'if-match': tag })).statusCode).toBe(412);
  });

  test('what was got can be sent back', async () => {
    await put(ORDER);
    const got = (await world.ask('cjib', 'GET', '/v1/orders/ord-1')).json<Json>();
    expect((await put(got)).headers.etag).toBe('"1"');
  });

  test('[AP5] with any offset is the same order, answered in UTC', async () => {
    const offset = {
      validFrom: '2026-11-01T00:00:00+01:00',
      validUntil: '2027-01-29T20:00:00-03:00',
    };
    const [first, again] = [await put({ ...ORDER, ...offset }), await put(ORDER)];
    expect(first.json()).toMatchObject(ORDER);
    expect([again.statusCode, again.headers.etag]).toEqual([200, '"1"']);
  });

  test('an order that is over is history, and welcome', async () => {
    const over = { validFrom: '2020-01-01T00:00:00Z', validUntil: '2020-02-01T00:00:00Z' };
    expect((await put({ ...ORDER, ...over, exceptions: null })).statusCode).toBe(201);
  });
});

describe('a bad order is refused with every reason', () => {
  const bans = (...list: unknown[]) => ({ bans: list, exceptions: null });
  // prettier-ignore
  test.each<[name: string, wrong: Json, errors: RegExp[]]>([
    ['bow-tie',             bans(area(BOW_TIE)),                        [/^\/bans\/0\/zone\/coordinates\/0 crosses or touches itself at \(5\.11, 52\.09\)/]],
    ['no area',             bans(area(FLAT)),                           [/coordinates\/0 encloses less/]],
    ['swapped',             bans(area(swap(SQUARE))),                   [/longitude and latitude seem swapped/]],
    ['open ring',           bans(area(SQUARE.slice(0, 4))),             [/coordinates\/0 a ring must end where it starts/]],
    ['too few corners',     bans(area(SQUARE.slice(0, 2))),             [/coordinates\/0 a ring needs/, /coordinates\/0 a ring must end/]],
    ['end before start',    { validUntil: '2026-10-01T00:00:00Z' },     [/^\/validUntil must be later/]],
    ['time without offset', { validFrom: '2026-11-01T00:00:00' },       [/^\/validFrom give an RFC 3339/]],
    ['unknown key',         { exeptions: [] },                          [/^\/exeptions is not a known field; known here: reference/]],
    ['unknown key inside',  bans({ ...CONTACT, warningDistance: 900 }), [/^\/bans\/0\/warningDistance is not a known/]],
    ['key in the schedule', bans({ ...DUTY, schedule: { ...DUTY.schedule, tz: 1 } }), [/^\/bans\/0\/schedule\/tz is not/]],
    ['unknown ban',         bans({ ...CONTACT, kind: 'phone-ban' }),    [/^\/bans\/0\/kind .*contact-ban/]],
    ['no ban',              bans(),                                     [/^\/bans an order without a ban/]],
    ['wrong type',          { wearerId: 7 },                            [/^\/wearerId is a number: give a text/]],
    ['same ban twice',      bans(CONTACT, CONTACT),                     [/^\/bans\/1\/banId is used twice/]],
    ['ban of oneself',      bans({ ...CONTACT, victimId: 'w-1' }),      [/^\/bans\/0\/victimId is the wearer/]],
    ['zero distance',       bans({ ...CONTACT, distanceM: 0 }),         [/^\/bans\/0\/distanceM/]],
    ['warning too near',    bans({ ...CONTACT, warningDistanceM: 400 }), [/^\/bans\/0\/warningDistanceM must be at least/]],
    ['no such zone of time', bans({ ...DUTY, schedule: { timeZone: 'Europe/Utrecht', weekly: [NIGHT] } }), [/timeZone give an IANA/]],
    ['no such hour',        bans({ ...DUTY, schedule: { timeZone: 'Europe/Amsterdam', weekly: [{ ...NIGHT, from: '25:00' }] } }), [/weekly\/0\/from give a local time/]],
    ['exception of nothing', { exceptions: [{ banIds: ['b9'], ...HEARING }] }, [/^\/exceptions\/0\/banIds\/0 names no ban/]],
    ['all at once',         { reference: '', validUntil: '2026-10-01T00:00:00Z', extra: 1, ...bans({ ...CONTACT, distanceM: -1 }, area(BOW_TIE)) },
      [/^\/reference/, /^\/bans\/0\/distanceM/, /^\/validUntil/, /^\/extra/, /^\/bans\/1\/zone/]],
  ])('%s', async (_name, wrong, errors) => {
    const told = await errorsOf({ ...ORDER, ...wrong });
    expect(told).toEqual(errors.map((error) => expect.stringMatching(error) as string));
    expect(world.store.orderRows).toEqual([]);
  });

  test.each([[null], [[]], ['order'], [7]])('%j is no order', async (body) => {
    const answer = await put(JSON.stringify(body), { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(400);
  });

  test('a polygon in map metres has an error for each number, of which enough are told', async () => {
    const ring = Array.from({ length: 1_000 }, (_, i) => [136_000 + i, 455_000]);
    const told = await errorsOf({ ...ORDER, bans: [area(ring)], exceptions: null });
    expect(told.length).toBeLessThanOrEqual(201);
    expect(told.at(-1)).toMatch(/and \d+ more/);
    expect(told.join()).toMatch('looks like RD');
  });

  test.each(['a b', '%F0', '-x', `x${'y'.repeat(128)}`])('%s names no order', async (orderId) => {
    expect((await put(ORDER, {}, encodeURIComponent(orderId))).statusCode).toBe(400);
  });
});

describe('an order of five megabytes', () => {
  test('is the largest that is read', async () => {
    const large = { ...ORDER, reference: 'x'.repeat(5 * 2 ** 20) };
    expect((await put(large)).statusCode).toBe(413);
    expect((await put({ ...ORDER, reference: 'x'.repeat(2 ** 20) })).statusCode).toBe(400);
  });
});

describe('the life of an order', () => {
  // prettier-ignore
  test.each([
    ['approvals',   'approver', {},                 201],
    ['approvals',   'approver', undefined,          201],
    ['approvals',   'approver', { reason: 'fine' }, 201],
    ['approvals',   'cjib',     {},                 403],
    ['rejections',  'approver', { reason: 'x' },    201],
    ['rejections',  'approver', {},                 400],
    ['suspensions', 'cjib',     { reason: 'x' },    201],
    ['suspensions', 'approver', { reason: 'x' },    201],
    ['suspensions', 'cjib',     {},                 400],
    ['resumptions', 'approver', { reason: 'x' },    201],
    ['withdrawals', 'cjib',     { reason: 'x' },    201],
    ['withdrawals', 'cjib',     undefined,          400],
    ['withdrawals', 'operator', { reason: 'x' },    403],
  ] as const)('%s by %s with %j answers %i', async (step, role, body, status) => {
    await put(ORDER);
    const answer = await world.ask(role, 'POST', `/v1/orders/ord-1/${step}`, body);
    expect(answer.statusCode).toBe(status);
    if (status === 201) expect(answer.json()).toMatchObject({ orderId: 'ord-1', version: 2 });
  });

  // prettier-ignore
  test.each<[Refusal, number]>([
    ['unknown-order',            404],
    ['version-mismatch',         412],
    ['version-required',         428],
    ['order-withdrawn',          409],
    ['order-expired',            409],
    ['order-not-suspended',      409],
    ['order-not-in-force',       409],
    ['nothing-proposed',         409],
    ['proposal-waits',           409],
    ['unknown-ban',              404],
    ['ban-without-zone',         409],
    ['already-approved',         409],
    ['same-person',              403],
    ['store-failing',            503],
  ])('the refusal %s is a problem with status %i', async (refusal, status) => {
    world.desk.refuseNext = refusal;
    const answer = await world.ask('approver', 'POST', '/v1/orders/ord-1/approvals', {});
    expect(answer.statusCode).toBe(status);
    expect(answer.problem).toMatchObject({ code: refusal, status });
    expect(answer.problem).toMatchObject({ title: expect.any(String), detail: expect.any(String) });
  });
});

describe('reading orders', () => {
  test('comes in pages, narrowed to a wearer if asked', async () => {
    for (const id of ['o-1', 'o-2', 'o-3']) await put(ORDER, {}, id);
    await put({ ...ORDER, wearerId: 'w-2' }, {}, 'o-4');
    const first = (
      await world.ask('approver', 'GET', '/v1/orders?limit=2&wearerId=w-1')
    ).json<Json>();
    expect(first).toMatchObject({ items: [{ orderId: 'o-1' }, { orderId: 'o-2' }] });
    const second = (await world.ask('approver', 'GET', String(first['next']))).json<Json>();
    expect(second).toMatchObject({ items: [{ orderId: 'o-3' }], next: null });
  });

  test('tells the newest version with its tag, and all of them', async () => {
    await put(ORDER);
    await put({ ...ORDER, reference: 'amended' }, { 'if-match': '"1"' });
    const newest = await world.ask('operator', 'GET', '/v1/orders/ord-1');
    expect(newest.headers.etag).toBe('"2"');
    expect(newest.json()).toMatchObject({ reference: 'amended', by: 'cjib', cause: 'put' });
    const all = await world.ask('cjib', 'GET', '/v1/orders/ord-1/versions');
    expect(all.json()).toMatchObject({ items: [{ version: 1 }, { version: 2 }], next: null });
  });

  test.each(['', '/versions'])('an order that is not there: 404%s', async (path) => {
    const answer = await world.ask('cjib', 'GET', `/v1/orders/none${path}`);
    expect([answer.statusCode, answer.problem['code']]).toEqual([404, 'unknown-order']);
  });

  test.each(['limit=0', 'limit=501', 'limit=x', 'wearerId='])('?%s is refused', async (query) => {
    expect((await world.ask('cjib', 'GET', `/v1/orders?${query}`)).statusCode).toBe(400);
  });
});
