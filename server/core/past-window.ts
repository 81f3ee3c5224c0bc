/** A time of which a device has told late, and when it is to be judged. */
export interface PastWindow {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Server time of the first late news. */
  readonly sinceMs: number;
  readonly dueMs: number;
}

/** No more for so long: the burst is over. */
const SETTLED_AFTER_MS = 5_000;
/** But not for ever: a device may never stop. */
const SETTLED_AT_LAST_MS = 60_000;

/** The window with more late news in it. (SPEC PA2) */
export function widened(
  past: PastWindow | null,
  fromMs: number,
  untilMs: number,
  nowMs: number,
): PastWindow {
  const sinceMs = past?.sinceMs ?? nowMs;
  return {
    fromMs: Math.min(past?.fromMs ?? Infinity, fromMs),
    untilMs: Math.max(past?.untilMs ?? -Infinity, untilMs),
    sinceMs,
    dueMs: Math.min(nowMs + SETTLED_AFTER_MS, sinceMs + SETTLED_AT_LAST_MS),
  };
}
