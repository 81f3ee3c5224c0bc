import { describe, expect, test } from 'vitest';
import {
  type CaseSet,
  copiedFolder,
  type Message,
  readCaseSet,
  readMessages,
} from '../../bench/detection/case-set.ts';
import {
  type Ground,
  groundOf,
  phasesOf,
  redraw,
  redrawnMessages,
} from '../../bench/detection/redraw.ts';
import { median } from '../../bench/detection/standstill.ts';
import { encounterOf, thresholdOf } from '../../bench/detection/true-encounters.ts';
import type { TrueTrack } from '../../bench/detection/true-track.ts';
import { encounter, START_MS } from './encounter.ts';

describe('truth, worked out again', () => {
  test('is strictly below, from the first such second until the next that is not', () => {
    const { episodesMs, firstBelowMs, startsBelow } = thresholdOf([501, 500, 499, 500, 9], 0, 500);
    expect(episodesMs).toEqual([
      [2000, 3000],
      [4000, 4000],
    ]);
    expect([firstBelowMs, startsBelow]).toEqual([2000, false]);
  });

  test('knows who was within from the start, and who never was', () => {
    expect(thresholdOf([1, 1, 9], 5000, 2)).toEqual({
      firstBelowMs: 5000,
      startsBelow: true,
      episodesMs: [[5000, 7000]],
    });
    expect(thresholdOf([3, 3], 0, 2)).toEqual({
      firstBelowMs: null,
      startsBelow: false,
      episodesMs: [],
    });
  });

  test('of two cars that pass each other', () => {
    const straight = (deviceId: string, fromM: number, eastMs: number): TrueTrack => ({
      deviceId,
      plane: { lon: 4.4, lat: 51.9 },
      places: [0, 3600].map((atS) => {
        const at = { atMs: START_MS + atS * 1000, eastM: fromM + atS * eastMs, northM: 0 };
        return { ...at, eastMs, northMs: 0 };
      }),
    });
    const wearer = straight('o-x', -18_000, 10);
    const victim = straight('p-x', 18_000, -10);
    const { closestApproachM, thresholds } = encounterOf(encounter('x', {}), wearer, victim);
    expect(closestApproachM).toBe(0);
    // 1000 m apart 50 s before and after they meet at 1800 s; the plane is no sphere.
    const [[fromMs, untilMs] = [0, 0]] = thresholds[1000].episodesMs;
    expect(Math.abs((fromMs - START_MS) / 1000 - 1750)).toBeLessThanOrEqual(1);
    expect(Math.abs((untilMs - START_MS) / 1000 - 1850)).toBeLessThanOrEqual(1);
  });
});

/** A few cases of every kind are enough, and quicker. */
function someCases(): { set: CaseSet; messages: Message[] } {
  const all = readCaseSet(copiedFolder('simulated-noise'));
  const cases = all.cases.filter((_, i) => i % 6 === 0);
  const isOne = ({ deviceId }: { deviceId: string }): boolean =>
    cases.some(({ id }) => id === deviceId.slice(2));
  const set = { ...all, cases, setup: { ...all.setup, devices: all.setup.devices.filter(isOne) } };
  const messages = readMessages(all.folder, 5).filter(({ topic }) =>
    isOne({ deviceId: topic.split('/')[2]! }),
  );
  return { set, messages };
}

describe('noise drawn again', () => {
  const { set, messages } = someCases();
  const ground: Ground = groundOf(set, messages);
  const drawn = (seed: number): Message[] =>
    redrawnMessages(redraw(ground, seed), 5, phasesOf(messages));
  const first = drawn(1);

  test('is the same for the same seed, to the byte', () => {
    expect(JSON.stringify(drawn(1))).toBe(JSON.stringify(first));
    expect(JSON.stringify(drawn(2))).not.toBe(JSON.stringify(first));
  });

  test('arrives in order, late, doubled and out of order', () => {
    const arrivals = first.map(({ receivedAtMs }) => receivedAtMs);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
    const ids = first.map(({ topic, payload }) => `${topic}/${payload.seq}`);
    expect(new Set(ids).size).toBeLessThan(ids.length);
    const delaysS = first.map((one) => (one.receivedAtMs - Date.parse(one.payload.time)) / 1000);
    expect(median(delaysS)).toBeGreaterThan(1);
    expect(median(delaysS)).toBeLessThan(1.5);
    expect(Math.max(...delaysS)).toBeGreaterThan(30);
  });

  test('has about as many fixes of each source as were recorded', () => {
    const shareOff = (source: string): number => {
      const of = (list: readonly Message[]): number =>
        list.filter(({ payload }) => payload.source === source).length;
      return Math.abs(of(first) / of(messages) - 1);
    };
    expect(shareOff('gnss')).toBeLessThan(0.05);
    expect(shareOff('wifi')).toBeLessThan(0.05);
    expect(shareOff('cell')).toBeLessThan(0.5);
  });

  test.each(['o', 'p'])('claims about the accuracy that was recorded, for %s devices', (letter) => {
    const claims = (list: readonly Message[]): number[] =>
      list
        .filter(({ topic }) => topic.split('/')[2]!.startsWith(letter))
        .filter(({ payload }) => payload.source === 'gnss')
        .map(({ payload }) => payload.accuracy!)
        .toSorted((a, b) => a - b);
    const [was, is] = [claims(messages), claims(first)];
    const ratios = [0.25, 0.5, 0.75].map(
      (share) => is[Math.floor(share * is.length)]! / was[Math.floor(share * was.length)]!,
    );
    for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(0.15);
  });

  test('keeps the interval and the phase of each device', () => {
    const minutely = readMessages(set.folder, 60);
    const phases = phasesOf(minutely);
    for (const { topic, payload } of redrawnMessages(redraw(ground, 1), 60, phases)) {
      const offMs = Date.parse(payload.time) - phases.get(topic.split('/')[2]!)!;
      expect(Math.abs(offMs % 60_000)).toBe(0);
    }
  });

  test('finds nearly the encounters that were recorded', () => {
    const offM = ground.cases.map(({ closestApproachM }, i) =>
      Math.abs(closestApproachM - set.cases[i]!.closestApproachM),
    );
    expect(median(offM)).toBeLessThan(25);
    const episodes = (cases: Ground['cases']): number =>
      cases.reduce((sum, { thresholds }) => sum + thresholds[1000].episodesMs.length, 0);
    expect(Math.abs(episodes(ground.cases) - episodes(set.cases))).toBeLessThanOrEqual(1);
  });
});
