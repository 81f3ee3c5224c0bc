/** Lets requests through, or holds all of them for a while. */
export interface Gate {
  pass(): Promise<void>;
  open(): void;
  closeAsTold(retryAfter: string | undefined): void;
  closeAfterFailure(failures: number, why: string): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Who is told nothing waits so long. */
const UNTOLD_PAUSE_MS = 1_000;
/** A server that says "in a year" means that something is wrong. */
const TOLD_PAUSE_MS_MAX = 300_000;

export function gateOf(
  nowMs: () => number,
  wait: (ms: number) => Promise<unknown>,
  told: (what: string) => void,
): Gate {
  let openAtMs = 0;
  let telling = false;
  const close = (pauseMs: number, why: string): void => {
    openAtMs = Math.max(openAtMs, nowMs() + pauseMs);
    // Sixteen requests that fail at once have one reason.
    if (!telling) told(`${why}; again in ${(pauseMs / 1000).toFixed(1)} s`);
    telling = true;
  };
  return {
    async pass() {
      for (let leftMs = openAtMs - nowMs(); leftMs > 0; leftMs = openAtMs - nowMs()) {
        await wait(leftMs);
        telling = false;
      }
    },
    open() {
      telling = false;
    },
    closeAsTold: (retryAfter) => close(pauseTold(retryAfter, nowMs()), 'asked to wait (429)'),
    closeAfterFailure: (failures, why) =>
      close(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)), why),
  };
}

/** Retry-After in seconds or as a date. (RFC 9110 §10.2.3) */
export function pauseTold(header: string | undefined, nowMs: number): number {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  if (Number.isNaN(ms)) return UNTOLD_PAUSE_MS;
  return Math.min(TOLD_PAUSE_MS_MAX, Math.max(UNTOLD_PAUSE_MS / 10, ms));
}
