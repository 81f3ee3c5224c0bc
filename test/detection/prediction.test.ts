import { describe, expect, test } from 'vitest';
import { ESTIMATORS } from '../../bench/detection/estimators.ts';
import { mixed, onwards } from '../../bench/detection/motion-model.ts';
import { predictions } from '../../bench/detection/prediction.ts';
import type { RecordedFix, RecordedTrack } from '../../bench/detection/recorded-track.ts';
import type { TrueTrack } from '../../bench/detection/true-track.ts';
import { prng } from '../../shared/prng.ts';

const PLANE = { lon: 4.4, lat: 51.9 };
const SIGMA_M = 4;

/** Somebody goes east at one speed for twenty minutes, seen every 5 s with independent errors. */
function pursued(speedMs: number): { track: RecordedTrack; way: TrueTrack } {
  const random = prng(7);
  const places = Array.from({ length: 241 }, (_, i) => {
    const at = { atMs: i * 5000, eastM: i * 5 * speedMs, northM: 0 };
    return { ...at, eastMs: speedMs, northMs: 0 };
  });
  const fixes = places.map(({ atMs, eastM, northM }): RecordedFix => {
    const at = {
      eastM: eastM + SIGMA_M * random.normal(),
      northM: northM + SIGMA_M * random.normal(),
    };
    const headingDeg = speedMs > 0 ? 90 : null;
    return { atMs, ...at, accuracyM: 1.515 * SIGMA_M, speedMs, headingDeg, source: 'gnss' };
  });
  const track = { deviceId: 'p-x', plane: PLANE, fixes };
  return { track, way: { deviceId: 'p-x', plane: PLANE, places } };
}

describe('the comparison of estimators', () => {
  const found = predictions([pursued(15), pursued(0)]);
  const of = (estimator: string, pace: string, intervalS: number) =>
    found.find((o) => o.estimator === estimator && o.pace === pace && o.intervalS === intervalS)!;

  test('has every estimator at every interval, and counts what it compared', () => {
    expect(found).toHaveLength(Object.keys(ESTIMATORS).length * 3 * 3);
    expect(of('newest fix', 'vehicle', 5).count).toBe(240);
    expect(of('newest fix', 'vehicle', 60).count).toBe(20);
    expect(of('newest fix', 'on foot', 5).count).toBe(0);
  });

  test('shows what the newest fix misses: the way since', () => {
    expect(of('newest fix', 'vehicle', 5).medianM).toBeGreaterThan(60);
    expect(of('newest fix', 'vehicle', 60).medianM).toBeGreaterThan(850);
    expect(of('straight on from the newest fix', 'vehicle', 60).medianM).toBeLessThan(10);
  });

  test.each(['Kalman, constant velocity', 'IMM: still, steady, manoeuvring'])(
    '%s learns from more than one fix',
    (estimator) => {
      const { medianM } = of(estimator, 'still', 5);
      expect(medianM).toBeLessThan(0.8 * of('newest fix', 'still', 5).medianM);
      expect(of(estimator, 'vehicle', 5).medianM).toBeLessThan(12);
    },
  );

  test('finds an honest claim honest', () => {
    const { within68Pct, within95Pct } = of('newest fix', 'still', 5);
    expect(Math.abs(within68Pct - 68)).toBeLessThan(8);
    expect(Math.abs(within95Pct - 95)).toBeLessThan(4);
  });

  test('lets Cordon’s own estimator take part', () => {
    expect(of('Cordon', 'still', 5).medianM).toBeLessThan(10);
    expect(of('Cordon', 'vehicle', 5).medianM).toBeLessThan(30);
  });
});

describe('a motion model', () => {
  const belief = {
    atMs: 0,
    east: [0, 10],
    north: [0, 0],
    cov: [4, 0, 1],
  } as const;

  test('goes straight on, fades, or stays, and gets less sure', () => {
    const east = (persistenceS: number): number =>
      onwards(belief, 10_000, { restlessness: 0.1, persistenceS }).east[0];
    expect(east(Infinity)).toBe(100);
    expect(east(0)).toBe(0);
    expect(east(10)).toBeCloseTo(100 * (1 - Math.exp(-1)), 6);
    const { cov } = onwards(belief, 10_000, { restlessness: 0.1, persistenceS: Infinity });
    expect(cov[0]).toBeCloseTo(4 + 100 + 0.1 * (1000 / 3), 6);
  });

  test('mixed from two that disagree is less sure than either', () => {
    const other = { ...belief, east: [20, 10] } as const;
    const { east, cov } = mixed([belief, other], [0.5, 0.5]);
    expect(east).toEqual([10, 10]);
    expect(cov[0]).toBe(4 + 50);
  });
});
