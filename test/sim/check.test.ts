import { expect, test } from 'vitest';
import { check } from './check.ts';
import { type Run, simulate, type Told } from './simulation.ts';

/** A world that keeps its promises, for the checkers to be shown what a broken one looks like. */
const sound = await simulate(1002);
const promisesBroken = (run: Run): string[] => [
  ...new Set(check(run).map(({ promise }) => promise)),
];

const withTold = (told: readonly Told[]): Run => ({ ...sound, told });
const without = (gone: (told: Told) => boolean): Run =>
  withTold(sound.told.filter((told) => !gone(told)));

/** The first change of this kind once more, with something changed. */
function again(of: (told: Told) => boolean, record: object): Run {
  const index = sound.told.findIndex(of);
  const told = sound.told[index]!;
  const altered = {
    ...told,
    change: { ...told.change, record: { ...told.change.record, ...record } },
  };
  return withTold(sound.told.toSpliced(index + 1, 0, altered));
}

const about =
  (code: string, change = 'raised') =>
  (told: Told): boolean =>
    told.change.record.code === code && told.change.change === change;

test('a world that keeps its promises is left in peace', () => {
  expect(check(sound)).toEqual([]);
});

const BROKEN: readonly [what: string, run: Run, promise: string][] = [
  ['a breach never told', without(({ change }) => change.record.stage === 'breach'), 'liveness'],
  [
    'a breach of people far apart',
    again(({ change }) => change.record.banId === 'apart', {
      stage: 'breach',
      certainty: 'likely',
    }),
    'safety',
  ],
  [
    'a strap cut not told',
    without(({ change }) => change.record.code === 'strap-tamper'),
    'urgent',
  ],
  ['an SOS not told', without(({ change }) => change.record.code === 'sos'), 'urgent'],
  ['a silence not told', without(({ change }) => change.record.code === 'silent'), 'silence'],
  ['an alert raised twice', again(about('contact-ban'), {}), 'lifecycle'],
  ['a lowered priority', again(about('sos'), { priority: 3 }), 'lifecycle'],
  [
    'a past that never was',
    again(({ change }) => change.record.banId === 'apart', {
      retrospective: true,
      basis: { detail: { from: '2026-11-23T10:10:00Z', until: '2026-11-23T10:11:00Z' } },
    }),
    'past',
  ],
  ['two alerts that stand for one cause', again(about('silent'), { alertId: 'x' }), 'lifecycle'],
];

test.each(BROKEN)('the checkers see %s', (_, run, promise) => {
  expect(promisesBroken(run)).toContain(promise);
});
