/** How much of something may come: steadily, and at once after a pause. */
export interface Allowance {
  readonly perSecond: number;
  readonly burst: number;
}

/** Times of today are exact to a quarter of a microsecond: all of a burst may be a hair more. */
const HAIR_MS = 0.01;

/**
 * A token bucket that holds nothing but the instant at which it will be full again: spending moves
 * that on, and time alone fills it. Time is an argument, so that it is tested as a table.
 */
export class TokenBucket {
  #fullAtMs = -Infinity;

  /** Spends them if it holds so many, and says whether it did. */
  spend(tokens: number, atMs: number, { perSecond, burst }: Allowance): boolean {
    const holdsMs = (1_000 * burst) / perSecond;
    const fullAtMs = this.#fullAt(atMs, holdsMs) + (1_000 * tokens) / perSecond;
    if (fullAtMs - atMs > holdsMs + HAIR_MS) return false;
    this.#fullAtMs = fullAtMs;
    return true;
  }

  /** How full it is: 0 empty, 1 full. */
  levelAt(atMs: number, { perSecond, burst }: Allowance): number {
    const holdsMs = (1_000 * burst) / perSecond;
    return 1 - (this.#fullAt(atMs, holdsMs) - atMs) / holdsMs;
  }

  /** Emptier than empty it is only by a clock that was set back: then it begins anew. */
  #fullAt(atMs: number, holdsMs: number): number {
    const awayMs = this.#fullAtMs - atMs;
    return awayMs > 0 && awayMs <= holdsMs + HAIR_MS ? this.#fullAtMs : atMs;
  }
}
