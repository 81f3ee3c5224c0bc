import { type Alert, type AlertEvent, isOpen } from '../shared/alert.ts';
import type { BanFeature, PositionFeature } from '../shared/console-message.ts';
import { HEARTBEAT_MISSED_MS } from '../shared/console-message.ts';
import { fromInstant } from '../shared/instant.ts';
import { assertNever } from '../shared/result.ts';
import type { Heard } from './inbound.ts';
import {
  type ActMessage,
  answeredActs,
  cutOffActs,
  overdueActs,
  type SentAct,
  settledActs,
  withAct,
  withoutAct,
} from './sent-acts.ts';
import { withOffset } from './server-time.ts';

/**
 * Everything the screen shows, and how it changes. `reduce` is pure: time is a message too.
 *
 * The link is `connecting` until the queue is complete, then `live`. Without a heartbeat for
 * HEARTBEAT_MISSED_MS it is `stale`; without a socket it is `lost`. In both the queue stays on
 * screen and is marked old: an empty screen would say that nothing is wrong.
 */
export type Link =
  | { state: 'connecting'; sinceMs: number }
  | { state: 'live' }
  | { state: 'stale'; sinceMs: number }
  | { state: 'lost'; sinceMs: number; retryAtMs: number; signedOut: boolean };

export type History =
  | { state: 'loading' }
  | { state: 'failed' }
  | { state: 'loaded'; events: readonly AlertEvent[]; complete: boolean };

/** Where a row stands; rows are held there while somebody points at or works in the list. */
export interface Placement {
  readonly alertId: string;
  readonly section: string;
}

/** Which calls were silenced: what comes after them sounds again. */
export interface Silence {
  readonly untilMs: number;
  readonly alertIds: ReadonlySet<string>;
  readonly link: boolean;
}

export interface ConsoleState {
  readonly nowMs: number;
  readonly link: Link;
  /** When the last heartbeat came; ages of everything count from the server's clock. */
  readonly heardAtMs: number | null;
  readonly serverOffsetsMs: readonly number[];
  readonly lagMs: number | null;
  /** When the whole chain last proved that it works, as the server says; null: it never said. */
  readonly provenAt: string | null;
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly features: readonly PositionFeature[];
  readonly bans: readonly BanFeature[];
  /** Open cases whose positions are not shown, because others are more urgent. */
  readonly casesLeftOut: number;
  readonly acts: readonly SentAct[];
  readonly unreadable: { readonly count: number; readonly last: string | null };
  readonly selectedId: string | null;
  readonly histories: ReadonlyMap<string, History>;
  readonly held: { readonly placements: readonly Placement[]; readonly untilMs: number } | null;
  readonly silence: Silence | null;
  /** Rows that the operator asked for beyond the first of a section. */
  readonly moreRows: ReadonlyMap<string, number>;
}

export type ConsoleMessage =
  | { type: 'tick'; atMs: number }
  | { type: 'connecting'; atMs: number }
  | { type: 'heard'; atMs: number; message: Exclude<Heard, { type: 'welcome' | 'alert' }> }
  /** `continues`: nothing was missed but what follows now; else a snapshot comes. */
  | { type: 'welcomed'; atMs: number; serverTime: string; continues: boolean }
  /** In the order in which they came; of several in one burst only the last state counts. */
  | { type: 'alerts'; atMs: number; alerts: readonly Alert[] }
  | { type: 'more-rows'; section: string }
  | { type: 'unreadable'; atMs: number; what: string }
  | { type: 'link-lost'; atMs: number; retryAtMs: number; signedOut: boolean }
  | { type: 'act-sent'; atMs: number; message: ActMessage; delivered: boolean }
  | { type: 'act-dismissed'; requestId: string }
  | { type: 'selected'; alertId: string | null }
  | { type: 'history'; alertId: string; history: History }
  | { type: 'held'; placements: readonly Placement[]; untilMs: number }
  | { type: 'released' }
  | { type: 'silenced'; atMs: number }
  | { type: 'unsilenced' };

/** "Geluid uit" is for answering the telephone, not for the night. */
export const SILENCE_MS = 2 * 60_000;
/** Alerts that ask nothing any more are kept for reference, but not a whole shift of them. */
export const SETTLED_ALERTS_MAX = 200;

/** Rows of a section that are drawn; more is more than a person reads, and makes the page slow. */
export const ROWS_SHOWN = 60;
/** How many more each time that the operator asks. */
export const ROWS_MORE = 60;

export const initialState = (atMs: number): ConsoleState => ({
  nowMs: atMs,
  link: { state: 'connecting', sinceMs: atMs },
  heardAtMs: null,
  serverOffsetsMs: [],
  lagMs: null,
  provenAt: null,
  alerts: new Map(),
  features: [],
  bans: [],
  casesLeftOut: 0,
  acts: [],
  unreadable: { count: 0, last: null },
  selectedId: null,
  histories: new Map(),
  held: null,
  silence: null,
  moreRows: new Map(),
});

export function reduce(state: ConsoleState, message: ConsoleMessage): ConsoleState {
  switch (message.type) {
    case 'tick':
      return ticked(state, message.atMs);
    case 'connecting':
      // A reconnect that is under way is not yet news: the banner stays until the queue is whole.
      return { ...state, nowMs: message.atMs };
    case 'heard':
      return heard({ ...state, nowMs: message.atMs }, message.message, message.atMs);
    case 'welcomed': {
      const alive = proofOfLife(state, message.serverTime, message.atMs);
      return welcomed({ ...alive, nowMs: message.atMs }, message.continues);
    }
    case 'alerts':
      return withAlerts({ ...state, nowMs: message.atMs }, message.alerts);
    case 'more-rows': {
      const shown = (state.moreRows.get(message.section) ?? 0) + ROWS_MORE;
      return { ...state, moreRows: new Map(state.moreRows).set(message.section, shown) };
    }
    case 'unreadable': {
      const count = state.unreadable.count + 1;
      return { ...state, nowMs: message.atMs, unreadable: { count, last: message.what } };
    }
    case 'link-lost':
      return linkLost(state, message);
    case 'act-sent':
      return { ...state, acts: withAct(state.acts, message) };
    case 'act-dismissed':
      return { ...state, acts: withoutAct(state.acts, message.requestId) };
    case 'selected':
      return { ...state, selectedId: message.alertId };
    case 'history':
      return {
        ...state,
        histories: new Map(state.histories).set(message.alertId, message.history),
      };
    case 'held':
      return { ...state, held: { placements: message.placements, untilMs: message.untilMs } };
    case 'released':
      return { ...state, held: null };
    case 'silenced':
      return { ...state, silence: silenceOf(state, message.atMs) };
    case 'unsilenced':
      return { ...state, silence: null };
    default:
      return assertNever(message);
  }
}

function ticked(state: ConsoleState, atMs: number): ConsoleState {
  const silence = state.silence && atMs < state.silence.untilMs ? state.silence : null;
  const held = state.held && atMs < state.held.untilMs ? state.held : null;
  const acts = overdueActs(state.acts, atMs);
  const next = { ...state, nowMs: atMs, silence, held, acts };
  const silentMs = atMs - (state.heardAtMs ?? atMs);
  if (state.link.state !== 'live' || silentMs <= HEARTBEAT_MISSED_MS) return next;
  return { ...next, link: { state: 'stale', sinceMs: state.heardAtMs ?? atMs } };
}

type Told = Extract<ConsoleMessage, { type: 'heard' }>['message'];

function heard(state: ConsoleState, message: Told, atMs: number): ConsoleState {
  switch (message.type) {
    case 'snapshot': {
      const alerts = new Map(message.alerts.map((alert) => [alert.alertId as string, alert]));
      return { ...state, alerts, acts: settledActs(state.acts, alerts), link: { state: 'live' } };
    }
    case 'positions':
      return {
        ...state,
        features: message.features,
        bans: message.bans ?? state.bans,
        casesLeftOut: message.casesLeftOut ?? 0,
      };
    case 'heartbeat': {
      const alive = proofOfLife(state, message.serverTime, atMs);
      const link: Link = state.link.state === 'stale' ? { state: 'live' } : state.link;
      return { ...alive, lagMs: message.lagMs, provenAt: message.provenAt ?? null, link };
    }
    case 'result':
      return { ...state, acts: answeredActs(state.acts, message) };
    default:
      return assertNever(message);
  }
}

/** Where nothing was missed the queue is whole; else that waits for the snapshot. */
function welcomed(state: ConsoleState, continues: boolean): ConsoleState {
  // A server that has nothing to show says nothing: what was shown before the loss must go.
  const fresh = { ...state, features: [], bans: [], casesLeftOut: 0 };
  return continues ? { ...fresh, link: { state: 'live' } } : fresh;
}

/** One copy of the queue for a whole burst: for each alert it would be the flood's square. */
function withAlerts(state: ConsoleState, news: readonly Alert[]): ConsoleState {
  const known = new Map(state.alerts);
  for (const alert of news) known.set(alert.alertId, alert);
  const alerts = bounded(known, state.selectedId);
  return { ...state, alerts, acts: settledActs(state.acts, alerts) };
}

function proofOfLife(state: ConsoleState, serverTime: string, atMs: number): ConsoleState {
  const offsetMs = fromInstant(serverTime) - atMs;
  return {
    ...state,
    heardAtMs: atMs,
    serverOffsetsMs: withOffset(state.serverOffsetsMs, offsetMs),
  };
}

function linkLost(
  state: ConsoleState,
  { atMs, retryAtMs, signedOut }: Extract<ConsoleMessage, { type: 'link-lost' }>,
): ConsoleState {
  const sinceMs =
    state.link.state === 'lost' || state.link.state === 'stale'
      ? state.link.sinceMs
      : (state.heardAtMs ?? atMs);
  const acts = cutOffActs(state.acts);
  return { ...state, nowMs: atMs, acts, link: { state: 'lost', sinceMs, retryAtMs, signedOut } };
}

const isSettled = (alert: Alert): boolean => !isOpen(alert);

/** Drops the oldest of those that ask nothing any more, never one that does. */
function bounded(
  alerts: ReadonlyMap<string, Alert>,
  keepId: string | null,
): ReadonlyMap<string, Alert> {
  const settled = [...alerts.values()]
    .filter(isSettled)
    .toSorted((a, b) => fromInstant(b.updatedAt) - fromInstant(a.updatedAt));
  if (settled.length <= SETTLED_ALERTS_MAX) return alerts;
  const dropped = new Set<string>(
    settled.slice(SETTLED_ALERTS_MAX).map(({ alertId }) => alertId as string),
  );
  return new Map([...alerts].filter(([alertId]) => alertId === keepId || !dropped.has(alertId)));
}

function silenceOf(state: ConsoleState, atMs: number): Silence {
  return {
    untilMs: atMs + SILENCE_MS,
    alertIds: new Set(state.alerts.keys()),
    link: state.link.state === 'stale' || state.link.state === 'lost',
  };
}
