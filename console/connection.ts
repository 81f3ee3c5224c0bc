import {
  type ConsoleToServer,
  HEARTBEAT_MISSED_MS,
  type ServerToConsole,
} from '../shared/console-message.ts';
import { readInbound } from './inbound.ts';
import type { ConsoleMessage } from './model.ts';
import type { ActMessage } from './sent-acts.ts';

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

/** What a welcome promises comes before the second heartbeat after it, for the line keeps order. */
const BEATS_TO_CATCH_UP = 2;

interface Attempt {
  readonly socket: Socket;
  open: boolean;
  /** What the server said it is, and the number up to which it would tell us. */
  welcome: { epoch: string; seq: number } | null;
  /** Heartbeats since the welcome while something that it promised was missing. */
  beatsBehind: number;
  cancelWatchdog: () => void;
}

/** Keeps one WebSocket alive and hands on what comes in: every alert once and in order. */
export const connect = (
  world: ConnectionWorld,
  emit: (message: ConsoleMessage) => void,
): Connection => new ConsoleConnection(world, emit);

class ConsoleConnection implements Connection {
  readonly #world: ConnectionWorld;
  readonly #emit: (message: ConsoleMessage) => void;
  /** Up to where the queue is complete; null asks for a snapshot. */
  #cursor: { epoch: string; seq: number } | null = null;
  #attempt: Attempt | null = null;
  #failures = 0;
  #cancelRetry = (): void => {};

  constructor(world: ConnectionWorld, emit: (message: ConsoleMessage) => void) {
    this.#world = world;
    this.#emit = emit;
  }

  start(): void {
    this.#cancelRetry();
    this.#emit({ type: 'connecting', atMs: this.#world.nowMs() });
    const socket = this.#world.openSocket();
    const mine: Attempt = {
      socket,
      open: false,
      welcome: null,
      beatsBehind: 0,
      cancelWatchdog: () => {},
    };
    this.#attempt = mine;
    socket.onopen = () => {
      mine.open = true;
      const { epoch, seq } = this.#cursor ?? { epoch: null, seq: null };
      transmit(mine, { type: 'resume', epoch, seq });
    };
    socket.onmessage = ({ data }) => {
      if (this.#attempt === mine) this.#receive(mine, String(data));
    };
    socket.onclose = () => {
      if (this.#attempt === mine) void this.#lost(mine);
    };
    this.#watch(mine);
  }

  send(message: ActMessage): boolean {
    if (this.#attempt === null || !this.#attempt.open) return false;
    transmit(this.#attempt, message);
    return true;
  }

  retryNow(): void {
    this.#failures = 0;
    if (this.#attempt === null) this.start();
  }

  stop(): void {
    this.#cancelRetry();
    const last = this.#attempt;
    this.#attempt = null;
    last?.cancelWatchdog();
    last?.socket.close();
  }

  /** Without a sign of life the socket is dead, whatever TCP believes. */
  #watch(mine: Attempt): void {
    mine.cancelWatchdog();
    mine.cancelWatchdog = this.#world.after(SILENT_SOCKET_MS, () => this.#drop(mine));
  }

  #drop(mine: Attempt): void {
    if (this.#attempt !== mine) return;
    mine.socket.close();
    void this.#lost(mine);
  }

  async #lost(mine: Attempt): Promise<void> {
    const world = this.#world;
    this.#attempt = null;
    mine.cancelWatchdog();
    const delayMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    const jitteredMs = delayMs * (0.5 + world.random() / 2);
    this.#cancelRetry = world.after(jitteredMs, () => this.start());
    const retryAtMs = world.nowMs() + jitteredMs;
    this.#emit({ type: 'link-lost', atMs: world.nowMs(), retryAtMs, signedOut: false });
    if (!(await world.sessionEnded()) || this.#attempt !== null) return;
    this.#cancelRetry();
    this.#emit({ type: 'link-lost', atMs: world.nowMs(), retryAtMs, signedOut: true });
  }

  #receive(mine: Attempt, text: string): void {
    const atMs = this.#world.nowMs();
    const { message, seq, unreadable } = readInbound(text);
    for (const what of unreadable) this.#emit({ type: 'unreadable', atMs, what });
    if (message === null) {
      if (seq !== null) this.#inOrder(mine, seq);
      return;
    }
    switch (message.type) {
      case 'welcome':
        return this.#welcomed(mine, message, atMs);
      case 'alert':
        if (!this.#inOrder(mine, message.seq)) return;
        return this.#emit({ type: 'alerts', atMs, alerts: [message.alert] });
      case 'snapshot':
        this.#failures = 0;
        if (mine.welcome !== null) this.#cursor = { ...mine.welcome, seq: message.seq };
        break;
      case 'heartbeat':
        this.#failures = 0;
        this.#watch(mine);
        if (!this.#keepsUp(mine)) return this.#resync(mine);
    }
    this.#emit({ type: 'heard', atMs, message });
  }

  /**
   * A restarted server is another epoch, but may go on with the numbers of the last: then the
   * alerts that we missed follow our own number, or a snapshot replaces it. One whose numbers are
   * behind ours has begun anew, and a snapshot comes; in the same epoch it has forgotten what it
   * once sent, as after a restore from a backup.
   */
  #welcomed(mine: Attempt, { epoch, seq, serverTime }: Welcome, atMs: number): void {
    this.#watch(mine);
    mine.welcome = { epoch, seq };
    const ahead = this.#cursor !== null && seq < this.#cursor.seq;
    if (ahead && this.#cursor?.epoch === epoch) return this.#resync(mine);
    this.#cursor = this.#cursor === null || ahead ? null : { epoch, seq: this.#cursor.seq };
    this.#emit({ type: 'welcomed', atMs, serverTime, continues: this.#cursor !== null });
  }

  /** False when neither the alerts that the welcome promised came, nor a snapshot. */
  #keepsUp(mine: Attempt): boolean {
    if (mine.welcome === null) return true;
    if (this.#cursor !== null && this.#cursor.seq >= mine.welcome.seq) return true;
    mine.beatsBehind += 1;
    return mine.beatsBehind < BEATS_TO_CATCH_UP;
  }

  /** True for the next alert; a repeated one is dropped, a missing one makes us start over. */
  #inOrder(mine: Attempt, seq: number): boolean {
    if (this.#cursor === null || seq <= this.#cursor.seq) return false;
    if (seq > this.#cursor.seq + 1) {
      this.#resync(mine);
      return false;
    }
    this.#cursor = { ...this.#cursor, seq };
    return true;
  }

  #resync(mine: Attempt): void {
    this.#cursor = null;
    this.#drop(mine);
  }
}

type Welcome = Extract<ServerToConsole, { type: 'welcome' }>;

function transmit(attempt: Attempt, message: ConsoleToServer): void {
  attempt.socket.send(JSON.stringify(message));
}
