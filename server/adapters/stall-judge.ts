/**
 * When an event loop counts as standing still, as seen by a thread beside it; pure. The loop bumps
 * a counter and the thread looks at it. A thread that itself stood still, as all of a stopped
 * process does, saw nothing: it begins to count anew.
 */

/** The loop bumps, and the thread looks, that often. */
export const BEAT_EVERY_MS = 250;
/** Garbage collections are shorter; a warning waits for that long at most unnoticed. */
export const STALLED_AFTER_MS = 2_000;
/** A thread that looks this late was itself not running. */
export const STOOD_STILL_MS = 1_000;
/** While it lasts: seldom enough for a log, often enough to be no silence to the watchdog. */
export const TELL_STALL_EVERY_MS = 5_000;
/** An endless loop never ends, and a supervisor restarts it; 3 s of garbage collection do end. */
export const KILL_AFTER_S = 30;

export interface Stall {
  readonly beats: number;
  readonly movedAtMs: number;
  readonly lookedAtMs: number;
  /** When the stall was told last; null while there is none. */
  readonly toldAtMs: number | null;
}

/** What a look asks for: `tell` for each time that people should hear, `over` when it moves. */
export type StallStep = 'none' | 'tell' | 'over' | 'kill';

export const beginStall = (beats: number, atMs: number): Stall => ({
  beats,
  movedAtMs: atMs,
  lookedAtMs: atMs,
  toldAtMs: null,
});

/** `killAfterMs` null: never. */
export function lookAtBeats(
  before: Stall,
  beats: number,
  atMs: number,
  killAfterMs: number | null,
): { stall: Stall; step: StallStep; stalledMs: number } {
  const stoodStill = atMs - before.lookedAtMs >= STOOD_STILL_MS;
  const stalledMs = atMs - before.movedAtMs;
  if (beats !== before.beats) {
    const step = before.toldAtMs === null ? 'none' : 'over';
    return { stall: beginStall(beats, atMs), step, stalledMs };
  }
  if (stoodStill) {
    const stall = { ...before, movedAtMs: atMs, lookedAtMs: atMs };
    return { stall, step: 'none', stalledMs: 0 };
  }
  const looked = { ...before, lookedAtMs: atMs };
  if (killAfterMs !== null && stalledMs >= killAfterMs) {
    return { stall: looked, step: 'kill', stalledMs };
  }
  const { toldAtMs } = before;
  const isDue = toldAtMs === null ? stalledMs >= STALLED_AFTER_MS : isOld(toldAtMs, atMs);
  if (!isDue) return { stall: looked, step: 'none', stalledMs };
  return { stall: { ...looked, toldAtMs: atMs }, step: 'tell', stalledMs };
}

const isOld = (toldAtMs: number, atMs: number): boolean => atMs - toldAtMs >= TELL_STALL_EVERY_MS;
