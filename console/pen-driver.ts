import type { Zone } from '../shared/zone.ts';
import type { Pen } from './approval-desk.ts';
import type { MapView } from './map-view.ts';
import { readDraft, type ZoneDraft } from './zone-draft.ts';
import type { ZonePen } from './zone-pen.ts';

/** Takes up a pen when something is drawn, and puts it down when nothing is. */
export interface PenDriver {
  draw(view: MapView, draft: ZoneDraft | null, pen: Pen): void;
  undo(): boolean;
  close(): void;
}

export function penDriver(hooks: { changed(): void; drawn(zone: Zone): void }): PenDriver {
  let pen: ZonePen | null = null;
  let askedOf: MapView | null = null;

  const close = (): void => {
    pen?.close();
    pen = null;
    askedOf = null;
  };
  async function open(view: MapView): Promise<void> {
    askedOf = view;
    const made = await view.pen(hooks.drawn);
    if (askedOf !== view) return made.close();
    pen = made;
    hooks.changed();
  }
  return {
    draw(view, draft, wanted) {
      if (draft === null) return close();
      if (askedOf === null) void open(view);
      pen?.use(wanted);
      pen?.show(readDraft(draft).zone);
    },
    undo: () => pen?.undo() ?? false,
    close,
  };
}
