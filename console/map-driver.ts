import { caseBounds, COUNTRY, overlayOf } from './map-overlay.ts';
import type { MapTheme } from './map-style.ts';
import type { MapView } from './map-view.ts';
import type { ConsoleState } from './model.ts';
import type { Preferences } from './preferences.ts';
import { WORDS } from './catalogue.ts';
import { isLive } from './selectors.ts';

export type MapStatus = 'loading' | 'drawn' | 'unavailable';

/** Brings model and map together, and goes on without a map where none can be drawn. */
export interface MapDriver {
  status(): MapStatus;
  readonly attach: (element: Element | undefined) => void;
  draw(state: ConsoleState, preferences: Preferences): void;
  zoom(to: 'case' | 'all', state: ConsoleState): void;
}

export function mapDriver(preferences: () => Preferences, changed: () => void): MapDriver {
  let status: MapStatus = 'loading';
  let view: MapView | null = null;
  let attached: Element | undefined;
  /** The case in sight: chosen once, then the operator pans as she likes. */
  let inSight: string | null = null;
  /** What the last drawing was made of. */
  let drawn: readonly unknown[] = [];

  const attach = (element: Element | undefined): void => {
    if (element === attached) return;
    attached = element;
    view?.close();
    view = null;
    if (element !== undefined) void open(element as HTMLElement);
  };
  async function open(element: HTMLElement): Promise<void> {
    try {
      // Loaded apart, so that the list never waits for a megabyte of map library.
      const { openMap } = await import('./map-view.ts');
      const { language, theme } = preferences();
      view = await openMap(element, themeOf(theme), WORDS[language], () => {
        status = 'drawn';
        changed();
      });
      inSight = null;
      drawn = [];
    } catch {
      status = 'unavailable';
    }
    changed();
  }
  const zoom = (to: 'case' | 'all', state: ConsoleState): void => {
    const caseId = selectedCase(state);
    const bounds = to === 'all' || caseId === null ? COUNTRY : caseBounds(state, caseId);
    if (bounds !== null) view?.fit(bounds);
  };
  return {
    status: () => status,
    attach,
    zoom,
    draw(state, { language, theme }) {
      if (view === null) return;
      const caseId = selectedCase(state);
      const second = Math.floor(state.nowMs / 1_000);
      const shown = [state.features, state.bans, caseId, isLive(state), language, theme, second];
      // Drawn anew when something on it has changed, and each second for the ages.
      if (shown.every((part, at) => part === drawn[at])) return;
      drawn = shown;
      view.update(overlayOf(state, caseId, WORDS[language], language), themeOf(theme));
      if (caseId === null || caseId === inSight || caseBounds(state, caseId) === null) return;
      inSight = caseId;
      zoom('case', state);
    },
  };
}

const selectedCase = ({ selectedId, alerts }: ConsoleState): string | null =>
  selectedId === null ? null : (alerts.get(selectedId)?.caseId ?? null);

function themeOf(theme: Preferences['theme']): MapTheme {
  if (theme !== 'system') return theme;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
