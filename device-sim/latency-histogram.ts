const BUCKETS_MS = 60_000;

/** Counts delays by the millisecond: as many as one likes in the same small memory. */
export interface LatencyHistogram {
  add(delayMs: number): void;
  count(): number;
  /** Delay that a share of all stay within; null when there are none. */
  quantileMs(share: number): number | null;
  maxMs(): number | null;
}

export function latencyHistogram(): LatencyHistogram {
  const buckets = new Uint32Array(BUCKETS_MS + 1);
  let count = 0;
  let maxMs = 0;
  return {
    add(delayMs) {
      const bucket = Math.min(BUCKETS_MS, Math.max(0, Math.round(delayMs)));
      buckets[bucket]! += 1;
      maxMs = Math.max(maxMs, bucket);
      count += 1;
    },
    count: () => count,
    quantileMs(share) {
      if (count === 0) return null;
      let left = Math.ceil(share * count);
      return buckets.findIndex((inBucket) => (left -= inBucket) <= 0);
    },
    maxMs: () => (count === 0 ? null : maxMs),
  };
}
