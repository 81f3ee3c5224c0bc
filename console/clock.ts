import { steadyClock } from './server-time.ts';
import { TICK_MS } from './tick.ts';

/** Time for the whole page: one source, so that nothing on it can disagree about "now". */
export interface PageClock {
  nowMs(): number;
  /** Calls back once after so many milliseconds (to the tick) unless cancelled. */
  after(delayMs: number, run: () => void): () => void;
  onTick(run: () => void): void;
}

/**
 * Ticks come from a worker, because a browser slows the timers of a page in the background to one
 * a minute: a console behind another window must still notice within seconds that the line is dead.
 */
export function pageClock(ticks: (tick: () => void) => void): PageClock {
  const nowMs = steadyClock(
    () => performance.now(),
    () => Date.now(),
  );
  const listeners: (() => void)[] = [];
  const due = new Set<{ atMs: number; run: () => void }>();
  ticks(() => {
    const atMs = nowMs();
    for (const entry of due) {
      if (entry.atMs > atMs) continue;
      due.delete(entry);
      entry.run();
    }
    for (const run of listeners) run();
  });
  return {
    nowMs,
    after(delayMs, run) {
      const entry = { atMs: nowMs() + delayMs, run };
      due.add(entry);
      return () => due.delete(entry);
    },
    onTick: (run) => void listeners.push(run),
  };
}

/** Falls back to the page's own timer where workers are forbidden. */
export function workerTicks(tick: () => void): void {
  try {
    const worker = new Worker(new URL('./tick-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = tick;
    worker.onerror = () => setInterval(tick, TICK_MS);
  } catch {
    setInterval(tick, TICK_MS);
  }
}
