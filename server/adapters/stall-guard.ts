import { once } from 'node:events';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Alarms, Clock, Log } from '../ports.ts';
import type { GuardData } from './stall-guard-worker.ts';
import { BEAT_EVERY_MS, STALLED_AFTER_MS } from './stall-judge.ts';
import { startThread } from './worker-thread.ts';

/** A hundredth of all turns of the loop may be this late: a warning in a second must hold. */
export const LATE_P99_MS = 250;
/** Over only well below, or a load that hovers there would alarm for ever. */
export const TIMELY_P99_MS = 125;
/** Each measure looks back that far, and there is a new one every half of it. */
export const WINDOW_MS = 10_000;
/** Fine enough for 250 ms, and 50 wake-ups a second cost nothing. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

const WORKER = new URL('./stall-guard-worker.ts', import.meta.url);

export interface StallGuardParts extends Omit<GuardData, 'beats'> {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly log: Log;
}

/**
 * Watches the event loop from inside, which tells that it is late, and from a thread beside it,
 * which tells that it stands still and in the end kills it. Resolves when both watch, to what stops
 * them.
 */
export async function guardAgainstStalls(parts: StallGuardParts): Promise<() => Promise<void>> {
  const stopThread = await startGuard(parts);
  const stopMeasuring = measureLoop(parts.clock, parts.alarms);
  return async () => {
    stopMeasuring();
    await stopThread();
  };
}

/**
 * Two windows, half overlapping, so that every 5 s one of them has just seen the last 10. One long
 * block is a single turn among hundreds and does not move the p99: the longest turn counts as well.
 */
function measureLoop(clock: Clock, alarms: Alarms): () => void {
  const windows = [openWindow(), openWindow()];
  let isLate = false;
  let turn = 0;
  const stop = clock.every(WINDOW_MS / 2, () => {
    turn += 1;
    const window = windows[turn % 2]!;
    // The first time round the second window is only half full.
    if (turn > 1) {
      const was = isLate;
      isLate = judge(window.percentile(99) / NS_PER_MS, window.max / NS_PER_MS, was);
      if (isLate !== was) alarms.report({ code: 'evaluator-late', ...faultOf(isLate, window) });
    }
    window.reset();
  });
  return () => {
    stop();
    for (const window of windows) window.disable();
  };
}

/** Late beyond the upper limits, timely below the lower ones, and in between as before. */
export function judge(p99Ms: number, longestMs: number, wasLate: boolean): boolean {
  if (p99Ms > LATE_P99_MS || longestMs >= STALLED_AFTER_MS) return true;
  return wasLate && p99Ms > TIMELY_P99_MS;
}

function openWindow(): IntervalHistogram {
  const window = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  window.enable();
  return window;
}

function faultOf(
  standing: boolean,
  window: IntervalHistogram,
): { standing: boolean; detail: string } {
  const [p99Ms, longestMs] = [window.percentile(99), window.max].map((ns) =>
    Math.round(ns / NS_PER_MS),
  );
  return {
    standing,
    detail: `event loop ${p99Ms} ms late at the 99th percentile, at most ${longestMs}`,
  };
}

async function startGuard(parts: StallGuardParts): Promise<() => Promise<void>> {
  const { clock, log, killAfterMs, watchdog } = parts;
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const stopBeating = clock.every(BEAT_EVERY_MS, () => void Atomics.add(beats, 0, 1));
  const thread = startThread(WORKER, { beats, killAfterMs, watchdog } satisfies GuardData);
  await once(thread, 'message');
  // It guards a life; it is no reason to live.
  thread.unref();
  thread.on('error', (error) => log.error({ error }, 'nobody guards the event loop any more'));
  return async () => {
    await thread.terminate();
    stopBeating();
  };
}
