import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from '../../server/service/token-bucket.ts';

/** Ten a second, thirty at once. */
const ALLOWANCE = { perSecond: 10, burst: 30 };
const SEED = 20_261_126;

const spendAll = (bucket: TokenBucket, count: number, atMs: number): number =>
  Array.from({ length: count }, () => bucket.spend(1, atMs, ALLOWANCE)).filter(Boolean).length;

test.each([
  ['a burst, and no more', 0, 30],
  ['what a moment refills', 100, 1],
  ['what a second refills', 1_000, 10],
  ['a burst again after a pause, and no more', 60_000, 30],
  ['all of it when the clock was set back by an hour', -3_600_000, 30],
])('after a burst it gives %s', (_, laterMs, given) => {
  const bucket = new TokenBucket();
  const firstMs = 5_000_000;
  expect(spendAll(bucket, 31, firstMs)).toBe(30);
  if (laterMs !== 0) expect(spendAll(bucket, 100, firstMs + laterMs)).toBe(given);
});

test('what costs more than it holds is not given, and costs nothing', () => {
  const bucket = new TokenBucket();
  expect(bucket.spend(31, 0, ALLOWANCE)).toBe(false);
  expect(bucket.spend(30, 0, ALLOWANCE)).toBe(true);
});

test('its level goes from full to empty and back with time', () => {
  const bucket = new TokenBucket();
  expect(bucket.levelAt(0, ALLOWANCE)).toBe(1);
  spendAll(bucket, 30, 0);
  expect(bucket.levelAt(0, ALLOWANCE)).toBe(0);
  expect(bucket.levelAt(1_500, ALLOWANCE)).toBeCloseTo(0.5);
  expect(bucket.levelAt(9_000, ALLOWANCE)).toBe(1);
});

test('over any stretch it never gives more than its burst and what time refills', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(gaps, (gapsMs) => {
      const bucket = new TokenBucket();
      let atMs = 1_000;
      const givenAtMs: number[] = [];
      for (const gapMs of gapsMs) {
        atMs += gapMs;
        if (bucket.spend(1, atMs, ALLOWANCE)) givenAtMs.push(atMs);
      }
      givenAtMs.forEach((fromMs, first) => {
        givenAtMs.slice(first).forEach((untilMs, count) => {
          const most = ALLOWANCE.burst + ((untilMs - fromMs) / 1_000) * ALLOWANCE.perSecond;
          expect(count + 1).toBeLessThanOrEqual(most + 1e-6);
        });
      });
    }),
    { seed: SEED, numRuns: 50 },
  );
});
