import { fromRd, isInRd, toRd } from '../shared/rd.ts';
import { polygonsOf, type Zone, ZONE_RADIUS_M_MAX } from '../shared/zone.ts';

/**
 * A zone while it is being drawn, as text: what stands in the fields is what will be saved, whether
 * it was typed or drawn on the map.
 */
export type Crs = 'lonlat' | 'rd';
export type Pair = readonly [x: string, y: string];

export interface ZoneText {
  readonly shape: 'circle' | 'polygon';
  readonly crs: Crs;
  readonly centre: Pair;
  readonly radius: string;
  /** The corners in order; the ring is closed by whoever reads them. */
  readonly corners: readonly Pair[];
}

export interface ZoneDraft {
  readonly banId: string;
  readonly text: ZoneText;
  /** What it was before each change, oldest first. */
  readonly before: readonly ZoneText[];
  /** The field that is being typed in: its letters are one step back together. */
  readonly typing: string | null;
}

/** Which field is wrong, and how. A corner is told by its number from 0. */
export interface DraftFault {
  readonly at: 'centre' | 'radius' | 'corners' | number;
  readonly why: 'no-number' | 'out-of-range' | 'swapped' | 'too-few' | 'radius';
}

/** Steps back that are kept; nobody counts further. */
const UNDO_MAX = 100;
/** A table of more corners cannot be checked by eye: such a zone is replaced as a whole. */
export const CORNERS_MAX = 300;
const CORNERS_MIN = 3;
/** Sixth decimal of a degree: a tenth of a metre. */
const DEGREE_DIGITS = 6;
const RD_DIGITS = 1;

const EMPTY: ZoneText = {
  shape: 'circle',
  crs: 'lonlat',
  centre: ['', ''],
  radius: '',
  corners: [],
};

/** Rings and parts that the fields have no room for: it can be replaced here, not edited. */
export function isTooRich(zone: Zone): boolean {
  if (zone.type === 'Circle') return false;
  const rings = polygonsOf(zone).flat();
  return rings.length > 1 || (rings[0]?.length ?? 0) > CORNERS_MAX + 1;
}

export function draftOf(banId: string, zone: Zone | null): ZoneDraft {
  const fits = zone !== null && !isTooRich(zone);
  return { banId, text: fits ? textOf(zone, EMPTY) : EMPTY, before: [], typing: null };
}

export function textOf(zone: Zone, like: ZoneText): ZoneText {
  if (zone.type === 'Circle') {
    const [lon, lat] = zone.center;
    const centre = pairOf([lon, lat], like.crs);
    return { ...like, shape: 'circle', centre, radius: String(Math.round(zone.radiusM)) };
  }
  const ring = polygonsOf(zone)[0]?.[0] ?? [];
  const corners = ring.slice(0, -1).map(([lon, lat]) => pairOf([lon, lat], like.crs));
  return { ...like, shape: 'polygon', corners };
}

export function changed(draft: ZoneDraft, text: ZoneText, typing: string | null = null): ZoneDraft {
  if (JSON.stringify(text) === JSON.stringify(draft.text)) return draft;
  const sameField = typing !== null && typing === draft.typing;
  const before = sameField ? draft.before : [...draft.before, draft.text].slice(-UNDO_MAX);
  return { ...draft, text, before, typing };
}

export function undone(draft: ZoneDraft): ZoneDraft {
  const text = draft.before.at(-1);
  if (text === undefined) return draft;
  return { ...draft, text, before: draft.before.slice(0, -1), typing: null };
}

/** The same place in the other numbers; what is no number stays as it was typed. */
export function inCrs(text: ZoneText, crs: Crs): ZoneText {
  if (text.crs === crs) return text;
  const turned = (pair: Pair): Pair => {
    const at = placeOf(pair, text.crs);
    return typeof at === 'string' ? pair : pairOf(at, crs);
  };
  return { ...text, crs, centre: turned(text.centre), corners: text.corners.map(turned) };
}

/** `5.1, 52.1` pasted into one field fills both. A decimal comma alone is no separator. */
export function pastedPair(text: string): Pair | null {
  const found = /^\s*(-?\d+(?:[.,]\d+)?)\s*(?:[;\s]|,\s)\s*(-?\d+(?:[.,]\d+)?)\s*$/.exec(text);
  const points = found ?? /^\s*(-?\d+\.\d+),(-?\d+\.\d+)\s*$/.exec(text);
  return points === null ? null : [points[1]!, points[2]!];
}

export type ReadDraft =
  { readonly zone: Zone; readonly faults: readonly [] } | { zone: null; faults: DraftFault[] };

export function readDraft({ text }: ZoneDraft): ReadDraft {
  return text.shape === 'circle' ? readCircle(text) : readPolygon(text);
}

function readCircle({ centre, crs, radius }: ZoneText): ReadDraft {
  const faults: DraftFault[] = [];
  const at = placeOf(centre, crs);
  if (typeof at === 'string') faults.push({ at: 'centre', why: at });
  const radiusM = numberOf(radius);
  if (radiusM === null || radiusM <= 0 || radiusM > ZONE_RADIUS_M_MAX) {
    faults.push({ at: 'radius', why: 'radius' });
  }
  if (faults.length > 0) return { zone: null, faults };
  const zone = { type: 'Circle', center: at as [number, number], radiusM: radiusM! } as const;
  return { zone, faults: [] };
}

function readPolygon({ corners, crs }: ZoneText): ReadDraft {
  const places = corners.map((corner) => placeOf(corner, crs));
  const faults: DraftFault[] = places.flatMap((place, at) =>
    typeof place === 'string' ? [{ at, why: place }] : [],
  );
  if (corners.length < CORNERS_MIN) faults.push({ at: 'corners', why: 'too-few' });
  if (faults.length > 0) return { zone: null, faults };
  const ring = places as [number, number][];
  return { zone: { type: 'Polygon', coordinates: [[...ring, ring[0]!]] }, faults: [] };
}

const within = (value: number, low: number, high: number): boolean => value >= low && value <= high;

/** Where the typed numbers point, or why that is nowhere. */
function placeOf([x, y]: Pair, crs: Crs): [lon: number, lat: number] | DraftFault['why'] {
  const [a, b] = [numberOf(x), numberOf(y)];
  if (a === null || b === null) return 'no-number';
  if (crs === 'lonlat') {
    if (within(a, 50, 54) && within(b, 3, 8)) return 'swapped';
    return within(a, -180, 180) && within(b, -90, 90) ? [a, b] : 'out-of-range';
  }
  if (!isInRd(a, b) && isInRd(b, a)) return 'swapped';
  return isInRd(a, b) ? fromRd(a, b) : 'out-of-range';
}

function numberOf(text: string): number | null {
  const plain = text.trim().replace(',', '.');
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

function pairOf(at: readonly [lon: number, lat: number], crs: Crs): Pair {
  if (crs === 'lonlat') return [at[0].toFixed(DEGREE_DIGITS), at[1].toFixed(DEGREE_DIGITS)];
  const [x, y] = toRd(at[0], at[1]);
  return [x.toFixed(RD_DIGITS), y.toFixed(RD_DIGITS)];
}
