import { describe, expect, test } from 'vitest';
import { ENVIRONMENTS, type SkyModel } from '../../device-sim/environment.ts';
import { initialGnssError, placeError, stepGnssError } from '../../device-sim/gnss-error.ts';
import { prng } from '../../shared/prng.ts';

type Sample = { eastM: number; errorM: number; reportedM: number };

/** One receiver after another, so that the slow error of one says nothing about the next. */
function samples(model: SkyModel, stepS: number, bodyFactor = 1): Sample[] {
  const out: Sample[] = [];
  for (let seed = 0; seed < 40; seed++) {
    let state = initialGnssError(seed, 0);
    for (let atMs = 0; atMs < 300 * stepS * 1_000; atMs += stepS * 1_000) {
      const stepped = stepGnssError({ seed, model, bodyFactor, blocked: false }, state, atMs);
      state = stepped.state;
      if (stepped.reading.state === 'lost') continue;
      const { errorM, reportedRadiusM: reportedM } = stepped.reading;
      out.push({ eastM: errorM[0], errorM: Math.hypot(...errorM), reportedM });
    }
  }
  return out;
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * values.length)]!;
}

const skyOf = (name: 'open-sky' | 'suburban' | 'urban' | 'urban-canyon' | 'indoor-gnss') =>
  ENVIRONMENTS[name];

describe('error of a GNSS receiver', () => {
  // prettier-ignore
  const SPREAD: [Parameters<typeof skyOf>[0], medianM: [number, number], p95M: [number, number]][] = [
    ['open-sky',     [2, 4],   [4, 7]],
    ['suburban',     [3, 6],   [6.5, 13]],
    ['urban',        [7, 13],  [16, 40]],
    ['urban-canyon', [18, 30], [40, 90]],
    ['indoor-gnss',  [20, 36], [45, 110]],
  ];
  test.each(SPREAD)('%s is as wrong as DOMAIN.md says', (name, medianM, p95M) => {
    const errors = samples(skyOf(name), 15).map(({ errorM }) => errorM);
    expect(quantile(errors, 0.5)).toBeGreaterThan(medianM[0]);
    expect(quantile(errors, 0.5)).toBeLessThan(medianM[1]);
    expect(quantile(errors, 0.95)).toBeGreaterThan(p95M[0]);
    expect(quantile(errors, 0.95)).toBeLessThan(p95M[1]);
  });

  test.each(['open-sky', 'suburban', 'urban', 'urban-canyon', 'indoor-gnss'] as const)(
    'in %s 10 to 60 % of the variance is the same error a minute later',
    (name) => {
      const model = { ...skyOf(name), jumpsPerHour: 0, lossesPerHour: 0 };
      const east = samples(model, 15).map(({ eastM }) => eastM);
      const pairs = east.flatMap((value, at) => (at % 300 < 296 ? [value * east[at + 4]!] : []));
      const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      const correlation = mean(pairs) / mean(east.map((value) => value * value));
      expect(correlation).toBeGreaterThan(0.1);
      expect(correlation).toBeLessThan(name === 'indoor-gnss' ? 0.7 : 0.6);
    },
  );

  test('the reported radius holds 68 % under open sky and far less between buildings', () => {
    const held = (name: Parameters<typeof skyOf>[0]): number => {
      const all = samples(skyOf(name), 15);
      return all.filter(({ errorM, reportedM }) => errorM <= reportedM).length / all.length;
    };
    expect(held('open-sky')).toBeGreaterThan(0.6);
    expect(held('open-sky')).toBeLessThan(0.76);
    expect(held('urban')).toBeLessThan(0.45);
    expect(held('urban-canyon')).toBeLessThan(held('urban'));
  });

  test('a band on an ankle is 1.4 times as wrong', () => {
    const model = { ...skyOf('suburban'), jumpsPerHour: 0, lossesPerHour: 0 };
    const medianM = (bodyFactor: number): number =>
      quantile(
        samples(model, 15, bodyFactor).map(({ errorM }) => errorM),
        0.5,
      );
    expect(medianM(1.4) / medianM(1)).toBeCloseTo(1.4, 6);
  });

  test('after a long loss the error is four times as large, and calms down within a minute', () => {
    const model = { ...skyOf('suburban'), jumpsPerHour: 0, lossesPerHour: 0 };
    const radiusM = (sinceS: number): number => {
      const radii = Array.from({ length: 200 }, (_, seed) => {
        const setting = { seed, model, bodyFactor: 1, blocked: false };
        const blocked = { ...setting, blocked: true };
        const start = stepGnssError(blocked, initialGnssError(seed, 0), 0).state;
        const lost = stepGnssError(blocked, start, 60_000).state;
        const { reading } = stepGnssError(setting, lost, 60_000 + sinceS * 1_000);
        return reading.state === 'fix' ? reading.reportedRadiusM : Infinity;
      });
      return quantile(radii, 0.5);
    };
    expect(radiusM(0) / radiusM(600)).toBeCloseTo(4, 0);
    expect(radiusM(75) / radiusM(600)).toBeLessThan(1.2);
  });

  test('the same step from the same state is the same step', () => {
    const setting = { seed: 5, model: skyOf('urban'), bodyFactor: 1, blocked: false };
    const state = initialGnssError(5, 0);
    expect(stepGnssError(setting, state, 9_000)).toEqual(stepGnssError(setting, state, 9_000));
  });
});

describe('error of a network fix', () => {
  const random = prng(1);
  const at = (model: (typeof ENVIRONMENTS)['indoor-wifi'], lon: number): number =>
    Math.hypot(...placeError(7, model, [lon, 52], random).errorM);

  test.each([
    ['indoor-wifi', 25],
    ['cell', 500],
  ] as const)('the median error of %s over many places is about %d m', (name, medianM) => {
    const errors = Array.from({ length: 2_000 }, (_, i) => at(ENVIRONMENTS[name], 4 + i * 0.02));
    expect(quantile(errors, 0.5) / medianM).toBeGreaterThan(0.9);
    expect(quantile(errors, 0.5) / medianM).toBeLessThan(1.2);
  });

  test('the same place is wrong in the same way, for everybody', () => {
    const model = { ...ENVIRONMENTS['indoor-wifi'], whiteM: 0 };
    expect(at(model, 4.36001)).toBeCloseTo(at(model, 4.36001), 9);
  });
});
