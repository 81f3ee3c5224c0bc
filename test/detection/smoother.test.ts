import { describe, expect, test } from 'vitest';
import type { RecordedFix } from '../../bench/detection/recorded-track.ts';
import { type Observation, smoothed } from '../../bench/detection/smoother.ts';
import { standstills } from '../../bench/detection/standstill.ts';
import { trueTrackOf, whereOn } from '../../bench/detection/true-track.ts';
import { prng } from '../../shared/prng.ts';

const PLANE = { lon: 4.4, lat: 51.9 };
const SIGMA_M = 10;
const ACCURACY_M = 1.515 * SIGMA_M;

interface Place {
  readonly eastM: number;
  readonly northM: number;
  readonly eastMs: number;
  readonly northMs: number;
}

/** East at 15 m/s for five minutes, round a bend of 200 m, then north. */
function drive(atS: number): Place {
  const [speedMs, radiusM, bendS] = [15, 200, 300];
  const turned = Math.max(0, Math.min(Math.PI / 2, ((atS - bendS) * speedMs) / radiusM));
  const straightM = speedMs * Math.min(atS, bendS);
  const beyondM = Math.max(0, speedMs * (atS - bendS) - (radiusM * Math.PI) / 2);
  return {
    eastM: straightM + radiusM * Math.sin(turned),
    northM: radiusM * (1 - Math.cos(turned)) + beyondM,
    eastMs: speedMs * Math.cos(turned),
    northMs: speedMs * Math.sin(turned),
  };
}

const still = (): Place => ({ eastM: 40, northM: -30, eastMs: 0, northMs: 0 });

/** Fixes every 5 s with independent errors, and speeds as receivers tell them. */
function recorded(where: (atS: number) => Place, untilS: number, seed: number): RecordedFix[] {
  const random = prng(seed);
  return Array.from({ length: untilS / 5 + 1 }, (_, i) => {
    const { eastM, northM, eastMs, northMs } = where(i * 5);
    const speedMs = Math.abs(Math.hypot(eastMs, northMs) + 0.25 * random.normal());
    const headingDeg = ((Math.atan2(eastMs, northMs) * 180) / Math.PI + 360) % 360;
    return {
      atMs: i * 5000,
      eastM: eastM + SIGMA_M * random.normal(),
      northM: northM + SIGMA_M * random.normal(),
      accuracyM: ACCURACY_M,
      speedMs,
      headingDeg: speedMs > 0.8 ? headingDeg : null,
      source: 'gnss',
    };
  });
}

const rmsM = (errorsM: readonly number[]): number =>
  Math.sqrt(errorsM.reduce((sum, errorM) => sum + errorM ** 2, 0) / errorsM.length);

const errorsM = (
  places: readonly { atMs: number; eastM: number; northM: number }[],
  where: (atS: number) => Place,
): number[] =>
  places.map(({ atMs, eastM, northM }) => {
    const truth = where(atMs / 1000);
    return Math.hypot(eastM - truth.eastM, northM - truth.northM);
  });

describe('smoothing', () => {
  test('without noise changes nothing', () => {
    const observations = Array.from({ length: 20 }, (_, i): Observation => {
      const at = { eastM: 15 * 5 * i, northM: -2 * 5 * i, sigmaM: 5 };
      return { atMs: i * 5000, at, velocity: null, restlessness: 0.1 };
    });
    for (const [i, { eastM, northM, eastMs }] of smoothed(observations).entries()) {
      expect(eastM).toBeCloseTo(observations[i]!.at!.eastM, 1);
      expect(northM).toBeCloseTo(observations[i]!.at!.northM, 1);
      expect(eastMs).toBeCloseTo(15, 1);
    }
  });

  test('knows the way through a hole in it', () => {
    const observations = Array.from({ length: 21 }, (_, i): Observation => {
      const at = i > 7 && i < 13 ? null : { eastM: 50 * i, northM: 0, sigmaM: 3 };
      return { atMs: i * 5000, at, velocity: null, restlessness: 0.1 };
    });
    expect(smoothed(observations)[10]!.eastM).toBeCloseTo(500, 0);
  });

  test.each([1, 2, 3])('a drive comes out nearer to the truth than the fixes (seed %i)', (seed) => {
    const fixes = recorded(drive, 600, seed);
    const track = trueTrackOf({ deviceId: 'p-x', plane: PLANE, fixes });
    expect(rmsM(errorsM(track.places, drive))).toBeLessThan(0.5 * rmsM(errorsM(fixes, drive)));
    const between = fixes.slice(1).map(({ atMs }) => whereOn(track, atMs - 2000));
    expect(rmsM(errorsM(between, drive))).toBeLessThan(0.6 * rmsM(errorsM(fixes, drive)));
  });

  test('one fix in another street changes little', () => {
    const fixes = recorded(drive, 600, 4);
    const odd = fixes.map((fix, i) => (i === 30 ? { ...fix, northM: fix.northM + 400 } : fix));
    const track = trueTrackOf({ deviceId: 'p-x', plane: PLANE, fixes: odd });
    expect(Math.max(...errorsM(track.places, drive))).toBeLessThan(25);
  });

  test('a mast is not believed', () => {
    const fixes = recorded(drive, 300, 5);
    const cell: RecordedFix = { ...fixes[20]!, eastM: 5000, source: 'cell', speedMs: null };
    const places = (list: RecordedFix[]): unknown =>
      trueTrackOf({ deviceId: 'p-x', plane: PLANE, fixes: list }).places;
    expect(places(fixes.with(20, cell))).toEqual(places(fixes.toSpliced(20, 1)));
  });
});

describe('standing still', () => {
  test.each([1, 2, 3])('stays in one place, at speed 0 (seed %i)', (seed) => {
    const track = trueTrackOf({ deviceId: 'p', plane: PLANE, fixes: recorded(still, 1200, seed) });
    const places = new Set(track.places.map(({ eastM, northM }) => `${eastM}/${northM}`));
    expect(places.size).toBe(1);
    expect(whereOn(track, 123_456)).toMatchObject({ eastMs: 0, northMs: 0 });
    expect(errorsM(track.places, still)[0]).toBeLessThan(SIGMA_M / 2);
  });

  test('a drive has none', () => expect(standstills(recorded(drive, 600, 1))).toEqual([]));

  test('a wait on the way is found, and the way before and after it', () => {
    const where = (atS: number): Place => {
      if (atS <= 200) return { ...drive(atS), northM: 0, northMs: 0 };
      if (atS < 500) return { ...drive(200), eastMs: 0 };
      return drive(atS - 300);
    };
    const fixes = recorded(where, 700, 6);
    const found = standstills(fixes);
    expect(found).toHaveLength(1);
    expect(Math.abs(fixes[found[0]!.from]!.atMs / 1000 - 200)).toBeLessThanOrEqual(15);
    expect(Math.abs(fixes[found[0]!.until]!.atMs / 1000 - 500)).toBeLessThanOrEqual(15);
  });

  test('a track is where it began before that, and where it ended after', () => {
    const track = trueTrackOf({ deviceId: 'p', plane: PLANE, fixes: recorded(drive, 600, 7) });
    const [first, last] = [track.places[0]!, track.places.at(-1)!];
    expect(whereOn(track, -9000)).toMatchObject({ eastM: first.eastM, eastMs: 0 });
    expect(whereOn(track, 9e6)).toMatchObject({ northM: last.northM, northMs: 0 });
  });
});
