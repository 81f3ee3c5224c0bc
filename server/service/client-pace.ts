import { type Allowance, TokenBucket } from './token-bucket.ts';

/** How many requests each machine may make, whichever of its connections they come by. */

/** So many seconds' worth may come at once. */
const BURST_S = 10;
const LOG_EVERY_MS = 60_000;

export interface Pace {
  /** Null when the request may go on; else the seconds after which one may. */
  readonly waitS: number | null;
  /** Requests that may come at once after a pause, and in how many seconds those come again. */
  readonly quota: number;
  readonly windowS: number;
  readonly remaining: number;
  readonly resetS: number;
  /** True at most once a minute for each client that is held back. */
  readonly isToTell: boolean;
}

interface Paced {
  readonly bucket: TokenBucket;
  toldAtMs: number;
}

export class ClientPace {
  readonly #clients = new Map<string, Paced>();

  /** Counts a request of this client. (SPEC CI7) */
  take(clientId: string, perMinute: number, nowMs: number): Pace {
    const known = this.#clients.get(clientId) ?? { bucket: new TokenBucket(), toldAtMs: -Infinity };
    this.#clients.set(clientId, known);
    const allowance = allowanceOf(perMinute);
    const { perSecond, burst } = allowance;
    const isTaken = known.bucket.spend(1, nowMs, allowance);
    const left = Math.max(0, known.bucket.levelAt(nowMs, allowance) * burst);
    const isToTell = !isTaken && nowMs - known.toldAtMs >= LOG_EVERY_MS;
    if (isToTell) known.toldAtMs = nowMs;
    return {
      waitS: isTaken ? null : Math.max(1, Math.ceil((1 - left) / perSecond)),
      quota: burst,
      windowS: Math.ceil(burst / perSecond),
      remaining: Math.floor(left + ROUNDING),
      resetS: Math.ceil((burst - left) / perSecond - ROUNDING),
      isToTell,
    };
  }
}

/** A level is a quotient of milliseconds: what is whole may come out a hair below. */
const ROUNDING = 1e-6;

function allowanceOf(perMinute: number): Allowance {
  const perSecond = perMinute / 60;
  return { perSecond, burst: Math.max(1, Math.floor(perSecond * BURST_S)) };
}
