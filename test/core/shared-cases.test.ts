import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlertRecord } from '../../server/core/alert-record.ts';
import { ANKLE, APART, deviceOf, Given, orderOf, PHONE } from '../support/given.ts';

/** Two wearers, their two victims, and a child of both, each with a device. */
const family = (): Given =>
  new Given()
    .device(ANKLE)
    .device(PHONE)
    .device(deviceOf('ankle-2', 'ankle-monitor', 'w-2'))
    .device(deviceOf('phone-2', 'victim-device', 'v-2'))
    .device(deviceOf('phone-3', 'victim-device', 'v-child'));

const ban = (banId: string, victimId: string, distanceM = 500) => ({
  ...APART,
  banId,
  victimId,
  distanceM,
});
const first = (...bans: object[]) => orderOf(bans);
const second = (...bans: object[]) => orderOf(bans, { orderId: 'ord-2', wearerId: 'w-2' });

const breaches = (world: Given): string[] =>
  world
    .alerts('contact-ban')
    .filter(({ stage }) => stage === 'breach')
    .map(({ wearerId, victimId }) => `${wearerId}>${victimId}`)
    .toSorted();

describe('several victims and several wearers', () => {
  test('[CA1] one wearer near two of his victims: an alert for each', () => {
    const world = family().order(first(ban('b1', 'v-1'), ban('b2', 'v-2')));
    for (const device of ['phone', 'phone-2']) world.fix(device, 0, { speed: 0 });
    world.fix('ankle', 1, { eastM: 100 });
    expect(breaches(world)).toEqual(['w-1>v-1', 'w-1>v-2']);
  });

  test('[CA1] a child of two orders: whoever comes near it, and nobody else, is told', () => {
    const world = family()
      .order(first(ban('b1', 'v-1'), ban('b2', 'v-child')))
      .order(second(ban('b1', 'v-2'), ban('b2', 'v-child')));
    world.fix('phone', 0, { eastM: 9_000 });
    world.fix('phone-2', 0, { eastM: -9_000 });
    world.fix('phone-3', 0, { speed: 0 });
    world.fix('ankle', 1, { eastM: 20_000 });
    world.fix('ankle-2', 1, { eastM: 100 });
    expect(breaches(world)).toEqual(['w-2>v-child']);
  });

  test('[CA1] a person may be a wearer in one order and a victim in another', () => {
    const world = new Given()
      .device(ANKLE)
      .device(deviceOf('ankle-v', 'ankle-monitor', 'v-1'))
      .order(first(ban('b1', 'v-1')))
      .order(orderOf([ban('b1', 'w-1', 100)], { orderId: 'ord-2', wearerId: 'v-1' }));
    world.fix('ankle-v', 0, { speed: 0 });
    world.fix('ankle', 1, { eastM: 300 });
    expect(breaches(world)).toEqual(['w-1>v-1']);
  });
});

const told = (world: Given, orderId: string): unknown[] =>
  world.told
    .filter(({ record }) => record.orderId === orderId && record.banId === 'b1')
    .map(({ change, atMs, record }) => [change, atMs, ...figures(record)]);

const figures = ({ alertId, stage, certainty, priority, episode }: AlertRecord) => [
  alertId,
  stage,
  certainty,
  priority,
  episode,
];

/** An order that ties the second wearer to the first victim, and never has anything to say. */
const tie = (world: Given, s: number, version: number): void => {
  const bans = [ban('b9', 'v-1', 10)];
  const order = orderOf(bans, { orderId: 'ord-tie', wearerId: 'w-2' });
  world.order(order, s, version, version % 2 === 1 ? 'active' : 'withdrawn');
};

test('[CA1] cases that grow and split again and again lose nothing and tell the same', () => {
  let changes = 0;
  const step = fc.record({
    eastM: fc.integer({ min: -1_500, max: 1_500 }),
    otherM: fc.integer({ min: -1_500, max: 1_500 }),
    ties: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 30 }), (steps) => {
      const play = (tied: boolean): Given => {
        const world = family()
          .order(first(ban('b1', 'v-1')))
          .order(second(ban('b1', 'v-2')));
        let version = 0;
        steps.forEach(({ eastM, otherM, ties }, i) => {
          const s = i * 5;
          if (tied && ties) tie(world, s, ++version);
          world.fix('phone', s, { speed: 0 });
          world.fix('phone-2', s, { northM: 50_000, speed: 0 });
          world.fix('ankle', s + 1, { eastM });
          world.fix('ankle-2', s + 1, { eastM: otherM, northM: 50_000 });
        });
        return world;
      };
      const [apart, tied] = [play(false), play(true)];
      for (const orderId of ['ord-1', 'ord-2']) {
        expect(told(tied, orderId)).toEqual(told(apart, orderId));
        changes += told(tied, orderId).length;
      }
    }),
    { numRuns: 60, seed: 20261126 },
  );
  expect(changes).toBeGreaterThan(500);
});
