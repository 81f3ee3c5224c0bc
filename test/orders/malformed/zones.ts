import {
  circle,
  inCrs,
  multi,
  place,
  type Point,
  polygon,
  ring,
  SQUARE,
  zone,
} from './base-order.ts';
import type { Row } from './row.ts';

const AT = '/bans/1/zone';
const TOO_SMALL = /less than 25 m²/;
const swap = (points: readonly Point[]): Point[] => points.map(([x, y]) => [y!, x!]);
const HOLE = ring([1, 1], [3, 1], [3, 3], [1, 3]);
const MORE = Array.from({ length: 10_001 }, (_, i): Point => {
  const angle = (2 * Math.PI * (i % 10_000)) / 10_000;
  return [5.1 + 0.1 * Math.cos(angle), 52.1 + 0.1 * Math.sin(angle)];
});
const EPSG = 'http://www.opengis.net/def/crs/EPSG/0/';
const FEATURE = { type: 'Feature', properties: {}, geometry: polygon(SQUARE) };
const TYPES = /give one of Polygon, MultiPolygon, Circle/;

// prettier-ignore
export const ZONES: readonly Row[] = [
  ['latitude before longitude',        zone(polygon(swap(SQUARE))),          [`${AT}/coordinates`, /seem swapped.*longitude comes first/]],
  ['a circle with latitude first',     zone(circle([52.1, 5.1], 100)),       [`${AT}/center`, /seem swapped/]],
  ['a circle in map metres',           zone(circle([136_000, 455_000], 100)), [`${AT}/center/0`, /at most 180/], [`${AT}/center/1`, /at most 90/], [AT, /looks like RD.*28992/]],
  ['a zone in Paris',                  zone(circle([2.35, 48.86], 100)),     [`${AT}/center`, /outside the area that Cordon watches/]],
  ['one corner in Germany',            zone(polygon(ring([0, 0], [400, 0], [4, 4]))), [`${AT}/coordinates/0/1`, /outside the area/]],
  ['a circle of 0 m',                  zone(circle([5.1, 52.1], 0)),         [`${AT}/radiusM`, /radius above 0 m/]],
  ['a negative radius',                zone(circle([5.1, 52.1], -100)),      [`${AT}/radiusM`, /radius above 0 m/]],
  ['a radius in kilometres',           zone(circle([5.1, 52.1], 0.5)),       [`${AT}/radiusM`, TOO_SMALL]],
  ['a sliver',                         zone(polygon(ring([0, 0], [1, 1], [2, 2]))), [`${AT}/coordinates/0`, TOO_SMALL]],
  ['a bow-tie',                        zone(polygon(ring([0, 0], [4, 4], [4, 0], [0, 4]))), [`${AT}/coordinates/0`, /crosses or touches itself at \(5\.12, 52\.12\)/]],
  ['a hole outside',                   zone(polygon(SQUARE, ring([5, 1], [6, 1], [6, 2], [5, 2]))), [`${AT}/coordinates/1`, /hole that reaches outside/]],
  ['a hole across the edge',           zone(polygon(SQUARE, ring([3, 1], [6, 1], [6, 2], [3, 2]))), [`${AT}/coordinates/0`, /crosses the ring at/]],
  ['holes that overlap',               zone(polygon(SQUARE, HOLE, HOLE)),    [`${AT}/coordinates/2`, /overlaps another hole/]],
  ['polygons that overlap',            zone(multi([SQUARE], [HOLE])),        [`${AT}/coordinates/1/0`, /overlaps another polygon/]],
  ['a ring that does not close',       zone(polygon(SQUARE.slice(0, 4))),    [`${AT}/coordinates/0`, /must end where it starts/]],
  ['a ring of three positions',        zone(polygon([SQUARE[0], SQUARE[1], SQUARE[0]])), [`${AT}/coordinates/0`, /at least four positions/]],
  ['more positions than a zone takes', zone(polygon(MORE)),                  [AT, /at most 10000 positions/]],
  ['a Feature',                        zone(FEATURE),                        [`${AT}/type`, TYPES]],
  ['a Point',                          zone({ type: 'Point', coordinates: [5.1, 52.1] }), [`${AT}/type`, TYPES]],
  ['WKT',                              zone('POLYGON((5.1 52.1, 5.2 52.1))'), [AT, /is a text: give an object/]],
  ['a MultiPolygon of none',           zone(multi()),                        [`${AT}/coordinates`, /at least one polygon/]],
  ['a centre nested too deep',         zone(circle([[5.1, 52.1]], 100)),     [`${AT}/center/0`, /is a list: give a number/], [`${AT}/center/1`, /is missing/]],
  ['coordinates in quotes',            zone(circle(['5.1', '52.1'], 100)),   [`${AT}/center/0`, /is a text: give a number/], [`${AT}/center/1`, /is a text/]],
  ['no zone and no words for it',      place({ zone: null, place: null }),   [AT, /give a zone, or in "place" the words/]],
];

/** They need the header Content-Crs. */
// prettier-ignore
export const CRS: readonly Row[] = [
  ['degrees that are called RD',       inCrs(`${EPSG}28992`, circle([5.1, 52.1], 100)), [AT, /is not in RD/], ['/bans/2/zone', /is not in RD/]],
  ['an unknown reference system',      inCrs(`${EPSG}31370`, polygon(SQUARE)), ['/Content-Crs', /give one of/]],
];
