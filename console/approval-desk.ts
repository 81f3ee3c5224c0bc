import type { OrderStatus } from '../shared/court-order.ts';
import type { Language } from '../shared/figures.ts';
import type { Session } from '../shared/session.ts';
import type { ActName, ApprovalState } from './approval-model.ts';
import type { ApprovalWords } from './approval-words.ts';
import type { Preferences } from './preferences.ts';
import type { SignIn } from './session-api.ts';
import type { Words } from './words.ts';
import type { ZoneText } from './zone-draft.ts';

export type MapStatus = 'loading' | 'drawn' | 'unavailable';
export type Pen = 'select' | 'circle' | 'polygon';
export type Direction = 'north' | 'south' | 'west' | 'east';

/** All that a view of the approval page needs: what is known, and what can be done. */
export interface ApprovalDesk {
  readonly state: ApprovalState;
  readonly nowMs: number;
  readonly live: boolean;
  readonly words: ApprovalWords;
  /** Words that the operators' desk has too. */
  readonly common: Words;
  readonly language: Language;
  readonly preferences: Preferences;
  readonly session: Session;
  readonly map: MapStatus;
  readonly pen: Pen;
  readonly mapContainer: (element: Element | undefined) => void;
  /** What is typed, kept beside the page: choosing another order loses nothing. */
  readonly fields: ReadonlyMap<string, string>;
  readonly actions: ApprovalActions;
}

export interface ApprovalActions {
  choose(orderId: string): void;
  hold(held: boolean): void;
  settle(): void;
  search(text: string, status: OrderStatus | null): void;
  searchServer(): void;
  /** Fetches everything anew: the list and the chosen order. */
  refresh(): void;
  lookAgain(): void;
  step(step: Exclude<ActName, 'zone'>, reason: string | null): void;
  field(key: string, text: string): void;
  draw(banId: string): void;
  /** `typing` names the field of which each letter arrives. */
  write(text: ZoneText, typing?: string): void;
  undo(): void;
  stopDrawing(): void;
  saveZone(): void;
  pick(pen: Pen): void;
  fit(): void;
  pan(to: Direction): void;
  prefer(change: Partial<Preferences>): void;
  signInAgain(username: string, password: string): Promise<SignIn>;
  signOut(): void;
}
