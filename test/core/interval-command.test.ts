import { describe, expect, test } from 'vitest';
import {
  FAR,
  NEAR,
  asked,
  online,
  asks,
  both,
  asksAt,
  receipts,
  receipt,
  idOf,
  type Asked,
} from '../support/asking.ts';
import { ANKLE, APART, given, Given, instant, orderOf, PHONE } from '../support/given.ts';

describe('a command', () => {
  test('[RI7] is sent again while she is heard and does not confirm it', () => {
    const world = given();
    const all = asksAt(world, 0, 160, 800);
    expect(all).toEqual([
      [0, 'phone', 5],
      [30, 'phone', 5, 'again'],
      [60, 'phone', 5, 'again'],
      [90, 'phone', 5, 'again'],
      [120, 'phone', 5, 'again'],
    ]);
  });

  test('[RI7] is settled by its receipt, which is no sign of life', () => {
    const world = given();
    asksAt(world, 0, 10, 800);
    const before = world.engine.caseload.caseOfDevice(PHONE.deviceId)!;
    world.message('phone', 'receipt', receipt(idOf(world), 11), 11);
    const after = world.engine.caseload.caseOfDevice(PHONE.deviceId)!;
    expect(after.asked[0]!.delivered).toBe(true);
    expect(after.devices).toEqual(before.devices);
    expect(asksAt(world, 12, 100, 800)).toEqual([]);
  });

  test('[RI7] is sent again with the same id when the device comes online, settled or not', () => {
    const world = given();
    asksAt(world, 0, 10, 800);
    const id = idOf(world);
    world.message('phone', 'receipt', receipt(id, 11), 11);
    online(world, 'phone', 20);
    const [command] = world.engine.takeCommands();
    expect(command).toEqual({
      deviceId: 'phone',
      command: { id, kind: 'report-interval', seconds: 5 },
      again: true,
    });
  });

  test('[RI7] is sent again when her silence ends', () => {
    const world = given();
    const obey = receipts(world, 'phone');
    asks(world, 0, 20, (s) => {
      both(world, () => 800)(s);
      obey(s);
    });
    const him = (s: number): unknown => s % 5 === 0 && world.fix('ankle', s, NEAR);
    expect(asks(world, 21, 150, him)).toEqual([]);
    expect(world.alert('silent').standing).toBe(true);
    world.fix('phone', 151);
    expect(asks(world, 151, 151)).toEqual([[151, 'phone', 5, 'again']]);
  });

  test('[RI7] is sent again when one asked before is confirmed after it', () => {
    const world = given();
    asksAt(world, 0, 20, 20_000);
    const old = idOf(world);
    world.event('phone', 'sos', 21);
    expect(asks(world, 21, 21)).toEqual([[21, 'phone', 5]]);
    world.message('phone', 'receipt', receipt(idOf(world), 22), 22);
    world.message('phone', 'receipt', receipt(old, 23), 23);
    expect(asks(world, 23, 23)).toEqual([[23, 'phone', 5, 'again']]);
    world.message('phone', 'receipt', receipt('message-7', 24), 24);
    expect(asks(world, 24, 24)).toEqual([]);
  });

  test.each([true, false])(
    '[DV2, RI1] is what silence is measured by, confirmed or not (%s)',
    (confirms) => {
      const world = given();
      const obey = confirms ? receipts(world, 'phone') : () => {};
      const all = asks(world, 0, 300, (s) => {
        if (s % 5 === 0) world.fix('ankle', s, FAR);
        if (s % (s < 150 ? 5 : 60) === 0 && s < 250) world.fix('phone', s);
        obey(s);
      });
      expect(new Set(all.map(([, , seconds]) => seconds))).toEqual(new Set([60]));
      world.at(379);
      expect(world.times('silent')).toEqual([]);
      world.at(381);
      expect(world.times('silent')).toEqual(['raised 380']);
    },
  );

  test('[DV2, RI1] does not end a silence that stands', () => {
    // Silent since 91 s, and asked first when the ban begins at 95 s.
    const until = instant(95);
    const exceptions = [{ banIds: ['b1'], from: instant(-10), until, reason: 'court hearing' }];
    const world = new Given()
      .device(ANKLE)
      .device(PHONE)
      .order(orderOf([APART], { exceptions }));
    world.fix('phone', 1);
    const all = asks(world, 1, 139, (s) => {
      if (s % 5 === 0) world.fix('ankle', s, FAR);
    });
    expect(all).toEqual([[95, 'phone', 60]]);
    expect(world.times('silent')).toEqual(['raised 91']);
  });

  test('[RI6] is the same in a replay', () => {
    const run = (): Asked[] => {
      const world = given();
      return asks(
        world,
        0,
        400,
        both(world, (s) => 9_000 - 20 * s),
      );
    };
    expect(run()).toEqual(run());
  });

  test('[RI6] that was overtaken before anybody took it is not sent', () => {
    const world = given();
    both(world, () => 20_000)(0);
    world.at(10);
    world.event('phone', 'sos', 11);
    expect(world.engine.takeCommands().map((each) => asked(11, each))).toEqual([[11, 'phone', 5]]);
  });
});
