import type { Zone } from '../shared/zone.ts';
import type { Direction, MapStatus, Pen } from './approval-desk.ts';
import type { ApprovalState } from './approval-model.ts';
import { boundsOf, overlayOf } from './approval-overlay.ts';
import { WORDS } from './catalogue.ts';
import { COUNTRY } from './map-overlay.ts';
import type { MapTheme } from './map-style.ts';
import type { MapView } from './map-view.ts';
import { penDriver } from './pen-driver.ts';
import type { Preferences } from './preferences.ts';
import { readDraft, type ZoneDraft } from './zone-draft.ts';

/** Brings the approval page and its map together, and goes on without one. */
export interface ApprovalMapDriver {
  status(): MapStatus;
  readonly attach: (element: Element | undefined) => void;
  draw(state: ApprovalState, preferences: Preferences, pen: Pen): void;
  fit(state: ApprovalState): void;
  pan(to: Direction): void;
  /** False when no corner is being drawn: then a step back is one of the draft. */
  undo(): boolean;
}

interface Hooks {
  preferences(): Preferences;
  changed(): void;
  drawn(zone: Zone): void;
}

/** Part of the map that a press of an arrow moves it by. */
const STEP = 0.3;
const STEPS: Record<Direction, [east: number, south: number]> = {
  north: [0, -STEP],
  south: [0, STEP],
  west: [-STEP, 0],
  east: [STEP, 0],
};
const EMPTY = { areas: { type: 'FeatureCollection' as const, features: [] }, markers: [] };

export function approvalMapDriver(hooks: Hooks): ApprovalMapDriver {
  let status: MapStatus = 'loading';
  let view: MapView | null = null;
  let attached: Element | undefined;
  /** What was brought in sight last; after that whoever looks pans as they like. */
  let inSight: string | null = null;

  const pens = penDriver({
    changed: hooks.changed,
    drawn(zone) {
      // It is in sight already: whoever drew it looks at it.
      inSight = inSight?.replace(/\/empty$/, '/drawn') ?? null;
      hooks.drawn(zone);
    },
  });
  const attach = (element: Element | undefined): void => {
    if (element === attached) return;
    attached = element;
    pens.close();
    view?.close();
    view = null;
    if (element !== undefined) void open(element as HTMLElement);
  };
  async function open(element: HTMLElement): Promise<void> {
    try {
      // Loaded apart, so that the queue never waits for a megabyte of map library.
      const { openMap } = await import('./map-view.ts');
      const { language, theme } = hooks.preferences();
      view = await openMap(element, themeOf(theme), WORDS[language], () => {
        status = 'drawn';
        hooks.changed();
      });
      inSight = null;
    } catch {
      status = 'unavailable';
    }
    hooks.changed();
  }
  const fit = ({ dossier, draft }: ApprovalState): void => {
    const bounds = dossier?.state === 'loaded' ? boundsOf(dossier, draft) : null;
    view?.fit(bounds ?? COUNTRY);
  };
  return {
    status: () => status,
    attach,
    fit,
    pan: (to) => view?.pan(...STEPS[to]),
    undo: pens.undo,
    draw(state, { theme }, wanted) {
      if (view === null) return;
      const { dossier, draft } = state;
      const loaded = dossier?.state === 'loaded' ? dossier : null;
      view.update(loaded === null ? EMPTY : overlayOf(loaded, draft), themeOf(theme));
      if (status === 'drawn') pens.draw(view, draft, wanted);
      const sight = loaded === null ? null : sightOf(loaded.orderId, draft);
      if (sight === null || sight === inSight) return;
      inSight = sight;
      fit(state);
    },
  };
}

/** Brought in sight: an order, a ban that is drawn, and its zone when it comes to be. */
function sightOf(orderId: string, draft: ZoneDraft | null): string {
  if (draft === null) return orderId;
  return `${orderId}/${draft.banId}/${readDraft(draft).zone === null ? 'empty' : 'drawn'}`;
}

function themeOf(theme: Preferences['theme']): MapTheme {
  if (theme !== 'system') return theme;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
