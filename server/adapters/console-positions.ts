import type { Alert } from '../../shared/alert.ts';
import type { ServerToConsole } from '../../shared/console-message.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import type { Clock, Desk, Log, Store } from '../ports.ts';
import type { ProblemCode } from './http-problem.ts';
import { faultOf } from './logging.ts';

/** How long one reason opens a case without an open alert, and how often looking on is logged. */
export const GLASS_BROKEN_MS = 15 * 60_000;
export const LOOK_LOGGED_EVERY_MS = 15 * 60_000;
/**
 * Cases whose positions go out at once: some 150 KB, which a thin line carries before the next
 * second. All positions of a flood would keep the alert that comes behind them waiting.
 */
export const CASES_SHOWN_MAX = 200;
/** Cases that one person may have open at once: more is not a search but a trawl. (T12) */
export const GLASSES_BROKEN_MAX = 20;

/** One signed-in person at one console. */
export interface Viewer {
  readonly username: string;
  readonly tokenHash: string;
}

/** A positions message with the cases that it shows. */
export interface View {
  readonly text: string;
  /** The same, made once for all consoles that see it. */
  readonly frame: Buffer;
  readonly cases: ReadonlySet<string>;
}

export interface PositionsParts {
  readonly desk: Desk;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whose positions may be seen now, and the proof of who saw them. */
export interface ConsolePositions {
  /** Looks at the open alerts anew: what everybody may see. */
  refresh(): void;
  viewFor(viewer: Viewer): View;
  /** Called when a view is sent; writes a look for each case not logged lately. */
  seen(viewer: Viewer, view: View): void;
  /** Opens the case of an alert to one person, once the reason is on disk. */
  breakGlass(viewer: Viewer, alertId: string, reason: string): Promise<Result<null, ProblemCode>>;
  sessionEnded(tokenHash: string): void;
}

export function consolePositions({ desk, store, clock, log }: PositionsParts): ConsolePositions {
  let openCases: readonly string[] = [];
  let common: View = viewOf(desk, openCases);
  /** By user: the cases broken open, and until when. */
  const broken = new Map<string, Map<string, number>>();
  /** By session: when each case was last logged as looked at. */
  const looked = new Map<string, Map<string, number>>();

  function brokenBy(username: string): Map<string, number> {
    const cases = broken.get(username) ?? new Map<string, number>();
    for (const [caseId, untilMs] of cases) if (untilMs <= clock.nowMs()) cases.delete(caseId);
    if (cases.size > 0) broken.set(username, cases);
    else broken.delete(username);
    return cases;
  }

  function logLook({ username, tokenHash }: Viewer, caseId: string): void {
    const cases = looked.get(tokenHash) ?? new Map<string, number>();
    const lastMs = cases.get(caseId);
    if (lastMs !== undefined && clock.nowMs() - lastMs < LOOK_LOGGED_EVERY_MS) return;
    looked.set(tokenHash, cases.set(caseId, clock.nowMs()));
    const reason = openCases.includes(caseId) ? 'open alert' : 'broken glass';
    // Not waited for: a failing disk must not hide where a victim in danger is. (DESIGN §3.3)
    desk.look(username, 'positions', caseId, reason).catch((error: unknown) => {
      cases.delete(caseId);
      log.error({ caseId, fault: faultOf(error) }, 'a look could not be logged');
    });
  }

  return {
    refresh() {
      openCases = byUrgency(desk.openAlerts());
      const fresh = viewOf(desk, openCases);
      if (fresh.text !== common.text) common = fresh;
    },
    viewFor({ username }) {
      const own = brokenBy(username);
      if (own.size === 0) return common;
      // What somebody asked for by name is not left out for what is urgent.
      return viewOf(desk, [...new Set([...own.keys(), ...openCases])]);
    },
    seen(viewer, view) {
      for (const caseId of view.cases) logLook(viewer, caseId);
    },
    async breakGlass(viewer, alertId, reason) {
      const caseId = await caseOf(desk, store, alertId);
      if (caseId === null) return refused('unknown-alert');
      const { username, tokenHash } = viewer;
      const cases = brokenBy(username);
      if (!cases.has(caseId) && cases.size >= GLASSES_BROKEN_MAX) return refused('too-many-looks');
      try {
        await desk.look(username, 'break-glass', caseId, reason);
      } catch {
        return refused('store-failing');
      }
      broken.set(username, brokenBy(username).set(caseId, clock.nowMs() + GLASS_BROKEN_MS));
      const logged = looked.get(tokenHash) ?? new Map<string, number>();
      looked.set(tokenHash, logged.set(caseId, clock.nowMs()));
      return ok(null);
    },
    sessionEnded: (tokenHash) => void looked.delete(tokenHash),
  };
}

/** Those with the most urgent alert first; among equals the one that was raised last. */
function byUrgency(alerts: readonly Alert[]): string[] {
  const worst = new Map<string, Alert>();
  for (const alert of alerts) {
    const known = worst.get(alert.caseId);
    if (known === undefined || moreUrgent(alert, known) < 0) worst.set(alert.caseId, alert);
  }
  return [...worst.values()].sort(moreUrgent).map(({ caseId }) => caseId);
}

/** Instants of the server are all written alike, so that their texts sort as they do. */
function moreUrgent(a: Alert, b: Alert): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  return a.raisedAt > b.raisedAt ? -1 : a.raisedAt < b.raisedAt ? 1 : 0;
}

/** Asks for these cases only, and believes no more: what else comes back is left out. */
function viewOf(desk: Desk, wanted: readonly string[]): View {
  const cases = new Set(wanted.slice(0, CASES_SHOWN_MAX));
  const features = desk.positionsOf(cases).filter((f) => cases.has(f.properties.caseId));
  const bans = desk.bansOf(cases).filter(({ caseId }) => cases.has(caseId));
  const casesLeftOut = wanted.length - cases.size;
  const left = casesLeftOut > 0 ? { casesLeftOut } : {};
  const message: ServerToConsole = { type: 'positions', features, bans, ...left };
  const shown = [...features.map((f) => f.properties.caseId), ...bans.map((ban) => ban.caseId)];
  const text = JSON.stringify(message);
  return { text, frame: Buffer.from(text), cases: new Set(shown) };
}

async function caseOf(desk: Desk, store: Store, alertId: string): Promise<string | null> {
  const open = desk.openAlerts().find((alert) => alert.alertId === alertId);
  return (open ?? (await store.alert(alertId)))?.caseId ?? null;
}
