import { BANS_PER_ORDER_MAX } from '../../shared/court-order.ts';
import { type LonLat, Zone, ZONE_POINTS_MAX } from '../../shared/zone.ts';
import { nameOf, ringsOf, shapeFaults, TOO_SMALL, ZONE_AREA_M2_MIN } from './ring-check.ts';
import type { Fault } from './ring-check.ts';

/**
 * Is an order's geometry what a court can have meant? Checked once, when the order comes in, on
 * plain longitudes: a configured area never reaches over the date line, so neither does a zone.
 */

/** `[west, south, east, north]` in degrees. */
export type AreaBox = readonly number[];

/** Rings per zone: every one is compared with every other. */
const RINGS_MAX = 500;

/** All faults of all zones; also of an order whose other fields are wrong, for one full answer. */
export function checkOrder(body: unknown, area: readonly AreaBox[]): Fault[] {
  return bansIn(body).flatMap((ban, index) => checkBan(ban, index, area));
}

/** An order that was saved under another name must not overwrite the one it is sent to. */
export function nameFaults(body: unknown, orderId: string): Fault[] {
  const given = (body as { orderId?: unknown } | null | undefined)?.orderId;
  if (given === undefined || given === orderId) return [];
  const message = `is not this order: the address names "${orderId}"; correct one of the two`;
  return [{ path: ['orderId'], message }];
}

/** What there is to check one by one; the schema tells of all that is not here. */
export function bansIn(body: unknown): readonly unknown[] {
  const bans = (body as { bans?: unknown } | null | undefined)?.bans;
  return Array.isArray(bans) ? bans.slice(0, BANS_PER_ORDER_MAX) : [];
}

/** All faults of the zone of one ban, with their place in the order. */
export function checkBan(ban: unknown, index: number, area: readonly AreaBox[]): Fault[] {
  const given = (ban as { zone?: unknown } | null)?.zone;
  return zoneFaults(given, area).map(({ path, message }) => ({
    path: ['bans', index, 'zone', ...path],
    message,
  }));
}

/** All faults of a zone that the schema does not tell of, with their place in it. */
export function zoneFaults(given: unknown, area: readonly AreaBox[]): Fault[] {
  const zone = Zone.safeParse(given);
  if (zone.success) return checkZone(zone.data, area);
  return looksLikeRd(given) ? [RD_FAULT] : [];
}

function checkZone(zone: Zone, area: readonly AreaBox[]): Fault[] {
  if (zone.type === 'Circle') {
    const small = Math.PI * zone.radiusM ** 2 < ZONE_AREA_M2_MIN;
    const faults = small ? [{ path: ['radiusM'], message: TOO_SMALL }] : [];
    return [...faults, ...placeFaults([{ path: ['center'], point: zone.center }], area)];
  }
  const rings = ringsOf(zone);
  const pointCount = rings.reduce((sum, ring) => sum + ring.given.length, 0);
  if (pointCount > ZONE_POINTS_MAX || rings.length > RINGS_MAX) {
    const limit = `at most ${ZONE_POINTS_MAX} positions in ${RINGS_MAX} rings`;
    return [{ path: [], message: `has ${pointCount} in ${rings.length}: a zone takes ${limit}` }];
  }
  const places = rings.flatMap((ring) =>
    ring.given.map((point, index) => ({ path: [...ring.path, index], point })),
  );
  return [...placeFaults(places, area), ...shapeFaults(rings)];
}

// Where the zone lies.

interface Place {
  readonly path: readonly PropertyKey[];
  readonly point: LonLat;
}

function placeFaults(places: readonly Place[], area: readonly AreaBox[]): Fault[] {
  const isIn = (lon: number, lat: number): boolean =>
    area.some(([west, south, east, north]) => {
      return lon >= west! && lon <= east! && lat >= south! && lat <= north!;
    });
  const outside = places.filter(({ point }) => !isIn(point[0], point[1]));
  const first = outside[0];
  if (first === undefined) return [];
  const swapped = outside.every(({ point }) => isIn(point[1], point[0]));
  const hint = swapped ? `: ${SWAPPED}` : '';
  const message = `${nameOf(first.point)} lies outside the area that Cordon watches${hint}`;
  const whole = outside.length === places.length && places.length > 1;
  return [{ path: whole ? ['coordinates'] : first.path, message }];
}

const SWAPPED =
  'longitude and latitude seem swapped: longitude comes first, ' +
  'unless Content-Crs names EPSG:4258 or EPSG:4326';

const RD_FAULT: Fault = {
  path: [],
  message:
    'looks like RD: say so with the header Content-Crs: ' +
    '<http://www.opengis.net/def/crs/EPSG/0/28992>, or give longitude and latitude in degrees',
};

/** Dutch map metres are the likeliest numbers to arrive by mistake. */
function looksLikeRd(zone: unknown): boolean {
  const { center, coordinates } = (zone ?? {}) as { center?: unknown; coordinates?: unknown };
  let at: unknown = center ?? coordinates;
  while (Array.isArray(at) && Array.isArray(at[0])) at = at[0];
  if (!Array.isArray(at)) return false;
  const [x, y] = at as unknown[];
  if (typeof x !== 'number' || typeof y !== 'number') return false;
  return x > 0 && x < 300_000 && y > 300_000 && y < 630_000;
}
