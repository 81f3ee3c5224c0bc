import { type ConsoleToServer, HEARTBEAT_MISSED_MS } from '../shared/console-message.ts';
import { readInbound } from './inbound.ts';
import type { ActMessage, ConsoleMessage } from './model.ts';

/** What the connection needs of the world; tests own all of it. */
export interface ConnectionWorld {
  nowMs(): number;
  /** Calls back once after so many milliseconds unless cancelled. */
  after(delayMs: number, run: () => void): () => void;
  /** Uniform in [0, 1). */
  random(): number;
  openSocket(): Socket;
  /** Asks the server whether this session still stands; a browser hides why a socket failed. */
  sessionEnded(): Promise<boolean>;
}

/** The part of WebSocket that is used. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Connection {
  start(): void;
  /** False when there is no open socket: the caller must say that it was not delivered. */
  send(message: ActMessage): boolean;
  /** Tries again at once, as after signing in anew. */
  retryNow(): void;
  stop(): void;
}

/** First retry within half a second, then doubling: an outage must not end in a stampede. */
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 8_000;
/** A socket that opens no sooner is given up; the next try may find another way. */
const SILENT_SOCKET_MS = HEARTBEAT_MISSED_MS * 2;

interface Attempt {
  readonly socket: Socket;
  open: boolean;
  cancelWatchdog: () => void;
}

/** Keeps one WebSocket alive and hands on what comes in: every alert once and in order. */
export function connect(
  world: ConnectionWorld,
  emit: (message: ConsoleMessage) => void,
): Connection {
  /** Up to where the queue is complete; null asks for a snapshot. */
  let cursor: { epoch: string; seq: number } | null = null;
  let epoch: string | null = null;
  let attempt: Attempt | null = null;
  let failures = 0;
  let cancelRetry = (): void => {};

  function start(): void {
    cancelRetry();
    emit({ type: 'connecting', atMs: world.nowMs() });
    const socket = world.openSocket();
    const mine: Attempt = { socket, open: false, cancelWatchdog: () => {} };
    attempt = mine;
    socket.onopen = () => {
      mine.open = true;
      transmit(mine, { type: 'resume', epoch: cursor?.epoch ?? null, seq: cursor?.seq ?? null });
    };
    socket.onmessage = ({ data }) => {
      if (attempt === mine) receive(mine, String(data));
    };
    socket.onclose = () => {
      if (attempt === mine) void lost(mine);
    };
    watch(mine);
  }

  /** Without a sign of life the socket is dead, whatever TCP believes. */
  function watch(mine: Attempt): void {
    mine.cancelWatchdog();
    mine.cancelWatchdog = world.after(SILENT_SOCKET_MS, () => drop(mine));
  }

  function drop(mine: Attempt): void {
    if (attempt !== mine) return;
    mine.socket.close();
    void lost(mine);
  }

  async function lost(mine: Attempt): Promise<void> {
    attempt = null;
    mine.cancelWatchdog();
    const delayMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** failures);
    failures += 1;
    const jitteredMs = delayMs * (0.5 + world.random() / 2);
    cancelRetry = world.after(jitteredMs, start);
    const retryAtMs = world.nowMs() + jitteredMs;
    emit({ type: 'link-lost', atMs: world.nowMs(), retryAtMs, signedOut: false });
    if (!(await world.sessionEnded()) || attempt !== null) return;
    cancelRetry();
    emit({ type: 'link-lost', atMs: world.nowMs(), retryAtMs, signedOut: true });
  }

  function receive(mine: Attempt, text: string): void {
    const atMs = world.nowMs();
    const { message, seq, unreadable } = readInbound(text);
    for (const what of unreadable) emit({ type: 'unreadable', atMs, what });
    if (message === null) {
      if (seq !== null) inOrder(mine, seq);
      return;
    }
    if (message.type === 'heartbeat' || message.type === 'welcome') watch(mine);
    if (message.type === 'welcome') {
      epoch = message.epoch;
      const restoredFromBackup = cursor?.epoch === epoch && message.seq < cursor.seq;
      if (cursor?.epoch !== epoch) cursor = null;
      if (restoredFromBackup) return resync(mine);
    }
    if (message.type === 'snapshot') {
      if (epoch !== null) cursor = { epoch, seq: message.seq };
      failures = 0;
    }
    if (message.type === 'heartbeat') failures = 0;
    if (message.type === 'alert' && !inOrder(mine, message.seq)) return;
    emit({ type: 'heard', atMs, message });
  }

  /** True for the next alert; a repeated one is dropped, a missing one makes us start over. */
  function inOrder(mine: Attempt, seq: number): boolean {
    if (cursor === null || seq <= cursor.seq) return false;
    if (seq > cursor.seq + 1) {
      resync(mine);
      return false;
    }
    cursor = { ...cursor, seq };
    return true;
  }

  function resync(mine: Attempt): void {
    cursor = null;
    drop(mine);
  }

  return {
    start,
    send(message) {
      if (attempt === null || !attempt.open) return false;
      transmit(attempt, message);
      return true;
    },
    retryNow() {
      failures = 0;
      if (attempt === null) start();
    },
    stop() {
      cancelRetry();
      const last = attempt;
      attempt = null;
      last?.cancelWatchdog();
      last?.socket.close();
    },
  };
}

function transmit(attempt: Attempt, message: ConsoleToServer): void {
  attempt.socket.send(JSON.stringify(message));
}
