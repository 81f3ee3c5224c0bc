/** Colours and layers of the map as a plain style document; `map-view.ts` hands it on. */
export type MapTheme = 'light' | 'dark';

interface Palette {
  readonly sea: string;
  readonly land: string;
  readonly border: string;
  readonly river: string;
  readonly place: string;
  readonly halo: string;
  readonly ban: string;
  readonly warning: string;
  readonly wearer: string;
  readonly victim: string;
  readonly duty: string;
  /** Opaque: it is drawn in parts that overlap. */
  readonly strip: string;
}

const PALETTES: Record<MapTheme, Palette> = {
  light: {
    sea: '#d5e3ec',
    land: '#f4f3ee',
    border: '#b6b9b3',
    river: '#b3cddd',
    place: '#4a5157',
    halo: '#f4f3ee',
    ban: '#b3151d',
    warning: '#96580a',
    wearer: '#7a1fa2',
    victim: '#0b5cab',
    duty: '#1c6b3a',
    strip: '#efd9b4',
  },
  dark: {
    sea: '#0d151c',
    land: '#1b242c',
    border: '#3a4650',
    river: '#22384a',
    place: '#a9b4bd',
    halo: '#1b242c',
    ban: '#ff6b6b',
    warning: '#f0b24a',
    wearer: '#d69bf0',
    victim: '#7fb8f5',
    duty: '#6fcf97',
    strip: '#57462a',
  },
};

/** Place names fade in by size; a label for every village would hide the persons. */
const PLACE_STEPS: [minZoom: number, population: number][] = [
  [5, 200_000],
  [7, 80_000],
  [8.5, 20_000],
  [10, 5_000],
];

const ofKind = (...kinds: string[]) => ['in', ['get', 'kind'], ['literal', kinds]];
const emptyCollection = { type: 'FeatureCollection', features: [] };

/** What is being drawn, apart from all that is there. */
export const PEN_COLOURS: Record<MapTheme, `#${string}`> = { light: '#0b57d0', dark: '#8ab8ff' };

export function mapStyle(theme: MapTheme, basemapUrl: string): object {
  const palette = PALETTES[theme];
  return {
    version: 8,
    sources: {
      country: { type: 'geojson', data: basemapUrl, tolerance: 0.2 },
      areas: { type: 'geojson', data: emptyCollection },
    },
    layers: [...countryLayers(palette), ...areaLayers(palette), ...placeLayers(palette)],
  };
}

const fill = (id: string, source: string, filter: unknown, paint: object): object => ({
  id,
  type: 'fill',
  source,
  filter,
  paint,
});
const line = (id: string, source: string, filter: unknown, paint: object): object => ({
  id,
  type: 'line',
  source,
  filter,
  paint,
});

function countryLayers(palette: Palette): object[] {
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': palette.sea } },
    fill('land', 'country', ofKind('land', 'province'), { 'fill-color': palette.land }),
    fill('lake', 'country', ofKind('lake'), { 'fill-color': palette.sea }),
    line('river', 'country', ofKind('river'), { 'line-color': palette.river, 'line-width': 1.5 }),
    line('province', 'country', ofKind('province'), {
      'line-color': palette.border,
      'line-width': 0.8,
      'line-dasharray': [3, 2],
    }),
    line('border', 'country', ofKind('land'), { 'line-color': palette.border, 'line-width': 1.4 }),
  ];
}

function areaLayers(palette: Palette): object[] {
  const faint = ['case', ['get', 'selected'], 1, 0.45];
  return [
    ...approvalLayers(palette),
    fill('zone-fill', 'areas', ofKind('zone'), {
      'fill-color': palette.ban,
      'fill-opacity': ['case', ['get', 'active'], 0.16, 0.05],
    }),
    fill('duty-fill', 'areas', ofKind('duty'), {
      'fill-color': palette.duty,
      'fill-opacity': ['case', ['get', 'active'], 0.14, 0.05],
    }),
    line('zone-line', 'areas', ofKind('zone'), {
      'line-color': palette.ban,
      'line-width': 2,
      'line-opacity': faint,
    }),
    line('duty-line', 'areas', ofKind('duty'), {
      'line-color': palette.duty,
      'line-width': 2,
      'line-opacity': faint,
    }),
    fill('ban-fill', 'areas', ofKind('ban'), {
      'fill-color': palette.ban,
      'fill-opacity': 0.07,
    }),
    line('ban', 'areas', ofKind('ban'), { 'line-color': palette.ban, 'line-width': 2.5 }),
    line('warning', 'areas', ofKind('warning'), {
      'line-color': palette.warning,
      'line-width': 2,
      'line-dasharray': [4, 3],
    }),
    ...(['wearer', 'victim'] as const).flatMap((role) => [
      fill(`${role}-accuracy-fill`, 'areas', ofKind(`${role}-accuracy`), {
        'fill-color': palette[role],
        'fill-opacity': 0.22,
      }),
      line(`${role}-accuracy`, 'areas', ofKind(`${role}-accuracy`), {
        'line-color': palette[role],
        'line-width': 1.2,
      }),
    ]),
    line('between', 'areas', ofKind('between'), {
      'line-color': palette.place,
      'line-width': 2,
      'line-dasharray': [1, 1.5],
    }),
  ];
}

/** Only the approval page has these: what stands now, what lies beside, the strip around a zone. */
function approvalLayers(palette: Palette): object[] {
  return [
    fill('buffer', 'areas', ofKind('buffer'), { 'fill-color': palette.strip }),
    fill('other-fill', 'areas', ofKind('other'), {
      'fill-color': palette.wearer,
      'fill-opacity': 0.08,
    }),
    line('other', 'areas', ofKind('other'), {
      'line-color': palette.wearer,
      'line-width': 1.5,
      'line-dasharray': [1, 2],
    }),
    line('standing', 'areas', ofKind('standing'), {
      'line-color': palette.place,
      'line-width': 2.5,
      'line-dasharray': [3, 2],
    }),
  ];
}

function placeLayers(palette: Palette): object[] {
  return PLACE_STEPS.map(([minZoom, population], step) => {
    const below = PLACE_STEPS[step - 1]?.[1] ?? Number.MAX_SAFE_INTEGER;
    const size = ['interpolate', ['linear'], ['zoom'], minZoom, 12 - step, 13, 18 - 2 * step];
    return {
      id: `place-${population}`,
      type: 'symbol',
      source: 'country',
      minzoom: minZoom,
      filter: [
        'all',
        ofKind('place'),
        ['>=', ['get', 'population'], population],
        ['<', ['get', 'population'], below],
      ],
      layout: {
        'text-field': ['get', 'name'],
        'text-font': ['Noto Sans'],
        'text-size': size,
        'text-padding': 8,
      },
      paint: {
        'text-color': palette.place,
        'text-halo-color': palette.halo,
        'text-halo-width': 1.4,
      },
    };
  });
}
