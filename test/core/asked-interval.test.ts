import { describe, expect, test } from 'vitest';
import {
  askedBefore,
  asking,
  type AskedInterval,
  following,
  isOverdue,
  receiptFor,
  sentAgain,
  TRIES_MAX,
} from '../../server/core/asked-interval.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { deepFrozen, ms } from '../support/given.ts';

const PHONE = 'phone' as DeviceId;
const asked = (seconds: number, s = 0): AskedInterval => deepFrozen(asking(PHONE, seconds, ms(s)));

/** What was asked last after each wish: `[second, wished interval]`. */
function asksOf(start: number, wishes: readonly [s: number, wantedS: number][]): number[] {
  let last = asked(start);
  return wishes.map(([s, wantedS]) => {
    last = deepFrozen(following(last, wantedS, ms(s)));
    return last.seconds;
  });
}

describe('[RI5] faster at once, slower after two calm minutes', () => {
  // prettier-ignore
  test.each<[what: string, start: number, wishes: [number, number][], asks: number[]]>([
    ['faster at once',                  60, [[1, 15], [2, 5]],                        [15, 5]],
    ['slower not before 120 s',          5, [[0, 15], [119, 15], [120, 15]],          [5, 5, 15]],
    ['not while it goes to and fro',     5, [[0, 60], [110, 5], [130, 60], [249, 60]], [5, 5, 5, 5]],
    ['but two minutes after that',       5, [[0, 60], [110, 5], [130, 60], [250, 60]], [5, 5, 5, 60]],
    ['the fastest of what would do',     5, [[0, 60], [60, 15], [119, 60], [120, 60]], [5, 5, 5, 15]],
    ['and the slower one after that',    5, [[0, 60], [60, 15], [120, 60], [121, 60], [241, 60]], [5, 5, 15, 15, 60]],
    ['at the limit of 5 km',            15, [[0, 60], [15, 15], [30, 60], [45, 15]],  [15, 15, 15, 15]],
  ])('%s', (_, start, wishes, asks) => {
    expect(asksOf(start, wishes)).toEqual(asks);
  });

  test('[RI5] nothing new is the very same value', () => {
    const before = following(asked(5), 60, ms(1));
    expect(following(before, 60, ms(2))).toBe(before);
    expect(following(asked(5), 5, ms(9))).toEqual(asked(5));
  });
});

test('[RI6] the id says when and what was asked, and fits a receipt', () => {
  const { id } = asked(5, 10);
  expect(id).toBe(`ri-${ms(10).toString(36)}-5`);
  expect(id.length).toBeLessThanOrEqual(64);
  expect(asked(15, 10).id).not.toBe(id);
  expect(asked(5, 11).id).not.toBe(id);
});

describe('sent again', () => {
  // prettier-ignore
  test.each<[rule: string, what: string, heardS: number | null, atS: number, overdue: boolean]>([
    ['RI7', 'not before 30 s',           29, 29.9, false],
    ['RI7', 'from 30 s on',              29, 30,   true],
    ['RI7', 'not if never heard since',   0, 500,  false],
    ['RI7', 'nor if never heard at all', null, 500, false],
  ])('[%s] %s', (_, __, heardS, atS, overdue) => {
    expect(isOverdue(asked(5), heardS === null ? null : ms(heardS), ms(atS))).toBe(overdue);
  });

  test('[RI7] five times in all, then every ten minutes', () => {
    let last = asked(5);
    const sentS: number[] = [0];
    for (let s = 1; s < 2_000; s++) {
      if (!isOverdue(last, ms(s), ms(s))) continue;
      last = sentAgain(last, ms(s));
      sentS.push(s);
    }
    expect(sentS).toEqual([0, 30, 60, 90, 120, 720, 1_320, 1_920]);
    expect(sentS.indexOf(720)).toBe(TRIES_MAX);
  });

  test('[RI7] not once it was confirmed', () => {
    expect(isOverdue({ ...asked(5), delivered: true }, ms(100), ms(100))).toBe(false);
  });

  test('[RI7] receipts are told apart', () => {
    const newest = asked(5, 60);
    expect(receiptFor(newest, newest.id)).toBe('this');
    expect(receiptFor(newest, asked(60).id)).toBe('overtaken');
    expect(receiptFor(newest, 'message-7')).toBe('other');
  });
});

test('[RI6] as the store kept it: how calm it has been since is not known', () => {
  const kept: AskedInterval = deepFrozen({
    ...sentAgain(asking(PHONE, 5, ms(0)), ms(30)),
    calm: { sinceMs: ms(20), seconds: 60 },
  });
  expect(askedBefore(kept, ms(200))).toEqual({ ...kept, calm: null });
  expect(following(askedBefore(kept, ms(200)), 60, ms(200)).seconds).toBe(5);
});

test('[RI6] as the store kept it, by a clock that was set back', () => {
  const kept = sentAgain(asking(PHONE, 5, ms(100)), ms(130));
  const restored = askedBefore(kept, ms(50));
  expect(restored).toMatchObject({ id: kept.id, tries: 2, sentAtMs: ms(50), askedAtMs: ms(50) });
  expect(sentAgain(restored, ms(51)).tries).toBe(3);
});
