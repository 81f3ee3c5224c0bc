import { describe, expect, test } from 'vitest';
import { APART, given, type Given, orderOf } from '../support/given.ts';

const CODE = 'contact-ban';
/** D is 100 m and W 200 m; 500 m is far, and near enough for no step to be a jump. */
const BAN = { ...APART, distanceM: 100 };
const FAR = 500;

type Step = readonly [fromS: number, apartM: number];

/** Both report each 5 s; she stands still, he stands so far away from a time on. */
function go(world: Given, fromS: number, untilS: number, ...steps: readonly Step[]): Given {
  for (let s = fromS; s <= untilS; s += 5) {
    const apartM = steps.findLast(([since]) => since <= s)![1];
    world.fix('phone', s, { speed: 0 });
    world.fix('ankle', s + 1, { eastM: apartM, speed: 0 });
  }
  return world;
}

const story = (untilS: number, ...steps: Step[]): Given => go(given([BAN]), 0, untilS, ...steps);

describe('one alert for an encounter', () => {
  test('[EP1] is raised once, however many fixes say the same', () => {
    expect(story(120, [0, FAR], [20, 50]).times(CODE)).toEqual(['raised 21']);
  });

  test('[EP1] approach, breach, gone: one alert', () => {
    const world = story(200, [0, FAR], [20, 180], [40, 50], [100, FAR]);
    expect(world.script(CODE)).toEqual([
      'raised approach 2',
      'updated breach 1',
      'cleared breach 1',
    ]);
    expect(new Set(world.told.map(({ record }) => record.alertId)).size).toBe(1);
  });

  test('[EP2] its id is the same in another run, and another one in the next encounter', () => {
    const ids = (): string[] => {
      const world = story(1_300, [0, 50], [40, FAR], [1_000, 50]);
      return [...new Set(world.told.map(({ record }) => record.alertId as string))];
    };
    expect(ids()).toEqual(ids());
    expect(ids()).toHaveLength(2);
  });

  test('[EP2] episodes count on when the ban is taken out and put back', () => {
    const world = story(100, [0, 50], [40, FAR]);
    world.act(world.alert(CODE).alertId, { type: 'close', finding: 'other' }, 102);
    world.order(orderOf([{ ...BAN, banId: 'b2' }]), 103, 2);
    world.order(orderOf([BAN]), 104, 3);
    go(world, 105, 106, [0, 50]);
    expect(world.alert(CODE)).toMatchObject({ banId: 'b1', episode: 2 });
  });
});

describe('what is told', () => {
  test('[EP3] a greater certainty at once', () => {
    const world = story(60, [0, FAR], [20, 97], [40, 85]);
    expect(world.told.map(({ record }) => record.certainty)).toEqual(['likely', 'certain']);
  });

  test('[EP3] a lesser one not by itself', () => {
    expect(story(60, [0, FAR], [20, 87], [40, 96]).times(CODE)).toEqual(['raised 21']);
  });

  // prettier-ignore
  test.each<[fromM: number, toM: number, times: number]>([
    [190, 175, 1],
    [190, 165, 2],
    [ 60,  52, 1],
    [ 60,  48, 2],
    [ 60,  68, 1],
    [ 60,  72, 2],
  ])('[EP8] from %i m to %i m is told %i times', (fromM, toM, times) => {
    expect(story(40, [0, fromM], [20, toM]).times(CODE)).toHaveLength(times);
  });

  test('[EP8] figures that only the passing of time has changed are no news', () => {
    const world = go(given([BAN]), 0, 60, [0, 50]);
    world.at(120);
    expect(world.times(CODE)).toEqual(['raised 1']);
  });
});

describe('margins and patience', () => {
  // An alert goes on within 1.1 · W + 10 m = 230 m.
  test.each([
    [205, true],
    [227, true],
    [234, false],
  ])('[EP4] an approach that has withdrawn to %i m stands: %s', (apartM, standing) => {
    const world = story(110, [0, FAR], [20, 190], [40, apartM]);
    expect(world.alert(CODE).standing).toBe(standing);
  });

  // A breach stays one within 1.1 · D + 10 m = 120 m at P ≥ 0.2.
  test.each([
    [121, 'breach'],
    [128, 'approach'],
  ])('[EP4] a breach that has withdrawn to %i m is then a %s', (apartM, stage) => {
    expect(story(90, [0, 50], [40, apartM]).alert(CODE).stage).toBe(stage);
  });

  test('[EP5] it is called an approach only after 15 s', () => {
    // The fix at 41 s contradicts a speed of 0: it is believed with the next.
    const world = story(90, [0, 50], [40, 150]);
    const eased = world.told.findIndex(({ record }) => record.stage === 'approach');
    expect(world.times(CODE)[eased]).toBe('updated 61');
  });

  test('[EP5] and not if he is back before', () => {
    const stages = story(90, [0, 50], [40, 150], [50, 50]).told.map(({ record }) => record.stage);
    expect(new Set(stages)).toEqual(new Set(['breach']));
  });

  test('[EP6] it clears when gone for 30 s, and not if he is back before', () => {
    expect(story(120, [0, 50], [40, FAR]).times(CODE)).toEqual(['raised 1', 'cleared 71']);
    const back = story(120, [0, 50], [40, FAR], [65, 50]);
    expect(back.alert(CODE).standing).toBe(true);
    expect(back.script(CODE)).not.toContain('cleared breach 1');
  });

  // prettier-ignore
  test.each<[rule: string, backS: number, last: string]>([
    ['EP6', 665, 'updated breach 1'],
    ['EP6', 680, 'raised breach 1'],
  ])('[%s] back at %i s, having cleared at 71 s: %s', (_, backS, last) => {
    const world = story(700, [0, 50], [40, FAR], [backS, 50]);
    expect(world.script(CODE).at(-1)).toBe(last);
    expect(world.alerts(CODE).at(-1)).toMatchObject({ state: 'unacknowledged', standing: true });
  });

  test('[EP6] an approach that was acknowledged and cleared has ended: the next is new', () => {
    const world = story(20, [0, 180]);
    world.act(world.alert(CODE).alertId, { type: 'acknowledge' }, 22);
    go(world, 25, 100, [0, FAR], [80, 180]);
    expect(world.script(CODE)).toEqual([
      'raised approach 2',
      'updated approach 2',
      'cleared approach 2',
      'raised approach 2',
    ]);
  });
});

describe('priority 1', () => {
  test('[EP7] stays although the breach is an approach again', () => {
    const world = story(90, [0, 50], [40, 150]);
    expect(world.alert(CODE)).toMatchObject({ stage: 'approach', priority: 1 });
  });

  test('[EP7] stays when cleared and acknowledged, until it is closed', () => {
    const world = story(100, [0, 50], [20, FAR]);
    const { alertId, state } = world.alert(CODE);
    expect(state).toBe('cleared-unacknowledged');
    world.act(alertId, { type: 'acknowledge' }, 110);
    expect(world.alert(CODE).state).toBe('cleared');
    world.act(alertId, { type: 'close', finding: 'coincidence' }, 120);
    expect(world.alerts(CODE)).toEqual([]);
    expect(world.told.at(-1)).toMatchObject({ change: 'closed', record: { priority: 1 } });
  });

  test('[EP7] of a lower priority, cleared and acknowledged is the end', () => {
    const world = story(100, [0, 180], [20, FAR]);
    world.act(world.alert(CODE).alertId, { type: 'acknowledge' }, 110);
    expect(world.alerts(CODE)).toEqual([]);
  });
});

describe('what a person did, and what comes after', () => {
  test('[EP9] acknowledged, it comes back when it worsens, and only then', () => {
    const world = story(20, [0, 190]);
    world.act(world.alert(CODE).alertId, { type: 'acknowledge' }, 22);
    go(world, 25, 26, [0, 150]);
    expect(world.alert(CODE)).toMatchObject({ state: 'acknowledged', stage: 'approach' });
    go(world, 30, 31, [0, 50]);
    expect(world.alert(CODE)).toMatchObject({ state: 'unacknowledged', acknowledgedBy: 'anna' });
  });

  test('[EP9] closed while it stands, it is quiet until it worsens', () => {
    const world = story(20, [0, 190]);
    world.act(world.alert(CODE).alertId, { type: 'close', finding: 'other' }, 22);
    go(world, 25, 26, [0, 150]);
    expect(world.alerts(CODE)).toEqual([]);
    go(world, 30, 31, [0, 50]);
    expect(world.alert(CODE)).toMatchObject({ stage: 'breach', episode: 2 });
  });

  /** A breach at 50 m, closed at 22 s, and what comes then. */
  function afterClosing(untilS: number, ...steps: Step[]): Given {
    const world = story(20, [0, 50]);
    world.act(world.alert(CODE).alertId, { type: 'close', finding: 'other' }, 22);
    return go(world, 25, untilS, [0, 50], ...steps);
  }

  // prettier-ignore
  test.each<[name: string, raised: number, untilS: number, steps: Step[]]>([
    ['as long as it stands it is quiet',          0, 600, []],
    ['once it has been gone for 30 s it is not',  1,  90, [[40, FAR], [80, 50]]],
    ['gone for 20 s is not gone',                 0,  70, [[40, FAR], [60, 50]]],
    ['a breach again, having been less',          1,  90, [[40, 150], [80, 50]]],
    ['gone means gone without a break',           0, 150, [[40, FAR], [50, 50], [100, FAR], [110, 50]]],
  ])('[EP9] %s', (_, raised, untilS, steps) => {
    expect(afterClosing(untilS, ...steps).alerts(CODE)).toHaveLength(raised);
  });

  test('[SC4] closed while it stood, then suspended: the next beginning counts anew', () => {
    const world = afterClosing(30);
    world.order(orderOf([BAN]), 40, 2, 'suspended');
    go(world, 3_600, 3_601, [0, 50]);
    world.order(orderOf([BAN]), 3_602, 3, 'active');
    expect(world.alert(CODE)).toMatchObject({ stage: 'breach', priority: 1 });
  });
});
