import type { Alert, AlertEvent } from '../shared/alert.ts';
import type { BanFeature, ConsoleToServer, PositionFeature } from '../shared/console-message.ts';
import { HEARTBEAT_MISSED_MS } from '../shared/console-message.ts';
import { fromInstant } from '../shared/instant.ts';
import type { Problem } from '../shared/problem.ts';
import { assertNever } from '../shared/result.ts';
import type { Heard } from './inbound.ts';
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

export type ActMessage = Exclude<ConsoleToServer, { type: 'resume' }>;

/** An act stays here until the server has answered: none is ever silently lost. */
export interface SentAct {
  readonly message: ActMessage;
  readonly sentAtMs: number;
  readonly state: 'pending' | 'undelivered' | 'refused';
  readonly problem: Problem | null;
}

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
  readonly epoch: string | null;
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly features: readonly PositionFeature[];
  readonly bans: readonly BanFeature[];
  readonly acts: readonly SentAct[];
  readonly unreadable: { readonly count: number; readonly last: string | null };
  readonly selectedId: string | null;
  readonly histories: ReadonlyMap<string, History>;
  readonly held: { readonly placements: readonly Placement[]; readonly untilMs: number } | null;
  readonly silence: Silence | null;
}

export type ConsoleMessage =
  | { type: 'tick'; atMs: number }
  | { type: 'connecting'; atMs: number }
  | { type: 'heard'; atMs: number; message: Heard }
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
/** No answer for so long, and the operator is told that her act may not have arrived. */
export const ACT_ANSWER_MS = 10_000;
/** Alerts that ask nothing any more are kept for reference, but not a whole shift of them. */
export const SETTLED_ALERTS_MAX = 200;

export const initialState = (atMs: number): ConsoleState => ({
  nowMs: atMs,
  link: { state: 'connecting', sinceMs: atMs },
  heardAtMs: null,
  serverOffsetsMs: [],
  lagMs: null,
  epoch: null,
  alerts: new Map(),
  features: [],
  bans: [],
  acts: [],
  unreadable: { count: 0, last: null },
  selectedId: null,
  histories: new Map(),
  held: null,
  silence: null,
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
  const acts = state.acts.map((act) =>
    act.state === 'pending' && atMs - act.sentAtMs > ACT_ANSWER_MS
      ? { ...act, state: 'undelivered' as const }
      : act,
  );
  const next = { ...state, nowMs: atMs, silence, held, acts };
  const silentMs = atMs - (state.heardAtMs ?? atMs);
  if (state.link.state !== 'live' || silentMs <= HEARTBEAT_MISSED_MS) return next;
  return { ...next, link: { state: 'stale', sinceMs: state.heardAtMs ?? atMs } };
}

function heard(state: ConsoleState, message: Heard, atMs: number): ConsoleState {
  switch (message.type) {
    case 'welcome':
      return welcomed(proofOfLife(state, message.serverTime, atMs), message.epoch);
    case 'snapshot': {
      const alerts = new Map(message.alerts.map((alert) => [alert.alertId as string, alert]));
      return { ...state, alerts, acts: settledActs(state.acts, alerts), link: { state: 'live' } };
    }
    case 'alert': {
      const known = new Map(state.alerts).set(message.alert.alertId, message.alert);
      const alerts = bounded(known, state.selectedId);
      return { ...state, alerts, acts: settledActs(state.acts, alerts) };
    }
    case 'positions':
      return { ...state, features: message.features, bans: message.bans ?? state.bans };
    case 'heartbeat': {
      const alive = proofOfLife(state, message.serverTime, atMs);
      const link: Link = state.link.state === 'stale' ? { state: 'live' } : state.link;
      return { ...alive, lagMs: message.lagMs, link };
    }
    case 'result':
      return { ...state, acts: answered(state.acts, message) };
    default:
      return assertNever(message);
  }
}

/** The same epoch means that nothing was missed; another one, that a snapshot follows. */
function welcomed(state: ConsoleState, epoch: string): ConsoleState {
  // A server that has nothing to show says nothing: what was shown before the loss must go.
  const fresh = { ...state, features: [], bans: [] };
  if (state.epoch === epoch) return { ...fresh, link: { state: 'live' } };
  return { ...fresh, epoch };
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
  const acts = state.acts.map((act) =>
    act.state === 'pending' ? { ...act, state: 'undelivered' as const } : act,
  );
  return { ...state, nowMs: atMs, acts, link: { state: 'lost', sinceMs, retryAtMs, signedOut } };
}

function withAct(
  acts: readonly SentAct[],
  { atMs, message, delivered }: Extract<ConsoleMessage, { type: 'act-sent' }>,
): readonly SentAct[] {
  const state = delivered ? ('pending' as const) : ('undelivered' as const);
  const others = withoutAct(acts, message.requestId);
  return [...others, { message, sentAtMs: atMs, state, problem: null }];
}

const withoutAct = (acts: readonly SentAct[], requestId: string): readonly SentAct[] =>
  acts.filter((act) => act.message.requestId !== requestId);

function answered(
  acts: readonly SentAct[],
  result: Extract<Heard, { type: 'result' }>,
): readonly SentAct[] {
  if (result.requestId === null) return acts;
  if (result.ok) return withoutAct(acts, result.requestId);
  return acts.map((act) =>
    act.message.requestId === result.requestId
      ? { ...act, state: 'refused' as const, problem: result.problem ?? null }
      : act,
  );
}

/** An undelivered act whose effect is there has arrived after all: no need to ask about it. */
function settledActs(
  acts: readonly SentAct[],
  alerts: ReadonlyMap<string, Alert>,
): readonly SentAct[] {
  return acts.filter(({ message, state }) => {
    if (state !== 'undelivered') return true;
    const alert = alerts.get(message.alertId);
    if (message.type === 'close') return alert?.state !== 'closed';
    if (message.type !== 'acknowledge' || alert === undefined) return true;
    return alert.state === 'unacknowledged' || alert.state === 'cleared-unacknowledged';
  });
}

/** Drops the oldest of those that ask nothing any more, never one that does. */
function bounded(
  alerts: ReadonlyMap<string, Alert>,
  keepId: string | null,
): ReadonlyMap<string, Alert> {
  const settled = [...alerts.values()]
    .filter(({ state, priority }) => state === 'closed' || (state === 'cleared' && priority !== 1))
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
