import type { Session } from '../shared/session.ts';
import type { Pen } from './approval-desk.ts';
import type { ApprovalMapDriver } from './approval-map-driver.ts';
import type { ApprovalMessage, ApprovalState } from './approval-model.ts';
import type { PageClock } from './clock.ts';
import type { Preferences } from './preferences.ts';

export interface ApprovalHooks {
  readonly clock: PageClock;
  readonly session: Session;
  preferences(): Preferences;
  prefer(change: Partial<Preferences>): void;
  /** Something on the page is another than it was. */
  changed(): void;
  signedOut(): void;
}

/** All that changes while the page stands, in one place. */
export interface ApprovalStage {
  readonly hooks: ApprovalHooks;
  readonly map: ApprovalMapDriver;
  readonly fields: Map<string, string>;
  state(): ApprovalState;
  dispatch(message: ApprovalMessage): void;
  pick(pen: Pen): void;
}
