import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ClientPace } from '../../server/service/client-pace.ts';

/** Large enough for fractions of a millisecond to be inexact. */
const START_MS = Date.UTC(2026, 10, 23);

describe('the pace of a client', () => {
  // prettier-ignore
  test.each([
    // a minute   burst  window  wait for the next
    [60_000,      10_000,    10,   1],
    [600,            100,    10,   1],
    [60,              10,    10,   1],
    [12,               2,    10,   5],
    [6,                1,    10,  10],
    [1,                1,    60,  60],
  ])('[CI7] of %i a minute: %i at once in %i s, then one after %i s', (rate, burst, windowS, waitS) => {
    const pace = new ClientPace();
    for (let i = 0; i < burst; i++) {
      const taken = pace.take('c', rate, 0);
      expect(taken).toMatchObject({ waitS: null, quota: burst, windowS, remaining: burst - 1 - i });
    }
    expect(pace.take('c', rate, 0)).toMatchObject({ waitS, remaining: 0, isToTell: true });
    expect(pace.take('other', rate, 0).waitS).toBeNull();
    expect(pace.take('c', rate, waitS * 1_000 + 1).waitS).toBeNull();
  });

  test('[CI7] is never exceeded, and who waits as told may go on', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), steps, (rate, gapsMs) => {
        const pace = new ClientPace();
        let nowMs = START_MS;
        let taken = 0;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          const { waitS, quota } = pace.take('c', rate, nowMs);
          if (waitS === null) taken += 1;
          else if (gapMs % 2 === 0) {
            nowMs += waitS * 1_000;
            expect(pace.take('c', rate, nowMs).waitS).toBeNull();
            taken += 1;
          }
          expect(taken).toBeLessThanOrEqual(quota + ((nowMs - START_MS) / 60_000) * rate + 1e-3);
        }
      }),
      { seed: 42, numRuns: 200 },
    );
  });
});
