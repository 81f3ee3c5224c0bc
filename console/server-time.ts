/**
 * Ages are counted on the server's clock, because an operator's machine may be minutes off. Every
 * heartbeat gives one offset (server minus here). Transport can only make it look smaller, so the
 * largest of the last few is the best; a jump down means that a clock was set, and starts afresh.
 */
const OFFSETS_MAX = 15;
const CLOCK_SET_MS = 2_000;

export function withOffset(offsetsMs: readonly number[], offsetMs: number): readonly number[] {
  if (offsetMs < serverOffsetMs(offsetsMs) - CLOCK_SET_MS) return [offsetMs];
  return [...offsetsMs, offsetMs].slice(-OFFSETS_MAX);
}

/** What to add to the local clock; before the first heartbeat the local clock has to do. */
export const serverOffsetMs = (offsetsMs: readonly number[]): number =>
  offsetsMs.length === 0 ? 0 : Math.max(...offsetsMs);

/**
 * A clock that never runs backwards and does not sleep: the monotonic clock stands still while a
 * laptop sleeps, the wall clock jumps when it is set. What either of them saw pass, has passed.
 */
export function steadyClock(monotonicMs: () => number, wallMs: () => number): () => number {
  let nowMs = wallMs();
  let before = { monotonicMs: monotonicMs(), wallMs: nowMs };
  return () => {
    const read = { monotonicMs: monotonicMs(), wallMs: wallMs() };
    const passedMs = Math.max(
      0,
      read.monotonicMs - before.monotonicMs,
      read.wallMs - before.wallMs,
    );
    before = read;
    nowMs += passedMs;
    return nowMs;
  };
}
