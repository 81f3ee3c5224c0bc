import type { Fix } from './case-event.ts';

/** What a device's clock has shown so far, so that a wrong one is told from a late message. */
export interface ClockWatch {
  /** Added to the device's times to get the server's. */
  readonly offsetMs: number;
  readonly lastLagMs: number | null;
  readonly lastReceivedMs: number | null;
  /** How often in a row the same large lag was there again, at least 2 s later. */
  readonly steady: number;
}

export const NO_CLOCK: ClockWatch = {
  offsetMs: 0,
  lastLagMs: null,
  lastReceivedMs: null,
  steady: 0,
};

/** A fix may not come from further in the future than this. (SPEC PL1) */
export const AHEAD_MAX_MS = 5_000;
/** From this lag on we ask whether the message is late or the clock is wrong. */
const BEHIND_MS = 120_000;
const STEADY_WITHIN_MS = 3_000;
const STEADY_GAP_MS = 2_000;
const STEADY_TIMES = 2;

export interface ClockReading {
  readonly clock: ClockWatch;
  /** When the fix was measured, by the server's clock. */
  readonly atMs: number;
  readonly off: boolean;
}

/**
 * A clock ahead shows at once. A clock behind looks like a backlog, except that a backlog's lag
 * shrinks while it is delivered and a wrong clock's lag stays the same as real time goes by.
 * `newestAtMs` is given for a fix that was counted after all others: it cannot be older than they.
 */
export function readClock(clock: ClockWatch, fix: Fix, newestAtMs: number | null): ClockReading {
  const lagMs = fix.receivedAtMs - fix.atMs;
  const rightAgain = lagMs >= -AHEAD_MAX_MS && lagMs <= BEHIND_MS;
  const seen = tooSoon(clock, fix, lagMs)
    ? { lastLagMs: clock.lastLagMs, lastReceivedMs: clock.lastReceivedMs }
    : { lastLagMs: lagMs, lastReceivedMs: fix.receivedAtMs };
  if (rightAgain) {
    return { clock: NO_CLOCK, atMs: Math.min(fix.atMs, fix.receivedAtMs), off: false };
  }
  if (lagMs < -AHEAD_MAX_MS) {
    const offsetMs = Math.min(clock.offsetMs, lagMs);
    return { clock: { offsetMs, steady: 0, ...seen }, atMs: fix.atMs + offsetMs, off: true };
  }
  const steady = steadyAfter(clock, fix, lagMs);
  const contradicts = newestAtMs !== null && fix.atMs + clock.offsetMs < newestAtMs - BEHIND_MS;
  const known = clock.offsetMs > 0 && Math.abs(clock.offsetMs - lagMs) < STEADY_WITHIN_MS;
  const offsetMs = known || contradicts || steady >= STEADY_TIMES ? lagMs : 0;
  return { clock: { offsetMs, steady, ...seen }, atMs: fix.atMs + offsetMs, off: offsetMs !== 0 };
}

const isSameLag = ({ lastLagMs }: ClockWatch, lagMs: number): boolean =>
  lastLagMs !== null && Math.abs(lagMs - lastLagMs) < STEADY_WITHIN_MS;

/** The same lag again at once says nothing either way: a burst has it as well as a wrong clock. */
function tooSoon(clock: ClockWatch, fix: Fix, lagMs: number): boolean {
  const { lastReceivedMs } = clock;
  if (lastReceivedMs === null || !isSameLag(clock, lagMs)) return false;
  return fix.receivedAtMs - lastReceivedMs < STEADY_GAP_MS;
}

function steadyAfter(clock: ClockWatch, fix: Fix, lagMs: number): number {
  if (!isSameLag(clock, lagMs)) return 0;
  return tooSoon(clock, fix, lagMs) ? clock.steady : clock.steady + 1;
}
