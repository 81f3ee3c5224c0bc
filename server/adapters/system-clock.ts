import { uptime } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Alarms, Clock } from '../ports.ts';
import { LOOK_EVERY_MS, lookAtClocks, startSteady, steadyAt } from './steady-time.ts';

export interface SystemClock extends Clock {
  /** Tells from now on when the wall clock has stepped away from the server's time, and back. */
  reportTo(alarms: Alarms): void;
  stop(): void;
}

/** Where time is read from, each on its own: the hot path needs only the first. */
export interface TimeSources {
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
  readonly uptimeMs: () => number;
}

const MACHINE: TimeSources = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  uptimeMs: () => uptime() * 1000,
};

/** The server's time, which no step of the machine's clock can move. */
export function systemClock(sources: TimeSources = MACHINE): SystemClock {
  const read = () => ({
    monotonicMs: sources.monotonicMs(),
    wallMs: sources.wallMs(),
    uptimeMs: sources.uptimeMs(),
  });
  let time = startSteady(read());
  let alarms: Alarms | null = null;
  const tell = (): void => alarms?.report({ code: 'clock-stepped', ...faultOf(time.steppedMs) });
  const timer = setInterval(() => {
    const before = time.steppedMs;
    time = lookAtClocks(time, read());
    if (time.steppedMs !== before) tell();
  }, LOOK_EVERY_MS);
  // Nobody's reason to go on living.
  timer.unref();
  return {
    nowMs: () => Math.floor(steadyAt(time, sources.monotonicMs())),
    every: (periodMs, tick) => {
      const ticking = setInterval(tick, periodMs);
      return () => clearInterval(ticking);
    },
    reportTo: (to) => {
      alarms = to;
      // Also that all is well: an alert of the last process may stand.
      tell();
    },
    stop: () => clearInterval(timer),
  };
}

function faultOf(steppedMs: number | null): { standing: boolean; detail: string } {
  if (steppedMs === null) return { standing: false, detail: 'wall clock and server time agree' };
  const seconds = (Math.abs(steppedMs) / 1000).toFixed(1);
  const side = steppedMs > 0 ? 'ahead of' : 'behind';
  return { standing: true, detail: `wall clock ${seconds} s ${side} the server's time` };
}
