import type {
  AlertChangeKind,
  AlertCode,
  AlertState,
  Certainty,
  ClosureFinding,
  Priority,
  Stage,
} from '../shared/alert.ts';
import type { CompassPoint } from './nearest-place.ts';
import type { Freshness, Section } from './selectors.ts';

/** Every word on the screen, except the sentence of an alert (shared/why.ts). */
export interface Words {
  readonly signIn: {
    readonly title: string;
    readonly username: string;
    readonly password: string;
    readonly submit: string;
    readonly busy: string;
    readonly wrong: string;
    readonly tooMany: string;
    readonly unreachable: string;
    readonly notOperator: (role: string) => string;
    readonly again: string;
  };
  readonly shift: {
    readonly title: string;
    readonly explain: string;
    readonly start: string;
    readonly noSound: string;
  };
  readonly header: {
    readonly product: string;
    readonly counts: string;
    readonly countOf: (priority: string, open: number, unacknowledged: number) => string;
    readonly unacknowledged: (count: number) => string;
    readonly lastHeard: (age: string) => string;
    readonly neverHeard: string;
    readonly lag: (duration: string) => string;
    readonly serverTime: string;
    readonly proven: (age: string) => string;
    readonly notProven: (time: string) => string;
    readonly soundOff: string;
    readonly soundOffFor: (left: string) => string;
    readonly soundOn: string;
    readonly settings: string;
    readonly otherLanguage: string;
    readonly theme: string;
    readonly themes: Record<'system' | 'light' | 'dark', string>;
    readonly shortcuts: string;
    readonly shortcutsHelp: string;
    readonly signOut: string;
    readonly expires: (time: string) => string;
  };
  readonly link: {
    readonly connecting: string;
    readonly live: string;
    readonly stale: (silence: string) => string;
    readonly lost: (silence: string) => string;
    readonly signedOut: (silence: string) => string;
    readonly meaning: string;
    readonly retryIn: (duration: string) => string;
    readonly retryNow: string;
    readonly fallback: string;
    readonly old: string;
    readonly unreadable: (count: number, last: string) => string;
    readonly reload: string;
  };
  readonly list: {
    readonly title: string;
    readonly sections: Record<Section, string>;
    readonly empty: string;
    readonly emptyHint: string;
    readonly loading: string;
    readonly none: string;
    readonly waiting: (count: number, urgent: number) => string;
    readonly show: string;
    readonly siblings: (count: number) => string;
    readonly announceMany: (count: number) => string;
    readonly announceNow: (count: number) => string;
    readonly titleCount: (count: number) => string;
    readonly hidden: (count: number) => string;
    readonly more: (count: number) => string;
  };
  readonly alert: {
    readonly priority: Record<Priority, string>;
    readonly code: Record<AlertCode, string>;
    readonly stage: Record<Stage, string>;
    readonly state: Record<AlertState, string>;
    readonly certainty: Record<Certainty, string>;
    readonly retrospective: string;
    readonly advice: Record<AlertCode, string>;
    readonly adviceLabel: string;
    readonly whyLabel: string;
    readonly distance: string;
    readonly toBreach: string;
    readonly toContact: string;
    readonly inSpan: (duration: string) => string;
    readonly nowPossible: string;
    readonly fixAge: Record<'wearer' | 'victim', string>;
    readonly ageOf: (age: string) => string;
    readonly unknown: string;
    readonly asOf: (time: string) => string;
    readonly closing: string;
    readonly raised: string;
    readonly raisedAgo: (age: string) => string;
    readonly cleared: string;
    readonly acknowledged: (by: string, time: string) => string;
    readonly shelvedUntil: (time: string) => string;
    readonly closed: (finding: string, by: string, time: string) => string;
    readonly case: string;
    readonly order: string;
    readonly device: string;
    readonly noneSelected: string;
    readonly gone: string;
    readonly detail: string;
  };
  readonly act: {
    readonly acknowledge: string;
    readonly acknowledging: string;
    readonly note: string;
    readonly noteText: string;
    readonly noteSubmit: string;
    readonly dispatch: string;
    readonly unit: string;
    readonly unitHint: string;
    readonly dispatchText: string;
    readonly dispatchSubmit: string;
    readonly close: string;
    readonly finding: string;
    readonly choose: string;
    readonly findings: Record<ClosureFinding, string>;
    readonly closeText: string;
    readonly closeSubmit: string;
    readonly closeStillOpen: string;
    readonly shelve: string;
    readonly shelveMinutes: string;
    readonly shelveReason: string;
    readonly shelveSubmit: string;
    readonly breakGlass: string;
    readonly breakGlassExplain: string;
    readonly breakGlassReason: string;
    readonly breakGlassSubmit: string;
    readonly names: Record<
      'acknowledge' | 'note' | 'dispatch' | 'close' | 'shelve' | 'break-glass',
      string
    >;
    readonly pending: (act: string) => string;
    readonly undelivered: (act: string) => string;
    readonly refused: (act: string, why: string) => string;
    readonly refusedUnknown: string;
    readonly again: string;
    readonly dismiss: string;
    readonly blocked: string;
  };
  readonly history: {
    readonly title: string;
    readonly loading: string;
    readonly failed: string;
    readonly incomplete: string;
    readonly empty: string;
    readonly change: Record<AlertChangeKind, string>;
    readonly system: string;
    readonly retry: string;
  };
  readonly basis: {
    readonly title: string;
    readonly rule: string;
    readonly rules: string;
    readonly orderVersion: string;
    readonly evaluatedAt: string;
    readonly finding: string;
    readonly reason: string;
    readonly limits: string;
    readonly fixes: string;
    readonly fixHead: readonly [string, string, string, string, string, string];
    readonly other: string;
  };
  readonly map: {
    readonly title: string;
    readonly region: string;
    readonly unavailable: string;
    readonly unavailableWhy: string;
    readonly noPositions: string;
    readonly positionsLeftOut: (count: number) => string;
    readonly rowsLeftOut: (count: number) => string;
    readonly zoomTo: string;
    readonly zoomAll: string;
    readonly wearer: string;
    readonly victim: string;
    readonly wearerLetter: string;
    readonly victimLetter: string;
    readonly freshness: Record<Freshness, string>;
    readonly legend: string;
    readonly legendLines: readonly [string, string, string, string];
    readonly attribution: string;
    readonly noStreets: string;
    readonly table: {
      readonly caption: string;
      readonly head: readonly [string, string, string, string, string];
      readonly accuracyUnknown: string;
    };
    readonly apart: (wearerId: string, victimId: string, distance: string) => string;
    readonly compass: Record<CompassPoint, string>;
    readonly near: (place: string, distance: string, direction: string) => string;
    readonly old: string;
    readonly zoomIn: string;
    readonly zoomOut: string;
  };
}
