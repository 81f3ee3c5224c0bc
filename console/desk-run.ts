import type { Session } from '../shared/session.ts';
import { burst } from './burst.ts';
import type { PageClock } from './clock.ts';
import { connect, type Connection, type Socket } from './connection.ts';
import type { DeskActions } from './desk.ts';
import type { Frames } from './frames.ts';
import { type ConsoleMessage, type ConsoleState, initialState, reduce } from './model.ts';
import type { Preferences } from './preferences.ts';
import { placementsOf, queueOf } from './selectors.ts';
import type { ActMessage } from './sent-acts.ts';
import { alertHistory, currentSession, signIn, signOut } from './session-api.ts';

/** Rows stay put for so long after the last movement; a forgotten mouse must not hold them. */
const HOLD_MS = 20_000;
const HOLD_REFRESH_MS = 1_000;
/** The history of the chosen alert follows its changes, but not every one of a fast approach. */
const HISTORY_EVERY_MS = 2_000;

/** One shift: the model, the line to the server, and what an operator can do with them. */
export interface DeskRun {
  state(): ConsoleState;
  dispatch(message: ConsoleMessage): void;
  readonly actions: DeskActions;
  readonly drafts: ReadonlyMap<string, string>;
  stop(): void;
}

export interface DeskWorld {
  readonly clock: PageClock;
  readonly frames: Frames;
  readonly changed: (before: ConsoleState, after: ConsoleState) => void;
  readonly prefer: (change: Partial<Preferences>) => void;
  readonly zoom: (to: 'case' | 'all') => void;
  readonly signedIn: (session: Session) => void;
  readonly signedOut: () => void;
}

export function runDesk(world: DeskWorld): DeskRun {
  const { clock } = world;
  let state = initialState(clock.nowMs());
  const drafts = new Map<string, string>();
  const dispatch = (message: ConsoleMessage): void => {
    const before = state;
    state = reduce(state, message);
    if (state !== before) world.changed(before, state);
  };
  const connection = connect(
    {
      nowMs: clock.nowMs,
      after: clock.after,
      random: Math.random,
      openSocket,
      sessionEnded: async () => (await currentSession()).state === 'signed-out',
    },
    burst(dispatch, world.frames),
  );
  const history = historyLoader(clock, () => state, dispatch);
  clock.onTick(history.follow);
  connection.start();
  return {
    state: () => state,
    dispatch,
    drafts,
    actions: {
      ...listActions(clock, () => state, dispatch),
      ...actActions(clock, () => state, dispatch, connection),
      loadHistory: (alertId) => void history.load(alertId),
      prefer: world.prefer,
      zoom: world.zoom,
      reconnect: connection.retryNow,
      async signInAgain(username, password) {
        const answer = await signIn(username, password);
        if (answer.ok) {
          world.signedIn(answer.session);
          connection.retryNow();
        }
        return answer;
      },
      async signOut() {
        connection.stop();
        await signOut();
        world.signedOut();
      },
      draft(key, text) {
        drafts.set(key, text);
        world.changed(state, state);
      },
    },
    stop: connection.stop,
  };
}

/** The session cookie goes with it; the address is that of the page. */
function openSocket(): Socket {
  const url = new URL('/v1/console', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url) as Socket;
}

type Dispatch = (message: ConsoleMessage) => void;

function listActions(
  clock: PageClock,
  state: () => ConsoleState,
  dispatch: Dispatch,
): Pick<DeskActions, 'select' | 'hold' | 'release' | 'showMore' | 'silence' | 'unsilence'> {
  return {
    select: (alertId) => dispatch({ type: 'selected', alertId }),
    hold() {
      const untilMs = clock.nowMs() + HOLD_MS;
      const { held } = state();
      if (held !== null && untilMs - held.untilMs < HOLD_REFRESH_MS) return;
      const placements = held?.placements ?? placementsOf(queueOf(state()));
      dispatch({ type: 'held', placements, untilMs });
    },
    release: () => dispatch({ type: 'released' }),
    showMore: (section) => dispatch({ type: 'more-rows', section }),
    silence: () => dispatch({ type: 'silenced', atMs: clock.nowMs() }),
    unsilence: () => dispatch({ type: 'unsilenced' }),
  };
}

function actActions(
  clock: PageClock,
  state: () => ConsoleState,
  dispatch: Dispatch,
  connection: Connection,
): Pick<DeskActions, 'act' | 'resend' | 'dismiss'> {
  const send = (message: ActMessage): void => {
    const delivered = connection.send(message);
    dispatch({ type: 'act-sent', atMs: clock.nowMs(), message, delivered });
  };
  return {
    act: (act) => send({ ...act, requestId: newRequestId() }),
    resend(requestId) {
      // The same id, so that a server that already did it does not do it twice.
      const act = state().acts.find(({ message }) => message.requestId === requestId);
      if (act !== undefined) send(act.message);
    },
    dismiss: (requestId) => dispatch({ type: 'act-dismissed', requestId }),
  };
}

/** Not randomUUID: browsers have that on secure origins only. */
function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function historyLoader(clock: PageClock, state: () => ConsoleState, dispatch: Dispatch) {
  let loaded: { alertId: string; version: string; atMs: number } | null = null;
  const versionOf = (alertId: string): string => {
    const { acts, alerts } = state();
    return `${alerts.get(alertId)?.updatedAt}/${alerts.get(alertId)?.state}/${acts.length}`;
  };
  // An alert is shown before it is on disk; its history comes from there, and has a first line.
  const isEmpty = (alertId: string): boolean => {
    const history = state().histories.get(alertId);
    return history?.state === 'loaded' && history.events.length === 0;
  };
  const load = async (alertId: string): Promise<void> => {
    loaded = { alertId, version: versionOf(alertId), atMs: clock.nowMs() };
    dispatch({ type: 'history', alertId, history: await alertHistory(alertId) });
  };
  return {
    load,
    follow(): void {
      const { selectedId, link } = state();
      if (selectedId === null || link.state !== 'live') return;
      const known = loaded?.alertId === selectedId ? loaded : null;
      if (known?.version === versionOf(selectedId) && !isEmpty(selectedId)) return;
      if (known !== null && clock.nowMs() - known.atMs < HISTORY_EVERY_MS) return;
      void load(selectedId);
    },
  };
}
