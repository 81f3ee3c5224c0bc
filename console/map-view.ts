import 'maplibre-gl/dist/maplibre-gl.css';
import {
  AttributionControl,
  type GeoJSONSource,
  Map as LibreMap,
  Marker,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type StyleSpecification,
} from 'maplibre-gl';
import type { Zone } from '../shared/zone.ts';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import basemapUrl from './basemap.json?url';
import { type Bounds, COUNTRY, type MapMarker, type Overlay } from './map-overlay.ts';
import { mapStyle, type MapTheme, PEN_COLOURS } from './map-style.ts';
import type { Words } from './words.ts';
import type { ZonePen } from './zone-pen.ts';

/** A sink: it draws what it is given and decides nothing. The only file that knows MapLibre. */
export interface MapView {
  update(overlay: Overlay, theme: MapTheme): void;
  fit(bounds: Bounds): void;
  /** Moves what is seen by a part of its width and height. */
  pan(east: number, south: number): void;
  /** Hands out what a zone is drawn with; `onDrawn` gets each zone that was finished with it. */
  pen(onDrawn: (zone: Zone) => void): Promise<ZonePen>;
  close(): void;
}

/** Closer than this an offline map has nothing more to show. */
const FIT_ZOOM_MAX = 16;
const FIT_PADDING_PX = 56;
/** On a low map a full margin would leave nothing to look at. */
const FIT_PADDING_SHARE = 10;

/** Throws where WebGL is missing: the caller then goes on without a map. */
export async function openMap(
  container: HTMLElement,
  theme: MapTheme,
  words: Words,
  onDrawn: () => void,
): Promise<MapView> {
  setWorkerUrl(new URL(workerUrl, location.href).href);
  await document.fonts.load('16px "Noto Sans"').catch(() => undefined);
  const style = (of: MapTheme): StyleSpecification =>
    mapStyle(of, new URL(basemapUrl, location.href).href) as StyleSpecification;
  const map = new LibreMap({
    container,
    style: style(theme),
    bounds: COUNTRY,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    locale: {
      'Map.Title': words.map.title,
      'AttributionControl.ToggleAttribution': words.map.attribution,
      'NavigationControl.ZoomIn': words.map.zoomIn,
      'NavigationControl.ZoomOut': words.map.zoomOut,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl({ unit: 'metric' }), 'bottom-left');
  map.addControl(
    new AttributionControl({ compact: false, customAttribution: words.map.attribution }),
    'bottom-right',
  );
  map.once('idle', onDrawn);
  return viewOf(map, theme, style);
}

function viewOf(
  map: LibreMap,
  firstTheme: MapTheme,
  style: (theme: MapTheme) => StyleSpecification,
): MapView {
  const drawn = new Map<string, DrawnMarker>();
  let theme = firstTheme;
  let areas: Overlay['areas'] | null = null;
  const drawAreas = (): void => {
    if (areas !== null) map.getSource<GeoJSONSource>('areas')?.setData(areas);
  };
  map.on('style.load', drawAreas);
  return {
    update(overlay, wanted) {
      if (wanted !== theme) {
        theme = wanted;
        map.setStyle(style(theme), { diff: false });
      }
      if (JSON.stringify(areas) !== JSON.stringify(overlay.areas)) {
        areas = overlay.areas;
        drawAreas();
      }
      drawMarkers(map, drawn, overlay.markers);
    },
    fit(bounds) {
      // Its place may just have changed its size, which the map hears of a moment later.
      map.resize();
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
      map.fitBounds(bounds, {
        padding: Math.min(FIT_PADDING_PX, map.getContainer().clientHeight / FIT_PADDING_SHARE),
        maxZoom: FIT_ZOOM_MAX,
        animate: !calm,
        duration: 400,
      });
    },
    pan(east, south) {
      const { clientWidth, clientHeight } = map.getContainer();
      map.panBy([east * clientWidth, south * clientHeight], { animate: false });
    },
    async pen(onDrawn) {
      // Loaded by whoever draws: an operator's map never does.
      const { zonePen } = await import('./zone-pen.ts');
      if (!map.isStyleLoaded()) await map.once('idle');
      const pen = zonePen(map, () => PEN_COLOURS[theme], onDrawn);
      map.on('style.load', pen.restart);
      const close = (): void => {
        map.off('style.load', pen.restart);
        pen.close();
      };
      return { ...pen, close };
    },
    close: () => map.remove(),
  };
}

interface DrawnMarker {
  readonly marker: Marker;
  readonly letter: HTMLElement;
  readonly label: HTMLElement;
}

function drawMarkers(
  map: LibreMap,
  drawn: Map<string, DrawnMarker>,
  markers: readonly MapMarker[],
): void {
  const wanted = new Set(markers.map(({ key }) => key));
  for (const [key, { marker }] of drawn) {
    if (wanted.has(key)) continue;
    marker.remove();
    drawn.delete(key);
  }
  for (const marker of markers) {
    const known = drawn.get(marker.key) ?? newMarker(map, marker);
    drawn.set(marker.key, known);
    known.marker.setLngLat([marker.at[0], marker.at[1]]);
    const element = known.marker.getElement();
    for (const name of ['fresh', 'ageing', 'old']) {
      element.classList.toggle(name, marker.freshness === name);
    }
    element.classList.toggle('selected', marker.selected);
    known.letter.textContent = marker.letter;
    known.label.textContent = marker.label;
  }
}

/** Hidden from screen readers, because the table of positions says the same in order. */
function newMarker(map: LibreMap, { kind, at }: MapMarker): DrawnMarker {
  const element = document.createElement('div');
  element.className = `marker ${kind}`;
  const letter = element.appendChild(document.createElement('b'));
  const label = element.appendChild(document.createElement('span'));
  const marker = new Marker({ element }).setLngLat([at[0], at[1]]).addTo(map);
  // After addTo, which gives every marker a role and a name of MapLibre's own.
  element.removeAttribute('role');
  element.removeAttribute('aria-label');
  element.removeAttribute('tabindex');
  element.setAttribute('aria-hidden', 'true');
  return { marker, letter, label };
}
