/**
 * The server's time: the machine's monotonic clock, anchored at the wall clock when the process
 * starts. Timers, ages and silences are differences of it, so nobody who moves the wall clock can
 * make a device silent, or hide that it is.
 *
 * It is led softly towards the wall clock while they are close, holds its own when the wall clock
 * has stepped, and takes the wall clock's word only for how long the machine has slept: that time
 * did pass, and the monotonic clock missed it.
 */

/** Further apart than this, one of the two clocks has been moved; oscillators do not do that. */
export const STEP_MS = 500;
/** A step is over only well within that, or a difference that hovers there would flap. */
export const AGREED_MS = 250;
/** Half a millisecond a second, as `adjtime`: no timer notices, and 400 ms are gone in 15 min. */
export const SLEW_RATE_MAX = 0.0005;
/** A step is believed at its second look: the first may have been halted between two readings. */
export const LOOKS_TO_BELIEVE = 2;
/** How often the clocks are compared; a step is told within two of these. */
export const LOOK_EVERY_MS = 1_000;
/** A shorter sleep is lost in what `os.uptime()` resolves: it is told as a step. */
export const SLEEP_MS_MIN = 1_000;
/** How well sleep and step must fit: `os.uptime()` may count in whole seconds. */
const SLEEP_FIT_MS = 2_000;

/** The machine's clocks, read at one moment. */
export interface Readings {
  /** Never set, and stands still while the machine sleeps. */
  readonly monotonicMs: number;
  /** Set by anybody who may. */
  readonly wallMs: number;
  /** Never set, and goes on while the machine sleeps. */
  readonly uptimeMs: number;
}

export interface SteadyTime {
  /** At the last look; in between time goes on from here at `rate`. */
  readonly read: Readings;
  readonly steadyMs: number;
  readonly rate: number;
  /** Looks in a row at which the wall clock was a step away. */
  readonly apart: number;
  /** How far the wall clock was ahead when the step was believed; null while the clocks agree. */
  readonly steppedMs: number | null;
}

export const startSteady = (read: Readings): SteadyTime => ({
  read,
  steadyMs: read.wallMs,
  rate: 1,
  apart: 0,
  steppedMs: null,
});

/** Milliseconds since 1970, never less than before. */
export const steadyAt = ({ read, steadyMs, rate }: SteadyTime, monotonicMs: number): number =>
  steadyMs + (monotonicMs - read.monotonicMs) * rate;

/** Compares the clocks; to be called every `LOOK_EVERY_MS`. */
export function lookAtClocks(before: SteadyTime, read: Readings): SteadyTime {
  const steadyMs = steadyAt(before, read.monotonicMs) + sleptMs(before.read, read);
  const aheadMs = read.wallMs - steadyMs;
  const isApart = Math.abs(aheadMs) >= STEP_MS;
  const apart = isApart ? before.apart + 1 : 0;
  const rate = isApart ? 1 : 1 + slew(aheadMs);
  return { read, steadyMs, rate, apart, steppedMs: steppedNow(before, aheadMs, apart) };
}

/** What brings the clocks together until the next look, if it is little enough. */
const slew = (aheadMs: number): number =>
  Math.min(SLEW_RATE_MAX, Math.max(-SLEW_RATE_MAX, aheadMs / LOOK_EVERY_MS));

function steppedNow(before: SteadyTime, aheadMs: number, apart: number): number | null {
  if (apart >= LOOKS_TO_BELIEVE) {
    // The same step keeps its figure: told again only when the clock was moved again.
    const known = before.steppedMs;
    return known !== null && Math.abs(aheadMs - known) < STEP_MS ? known : aheadMs;
  }
  return Math.abs(aheadMs) < AGREED_MS ? null : before.steppedMs;
}

/** For how long wall and uptime went on together while the monotonic clock stood still. */
function sleptMs(before: Readings, now: Readings): number {
  const awakeMs = now.monotonicMs - before.monotonicMs;
  const missedMs = now.uptimeMs - before.uptimeMs - awakeMs;
  const jumpMs = now.wallMs - before.wallMs - awakeMs;
  const fits = Math.abs(jumpMs - missedMs) <= SLEEP_FIT_MS;
  return missedMs >= SLEEP_MS_MIN && jumpMs >= STEP_MS && fits ? jumpMs : 0;
}
