import type { Feature, FeatureCollection, Position } from 'geojson';
import type { BanFeature, PositionFeature } from '../shared/console-message.ts';
import { distanceText, durationText, type Language } from '../shared/figures.ts';
import { offsetBy } from '../shared/geodesy.ts';
import { polygonsOf, type Zone } from '../shared/zone.ts';
import type { ConsoleState } from './model.ts';
import {
  type Freshness,
  freshnessOf,
  isLive,
  type Pair,
  pairsOf,
  positionAgeS,
  serverNowMs,
} from './selectors.ts';
import type { Words } from './words.ts';

/** What the map draws over the country: a function of the model, without any map library. */
export interface Overlay {
  readonly areas: FeatureCollection;
  readonly markers: readonly MapMarker[];
}

export interface MapMarker {
  readonly key: string;
  readonly kind: 'wearer' | 'victim' | 'distance' | 'zone';
  readonly at: readonly [lon: number, lat: number];
  readonly letter: string;
  readonly label: string;
  readonly freshness: Freshness;
  readonly selected: boolean;
}

/** Enough corners that a drawn circle is nowhere 0.2 % off; decisions never use the drawing. */
const CIRCLE_CORNERS = 72;

export function overlayOf(
  state: ConsoleState,
  caseId: string | null,
  words: Words,
  language: Language,
): Overlay {
  const pairs = pairsOf(state);
  const features = [
    ...state.bans.flatMap((ban) => zoneFeatures(ban, caseId)),
    ...pairs.flatMap((pair) => pairFeatures(pair, caseId)),
    ...state.features.flatMap((position) => uncertaintyFeatures(position, caseId)),
  ];
  const view = { nowMs: serverNowMs(state), live: isLive(state), caseId, words, language };
  const markers = [
    ...state.features.map((position) => positionMarker(position, view)),
    ...pairs.filter(({ ban }) => ban.caseId === caseId).map((pair) => distanceMarker(pair, view)),
    ...state.bans.filter((ban) => ban.caseId === caseId).flatMap(zoneMarkers),
  ];
  return { areas: { type: 'FeatureCollection', features }, markers };
}

interface View {
  readonly nowMs: number;
  readonly live: boolean;
  readonly caseId: string | null;
  readonly words: Words;
  readonly language: Language;
}

function positionMarker({ geometry, properties }: PositionFeature, view: View): MapMarker {
  const { words, language } = view;
  const kind = properties.kind === 'ankle-monitor' ? 'wearer' : 'victim';
  const ageS = positionAgeS(properties.time, view.nowMs);
  const age = words.alert.ageOf(durationText(ageS, language));
  return {
    key: `device/${properties.deviceId}`,
    kind,
    at: geometry.coordinates,
    letter: kind === 'wearer' ? words.map.wearerLetter : words.map.victimLetter,
    label: `${words.map[kind]} ${properties.personId} · ${age}`,
    freshness: freshnessOf(ageS, view.live),
    selected: properties.caseId === view.caseId,
  };
}

function distanceMarker({ ban, wearer, victim, apartM }: Pair, view: View): MapMarker {
  const [a, b] = [wearer.geometry.coordinates, victim.geometry.coordinates];
  const oldestS = Math.max(
    positionAgeS(wearer.properties.time, view.nowMs),
    positionAgeS(victim.properties.time, view.nowMs),
  );
  return {
    key: `pair/${ban.orderId}/${ban.banId}`,
    kind: 'distance',
    at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2],
    letter: '',
    label: distanceText(apartM, view.language),
    freshness: freshnessOf(oldestS, view.live),
    selected: true,
  };
}

/** The name of a zone, on its southern edge where it covers nobody inside. */
function zoneMarkers(ban: BanFeature): MapMarker[] {
  if (ban.zone === null || ban.name === null) return [];
  const points = ringsOf(ban.zone).flat(2);
  const lons = points.map(([lon = 0]) => lon);
  const south = Math.min(...points.map(([, lat = 0]) => lat));
  const middle = (Math.min(...lons) + Math.max(...lons)) / 2;
  const key = `zone/${ban.orderId}/${ban.banId}`;
  const look = { letter: '', label: ban.name, freshness: 'fresh', selected: true } as const;
  return [{ key, kind: 'zone', at: [middle, south], ...look }];
}

function zoneFeatures(ban: BanFeature, caseId: string | null): Feature[] {
  if (ban.zone === null) return [];
  const properties = {
    kind: ban.kind === 'location-duty' ? 'duty' : 'zone',
    selected: ban.caseId === caseId,
    active: ban.active,
  };
  return ringsOf(ban.zone).map((coordinates) => ({
    type: 'Feature',
    properties,
    geometry: { type: 'Polygon', coordinates },
  }));
}

function ringsOf(zone: Zone): Position[][][] {
  if (zone.type === 'Circle') return [[circleRing(zone.center, zone.radiusM)]];
  return polygonsOf(zone);
}

/** The ban's circles stand around her: it is to her that he may not come near. */
function pairFeatures({ ban, wearer, victim }: Pair, caseId: string | null): Feature[] {
  const selected = ban.caseId === caseId;
  if (!selected) return [];
  const centre = victim.geometry.coordinates;
  const circle = (kind: string, radiusM: number | null): Feature[] =>
    radiusM === null ? [] : [areaOf(kind, circleRing(centre, radiusM), selected)];
  return [
    ...circle('warning', ban.warningM),
    ...circle('ban', ban.distanceM),
    {
      type: 'Feature',
      properties: { kind: 'between', selected },
      geometry: { type: 'LineString', coordinates: [wearer.geometry.coordinates, centre] },
    },
  ];
}

function uncertaintyFeatures(
  { geometry, properties }: PositionFeature,
  caseId: string | null,
): Feature[] {
  if (properties.accuracyM === null) return [];
  const ring = circleRing(geometry.coordinates, properties.accuracyM);
  const kind = properties.kind === 'ankle-monitor' ? 'wearer-accuracy' : 'victim-accuracy';
  return [areaOf(kind, ring, properties.caseId === caseId)];
}

const areaOf = (kind: string, ring: Position[], selected: boolean): Feature => ({
  type: 'Feature',
  properties: { kind, selected },
  geometry: { type: 'Polygon', coordinates: [ring] },
});

export function circleRing(centre: Position, radiusM: number): Position[] {
  const [lon = 0, lat = 0] = centre;
  return Array.from({ length: CIRCLE_CORNERS + 1 }, (_, corner) => {
    const angle = ((corner % CIRCLE_CORNERS) / CIRCLE_CORNERS) * 2 * Math.PI;
    return offsetBy(lon, lat, radiusM * Math.sin(angle), radiusM * Math.cos(angle));
  });
}

export type Bounds = [west: number, south: number, east: number, north: number];

/** The Netherlands, with a little of the sea. */
export const COUNTRY: Bounds = [3.2, 50.7, 7.3, 53.6];

/** What must be in sight of one case: the persons and the distance that is forbidden. */
export function caseBounds(state: ConsoleState, caseId: string): Bounds | null {
  const points: Position[] = state.features
    .filter(({ properties }) => properties.caseId === caseId)
    .map(({ geometry }) => geometry.coordinates);
  for (const { ban, victim } of pairsOf(state)) {
    if (ban.caseId !== caseId || ban.distanceM === null) continue;
    points.push(...circleRing(victim.geometry.coordinates, ban.distanceM));
  }
  if (points.length === 0) return null;
  const lons = points.map(([lon = 0]) => lon);
  const lats = points.map(([, lat = 0]) => lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
