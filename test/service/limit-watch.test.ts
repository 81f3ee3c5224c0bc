import { describe, expect, test } from 'vitest';
import { LimitWatch } from '../../server/service/limit-watch.ts';
import type { Limit } from '../../server/kept.ts';
import type { Priority } from '../../shared/alert.ts';

const HOUR_MS = 3_600_000;

const disk = (used: number): Limit => ({ name: 'disk', used, max: 1_000, unit: 'bytes' });

/** What is told of a share, one look after the other. */
function told(...shares: number[]): (number | null)[] {
  const watch = new LimitWatch();
  return shares.flatMap((used, i) =>
    watch
      .look([disk(used)], i * 1_000)
      .map(({ standing, priority }) => (standing ? priority! : null)),
  );
}

describe('[LM1] a limit', () => {
  const table: [what: string, shares: number[], told: (number | null)[]][] = [
    ['with room is nothing', [0, 499], []],
    ['is told at half, three quarters and nine tenths', [500, 750, 900], [4, 3, 2]],
    ['is told at once, however far', [990], [2]],
    ['that stays is told once', [760, 761, 755, 760], [3]],
    ['that hovers is told once', [750, 745, 751, 730], [3]],
    ['is over below its level', [500, 469], [4, null]],
    ['falls back one level', [910, 800], [2, 3]],
  ];
  test.each(table)('%s', (_what, shares, expected) => {
    expect(told(...shares)).toEqual(expected);
  });

  test('says how much of what is taken, and each limit by itself', () => {
    const watch = new LimitWatch();
    const ids: Limit = { name: 'journal-numbers', used: 2, max: 3, unit: 'rows' };
    const faults = watch.look([disk(10), ids], 0);
    expect(faults).toMatchObject([
      { about: 'journal-numbers', detail: '66 % of journal-numbers: 2 of 3 rows' },
    ]);
  });
});

describe('[LM2] a limit that comes nearer', () => {
  /** What is told of a disk of 1,000 that takes so much more each day, and at what share. */
  const filling = (perDay: number, days: number): [Priority, number][] => {
    const watch = new LimitWatch();
    return Array.from({ length: days * 24 }, (_, hour) => hour).flatMap((hour) => {
      const used = (hour * perDay) / 24;
      return watch
        .look([disk(used)], hour * HOUR_MS)
        .map(({ priority }): [Priority, number] => [priority!, Math.floor(used / 10)]);
    });
  };

  const table: [what: string, perDay: number, days: number, told: [Priority, number][]][] = [
    ['slowly enough is nothing', 10, 40, []],
    ['is told 30 days before', 20, 22, [[4, 40]]],
    ['is told 7 days before', 140, 2, [[3, 3]]],
    [
      'is told a day before',
      200,
      5,
      [
        [3, 5],
        [2, 80],
      ],
    ],
  ];
  test.each(table)('%s', (_what, perDay, days, expected) => {
    expect(filling(perDay, days)).toEqual(expected);
  });

  test('a pace of less than six hours is none', () => {
    const watch = new LimitWatch();
    expect(watch.look([disk(0)], 0)).toEqual([]);
    expect(watch.look([disk(400)], 5 * HOUR_MS)).toEqual([]);
    expect(watch.look([disk(401)], 7 * HOUR_MS)).toMatchObject([{ standing: true }]);
  });
});
