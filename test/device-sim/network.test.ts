import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOSTILE_NETWORK, network, NETWORK } from '../../device-sim/network.ts';
import { agenda } from '../../device-sim/agenda.ts';
import { coverageAt, initialCoverage, UPLINK } from '../../device-sim/uplink.ts';

const COUNT = 20_000;
const ALWAYS_COVERED = { ...NETWORK, coverageLossesPerHour: 0 };

function delaysOf(settings = ALWAYS_COVERED): number[][] {
  const net = network<number>(settings, 1, 0);
  return Array.from({ length: COUNT }, (_, i) =>
    net.send('a', i, i * 1_000).map(({ atMs }) => atMs - i * 1_000),
  );
}

describe('uplink', () => {
  test('latency, stragglers and duplicates are as DOMAIN.md says', () => {
    const delays = delaysOf();
    const first = delays.map(([delayMs]) => delayMs!).toSorted((a, b) => a - b);
    expect(first[COUNT / 2]).toBeGreaterThan(1_150);
    expect(first[COUNT / 2]).toBeLessThan(1_270);
    // Of a lognormal with σ 0.6, 0.9 % is over 5 s too.
    const late = first.filter((delayMs) => delayMs >= 5_000).length / COUNT;
    expect(late).toBeGreaterThan(0.022);
    expect(late).toBeLessThan(0.036);
    const doubled = delays.filter(({ length }) => length === 2).length / COUNT;
    expect(doubled).toBeGreaterThan(0.007);
    expect(doubled).toBeLessThan(0.013);
    expect(delays.every(({ length }) => length > 0)).toBe(true);
  });

  test('coverage is lost 0.4 times an hour, for 90 s at the median, 20 % newest first', () => {
    const hours = 10_000;
    const losses: { durationMs: number; newest: boolean }[] = [];
    let coverage = initialCoverage(UPLINK, 3, 0);
    while (coverage.untilMs < hours * 3_600_000) {
      coverage = coverageAt(UPLINK, 3, coverage, coverage.untilMs);
      if (coverage.state === 'covered') continue;
      const { fromMs, untilMs, order } = coverage;
      losses.push({ durationMs: untilMs - fromMs, newest: order === 'newest-first' });
    }
    const durations = losses.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b);
    expect(losses.length / hours).toBeGreaterThan(0.36);
    expect(losses.length / hours).toBeLessThan(0.44);
    expect(durations[durations.length >> 1]! / 90_000).toBeGreaterThan(0.93);
    expect(durations[durations.length >> 1]! / 90_000).toBeLessThan(1.07);
    const newest = losses.filter((loss) => loss.newest).length / losses.length;
    expect(newest).toBeGreaterThan(0.17);
    expect(newest).toBeLessThan(0.23);
  });
});

describe('network', () => {
  test('what is sent in an outage arrives in a burst after it, in order', () => {
    const cut = { fromMs: 10_000, untilMs: 70_000 };
    const settings = { ...ALWAYS_COVERED, duplicateShare: 0, partitions: [cut] };
    const net = network<number>(settings, 1, 0);
    const arrivals = [10_000, 30_000, 69_000].map((atMs, i) => net.send('a', i, atMs)[0]!.atMs);
    expect(arrivals.every((atMs) => atMs >= cut.untilMs && atMs < cut.untilMs + 5_000)).toBe(true);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
  });

  test('newest first turns the burst round', () => {
    const settings = { ...ALWAYS_COVERED, newestFirstShare: 1, coverageLossesPerHour: 60 };
    const net = network<number>({ ...settings, duplicateShare: 0 }, 4, 0);
    const sent = Array.from({ length: 3_600 }, (_, s) => net.send('a', s, s * 1_000)[0]!);
    const turned = sent.filter(({ atMs }, s) => s > 0 && atMs < sent[s - 1]!.atMs - 5);
    expect(turned.length).toBeGreaterThan(100);
  });

  test('never arrives before it was sent, and the same seed gives the same arrivals', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat({ max: 60_000 })), (seed, gapsMs) => {
        const run = (): number[][] => {
          const net = network<null>(HOSTILE_NETWORK, seed, 0);
          let atMs = 0;
          return gapsMs.map((gapMs) => {
            atMs += gapMs;
            const sentMs = atMs;
            return net.send('a', null, sentMs).map((delivery) => delivery.atMs - sentMs);
          });
        };
        expect(
          run()
            .flat()
            .every((delayMs) => delayMs >= 0),
        ).toBe(true);
        expect(run()).toEqual(run());
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

test('an agenda gives things back in order of time, and of adding', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 })), (times) => {
      const book = agenda<number>();
      times.forEach((atMs, index) => book.add(atMs, index));
      const taken = times.map(() => book.take()!);
      const sorted = times
        .map((atMs, item) => ({ atMs, item }))
        .toSorted((a, b) => a.atMs - b.atMs);
      expect(taken).toEqual(sorted);
      expect(book.take()).toBeNull();
    }),
    { seed: 1 },
  );
});
