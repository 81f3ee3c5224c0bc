import { isDrawn } from '../shared/court-order.ts';
import type { OrderChange, OrderPreview } from '../shared/order-preview.ts';
import type { OrderVersionView, OrderView } from '../shared/order-view.ts';
import { fromInstant } from '../shared/instant.ts';
import type { ActName, ApprovalState, LoadedDossier } from './approval-model.ts';
import { askOf, lacksZone, needsSomebody, queueOf } from './approval-queue-order.ts';

/** In the whole list at most so many at once: whoever seeks one types a few letters. */
export const FOUND_MAX = 50;

export const serverNowMs = ({ nowMs, skewMs }: ApprovalState): number => nowMs + skewMs;
export const isLive = ({ line }: ApprovalState): boolean => line.state === 'live';

export interface QueueRow {
  readonly order: OrderView;
  /** Somebody else did something about it, while the list was held still. */
  readonly moved: boolean;
}

export function rowsOf(state: ApprovalState): { loud: QueueRow[]; waiting: QueueRow[] } {
  const shown = (loud: boolean): QueueRow[] =>
    state.rows
      .filter((row) => row.loud === loud)
      .map(({ order }) => {
        const now = state.orders.get(order.orderId) ?? order;
        const moved = !needsSomebody(now) || lacksZone(now) !== loud;
        // A row that has lost its place keeps its size, and so its words.
        return { order: moved ? order : now, moved };
      });
  return { loud: shown(true), waiting: shown(false) };
}

/** Of orders that came while the list was held still. */
export const untoldCount = ({ orders, rows }: ApprovalState): number => {
  const shown = new Set(rows.map(({ order }) => order.orderId));
  return queueOf(orders).filter(({ order }) => !shown.has(order.orderId)).length;
};

export function foundIn({ orders, search, status }: ApprovalState): OrderView[] {
  const sought = search.trim().toLowerCase();
  return [...orders.values()]
    .filter((order) => status === null || order.status === status)
    .filter(({ orderId, reference, wearerId }) =>
      [orderId, reference, wearerId].some((text) => text.toLowerCase().includes(sought)),
    )
    .toSorted((a, b) => (a.reference < b.reference ? -1 : 1));
}

/** The newest known is another than the one on the screen. (SPEC AV5) */
export function isOutdated({ orders, dossier }: ApprovalState): boolean {
  if (dossier?.state !== 'loaded') return false;
  const newest = orders.get(dossier.orderId);
  return newest !== undefined && newest.version !== dossier.order.version;
}

export const standingOf = ({ order, versions }: LoadedDossier): OrderVersionView | null =>
  order.standing === null
    ? null
    : (versions.find(({ version }) => version === order.standing?.version) ?? null);

/** What was asked since the version that stands, oldest first. */
export function pendingOf({ order, versions }: LoadedDossier): readonly OrderVersionView[] {
  if (order.status !== 'awaiting-approval') return [];
  const closed = versions.findLast(({ status }) => status !== 'awaiting-approval')?.version ?? 0;
  return versions.filter(({ version }) => version > closed);
}

export const waitsSinceMs = (dossier: LoadedDossier): number =>
  fromInstant(pendingOf(dossier)[0]?.at ?? dossier.order.at);

/** Whoever asked cannot be the second to look at it. */
export const isOwn = (dossier: LoadedDossier, username: string): boolean =>
  dossier.order.status === 'awaiting-approval' && dossier.order.by === username;

const isLess = ({ protection }: OrderChange): boolean =>
  protection === 'less' || protection === 'mixed';

/** What whoever says yes must have noticed; each is asked for by name. (SPEC AV6) */
export type Caution = 'less-protection' | 'contradiction' | 'no-zone' | 'no-preview';

export function cautionsOf(order: OrderView, preview: OrderPreview | null): Caution[] {
  const ask = askOf(order);
  if (ask === 'suspension' || ask === 'withdrawal') return ['less-protection'];
  const cautions: Caution[] = [];
  if (preview?.changes.some(isLess)) cautions.push('less-protection');
  const overlaps = preview?.bans.flatMap((ban) => ban.overlaps) ?? [];
  if (overlaps.some(({ contradicts }) => contradicts)) cautions.push('contradiction');
  if (!order.bans.every(isDrawn)) {
    cautions.push('no-zone');
  }
  if (preview === null) cautions.push('no-preview');
  return cautions;
}

/** The steps that make sense now, besides drawing a zone. */
export function stepsOf({ status, standing }: OrderView): Exclude<ActName, 'zone'>[] {
  if (status === 'awaiting-approval') return ['approval', 'rejection'];
  if (status === 'suspended') return ['resumption', 'withdrawal'];
  if (status === 'active') return ['suspension', 'withdrawal'];
  if (standing === null) return [];
  return standing.status === 'suspended'
    ? ['resumption', 'withdrawal']
    : ['suspension', 'withdrawal'];
}
