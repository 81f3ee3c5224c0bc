import type { FastifyReply } from 'fastify';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { CourtOrder } from '../../shared/court-order.ts';
import { fromRd, isInRd, RD_AREA, toRd } from '../../shared/rd.ts';
import { assert } from '../../shared/result.ts';
import { type LonLat, type Zone, ZONE_POINTS_MAX } from '../../shared/zone.ts';
import type { Box } from '../core/box.ts';
import { type AreaBox, bansIn, zoneFaults } from '../core/order-check.ts';
import type { InputFault } from './http-problem.ts';

/**
 * Coordinates in other reference systems, as the geospatial module of the NLGov API Design Rules
 * has it. Inside, everything is longitude and latitude: this file is the only one that knows of
 * more. (SPEC AP1, AP2)
 */
interface Crs {
  /** Longitude and latitude of a pair, or what is wrong with it. */
  read(first: number, second: number): readonly [lon: number, lat: number] | string;
  write(lon: number, lat: number): readonly [first: number, second: number];
}

const asItIs: Crs = { read: (lon, lat) => [lon, lat], write: (lon, lat) => [lon, lat] };
/** EPSG puts latitude first. */
const latitudeFirst: Crs = { read: (lat, lon) => [lon, lat], write: (lon, lat) => [lat, lon] };
const rd: Crs = {
  read(x, y) {
    if (isInRd(x, y)) return fromRd(x, y);
    const { minX, minY, maxX, maxY } = RD_AREA;
    return `is not in RD, where x runs from ${minX} to ${maxX} and y from ${minY} to ${maxY}`;
  },
  write: toRd,
};

const EPSG = 'http://www.opengis.net/def/crs/EPSG/0/';
export const CRS84 = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';
export const RD_NEW = `${EPSG}28992`;

/**
 * ETRS89 is taken as WGS84, from which it is less than a metre away, as RD is defined on it.
 */
const SYSTEMS: Readonly<Record<string, Crs>> = {
  [CRS84]: asItIs,
  [RD_NEW]: rd,
  [`${EPSG}4258`]: latitudeFirst,
  [`${EPSG}4326`]: latitudeFirst,
};
export const CRS_URIS = Object.keys(SYSTEMS);

/** In a query: the bare URI. */
export const CrsUri = z.enum(CRS_URIS);
/** In a header: the URI between angle brackets. */
export const ContentCrs = z.enum(CRS_URIS.map((uri) => `<${uri}>`));

const systemOf = (uri: string): Crs => {
  const crs = SYSTEMS[uri];
  assert(crs, 'a reference system is looked up after it was parsed');
  return crs;
};

// What comes in.

/**
 * Turns every zone of an order's body into longitude and latitude where it stands, and tells all
 * that is wrong with them. One zone a turn: what would hold up a warning for a second holds it up
 * for a tenth of that.
 */
export async function readZones(
  body: unknown,
  contentCrs: unknown,
  area: readonly AreaBox[],
): Promise<InputFault[]> {
  const faults: InputFault[] = [];
  const crs = crsOfHeader(contentCrs);
  if (crs === null) return [UNKNOWN_CRS];
  for (const [index, ban] of bansIn(body).entries()) {
    const given = (ban as { zone?: unknown } | null)?.zone;
    for (const { path, message } of faultsOfZone(given, crs, area)) {
      faults.push({ path: ['bans', index, 'zone', ...path], message });
    }
    await setImmediate();
  }
  return faults;
}

/** The same for a body that is a zone. */
export function readZone(
  body: unknown,
  contentCrs: unknown,
  area: readonly AreaBox[],
): InputFault[] {
  const crs = crsOfHeader(contentCrs);
  return crs === null ? [UNKNOWN_CRS] : faultsOfZone(body, crs, area);
}

function crsOfHeader(header: unknown): Crs | null {
  if (header === undefined) return asItIs;
  const parsed = ContentCrs.safeParse(typeof header === 'string' ? header.trim() : header);
  return parsed.success ? systemOf(parsed.data.slice(1, -1)) : null;
}

const UNKNOWN_CRS: InputFault = {
  path: ['Content-Crs'],
  message: `the header Content-Crs names no known system: give one of ${ContentCrs.options.join(', ')}`,
};

function faultsOfZone(given: unknown, crs: Crs, area: readonly AreaBox[]): InputFault[] {
  const strange = crs === asItIs ? [] : turn(given, crs);
  return strange.length > 0 ? strange : zoneFaults(given, area);
}

/** What is no number is left for the schema to find. */
function turn(zone: unknown, crs: Crs): InputFault[] {
  const positions = positionsIn(zone);
  if (positions.length > ZONE_POINTS_MAX) {
    const message = `has ${positions.length} positions: a zone takes at most ${ZONE_POINTS_MAX}`;
    return [{ path: [], message }];
  }
  for (const position of positions) {
    const [first, second] = position;
    if (typeof first !== 'number' || typeof second !== 'number') continue;
    const read = crs.read(first, second);
    // The same for all of a zone, so once is enough.
    if (typeof read === 'string') {
      return [{ path: [], message: `(${first}, ${second}) ${read}: is Content-Crs right?` }];
    }
    [position[0], position[1]] = read;
  }
  return [];
}

/** The arrays of numbers in a zone, to be written in place. */
function positionsIn(zone: unknown): unknown[][] {
  const { type, center, coordinates } = (zone ?? {}) as Readonly<Record<string, unknown>>;
  if (type === 'Circle') return Array.isArray(center) ? [center] : [];
  if (!Array.isArray(coordinates)) return [];
  const depth = type === 'MultiPolygon' ? 2 : 1;
  return coordinates.flat(depth).filter((position) => Array.isArray(position));
}

const EDGE_STEPS = 32;

/**
 * The box in longitude and latitude that holds a box of two corners in a system; what is straight
 * in RD is not on the globe, so its edges are walked. Or what is wrong with it.
 */
export function readBox(corners: readonly number[], uri: string = CRS84): Box | string {
  const [x1, y1, x2, y2] = corners as [number, number, number, number];
  const crs = systemOf(uri);
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (let step = 0; step <= EDGE_STEPS; step++) {
    const x = x1 + ((x2 - x1) * step) / EDGE_STEPS;
    const y = y1 + ((y2 - y1) * step) / EDGE_STEPS;
    for (const [first, second] of [
      [x, y1],
      [x, y2],
      [x1, y],
      [x2, y],
    ] as const) {
      const read = crs.read(first, second);
      if (typeof read === 'string') return `(${first}, ${second}) ${read}`;
      const [lon, lat] = read;
      box.minX = Math.min(box.minX, lon);
      box.maxX = Math.max(box.maxX, lon);
      box.minY = Math.min(box.minY, lat);
      box.maxY = Math.max(box.maxY, lat);
    }
  }
  return box;
}

// What goes out.

/** Says in which reference system the answer is. */
export const tellCrs = (reply: FastifyReply, uri: string = CRS84): FastifyReply =>
  reply.header('content-crs', `<${uri}>`);

export function orderIn<T extends CourtOrder>(order: T, uri: string = CRS84): T {
  if (uri === CRS84) return order;
  const crs = systemOf(uri);
  const bans = order.bans.map((ban) => {
    if (ban.kind === 'contact-ban' || ban.zone == null) return ban;
    return { ...ban, zone: zoneIn(ban.zone, crs) };
  });
  return { ...order, bans };
}

function zoneIn(zone: Zone, crs: Crs): Zone {
  const write = ([lon, lat, ...rest]: LonLat): LonLat => [...crs.write(lon, lat), ...rest];
  switch (zone.type) {
    case 'Circle':
      return { ...zone, center: write(zone.center) };
    case 'Polygon':
      return { ...zone, coordinates: zone.coordinates.map((ring) => ring.map(write)) };
    case 'MultiPolygon': {
      const coordinates = zone.coordinates.map((rings) => rings.map((ring) => ring.map(write)));
      return { ...zone, coordinates };
    }
  }
}
