/**
 * Guesses at passwords are slowed down per account and address, so that a stranger elsewhere
 * cannot lock an operator out, and per address, against trying one password on every account.
 * Every try counts from its start, so that many at once gain nothing; a success takes its own back.
 */
export const FAILURES_PER_ACCOUNT_MAX = 10;
export const FAILURES_PER_ADDRESS_MAX = 100;
export const FAILURE_WINDOW_MS = 60_000;
/** Each costs 32 MiB and a core for 0.2 s while it runs. */
export const SIGN_INS_AT_ONCE_MAX = 64;
/** Forgets the oldest above this: memory must not grow with the number of guesses. */
const KEYS_MAX = 100_000;

export interface SignInThrottle {
  /** Seconds to wait, or null when the try may be made. */
  begin(username: string, address: string, nowMs: number): number | null;
  end(username: string, address: string, succeeded: boolean): void;
}

interface Count {
  sinceMs: number;
  tries: number;
}

export function signInThrottle(): SignInThrottle {
  const counts = new Map<string, Count>();
  let underWay = 0;

  const limits = (username: string, address: string): [key: string, max: number][] => [
    [JSON.stringify([address, username]), FAILURES_PER_ACCOUNT_MAX],
    [address, FAILURES_PER_ADDRESS_MAX],
  ];

  function current(key: string, nowMs: number): Count {
    const known = counts.get(key);
    if (known && nowMs - known.sinceMs < FAILURE_WINDOW_MS) return known;
    const fresh = { sinceMs: nowMs, tries: 0 };
    counts.delete(key);
    counts.set(key, fresh);
    if (counts.size > KEYS_MAX) counts.delete(counts.keys().next().value!);
    return fresh;
  }

  return {
    begin(username, address, nowMs) {
      if (underWay >= SIGN_INS_AT_ONCE_MAX) return 1;
      const mine = limits(username, address).map(([key, max]) => ({
        max,
        count: current(key, nowMs),
      }));
      const full = mine.filter(({ count, max }) => count.tries >= max);
      if (full.length > 0) {
        const untilMs = Math.max(...full.map(({ count }) => count.sinceMs + FAILURE_WINDOW_MS));
        return Math.max(1, Math.ceil((untilMs - nowMs) / 1_000));
      }
      for (const { count } of mine) count.tries += 1;
      underWay += 1;
      return null;
    },
    end(username, address, succeeded) {
      underWay -= 1;
      if (!succeeded) return;
      for (const [key] of limits(username, address)) {
        const count = counts.get(key);
        if (count && count.tries > 0) count.tries -= 1;
      }
    },
  };
}
