import { describe, expect, test } from 'vitest';
import { ANKLE, APART, deviceOf, given, Given, ms, orderOf, PHONE } from '../support/given.ts';

describe('what a device reports', () => {
  // prettier-ignore
  test.each<[rule: string, kind: string, priority: number]>([
    ['DV1', 'sos',          1],
    ['DV1', 'strap-tamper', 1],
    ['DV1', 'case-tamper',  2],
    ['DV4', 'power-off',    2],
    ['DV5', 'battery-low',  3],
    ['DV6', 'jamming',      2],
  ])('[%s] %s is raised at once', (_, kind, priority) => {
    const { changes } = given().event('ankle', kind, 5);
    expect(changes.map(({ change, record }) => [change, record.code, record.priority])).toEqual([
      ['raised', kind, priority],
    ]);
  });

  test.each(['charging', 'beacon-in-range', 'beacon-out-of-range'])(
    '[DV1] %s asks for nothing',
    (kind) => {
      expect(given().event('ankle', kind, 5).changes).toEqual([]);
    },
  );

  test('[DV8] also of a device that no order rests on', () => {
    const { changes } = new Given().device(PHONE).event('phone', 'sos', 5);
    expect(changes).toHaveLength(1);
  });

  test('[DV1] says whom it is about, and how late it came', () => {
    const world = given();
    world.message('phone', 'event', { seq: 1, time: '2026-11-23T10:00:00Z', kind: 'sos' }, 90);
    const { victimId, wearerId, deviceId, basis } = world.alert('sos');
    expect([victimId, wearerId, deviceId]).toEqual(['v-1', null, 'phone']);
    expect(basis).toMatchObject({ reason: 'reported-by-device', detail: { lateS: 90 } });
  });
});

describe('sos and tampering', () => {
  const KINDS = ['sos', 'strap-tamper', 'case-tamper'];

  test.each(KINDS)('[DV1] %s never clears by itself', (kind) => {
    const world = given();
    world.event('ankle', kind, 5);
    world.fixes('ankle', 10, 1_800, 60).fixes('phone', 1_810, 1_811, 1, { eastM: 50_000 });
    expect(world.times(kind)).toEqual(['raised 5']);
  });

  test.each(['sos', 'strap-tamper'])('[DV1] %s reported again asks for attention again', (kind) => {
    const world = given();
    world.event('ankle', kind, 5);
    world.act(world.alert(kind).alertId, { type: 'acknowledge' }, 10);
    expect(world.alert(kind).state).toBe('acknowledged');
    world.event('ankle', kind, 20);
    expect(world.alert(kind)).toMatchObject({ state: 'unacknowledged', episode: 1 });
  });

  test.each(KINDS)('[DV1] %s reported after it was closed is a new alert', (kind) => {
    const world = given();
    world.event('ankle', kind, 5);
    world.act(world.alert(kind).alertId, { type: 'close', finding: 'test' }, 10);
    world.event('ankle', kind, 20);
    expect(world.alert(kind)).toMatchObject({ state: 'unacknowledged', episode: 2 });
  });

  test('[FX3] the same report twice is one', () => {
    const world = given();
    world.event('phone', 'sos', 5, 7);
    world.act(world.alert('sos').alertId, { type: 'acknowledge' }, 10);
    expect(world.event('phone', 'sos', 20, 7).taken).toEqual(['double']);
    expect(world.alert('sos').state).toBe('acknowledged');
  });
});

describe('power, battery, jamming', () => {
  test('[DV4] power-off clears with the next message', () => {
    const world = given();
    world.event('ankle', 'power-off', 5);
    world.fix('ankle', 65);
    expect(world.times('power-off')).toEqual(['raised 5', 'cleared 65']);
  });

  test('[DV4] the report itself, delivered twice, is no sign of power', () => {
    const world = given();
    world.event('ankle', 'power-off', 5, 7);
    world.event('ankle', 'power-off', 8, 7);
    expect(world.times('power-off')).toEqual(['raised 5']);
  });

  // prettier-ignore
  test.each<[first: number, then: number, told: string[]]>([
    [0.16, 0.16, []],
    [0.15, 0.16, ['raised 5']],
    [0.15, 0.24, ['raised 5']],
    [0.15, 0.25, ['raised 5', 'cleared 10']],
  ])('[DV5] a charge of %f, then %f', (first, then, told) => {
    const world = given();
    world.fix('ankle', 5, { battery: first });
    world.fix('ankle', 10, { battery: then });
    expect(world.times('battery-low')).toEqual(told);
  });

  test('[DV5] charging clears it', () => {
    const world = given();
    world.event('ankle', 'battery-low', 5);
    world.event('ankle', 'charging', 10);
    expect(world.times('battery-low')).toEqual(['raised 5', 'cleared 10']);
  });

  test('[DV6] jamming clears five minutes after it was last told', () => {
    const world = given();
    world.event('ankle', 'jamming', 5);
    world.event('ankle', 'jamming', 100);
    world.at(100 + 299);
    expect(world.times('jamming')).toEqual(['raised 5']);
    world.at(100 + 310);
    expect(world.times('jamming')).toHaveLength(2);
  });
});

describe('silence', () => {
  test('[DV2] 90 s without a message', () => {
    const world = given();
    world.fix('ankle', 10);
    world.fix('phone', 50, { eastM: 20_000 });
    world.at(99);
    expect(world.alerts('silent')).toEqual([]);
    world.at(100);
    expect(world.alert('silent')).toMatchObject({ priority: 2, deviceId: 'ankle' });
    expect(world.alert('silent').basis).toMatchObject({
      reason: 'no-contact',
      detail: { silentS: 90 },
    });
    world.fix('ankle', 104);
    expect(world.times('silent')).toEqual(['raised 100', 'cleared 104']);
  });

  // prettier-ignore
  test.each<[everyS: number, silentAfterS: number]>([
    [ 10,  90],
    [ 35,  90],
    [ 60, 140],
    [120, 260],
    [150, 300],
    [200, 300],
  ])('[DV2] a device with a fix every %i s is silent after %i s', (everyS, silentAfterS) => {
    const world = given();
    const lastS = 8 * everyS;
    world.fixes('ankle', 0, lastS, everyS);
    const isSilent = (): boolean =>
      world.alerts('silent').some(({ deviceId, standing }) => deviceId === 'ankle' && standing);
    world.at(lastS + silentAfterS - 1);
    expect(isSilent()).toBe(false);
    world.at(lastS + silentAfterS);
    expect(isSilent()).toBe(true);
  });

  test('[DV2] an outage does not make it patient', () => {
    const world = given();
    world.fixes('ankle', 0, 100, 10).fixes('ankle', 1_100, 1_120, 10);
    world.at(1_120 + 89);
    expect(
      world.alerts('silent').some(({ standing, deviceId }) => standing && deviceId === 'ankle'),
    ).toBe(false);
    world.at(1_120 + 91);
    expect(
      world.alerts('silent').some(({ standing, deviceId }) => standing && deviceId === 'ankle'),
    ).toBe(true);
  });

  test('[DV2] a restart does not end it', () => {
    const before = given().at(100);
    const silent = before.alerts('silent');
    const after = given();
    after.engine.restore(silent, ms(120));
    after.at(150);
    expect(after.alerts('silent').filter(({ standing }) => standing)).toHaveLength(silent.length);
    after.fix('ankle', 160);
    expect(after.alerts('silent').filter(({ standing }) => standing)).toHaveLength(1);
  });

  test('[DV2] is told in time although the other device reports every second', () => {
    const world = given();
    world.fix('ankle', 10.2);
    for (let s = 10.5; s < 140; s += 1) world.fix('phone', s, { eastM: 20_000 });
    expect(world.times('silent')).toEqual(['raised 101']);
  });

  test('[IN6] online is a sign of life, offline says nothing', () => {
    const world = given();
    world.fix('ankle', 10);
    world.fix('phone', 60, { eastM: 20_000 });
    world.message('ankle', 'status', { state: 'online' }, 70);
    world.message('ankle', 'status', { state: 'offline' }, 75);
    world.at(149);
    expect(world.times('silent')).toEqual([]);
    world.at(165);
    expect(world.times('silent')).toEqual(['raised 150', 'raised 160']);
  });
});

describe('blindness', () => {
  test('[DV3] messages but no fix for three minutes; the next fix ends it', () => {
    const world = given();
    world.fix('ankle', 10);
    for (let s = 20; s <= 200; s += 20) world.message('ankle', 'status', { state: 'online' }, s);
    expect(world.times('blind')[0]).toBe('raised 190');
    expect(world.alert('blind')).toMatchObject({ priority: 3, deviceId: 'ankle' });
    world.fix('ankle', 205);
    world.at(207);
    expect(world.times('blind')).toHaveLength(2);
  });

  // 1.515 times the deviation of 660 m is a radius of 1,000 m.
  test.each([
    [990, []],
    [1010, ['raised 180']],
  ])('[DV3] fixes of cells of %i m', (accuracy, told) => {
    const world = given();
    world.fixes('ankle', 20, 200, 20, { source: 'cell', accuracy });
    world.fix('phone', 190, { eastM: 90_000 });
    expect(world.times('blind').filter((time) => time.startsWith('raised 1'))).toEqual(told);
  });

  test('[DV3] what is silent is not called blind too', () => {
    const world = given();
    world.fix('ankle', 10);
    world.at(400);
    expect(world.alerts('blind')).toEqual([]);
    expect(world.alerts('silent')).toHaveLength(2);
  });
});

describe('whose silence is told', () => {
  const silentFrom = (world: Given): string[] => world.at(2_000).times('silent');

  test('[DV8] nobody relies on a device without an order', () => {
    expect(silentFrom(new Given().device(ANKLE))).toEqual([]);
  });

  test('[DV8] an order that begins later counts from its beginning', () => {
    const order = orderOf([APART], { validFrom: '2026-11-23T10:10:00Z' });
    expect(silentFrom(new Given().device(ANKLE).order(order))).toEqual(['raised 690']);
  });

  test('[DV8] it ends with the order, and with the time for which it is worn', () => {
    const order = orderOf([APART], { validUntil: '2026-11-23T10:10:00Z' });
    expect(silentFrom(new Given().device(ANKLE).order(order))).toEqual([
      'raised 90',
      'cleared 600',
    ]);
    const worn = { ...ANKLE, validUntil: '2026-11-23T10:05:00Z' };
    expect(silentFrom(new Given().device(worn).order(orderOf([APART])))[0]).toBe('raised 90');
    expect(silentFrom(new Given().device(worn).order(orderOf([APART])))[1]).toMatch(
      /^cleared 30\d$/,
    );
  });

  test('[DV8] suspended, nobody relies on it', () => {
    const world = new Given().device(ANKLE).order(orderOf([APART]));
    world.at(100).order(orderOf([APART]), 200, 2, 'suspended');
    expect(silentFrom(world)).toEqual(['raised 90', 'cleared 200']);
  });

  test('[MO7] a spare device of the same person has a silence of its own', () => {
    const world = given().device(deviceOf('spare', 'victim-device', 'v-1'));
    world.fixes('phone', 10, 300, 30, { eastM: 9_000 }).fixes('ankle', 305, 306, 1);
    const silent = world.told.filter(({ record }) => record.code === 'silent');
    expect(silent.map(({ record }) => record.deviceId)).toContain('spare');
  });
});
