import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** With more than this waiting for it, a console shows the past as if it were the present. */
export const BEHIND_BYTES_MAX = 2 ** 20;
/** So long without a break, and it had better start over: a network that hiccups is back sooner. */
export const BEHIND_MAX_MS = 10_000;
/** Nobody may hold more than this, however short a time: a flood of 10,000 alerts fits in it. */
export const OUTBOX_BYTES_MAX = 16 * 2 ** 20;
/** With this much waiting, positions would be old on arrival: the next ones will do. */
const POSITIONS_BYTES_MAX = 64 * 1024;
/**
 * Handed to the socket at once. It tells what it has sent only when it has sent all it was handed,
 * and a ping waits behind that.
 */
const HANDED_BYTES_MAX = 256 * 1024;
/** A snapshot goes in pieces of this size, so that one can see whether it moves. */
const PIECE_BYTES_MAX = 64 * 1024;
/** Frames of one turn leave in one system call, but none waits for more than this many others. */
const GATHERED_MAX = 32;

/** What is under way to one console. A frame that waits for many is kept once, for it is shared. */
export interface Outbox {
  readonly waitingBytes: number;
  /** False when the console is too far behind; then nothing was taken. */
  offer(frame: Buffer): boolean;
  /** What was offered so far is its way back to the present: it may be long, if only it moves. */
  beginCatchUp(): void;
  isBusy(): boolean;
  /** Has too much been waiting for too long? To be asked about every second. */
  isBehind(nowMs: number): boolean;
  /** Did the other side take what was waiting when this was last asked? */
  moved(): boolean;
  /** Lets go of all that was not handed to the socket. */
  drop(): void;
}

interface Piece {
  readonly bytes: Buffer;
  readonly last: boolean;
}

/** `wire` is the connection below the socket. */
export const outboxOf = (socket: WebSocket, wire: Duplex): Outbox => new SocketOutbox(socket, wire);

class SocketOutbox implements Outbox {
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  #pieces: Piece[] = [];
  /** Index of the first piece that was not handed over. */
  #next = 0;
  #queuedBytes = 0;
  #offeredBytes = 0;
  #takenBytes = 0;
  #catchUpUntilBytes = 0;
  #pumpDue = false;
  #behind: { sinceMs: number; takenBytes: number } | null = null;
  #lastAsked = { waitingBytes: 0, takenBytes: 0 };

  constructor(socket: WebSocket, wire: Duplex) {
    this.#socket = socket;
    this.#wire = wire;
  }

  get waitingBytes(): number {
    return this.#queuedBytes + this.#socket.bufferedAmount;
  }

  offer(frame: Buffer): boolean {
    const catchUpBytes = Math.max(0, this.#catchUpUntilBytes - this.#takenBytes);
    if (this.waitingBytes - catchUpBytes > OUTBOX_BYTES_MAX) return false;
    for (let from = 0; from < frame.length; from += PIECE_BYTES_MAX) {
      const bytes = frame.subarray(from, from + PIECE_BYTES_MAX);
      this.#pieces.push({ bytes, last: from + PIECE_BYTES_MAX >= frame.length });
    }
    this.#queuedBytes += frame.length;
    this.#offeredBytes += frame.length;
    if (this.#pieces.length - this.#next >= GATHERED_MAX) this.#pump();
    else this.#pumpSoon();
    return true;
  }

  beginCatchUp(): void {
    this.#catchUpUntilBytes = this.#offeredBytes;
  }

  isBusy(): boolean {
    return this.waitingBytes > POSITIONS_BYTES_MAX;
  }

  isBehind(nowMs: number): boolean {
    if (this.waitingBytes <= BEHIND_BYTES_MAX) {
      this.#behind = null;
      return false;
    }
    const takenBytes = this.#takenBytes;
    const behind = (this.#behind ??= { sinceMs: nowMs, takenBytes });
    if (nowMs - behind.sinceMs < BEHIND_MAX_MS) return false;
    const catchingUp = takenBytes < this.#catchUpUntilBytes;
    if (!catchingUp || takenBytes - behind.takenBytes < BEHIND_BYTES_MAX) return true;
    this.#behind = { sinceMs: nowMs, takenBytes };
    return false;
  }

  moved(): boolean {
    const { waitingBytes, takenBytes } = this.#lastAsked;
    this.#lastAsked = { waitingBytes: this.waitingBytes, takenBytes: this.#takenBytes };
    return waitingBytes > 0 && this.#takenBytes > takenBytes;
  }

  drop(): void {
    this.#pieces = [];
    this.#next = 0;
    this.#queuedBytes = 0;
  }

  /** When the code that runs now is done: what it still has to tell goes along. */
  #pumpSoon(): void {
    if (this.#pumpDue) return;
    this.#pumpDue = true;
    process.nextTick(() => {
      this.#pumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#next === this.#pieces.length) return;
    this.#wire.cork();
    while (this.#socket.bufferedAmount < HANDED_BYTES_MAX) {
      const piece = this.#pieces[this.#next];
      if (piece === undefined) break;
      this.#next += 1;
      this.#hand(piece);
    }
    this.#wire.uncork();
    this.#forgetHanded();
  }

  #hand({ bytes, last }: Piece): void {
    this.#queuedBytes -= bytes.length;
    this.#socket.send(bytes, { binary: false, fin: last }, (error) => {
      if (error) return;
      this.#takenBytes += bytes.length;
      // However short: who catches up between two looks at him has caught up.
      if (this.waitingBytes <= BEHIND_BYTES_MAX) this.#behind = null;
      if (this.#next < this.#pieces.length) this.#pumpSoon();
    });
  }

  /** Cut in large strokes, for cutting one off the front each time would move all the others. */
  #forgetHanded(): void {
    if (this.#next * 2 < this.#pieces.length) return;
    this.#pieces = this.#pieces.slice(this.#next);
    this.#next = 0;
  }
}
