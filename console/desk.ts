import type { Alert } from '../shared/alert.ts';
import type { Language } from '../shared/figures.ts';
import type { Session } from '../shared/session.ts';
import type { ConsoleState } from './model.ts';
import type { Place } from './nearest-place.ts';
import type { Preferences } from './preferences.ts';
import type { ActMessage } from './sent-acts.ts';
import type { SignIn } from './session-api.ts';
import type { Words } from './words.ts';

type WithoutRequestId<T> = T extends unknown ? Omit<T, 'requestId'> : never;
/** An act before it gets the id by which its answer is known. */
export type NewAct = WithoutRequestId<ActMessage>;

/** Everything an operator can do, as the views call it. */
export interface DeskActions {
  select(alertId: string | null): void;
  act(act: NewAct): void;
  resend(requestId: string): void;
  dismiss(requestId: string): void;
  hold(): void;
  release(): void;
  showMore(section: string): void;
  silence(): void;
  unsilence(): void;
  prefer(change: Partial<Preferences>): void;
  reconnect(): void;
  signInAgain(username: string, password: string): Promise<SignIn>;
  signOut(): void;
  loadHistory(alertId: string): void;
  zoom(to: 'case' | 'all'): void;
  draft(key: string, text: string): void;
}

/** What every view of the desk is a function of. */
export interface Desk {
  readonly state: ConsoleState;
  /** The server's time, which all ages count from. */
  readonly nowMs: number;
  readonly live: boolean;
  readonly words: Words;
  readonly language: Language;
  readonly preferences: Preferences;
  readonly session: Session;
  readonly soundWorks: boolean;
  readonly places: readonly Place[];
  readonly map: 'loading' | 'drawn' | 'unavailable';
  readonly mapContainer: (element: Element | undefined) => void;
  /** Text typed but not yet sent, by alert and field: changing the selection loses none. */
  readonly drafts: ReadonlyMap<string, string>;
  readonly actions: DeskActions;
}

export const selectedAlert = ({ state }: Desk): Alert | null =>
  state.selectedId === null ? null : (state.alerts.get(state.selectedId) ?? null);

/** What kind of alert it is, in a few words: "Contactverbod · overtreding". */
export function titleOf(alert: Alert, words: Words): string {
  const parts = [words.alert.code[alert.code]];
  if (alert.stage !== null) parts.push(words.alert.stage[alert.stage]);
  return parts.join(' · ');
}
