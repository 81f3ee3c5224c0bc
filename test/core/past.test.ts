import { describe, expect, test } from 'vitest';
import type { AlertRecord } from '../../server/core/alert-record.ts';
import { APART, given, type Given, instant, orderOf, place, square } from '../support/given.ts';

const NEAR_ONLY = { ...APART, distanceM: 250, warningDistanceM: 250 };

interface Position {
  readonly seq: number;
  readonly time: string;
  readonly lon: number;
  readonly lat: number;
  readonly accuracy: number;
  readonly speed: number;
  readonly heading: number;
}

/** He cycles east at 5 m/s along a street 60 m north of her: within 250 m from 151 s to 249 s. */
function passing(s: number, seq: number): Position {
  const [lon, lat] = place(5 * (s - 200), 60);
  return { seq, time: instant(s), lon, lat, accuracy: 5, speed: 5, heading: 90 };
}

/** She reports all the time; he tells of 100 s to 400 s only when his outage ends at 400 s. */
function outage(bans: readonly object[], send: (world: Given, all: Position[]) => void): Given {
  const world = given(bans);
  for (let s = 0; s <= 100; s += 10) {
    world.fix('phone', s, { speed: 0 });
    world.message('ankle', 'position', passing(s, s), s);
  }
  for (let s = 110; s <= 400; s += 10) world.fix('phone', s, { speed: 0 });
  const missed = Array.from({ length: 30 }, (_, i) => passing(110 + 10 * i, 110 + 10 * i));
  send(world, missed);
  for (let s = 420; s <= 600; s += 10) {
    world.fix('phone', s, { speed: 0 });
    world.message('ankle', 'position', passing(s, s), s);
  }
  return world.at(620);
}

const past = (world: Given): AlertRecord[] => [
  ...new Map(
    world.told
      .filter(({ record }) => record.retrospective)
      .map(({ record }) => [record.alertId, record]),
  ).values(),
];

const oneByOne =
  (order: (all: Position[]) => Position[]) =>
  (world: Given, all: Position[]): void =>
    order(all).forEach((each, i) => world.message('ankle', 'position', each, 402 + i / 10));

// prettier-ignore
const WAYS: [name: string, send: (world: Given, all: Position[]) => void][] = [
  ['as one batch, oldest first', (world, all) => void world.message('ankle', 'position', all, 402)],
  ['one by one, oldest first',   oneByOne((all) => all)],
  ['one by one, newest first',   oneByOne((all) => all.toReversed())],
  ['in any order',               oneByOne((all) => all.toSorted((a, b) => (a.seq * 7) % 11 - (b.seq * 7) % 11))],
  ['each three times',           oneByOne((all) => all.flatMap((each) => [each, each, each]))],
];

describe('an encounter in an outage', () => {
  test.each(WAYS)(
    '[PA2] sent %s: told once, as the past, with from, until and closest',
    (_, send) => {
      const world = outage([NEAR_ONLY], send);
      const told = past(world);
      expect(told).toHaveLength(1);
      const [alert] = told;
      expect(alert).toMatchObject({
        stage: 'breach',
        certainty: 'certain',
        priority: 2,
        standing: false,
      });
      const { from, until, closestAt } = alert!.basis.detail;
      const at = (value: unknown): number =>
        (Date.parse(String(value)) - Date.parse(instant(0))) / 1000;
      expect(Math.abs(at(from) - 151)).toBeLessThan(6);
      expect(Math.abs(at(until) - 249)).toBeLessThan(6);
      expect(Math.abs(at(closestAt) - 200)).toBeLessThan(12);
      expect(Math.abs(alert!.figures.distanceM! - 60)).toBeLessThan(8);
      // The evidence: the fixes of both around the closest approach.
      const { fixes } = alert!.basis;
      expect(fixes.map(({ role }) => role)).toEqual(['wearer', 'wearer', 'victim', 'victim']);
      for (const { time } of fixes) expect(Math.abs(at(time) - at(closestAt))).toBeLessThan(301);
      expect(
        world.told.filter(({ record }) => !record.retrospective && record.stage === 'breach'),
      ).toEqual([]);
    },
  );

  test.each(WAYS)('[PA2] sent %s: of a zone too', (_, send) => {
    const zone = square(200, 0, 60);
    const told = past(outage([{ banId: 'z', kind: 'location-ban', zone }], send));
    expect(told.map(({ code, basis }) => [code, basis.reason])).toEqual([
      ['location-ban', 'inside-zone'],
    ]);
  });

  test('[PA2] of a duty too: he was outside while it applied', () => {
    const duty = { banId: 'd', kind: 'location-duty', zone: square(8_000) };
    expect(past(outage([duty], WAYS[0]![1]))).toEqual([]);
    const small = { ...duty, zone: square(1_800, -400) };
    const told = past(outage([small], WAYS[0]![1]));
    expect(told.map(({ basis }) => basis.reason)).toEqual(['outside-zone']);
  });

  test('[PA3] the present never goes back', () => {
    const world = outage([NEAR_ONLY], WAYS[2]![1]);
    const [state] = [...world.engine.caseload.cases()].filter(({ devices }) => devices.length > 0);
    const ankle = state!.devices.find(({ device }) => device.deviceId === 'ankle')!;
    expect(ankle.track.last!.fix.seq).toBe(600);
    expect(world.alerts('contact-ban').filter(({ standing }) => standing)).toEqual([]);
  });

  test('[PA4] what was told live is not told again', () => {
    const world = given([NEAR_ONLY]);
    for (let s = 0; s <= 400; s += 10) {
      world.fix('phone', s, { speed: 0 });
      // One in four comes two minutes late.
      if (s % 40 !== 0 || s === 0) world.message('ankle', 'position', passing(s, s), s);
      if (s % 40 === 0 && s >= 160)
        world.message('ankle', 'position', passing(s - 120, s - 120), s);
    }
    world.at(500);
    expect(
      world.told.some(({ record }) => !record.retrospective && record.stage === 'breach'),
    ).toBe(true);
    expect(past(world)).toEqual([]);
  });

  test('[PA5] a text judges no time before it stood, and no time when it did not apply', () => {
    const later = outage([{ ...NEAR_ONLY, distanceM: 20, warningDistanceM: 20 }], (world, all) => {
      world.order(orderOf([NEAR_ONLY]), 401, 2);
      world.message('ankle', 'position', all, 402);
    });
    expect(past(later)).toEqual([]);
    const exceptions = [
      { banIds: ['b1'], from: instant(100), until: instant(300), reason: 'court hearing' },
    ];
    const excepted = outage([NEAR_ONLY], (inner, all) => {
      inner.order(orderOf([NEAR_ONLY], { exceptions }), 90);
      inner.message('ankle', 'position', all, 402);
    });
    expect(past(excepted)).toEqual([]);
  });

  test('[PA6] more of the same encounter extends its alert', () => {
    const world = outage([NEAR_ONLY], (inner, all) => {
      inner.message(
        'ankle',
        'position',
        all.filter(({ seq }) => seq >= 200),
        402,
      );
      inner.at(420);
      inner.message(
        'ankle',
        'position',
        all.filter(({ seq }) => seq < 200),
        421,
      );
    });
    expect(past(world)).toHaveLength(1);
    const changes = world.told.filter(({ record }) => record.retrospective);
    expect(changes.map(({ change }) => change)[0]).toBe('raised');
    expect(Date.parse(String(past(world)[0]!.basis.detail['from']))).toBeLessThan(
      Date.parse(instant(158)),
    );
  });

  test('[PA6] acknowledged it is over; closed it is over', () => {
    const world = outage([NEAR_ONLY], WAYS[0]![1]);
    const { alertId } = past(world)[0]!;
    expect(world.act(alertId, { type: 'acknowledge' }, 700)).toBeNull();
    expect(world.alerts().filter(({ retrospective }) => retrospective)).toEqual([]);
  });

  test('[PA3] older than six hours is kept, but not judged', () => {
    const world = given([NEAR_ONLY]);
    world.fix('phone', 0, { speed: 0 });
    world.message('ankle', 'position', passing(0, 0), 0);
    world.fix('phone', 25_000, { speed: 0 });
    world.message('ankle', 'position', { ...passing(25_000, 5), lon: 6, speed: 0 }, 25_000);
    const { taken } = world.message('ankle', 'position', passing(200, 2), 25_010);
    expect(taken).toEqual(['late']);
    expect(past(world.at(25_100))).toEqual([]);
  });
});

describe('an encounter in both outages', () => {
  test('[PA2] is told when the second has told its part', () => {
    const world = given([NEAR_ONLY]);
    world.fix('phone', 0, { speed: 0 });
    world.message('ankle', 'position', passing(0, 0), 0);
    const his = Array.from({ length: 40 }, (_, i) => passing(10 + 10 * i, 10 + 10 * i));
    world.message('ankle', 'position', his, 402);
    world.at(450);
    expect(past(world)).toEqual([]);
    const [lon, lat] = place(0);
    const hers = Array.from({ length: 45 }, (_, i) => {
      const s = 10 + 10 * i;
      return { seq: s, time: instant(s), lon, lat, accuracy: 5, speed: 0 };
    });
    world.message('phone', 'position', hers, 462);
    expect(past(world.at(480))).toHaveLength(1);
  });
});
