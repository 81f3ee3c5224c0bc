import type { Polygon, Position } from 'geojson';
import {
  type GeoJSONStoreFeatures,
  TerraDraw,
  TerraDrawCircleMode,
  TerraDrawModeUndoRedo,
  TerraDrawPolygonMode,
  TerraDrawSelectMode,
} from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';
import { distanceM } from '../shared/geodesy.ts';
import type { LonLat, Zone } from '../shared/zone.ts';
import type { Pen } from './approval-desk.ts';
import { drawnRings } from './zone-measure.ts';

/** Draws one zone on a map, by hand. The only file that knows the drawing library. */
export interface ZonePen {
  show(zone: Zone | null): void;
  use(pen: Pen): void;
  /** Takes back the last corner of what is being drawn; false when nothing is. */
  undo(): boolean;
  /** After the map has lost its layers to another style. */
  readonly restart: () => void;
  close(): void;
}

/** What the library takes; a tenth of a millimetre. */
const DIGITS = 9;
/** Of every two corners of a drawn circle one gets a handle: enough to grasp. */
const HANDLES_EVERY = 2;

export function zonePen<LibraryMap>(
  map: LibraryMap,
  colour: () => `#${string}`,
  onDrawn: (zone: Zone) => void,
): ZonePen {
  const draw = drawingOn(map, colour());
  let pen: Pen = 'select';
  let shown: string | null = null;
  draw.start();
  draw.setMode(pen);
  draw.on('finish', (id) => {
    const zone = zoneFrom(draw.getSnapshotFeature(id));
    if (zone === null) return;
    onDrawn(zone);
  });
  const show = (zone: Zone | null): void => {
    const text = JSON.stringify(zone);
    if (text === shown || draw.getModeState() === 'drawing') return;
    shown = text;
    draw.clear();
    if (zone === null) return;
    const [added] = draw.addFeatures(featuresOf(zone));
    if (added?.valid && added.id !== undefined && pen === 'select') draw.selectFeature(added.id);
  };
  return {
    show,
    use(wanted) {
      if (wanted === pen) return;
      pen = wanted;
      draw.setMode(wanted);
      shown = null;
    },
    undo: () => draw.getModeState() === 'drawing' && draw.undo(),
    restart() {
      draw.stop();
      draw.start();
      draw.setMode(pen);
      shown = null;
    },
    close: () => draw.stop(),
  };
}

function drawingOn<LibraryMap>(map: LibraryMap, colour: `#${string}`): TerraDraw {
  const styles = {
    fillColor: colour,
    fillOpacity: 0.2,
    outlineColor: colour,
    outlineWidth: 3,
  };
  const handles = {
    selectedPolygonColor: colour,
    selectedPolygonFillOpacity: 0.2,
    selectedPolygonOutlineColor: colour,
    selectedPolygonOutlineWidth: 3,
    selectionPointColor: colour,
    selectionPointWidth: 4,
    midPointColor: colour,
    midPointWidth: 3,
  };
  const corners = { draggable: true, midpoints: true, deletable: true };
  return new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: DIGITS }),
    undoRedo: { modeLevel: new TerraDrawModeUndoRedo() },
    modes: [
      new TerraDrawPolygonMode({ styles: { ...styles, closingPointColor: colour } }),
      new TerraDrawCircleMode({ styles, drawInteraction: 'click-move' }),
      new TerraDrawSelectMode({
        styles: handles,
        allowManualDeselection: false,
        // A zone is cleared with a button, never by a key that was meant for a field.
        keyEvents: null,
        flags: {
          polygon: { feature: { draggable: true, coordinates: corners } },
          circle: {
            feature: {
              draggable: true,
              coordinates: { draggable: true, resizable: 'center-fixed' },
            },
          },
        },
      }),
    ],
  });
}

function featuresOf(zone: Zone): GeoJSONStoreFeatures[] {
  const ring = drawnRings(zone)[0]?.[0] ?? [];
  const circle = zone.type === 'Circle';
  const shape = circle ? ring.filter((_, at) => at % HANDLES_EVERY === 0) : ring;
  const coordinates = [shape.map(([lon, lat]) => [round(lon), round(lat)])];
  const properties = circle
    ? { mode: 'circle', radiusKilometers: zone.radiusM / 1_000 }
    : { mode: 'polygon' };
  return [{ type: 'Feature', geometry: { type: 'Polygon', coordinates }, properties }];
}

const round = (degrees: number): number => Number(degrees.toFixed(DIGITS));

function zoneFrom(feature: GeoJSONStoreFeatures | undefined): Zone | null {
  if (feature?.geometry.type !== 'Polygon') return null;
  const [ring] = (feature.geometry as Polygon).coordinates;
  if (ring === undefined) return null;
  const points = ring.map(pointOf);
  if (feature.properties['mode'] !== 'circle') return { type: 'Polygon', coordinates: [points] };
  return circleThrough(points);
}

const pointOf = ([lon = 0, lat = 0]: Position): LonLat => [lon, lat];

/** A circle comes back as corners: the middle of their box, and their mean distance from it. */
function circleThrough(points: readonly LonLat[]): Zone {
  const lons = points.map(([lon]) => lon);
  const lats = points.map(([, lat]) => lat);
  const lon = (Math.min(...lons) + Math.max(...lons)) / 2;
  const lat = (Math.min(...lats) + Math.max(...lats)) / 2;
  const sum = points.reduce((all, point) => all + distanceM(lon, lat, point[0], point[1]), 0);
  return { type: 'Circle', center: [lon, lat], radiusM: Math.round(sum / points.length) };
}
