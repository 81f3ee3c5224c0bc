import type { Feature, Position } from 'geojson';
import { isDrawn } from '../shared/court-order.ts';
import type { OrderVersionView, OrderView } from '../shared/order-view.ts';
import { lengthOf, scaleAt } from '../shared/geodesy.ts';
import type { LonLat, Zone } from '../shared/zone.ts';
import type { LoadedDossier } from './approval-model.ts';
import { standingOf } from './approval-selectors.ts';
import { type Bounds, circleRing, type MapMarker, type Overlay } from './map-overlay.ts';
import { readDraft, type ZoneDraft } from './zone-draft.ts';
import { drawnRings } from './zone-measure.ts';

/** What the map shows of an order: as it would be, as it stands (dashed), and what lies beside. */
export function overlayOf(dossier: LoadedDossier, draft: ZoneDraft | null): Overlay {
  const { order, others } = dossier;
  const standing = standingOf(dossier);
  const drawing = draft?.banId ?? null;
  const features = [
    ...buffersOf(order, draft),
    ...others.flatMap((other) => zonesOf(other).map(({ zone }) => area('other', zone))),
    ...(standing === null ? [] : standingFeatures(standing)),
    // What is being drawn is drawn by the pen.
    ...zonesOf(order)
      .filter(({ banId }) => banId !== drawing)
      .map(({ kind, zone }) => area(kind, zone)),
  ];
  const markers = zonesOf(order)
    .filter(({ banId }) => banId !== drawing)
    .map(({ banId, name, zone }) => label(banId, name ?? banId, zone));
  return { areas: { type: 'FeatureCollection', features }, markers };
}

/** Around what is drawn already, and around what is being drawn. */
const buffersOf = ({ bans }: OrderView, draft: ZoneDraft | null): Feature[] =>
  bans.flatMap((ban) => {
    if (ban.kind !== 'location-ban' || !ban.bufferM) return [];
    const inHand = draft?.banId === ban.banId ? readDraft(draft).zone : null;
    const zone = inHand ?? ban.zone ?? null;
    return zone === null ? [] : [bufferOf(zone, ban.bufferM)];
  });

interface Drawn {
  readonly banId: string;
  readonly kind: 'zone' | 'duty';
  readonly name: string | null;
  readonly zone: Zone;
}

const zonesOf = ({ bans }: OrderView | OrderVersionView): Drawn[] =>
  bans.filter(isDrawn).flatMap((ban) => {
    if (ban.kind === 'contact-ban') return [];
    const kind = ban.kind === 'location-ban' ? ('zone' as const) : ('duty' as const);
    return [{ banId: ban.banId, kind, name: ban.name ?? null, zone: ban.zone }];
  });

const standingFeatures = (standing: OrderVersionView): Feature[] =>
  zonesOf(standing).map(({ zone }) => area('standing', zone));

const area = (kind: string, zone: Zone): Feature => ({
  type: 'Feature',
  properties: { kind, selected: true, active: true },
  geometry: { type: 'MultiPolygon', coordinates: drawnRings(zone) },
});

/** A drawn edge of more corners looks the same with every other left out. */
const BUFFER_CORNERS_MAX = 1_000;

/**
 * The strip around a zone: the zone, a bar along each edge and a disc on each corner. They overlap,
 * which an opaque colour does not show; nothing is decided by it.
 */
function bufferOf(zone: Zone, bufferM: number): Feature {
  const coordinates =
    zone.type === 'Circle'
      ? [[circleRing(zone.center, zone.radiusM + bufferM)]]
      : drawnRings(zone).flatMap(([outer = []]) => [[outer], ...partsAlong(outer, bufferM)]);
  const geometry = { type: 'MultiPolygon', coordinates } as const;
  return { type: 'Feature', properties: { kind: 'buffer' }, geometry };
}

function partsAlong(ring: readonly LonLat[], bufferM: number): Position[][][] {
  const every = Math.ceil(ring.length / BUFFER_CORNERS_MAX);
  const corners = ring.filter((_, at) => at % every === 0 || at === ring.length - 1);
  return corners.flatMap((corner, at) => {
    const disc = circleRing(corner, bufferM);
    const next = corners[at + 1];
    return next === undefined ? [[disc]] : [[disc], [barAlong(corner, next, bufferM)]];
  });
}

function barAlong(a: LonLat, b: LonLat, halfM: number): Position[] {
  const { lonM, latM } = scaleAt((a[1] + b[1]) / 2);
  const [east, north] = [(b[0] - a[0]) * lonM, (b[1] - a[1]) * latM];
  const length = lengthOf(east, north) || 1;
  const [dLon, dLat] = [((-north / length) * halfM) / lonM, ((east / length) * halfM) / latM];
  const corners = [
    [a[0] + dLon, a[1] + dLat],
    [a[0] - dLon, a[1] - dLat],
    [b[0] - dLon, b[1] - dLat],
    [b[0] + dLon, b[1] + dLat],
  ];
  return [...corners, corners[0]!];
}

/** On the southern edge, where it covers nothing inside. */
function label(banId: string, text: string, zone: Zone): MapMarker {
  const points: Position[] = drawnRings(zone).flat(2);
  const lons = points.map(([lon = 0]) => lon);
  const south = Math.min(...points.map(([, lat = 0]) => lat));
  const at = [(Math.min(...lons) + Math.max(...lons)) / 2, south] as const;
  const look = { letter: '', label: text, freshness: 'fresh', selected: true } as const;
  return { key: `zone/${banId}`, kind: 'zone', at, ...look };
}

/** All zones of the order, now and before; null when there is none. */
export function boundsOf(dossier: LoadedDossier, draft: ZoneDraft | null): Bounds | null {
  const standing = standingOf(dossier);
  const drawn = [dossier.order, ...(standing === null ? [] : [standing])].flatMap(zonesOf);
  const inHand = draft === null ? null : readDraft(draft).zone;
  const own = draft === null ? [] : drawn.filter(({ banId }) => banId === draft.banId);
  const zones = (own.length > 0 || inHand !== null ? own : drawn).map(({ zone }) => zone);
  const points = [...zones, ...(inHand === null ? [] : [inHand])].flatMap((zone) =>
    drawnRings(zone).flat(2),
  );
  if (points.length === 0) return null;
  const lons = points.map(([lon]) => lon);
  const lats = points.map(([, lat]) => lat);
  const [west, south] = [Math.min(...lons), Math.min(...lats)];
  const [east, north] = [Math.max(...lons), Math.max(...lats)];
  const { lonM, latM } = scaleAt((south + north) / 2);
  const [marginLon, marginLat] = [AROUND_M / lonM, AROUND_M / latM];
  return [west - marginLon, south - marginLat, east + marginLon, north + marginLat];
}

/** What lies about it must be seen too. */
const AROUND_M = 400;
