import type { OrderStatus } from '../shared/court-order.ts';
import type { OrderPreview } from '../shared/order-preview.ts';
import type { OrderVersionView, OrderView } from '../shared/order-view.ts';
import type { Problem } from '../shared/problem.ts';
import { assertNever } from '../shared/result.ts';
import { type HeldRow, queueOf } from './approval-queue-order.ts';
import type { ZoneDraft } from './zone-draft.ts';

/** Is what stands on the page still so? */
export type ApprovalLine =
  | { readonly state: 'loading' }
  | { readonly state: 'live' }
  | { readonly state: 'down'; readonly sinceMs: number; readonly signedOut: boolean };

/** One order in full: what it is, was and would become. */
export type Dossier =
  | { readonly state: 'loading'; readonly orderId: string }
  | { readonly state: 'failed'; readonly orderId: string }
  | {
      readonly state: 'loaded';
      readonly orderId: string;
      readonly order: OrderView;
      /** Oldest first. */
      readonly versions: readonly OrderVersionView[];
      /** Null when the server could not work it out. */
      readonly preview: OrderPreview | null;
      /** Orders that it overlaps, to draw beside it. */
      readonly others: readonly OrderView[];
    };
export type LoadedDossier = Extract<Dossier, { state: 'loaded' }>;

/** What the server says of a zone before it is saved. */
export type DraftCheck =
  | { readonly state: 'none' | 'asked' | 'unreachable' }
  | { readonly state: 'good'; readonly preview: OrderPreview }
  | { readonly state: 'faults'; readonly problem: Problem };

export type ActName =
  'approval' | 'rejection' | 'suspension' | 'resumption' | 'withdrawal' | 'zone';
export type ActState =
  | { readonly state: 'none' }
  | { readonly state: 'sent' | 'done' | 'unanswered'; readonly act: ActName; orderId: string }
  | { readonly state: 'refused'; readonly act: ActName; orderId: string; problem: Problem };

export interface ApprovalState {
  /** Of this machine. */
  readonly nowMs: number;
  /** How far the server's clock is ahead of it. */
  readonly skewMs: number;
  readonly line: ApprovalLine;
  readonly orders: ReadonlyMap<string, OrderView>;
  /** False while there are more orders than one page holds. */
  readonly complete: boolean;
  /** The queue as it is shown: held still while somebody is in it. */
  readonly rows: readonly HeldRow[];
  readonly held: boolean;
  readonly search: string;
  readonly status: OrderStatus | null;
  readonly dossier: Dossier | null;
  readonly draft: ZoneDraft | null;
  readonly check: DraftCheck;
  readonly act: ActState;
}

export const FIRST_STATE: ApprovalState = {
  nowMs: 0,
  skewMs: 0,
  line: { state: 'loading' },
  orders: new Map(),
  complete: true,
  rows: [],
  held: false,
  search: '',
  status: null,
  dossier: null,
  draft: null,
  check: { state: 'none' },
  act: { state: 'none' },
};

export type ApprovalMessage =
  | { type: 'tick'; atMs: number }
  /** `whole` lists every order; otherwise only those that await approval, and the chosen one. */
  | { type: 'listed'; orders: readonly OrderView[]; whole: boolean; complete: boolean }
  | { type: 'heard'; skewMs: number }
  | { type: 'unheard'; atMs: number; signedOut: boolean }
  | { type: 'held'; held: boolean }
  | { type: 'settle' }
  | { type: 'searched'; text: string; status: OrderStatus | null }
  | { type: 'chosen'; orderId: string }
  | { type: 'dossier'; dossier: Dossier }
  | { type: 'drafted'; draft: ZoneDraft | null }
  | { type: 'checked'; check: DraftCheck }
  | { type: 'act'; act: ActState };

export function reduce(state: ApprovalState, message: ApprovalMessage): ApprovalState {
  switch (message.type) {
    case 'tick':
      return { ...state, nowMs: message.atMs };
    case 'listed':
      return listed(state, message);
    case 'heard':
      return { ...state, skewMs: message.skewMs, line: { state: 'live' } };
    case 'unheard':
      return unheard(state, message.atMs, message.signedOut);
    case 'held':
      return { ...state, held: message.held };
    case 'settle':
      return { ...state, rows: queueOf(state.orders) };
    case 'searched':
      return { ...state, search: message.text, status: message.status };
    case 'chosen': {
      const dossier = { state: 'loading', orderId: message.orderId } as const;
      return { ...state, dossier, draft: null, check: { state: 'none' }, act: { state: 'none' } };
    }
    case 'dossier':
      return withDossier(state, message.dossier);
    case 'drafted':
      return { ...state, draft: message.draft, check: { state: 'none' } };
    case 'checked':
      return { ...state, check: message.check };
    case 'act':
      return { ...state, act: message.act };
    default:
      return assertNever(message);
  }
}

/** A row never moves under the pointer: while somebody is in the list, it stays. (SPEC AV3) */
function listed(
  state: ApprovalState,
  { orders: found, whole, complete }: Extract<ApprovalMessage, { type: 'listed' }>,
): ApprovalState {
  const fresh = new Map(found.map((order) => [order.orderId as string, order]));
  const orders = whole ? fresh : new Map([...state.orders, ...fresh]);
  const rows = state.held ? state.rows : queueOf(orders);
  return { ...state, orders, rows, complete: whole ? complete : state.complete };
}

/** The first failure counts: since then nothing on the page is known to be true. */
function unheard(state: ApprovalState, atMs: number, signedOut: boolean): ApprovalState {
  const sinceMs = state.line.state === 'down' ? state.line.sinceMs : atMs;
  return { ...state, line: { state: 'down', sinceMs, signedOut } };
}

/** An answer that comes after somebody chose another order is of no use. */
function withDossier(state: ApprovalState, dossier: Dossier): ApprovalState {
  if (state.dossier?.orderId !== dossier.orderId) return state;
  if (dossier.state !== 'loaded') return { ...state, dossier };
  const orders = new Map(state.orders).set(dossier.orderId, dossier.order);
  return { ...state, dossier, orders };
}
