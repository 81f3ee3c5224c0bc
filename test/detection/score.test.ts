import { describe, expect, test } from 'vitest';
import {
  copiedFolder,
  type EncounterCase,
  INTERVALS_S,
  readCaseSet,
  readMessages,
  SET_NAMES,
} from '../../bench/detection/case-set.ts';
import type { AlertLine } from '../../bench/detection/playback.ts';
import { rawDistanceAlerts } from '../../bench/detection/raw-distance.ts';
import { type DistanceScore, scoreByFamily, scoreOf } from '../../bench/detection/score.ts';
import { below, encounter, GONE, said } from './encounter.ts';
import { hasOfficialScorer, officialFormOf, officialScore } from './official-scorer.ts';

function breachAt500(cases: EncounterCase[], lines: AlertLine[]): DistanceScore {
  return scoreOf(cases, lines).breach[500];
}

describe('an encounter from 100 s to 200 s', () => {
  const met = [encounter('x', { 500: below([100, 200]) })];

  // prettier-ignore
  const rows: [what: string, lines: AlertLine[], missPct: number, delayS: number | null, falseRises: number][] = [
    ['told in time',                   [said('x', 500, 103)],                        0,   3,    0],
    ['told before it began',           [said('x', 500, 80)],                         0,   -20,  0],
    ['told a minute after it ended',   [said('x', 500, 259)],                        0,   159,  0],
    ['told later than that',           [said('x', 500, 261)],                        100, null, 1],
    ['never told',                     [],                                           100, null, 0],
    ['told and gone just before',      [said('x', 500, 10), said('x', 500, 90, GONE)],  100, null, 0],
    ['told and gone long before',      [said('x', 500, 10), said('x', 500, 39, GONE)],  100, null, 1],
    ['told of another distance',       [said('x', 250, 103)],                        100, null, 0],
    ['told of another case',           [said('y', 500, 103)],                        100, null, 0],
    ['only possible',                  [said('x', 500, 103, { certainty: 'possible' })], 100, null, 0],
    ['only approaching',               [said('x', 500, 103, { stage: 'approach' })], 100, null, 0],
    ['told of the past',               [said('x', 500, 103, { retrospective: true })], 100, null, 0],
    ['a zone, not a contact',          [said('x', 500, 103, { kind: 'location' })],  100, null, 0],
  ];

  test.each(rows)('%s', (_, lines, missPct, delayS, falseRises) => {
    const score = breachAt500(met, lines);
    expect(score).toMatchObject({ episodes: 1, missPct, delayP50S: delayS });
    expect(score.falsePerPairDay).toBe(24 * falseRises);
  });
});

describe('what counts', () => {
  test('an encounter that runs at the start is not scored, and an alert of it is not false', () => {
    const score = breachAt500([encounter('x', { 500: below([0, 60]) })], [said('x', 500, 5)]);
    expect(score).toMatchObject({ episodes: 0, missPct: null, falsePerPairDay: 0 });
  });

  test('parts less than a minute apart are one encounter, others two', () => {
    const near = encounter('x', { 500: below([100, 200], [259, 300]) });
    const far = encounter('x', { 500: below([100, 200], [260, 300]) });
    expect(breachAt500([near], []).episodes).toBe(1);
    expect(breachAt500([far], []).episodes).toBe(2);
  });

  test('two alerts at the same time are one rise, one after the other two', () => {
    const quiet = [encounter('x', {})];
    const first = [said('x', 500, 100), said('x', 500, 200, GONE)];
    const second = (fromS: number): AlertLine => said('x', 500, fromS, { alertId: 'other' });
    expect(breachAt500(quiet, [...first, second(150)]).falsePerPairDay).toBe(24);
    expect(breachAt500(quiet, [...first, second(250)]).falsePerPairDay).toBe(48);
  });

  test('a rise after the end of a case is nobody’s', () => {
    expect(breachAt500([encounter('x', {})], [said('x', 500, 3601)]).falsePerPairDay).toBe(0);
  });

  test('an alert is late when it comes only within 100 m', () => {
    const close = [encounter('x', { 500: below([100, 300]), 100: below([150, 200]) })];
    expect(breachAt500(close, [said('x', 500, 149)]).late100Pct).toBe(0);
    expect(breachAt500(close, [said('x', 500, 151)]).late100Pct).toBe(100);
    expect(breachAt500(close, []).late100Pct).toBe(100);
    expect(breachAt500([encounter('x', {})], []).late100Pct).toBeNull();
  });

  test('priority 1 is a claim of its own', () => {
    const met = [encounter('x', { 500: below([100, 200]) })];
    const { breach, priority1 } = scoreOf(met, [
      said('x', 500, 70, { stage: 'approach', priority: 1 }),
      said('x', 500, 101, { priority: 1 }),
    ]);
    expect([breach[500].delayP50S, priority1[500].delayP50S]).toEqual([1, -30]);
  });

  test('far days count by themselves, and families by name', () => {
    const cases = [encounter('x', {}), encounter('far', {}, 'far_day')];
    const lines = [said('far', 500, 10)];
    expect(breachAt500(cases, lines)).toMatchObject({
      falsePerPairDay: 12,
      farDayFalsePerPairDay: 24,
    });
    const families = scoreByFamily(cases, lines);
    expect(Object.keys(families)).toEqual(['far_day', 'head_on']);
    expect(families['head_on']!.breach[500].falsePerPairDay).toBe(0);
  });
});

/** The project stands alone: where its cases came from may not be there. */
const comparison = hasOfficialScorer
  ? 'as the official scorer says'
  : 'NOT COMPARED with the official scorer, which is not beside the project';

describe(`the raw distance, ${comparison}`, () => {
  const runs = SET_NAMES.flatMap((set) => INTERVALS_S.map((intervalS) => ({ set, intervalS })));

  test.each(runs)('$set, every $intervalS s', ({ set, intervalS }) => {
    const { folder, cases } = readCaseSet(copiedFolder(set));
    const score = scoreOf(cases, rawDistanceAlerts(readMessages(folder, intervalS)));
    expect(score.breach[500].episodes).toBeGreaterThan(0);
    if (!hasOfficialScorer) return;
    expect(officialFormOf(score)).toEqual(officialScore(folder, intervalS, '--naive'));
  });
});
