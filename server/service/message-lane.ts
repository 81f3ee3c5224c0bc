import { TokenBucket, type Allowance } from './token-bucket.ts';

/**
 * A hundred times what a device sends that reports every 5 s; the burst is what it keeps of nearly
 * three hours without a network, sent position by position.
 */
export const ALLOWANCE: Allowance = { perSecond: 20, burst: 2_000 };
/** So many bytes more cost another token: 500 positions are not the work of one message. */
const BYTES_PER_TOKEN = 4_096;
/** More waits in its sender: what is not acknowledged is sent again. */
export const WAITING_MAX = 1_000;
/** Of long messages fewer wait: a thousand of 64 KiB would be the memory of the whole process. */
export const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/** A message whose turn has not come. */
export interface Waiting {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly tokens: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export const tokensOf = ({ byteLength }: Uint8Array): number =>
  1 + Math.floor(byteLength / BYTES_PER_TOKEN);

const NOBODY_WAITS: Waiting[] = [];

/** The messages of one device, in their order, and what it may still send. */
export class MessageLane {
  /** The device; a name of its own for all that are not registered. */
  readonly about: string;
  readonly bucket = new TokenBucket();
  /** Handled beyond its allowance, and not yet written. */
  underWay = 0;
  #waiting = NOBODY_WAITS;
  #first = 0;
  #bytes = 0;
  #turn = -1;
  #tokensInTurn = 0;

  constructor(about: string) {
    this.about = about;
  }

  get isEmpty(): boolean {
    return this.#first === this.#waiting.length;
  }

  get next(): Waiting | undefined {
    return this.#waiting[this.#first];
  }

  /** Counts what is handled in one turn of the event loop; the first is always within `max`. */
  takesTurn(tokens: number, turn: number, max: number): boolean {
    if (this.#turn !== turn) {
      this.#turn = turn;
      this.#tokensInTurn = tokens;
      return true;
    }
    this.#tokensInTurn += tokens;
    return this.#tokensInTurn <= max;
  }

  /** False when it is full. */
  add(message: Waiting): boolean {
    const { byteLength } = message.payload;
    const count = this.#waiting.length - this.#first;
    if (count >= WAITING_MAX || this.#bytes + byteLength > WAITING_BYTES_MAX) return false;
    if (this.#waiting === NOBODY_WAITS) this.#waiting = [];
    this.#waiting.push(message);
    this.#bytes += byteLength;
    return true;
  }

  /** Takes the first out; there is one. */
  take(): Waiting {
    const message = this.#waiting[this.#first]!;
    this.#first += 1;
    this.#bytes -= message.payload.byteLength;
    if (this.isEmpty) {
      this.#waiting = NOBODY_WAITS;
      this.#first = 0;
    } else if (this.#first === WAITING_MAX) {
      this.#waiting.splice(0, this.#first);
      this.#first = 0;
    }
    return message;
  }
}
