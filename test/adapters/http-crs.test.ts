import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readZone } from '../../server/adapters/http-crs.ts';
import { fromRd, isInRd, toRd } from '../../shared/rd.ts';
import { distanceM } from '../../shared/geodesy.ts';
import { httpWorld, NETHERLANDS, type HttpWorld } from '../support/http-world.ts';

let world: HttpWorld;
beforeAll(async () => {
  world = await httpWorld();
});
afterAll(() => world.app.close());
beforeEach(() => {
  world.store.orderRows.length = 0;
});

type Json = Record<string, unknown>;

const CRS84 = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';
const epsg = (code: number): string => `http://www.opengis.net/def/crs/EPSG/0/${code}`;

/** Self-validation points of RDNAPTRANS, Kadaster and Rijkswaterstaat. */
// prettier-ignore
const OFFICIAL: [name: string, lat: number, lon: number, x: number, y: number][] = [
  ['Texel',             53.160753042, 4.824761912, 117_380.12, 575_040.34],
  ['Noord-Groningen',   53.419482050, 6.776726674, 247_380.56, 604_580.78],
  ['Amersfoort',        52.155172897, 5.387203657, 155_000,    463_000],
  ['Zeeuws-Vlaanderen', 51.368607152, 3.397588595,  16_460.91, 377_380.23],
  ['Zuid-Limburg',      50.792584916, 5.773795548, 182_260.45, 311_480.67],
  ['Maasvlakte',        51.947393898, 4.072887101,  64_640.89, 440_700.0101],
];
/** Without the official grid; measured: 0.168 m. Wrong parameters cost over a hundred. */
const OFF_M_MAX = 0.25;

describe('RD', () => {
  test.each(OFFICIAL)('[AP1] %s lies where the official points say', (_name, lat, lon, x, y) => {
    const [toX, toY] = toRd(lon, lat);
    expect(Math.hypot(toX - x, toY - y)).toBeLessThan(OFF_M_MAX);
    const [toLon, toLat] = fromRd(x, y);
    expect(distanceM(toLon, toLat, lon, lat)).toBeLessThan(OFF_M_MAX);
  });

  test('[AP2] and back gives the same seven decimals anywhere in the Netherlands', () => {
    const [west, south, east, north] = NETHERLANDS[0]!;
    const degrees = (from: number, until: number) =>
      fc.integer({ min: from * 1e7, max: until * 1e7 }).map((scaled) => scaled / 1e7);
    fc.assert(
      fc.property(degrees(west!, east!), degrees(south!, north!), (lon, lat) => {
        expect(fromRd(...toRd(lon, lat))).toEqual([lon, lat]);
      }),
    );
  });

  test('and back gives the same place to the centimetre, from metres too', () => {
    const metres = (min: number, max: number) =>
      fc.integer({ min: min * 1e3, max: max * 1e3 }).map((scaled) => scaled / 1e3);
    fc.assert(
      fc.property(metres(13_000, 278_000), metres(306_000, 619_000), (x, y) => {
        const [backX, backY] = toRd(...fromRd(x, y));
        expect(Math.hypot(backX - x, backY - y)).toBeLessThan(0.01);
        expect(isInRd(backX, backY)).toBe(true);
      }),
    );
  });
});

const SQUARE = [
  [5.1, 52.08],
  [5.12, 52.08],
  [5.12, 52.1],
  [5.1, 52.1],
  [5.1, 52.08],
] as [number, number][];
const inRd = (ring: [number, number][]): number[][] => ring.map(([lon, lat]) => toRd(lon, lat));
const swap = (ring: [number, number][]): number[][] => ring.map(([lon, lat]) => [lat, lon]);

const orderOf = (...zones: unknown[]) => ({
  reference: 'CJIB-2026-000123',
  legalBasis: 'behavioural-order',
  wearerId: 'w-1',
  validFrom: '2026-11-01T00:00:00+01:00',
  validUntil: '2027-01-30T00:00:00+01:00',
  bans: zones.map((zone, index) => ({ banId: `b${index}`, kind: 'location-ban', zone })),
});
/** The same zones, with their positions written by another system. */
const zonesIn = (write: (ring: [number, number][]) => number[][]): unknown[] => [
  { type: 'Polygon', coordinates: [write(SQUARE)] },
  { type: 'MultiPolygon', coordinates: [[write(SQUARE)]] },
  { type: 'Circle', center: write(SQUARE)[0], radiusM: 100 },
];

function put(order: Json, crs?: string, headers: Record<string, string> = {}) {
  return world.app.inject({
    method: 'PUT',
    url: '/v1/orders/o-1',
    headers: {
      ...world.as('cjib'),
      ...headers,
      ...(crs === undefined ? {} : { 'content-crs': crs }),
    },
    payload: order,
  });
}
const zonesOf = (order: Json): unknown[] => (order['bans'] as Json[]).map((ban) => ban['zone']);
type Told = { errors: { pointer: string; detail: string }[] };

describe('an order', () => {
  // prettier-ignore
  test.each<[name: string, crs: string | undefined, zones: unknown[]]>([
    ['nothing',   undefined,           zonesIn((ring) => ring)],
    ['CRS84',     `<${CRS84}>`,        zonesIn((ring) => ring)],
    ['RD',        `<${epsg(28992)}>`,  zonesIn(inRd)],
    ['ETRS89',    `<${epsg(4258)}>`,   zonesIn(swap)],
    ['WGS84',     `<${epsg(4326)}>`,   zonesIn(swap)],
  ])('[AP1] in %s is kept in longitude and latitude', async (_name, crs, zones) => {
    const answer = await put(orderOf(...zones), crs);
    expect(answer.statusCode).toBe(201);
    expect(zonesOf(answer.json<Json>())).toEqual(zonesIn((ring) => ring));
    expect(answer.headers['content-crs']).toBe(`<${CRS84}>`);
    const kept = world.store.orderRows[0]!.order.bans[0]!;
    expect(kept).toMatchObject({ zone: zonesIn((ring) => ring)[0] });
  });

  test('[AP1] keeps a height where it stands', async () => {
    const high = inRd(SQUARE).map((position) => [...position, 12]);
    const answer = await put(orderOf({ type: 'Polygon', coordinates: [high] }), `<${epsg(28992)}>`);
    const [zone] = zonesOf(answer.json<Json>()) as [{ coordinates: number[][][] }];
    expect(zone.coordinates[0]![0]).toEqual([5.1, 52.08, 12]);
  });

  // prettier-ignore
  test.each<[name: string, crs: string]>([
    ['another system',     `<${epsg(7415)}>`],
    ['Web Mercator',       `<${epsg(3857)}>`],
    ['no angle brackets',  epsg(28992)],
    ['two of them',        `<${CRS84}>, <${epsg(28992)}>`],
    ['nothing',            ''],
    ['a key of objects',   '<constructor>'],
  ])('[AP1] in %s is refused, with all that is wrong beside it', async (_name, crs) => {
    const answer = await put({ ...orderOf(...zonesIn(inRd)), reference: '' }, crs);
    expect(answer.statusCode).toBe(400);
    const told = answer.json<Told>().errors;
    expect(told).toContainEqual({
      pointer: '/Content-Crs',
      detail: expect.stringMatching(/^the header Content-Crs .*EPSG\/0\/28992>/) as string,
    });
    expect(told.map(({ pointer }) => pointer)).toContain('/reference');
  });

  // prettier-ignore
  test.each<[name: string, crs: string | undefined, zone: unknown, errors: RegExp[]]>([
    ['RD undeclared',       undefined,          zonesIn(inRd)[2],           [/center\/0/, /center\/1/, /zone looks like RD: .*Content-Crs: <http:[^>]*28992>/]],
    ['degrees as RD',       `<${epsg(28992)}>`, zonesIn((ring) => ring)[0], [/^\/bans\/0\/zone \(5\.1, 52\.08\) is not in RD, where x .*: is Content-Crs right\?$/]],
    ['RD abroad',           `<${epsg(28992)}>`, { type: 'Circle', center: [290_000, 300_000], radiusM: 9 }, [/center \(7\.\d+, 50\.\d+\) lies outside/]],
    ['longitude first',     `<${epsg(4258)}>`,  zonesIn((ring) => ring)[0], [/seem swapped: longitude comes first, unless Content-Crs names EPSG:4258/]],
    ['an open ring in RD',  `<${epsg(28992)}>`, { type: 'Polygon', coordinates: [inRd(SQUARE).slice(0, 4)] }, [/coordinates\/0 a ring must end where it starts/]],
    ['a bow-tie in RD',     `<${epsg(28992)}>`, { type: 'Polygon', coordinates: [inRd([SQUARE[0]!, SQUARE[2]!, SQUARE[1]!, SQUARE[3]!, SQUARE[0]!])] }, [/coordinates\/0 crosses or touches itself/]],
    ['words for numbers',   `<${epsg(28992)}>`, { type: 'Circle', center: ['136000', 455_000], radiusM: 9 }, [/center\/0 /, /center\/1 /]],
    ['no place at all',     `<${epsg(28992)}>`, { type: 'Circle', radiusM: 9 }, [/zone\/center/]],
    ['a hole in the list',  `<${epsg(28992)}>`, { type: 'Polygon', coordinates: [null, 7] }, [/coordinates\/0/, /coordinates\/1/]],
  ])('with %s tells what is wrong', async (_name, crs, zone, errors) => {
    const answer = await put(orderOf(zone), crs);
    expect(answer.statusCode).toBe(400);
    const told = answer.json<Told>().errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
    expect(told).toEqual(errors.map((error) => expect.stringMatching(error) as string));
    expect(world.store.orderRows).toEqual([]);
  });

  test('with more positions than a zone takes is refused before they are turned', async () => {
    const ring = Array.from({ length: 10_001 }, () => [136_000, 455_000]);
    const answer = await put(orderOf({ type: 'Polygon', coordinates: [ring] }), `<${epsg(28992)}>`);
    expect(answer.json<Told>().errors[0]!.detail).toMatch(/^has 10001 positions/);
  });
});

describe('an answer', () => {
  // prettier-ignore
  test.each<[name: string, crs: string, zones: unknown[]]>([
    ['CRS84',   CRS84,        zonesIn((ring) => ring)],
    ['RD',      epsg(28992),  zonesIn(inRd)],
    ['ETRS89',  epsg(4258),   zonesIn(swap)],
    ['WGS84',   epsg(4326),   zonesIn(swap)],
  ])('[AP2] is in %s if asked', async (_name, crs, zones) => {
    await put(orderOf(...zonesIn((ring) => ring)));
    const query = `crs=${encodeURIComponent(crs)}`;
    for (const path of ['/o-1', '/o-1/versions', '']) {
      const answer = await world.ask('operator', 'GET', `/v1/orders${path}?${query}`);
      expect(answer.headers['content-crs']).toBe(`<${crs}>`);
      const body = answer.json<Json>();
      const [order] = (body['items'] as Json[] | undefined) ?? [body];
      expect(zonesOf(order!)).toEqual(zones);
    }
  });

  test('[AP2] can be sent back as it came, in any system', async () => {
    await put(orderOf(...zonesIn((ring) => ring)));
    for (const crs of [CRS84, epsg(28992), epsg(4258), epsg(4326)]) {
      const url = `/v1/orders/o-1?crs=${encodeURIComponent(crs)}`;
      const got = (await world.ask('cjib', 'GET', url)).json<Json>();
      const again = await put(got, `<${crs}>`);
      expect([again.statusCode, again.headers.etag]).toEqual([200, '"1"']);
    }
  });

  test.each(['/o-1', '/o-1/versions', ''])('in an unknown system is refused: %s', async (path) => {
    await put(orderOf(...zonesIn((ring) => ring)));
    const answer = await world.ask('cjib', 'GET', `/v1/orders${path}?crs=EPSG:28992`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json<Told>().errors[0]).toMatchObject({ pointer: '/crs' });
  });
});

describe('a body that is a zone', () => {
  test('[AP1] is read the same way', () => {
    const zone = zonesIn(inRd)[0];
    expect(readZone(zone, `<${epsg(28992)}>`, NETHERLANDS)).toEqual([]);
    expect(zone).toEqual(zonesIn((ring) => ring)[0]);
    expect(readZone(zone, 'RD', NETHERLANDS)[0]!.path).toEqual(['Content-Crs']);
    expect(readZone(zone, `<${epsg(28992)}>`, NETHERLANDS)[0]!.path).toEqual([]);
    expect(readZone(null, `<${epsg(28992)}>`, NETHERLANDS)).toEqual([]);
  });
});
