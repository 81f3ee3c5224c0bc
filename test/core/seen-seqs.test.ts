import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hasSeen,
  isEmpty,
  nothingSeen,
  SEEN_RANGES_MAX,
  withSeen,
  type SeenSeqs,
} from '../../server/core/seen-seqs.ts';

const taken = (seqs: readonly number[]): SeenSeqs =>
  seqs.reduce((seen, seq) => (hasSeen(seen, seq) ? seen : withSeen(seen, seq)), nothingSeen(null));

const rangesOf = ({ older, from, until }: SeenSeqs): (readonly [number, number])[] => [
  ...older,
  [from, until],
];

describe('numbers taken in', () => {
  test('[FX7] are known exactly as in a set, as long as the gaps are few', () => {
    const seqs = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 80 });
    fc.assert(
      fc.property(seqs, (all) => {
        const seen = taken(all);
        const set = new Set(all);
        for (let seq = 0; seq <= 61; seq++) expect(hasSeen(seen, seq)).toBe(set.has(seq));
        expect(isEmpty(seen)).toBe(set.size === 0);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test('[FX7] lie in ranges that are sorted, apart and few, in whatever order they came', () => {
    const seqs = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(seqs, (all) => {
        const ranges = rangesOf(taken(all));
        expect(ranges.length).toBeLessThanOrEqual(SEEN_RANGES_MAX + 1);
        ranges.forEach(([from, until], index) => {
          expect(from).toBeLessThanOrEqual(until);
          if (index > 0) expect(from).toBeGreaterThan(ranges[index - 1]![1] + 1);
        });
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  test('[FX7] are never made up: beyond the limit the lowest are forgotten, nothing else', () => {
    const even = Array.from({ length: 100 }, (_, n) => 2 * n);
    const seen = taken(even);
    const kept = even.filter((seq) => hasSeen(seen, seq));
    expect(kept).toEqual(even.slice(-SEEN_RANGES_MAX - 1));
    expect(even.some((seq) => hasSeen(seen, seq + 1))).toBe(false);
  });

  test('[FX7] go as high as numbers go', () => {
    const seen = taken([Number.MAX_SAFE_INTEGER, 0]);
    expect([hasSeen(seen, Number.MAX_SAFE_INTEGER), hasSeen(seen, 0), hasSeen(seen, 1)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
