import { describe, expect, test } from 'vitest';
import type { Fix } from '../../server/core/case-event.ts';
import { followedMs, hoursAt, placesOf, staysIn } from '../../server/core/stays.ts';
import { distanceM } from '../../shared/geodesy.ts';
import {
  AT_HOME,
  AT_THE_GYM,
  AT_WORK,
  GOOD,
  MONDAY_MS,
  type Receiver,
  type Spot,
  trackOf,
  weekOf,
} from '../support/daily-life.ts';
import { fixOf, place } from '../support/given.ts';

const MINUTE_MS = 60_000;
const apartM = (a: { lon: number; lat: number }, [lon, lat]: Spot): number =>
  distanceM(a.lon, a.lat, lon, lat);
const at = (minute: number, eastM = 0, other: Partial<Fix> = {}): Fix => {
  const [lon, lat] = place(eastM);
  return fixOf({ atMs: MONDAY_MS + minute * MINUTE_MS, lon, lat, accuracyM: 10, ...other });
};
const every = (fromMin: number, untilMin: number, eastM = 0, other: Partial<Fix> = {}): Fix[] =>
  Array.from({ length: untilMin - fromMin + 1 }, (_, i) => at(fromMin + i, eastM, other));
const minutes = (fixes: readonly Fix[]): number[][] =>
  staysIn(fixes).map(({ fromMs, untilMs }) =>
    [fromMs, untilMs].map((ms) => (ms - MONDAY_MS) / MINUTE_MS),
  );

// prettier-ignore
const TRACKS: readonly [what: string, fixes: Fix[], stays: number[][]][] = [
  ['nobody',                              [],                                                         []],
  ['19 minutes',                          every(0, 19),                                               []],
  ['21 minutes',                          every(0, 21),                                               [[0, 21]]],
  ['one stray fix',                       [...every(0, 10), at(10.5, 900), ...every(11, 30)],         [[0, 30]]],
  ['three minutes at the corner shop',    [...every(0, 10), ...every(11, 13, 300), ...every(14, 30)], [[0, 30]]],
  ['gone after half an hour',             [...every(0, 30), ...every(31, 40, 900)],                   [[0, 30]]],
  ['from one place to another',           [...every(0, 30), ...every(31, 60, 900)],                   [[0, 30], [31, 60]]],
  ['silent at night, back where he was',  [at(0), at(8 * 60)],                                        [[0, 480]]],
  ['silent for longer than that',         [...every(0, 5), ...every(13 * 60, 13 * 60 + 5)],           []],
  ['silent, and then elsewhere',          [at(0), ...every(480, 510, 900)],                           [[480, 510]]],
  ['fixes of the cell network',           every(0, 60, 0, { source: 'cell' }),                        []],
  ['fixes worse than 100 m',              every(0, 60, 0, { accuracyM: 150 }),                        []],
  ['fixes that do not say how good',      every(0, 60, 0, { accuracyM: null }),                       [[0, 60]]],
  ['on his way',                          every(0, 60).map((_fix, i) => at(i, i * 300)),               []],
  ['out of order',                        every(0, 30).toReversed(),                                  [[0, 30]]],
];

describe('stays', () => {
  test.each(TRACKS)('[PV5] of %s', (_, fixes, wanted) => {
    expect(minutes(fixes)).toEqual(wanted);
  });

  test('[PV5] hours are counted in the time he was followed, without long silences', () => {
    expect(followedMs([at(0), at(60), at(60 + 13 * 60), at(90 + 13 * 60)])).toBe(90 * MINUTE_MS);
    expect(followedMs([at(0)])).toBe(0);
  });
});

const WORK_DAYS = [0, 1, 2, 3, 4];

// prettier-ignore
const RECEIVERS: readonly [what: string, receiver: Receiver][] = [
  ['good',                 GOOD],
  ['bad',                  { ...GOOD, sigmaM: 30, strayShare: 0.02, cellShare: 0.3 }],
  ['seldom heard',         { ...GOOD, everyS: 600, silentShare: 0.4 }],
];

describe.each(RECEIVERS)('where he lives and works, by a receiver that is %s', (_, receiver) => {
  test.each([1, 2, 3])('[PV5] seed %i', (seed) => {
    const fixes = trackOf(weekOf(WORK_DAYS), 2, seed, receiver);
    const places = placesOf(fixes);
    const [home, work] = ['home', 'work'].map((name) => places.find(({ label }) => label === name));
    expect(apartM(home!, AT_HOME)).toBeLessThan(30);
    expect(apartM(work!, AT_WORK)).toBeLessThan(30);
    const weeks = followedMs(fixes) / (7 * 86_400_000);
    // 168 hours, less five days of 9 h at work, an evening at the gym and half an hour a way.
    expect(Math.abs(hoursAt(home!.stays) / weeks - 118)).toBeLessThan(12);
    expect(Math.abs(hoursAt(work!.stays) / weeks - 43)).toBeLessThan(8);
    const gym = places.find((each) => apartM(each, AT_THE_GYM) < 60);
    if (receiver.silentShare < 0.1) expect(gym?.label).toBe('stay');
  });
});

describe('what a place is to him', () => {
  test.each([
    ['two days a week', [1, 3], true],
    ['one day a week', [1], false],
    ['never', [], false],
  ])('[PV5] he works %s', (_, days, works) => {
    const places = placesOf(trackOf(weekOf(days), 2, 7));
    expect(places.some(({ label }) => label === 'work')).toBe(works);
    expect(places[0]!.label).toBe('home');
  });

  test('[PV5] a working week on nights turns it round', () => {
    const night = [0, 1, 2, 3, 4, 5, 6].flatMap((day) => [
      { fromHour: 24 * day, at: AT_WORK },
      { fromHour: 24 * day + 7, at: AT_HOME },
      { fromHour: 24 * day + 22, at: AT_WORK },
    ]);
    // He is called at home where he sleeps by day: nights are all that is known of homes.
    const places = placesOf(trackOf(night, 2, 3));
    expect(
      apartM(
        places.find(({ label }) => label === 'home')!,
        AT_WORK,
      ),
    ).toBeLessThan(30);
  });

  test('[PV5] a visit of an hour in one night is no home', () => {
    expect(placesOf(every(30, 90)).map(({ label }) => label)).toEqual(['stay']);
  });

  test('[PV5] a seed gives the same places', () => {
    const fixes = trackOf(weekOf(WORK_DAYS), 1, 11);
    expect(placesOf(fixes)).toEqual(placesOf(trackOf(weekOf(WORK_DAYS), 1, 11)));
  });
});
