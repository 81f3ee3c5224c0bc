import { describe, expect, test } from 'vitest';
import { FAR, NEAR, asked, online, asks, both, asksAt, receipts } from '../support/asking.ts';
import {
  ANKLE,
  APART,
  deviceOf,
  fixOf,
  given,
  Given,
  instant,
  ms,
  orderOf,
  PHONE,
  place,
} from '../support/given.ts';

describe('a victim is asked', () => {
  test('[RI6] from when her device is first heard', () => {
    const world = given();
    expect(asks(world, 1, 60)).toEqual([]);
    world.fix('ankle', 60, FAR);
    expect(asks(world, 60, 100)).toEqual([]);
    world.fix('ankle', 100, FAR);
    online(world, 'phone', 101);
    expect(asks(world, 101, 101)).toEqual([[101, 'phone', 5]]);
  });

  test('[RI1, RI5] every 60 s, 15 s, 5 s as he comes, and slower two minutes after he went', () => {
    const world = given();
    const obey = receipts(world, 'phone');
    // He comes from 8 km at 20 m/s to 1 km, stays until 400 s, and goes the same way.
    const eastM = (s: number): number =>
      s < 350 ? 8_000 - 20 * s : s < 400 ? 1_000 : 1_000 + 20 * (s - 400);
    const all = asks(world, 0, 1_200, (s) => {
      both(world, eastM)(s);
      obey(s);
    });
    const steps = all.map(([, , seconds]) => seconds);
    expect(steps).toEqual([60, 15, 5, 15, 60]);
    const [, to15, to5, back15, back60] = all.map(([s]) => s);
    expect(eastM(to15!)).toBeGreaterThan(4_500);
    // R ≥ 500 + 20 · (15 + 20 + 120): 3,600 m.
    expect(eastM(to5!)).toBeGreaterThan(3_300);
    expect(back15!).toBeGreaterThanOrEqual(520);
    expect(back60! - back15!).toBeGreaterThanOrEqual(120);
    expect(all.every(([, deviceId]) => deviceId === 'phone')).toBe(true);
  });

  test('[RI1] not for a position alone: it waits until time is looked at', () => {
    const world = given();
    asksAt(world, 0, 30, 5_060);
    const { asked: before } = world.engine.caseload.caseOfDevice(PHONE.deviceId)!;
    world.fix('ankle', 31, { eastM: 4_980 });
    expect(world.engine.caseload.caseOfDevice(PHONE.deviceId)!.asked).toBe(before);
    expect(world.engine.takeCommands()).toEqual([]);
  });

  test('[RI4] 5 s in the evaluation that raises an alert of the ban', () => {
    const world = new Given().device(ANKLE).device(PHONE);
    asksAt(world, 0, 30, 800);
    world.order(orderOf([APART]), 30.5);
    expect(world.alert('contact-ban').standing).toBe(true);
    expect(world.engine.takeCommands().map((each) => asked(30.5, each))).toEqual([
      [30.5, 'phone', 5],
    ]);
  });

  test('[RI4] 5 s for her SOS without any ban, and 60 s again when it is closed', () => {
    const world = new Given().device(PHONE);
    world.event('phone', 'sos', 1);
    expect(asks(world, 1, 1)).toEqual([[1, 'phone', 5]]);
    world.act(world.alert('sos').alertId, { type: 'close', finding: 'test' }, 10);
    expect(asks(world, 10, 10)).toEqual([[10, 'phone', 60]]);
  });

  test('[RI5] 60 s at once when the ban ends', () => {
    const world = given();
    asksAt(world, 0, 30, 800);
    world.order(orderOf([APART]), 31, 2, 'withdrawn');
    expect(asks(world, 31, 33)).toEqual([[31, 'phone', 60]]);
  });

  test('[RI5] 60 s at once when an exception begins, 5 s at once when it is over', () => {
    const exceptions = [
      { banIds: ['b1'], from: instant(100), until: instant(200), reason: 'court hearing' },
    ];
    const world = new Given()
      .device(ANKLE)
      .device(PHONE)
      .order(orderOf([APART], { exceptions }));
    const obey = receipts(world, 'phone');
    const all = asks(world, 0, 220, (s) => {
      both(world, () => 800)(s);
      obey(s);
    });
    expect(all.map(([s, , seconds]) => [s, seconds])).toEqual([
      [0, 5],
      [100, 60],
      [200, 5],
    ]);
  });
});

describe('who is asked', () => {
  test('[RI8] no ankle monitor, not even that of a victim', () => {
    const world = new Given()
      .device(ANKLE)
      .device(deviceOf('ankle-2', 'ankle-monitor', 'v-1'))
      .order(orderOf([APART]));
    const all = asks(world, 0, 100, (s) => {
      if (s % 5 !== 0) return;
      world.fix('ankle', s);
      world.fix('ankle-2', s, NEAR);
      online(world, 'ankle', s);
    });
    expect(world.alerts('contact-ban')).toHaveLength(1);
    expect(all).toEqual([]);
  });

  test('[RI8] nobody who is a wearer too: where each must stay away from the other', () => {
    const world = given();
    world.device(deviceOf('his-phone', 'victim-device', 'w-1'));
    world.device(deviceOf('her-ankle', 'ankle-monitor', 'v-1'));
    const mutual = [{ ...APART, victimId: 'w-1' }];
    world.order(orderOf(mutual, { orderId: 'ord-2', wearerId: 'v-1' }));
    const everybody = (s: number): void => {
      if (s % 5 !== 0) return;
      for (const deviceId of ['phone', 'ankle', 'his-phone', 'her-ankle']) {
        world.fix(deviceId, s, { eastM: deviceId.includes('h') ? 0 : 300 });
        online(world, deviceId, s);
      }
      world.event('his-phone', 'sos', s);
    };
    expect(asks(world, 0, 60, everybody)).toEqual([]);
    // Once one of the two orders is over, its victim alone is one again.
    world.order(orderOf(mutual, { orderId: 'ord-2', wearerId: 'v-1' }), 61, 2, 'withdrawn');
    expect(asks(world, 61, 80, everybody).map(([, deviceId]) => deviceId)).toContain('phone');
  });

  test('[RI8] a device that goes to a wearer is told nothing more', () => {
    const world = given();
    asksAt(world, 0, 20, 800);
    world.device(deviceOf('phone', 'victim-device', 'w-1'), 21);
    expect(
      asks(world, 21, 120, (s) => {
        if (s % 5 === 0) world.fix('phone', s);
      }),
    ).toEqual([]);
  });
});

describe('what was asked', () => {
  test('[CA1, RI6] goes along when cases are merged and cut', () => {
    const world = given();
    const obey = receipts(world, 'phone');
    const here = (s: number): void => {
      both(world, () => 800)(s);
      obey(s);
    };
    asks(world, 0, 30, here);
    const before = world.engine.caseload.caseOfDevice(PHONE.deviceId)!.asked;
    // A second wearer and another victim tie their case to this one, and are cut off again.
    world.device(deviceOf('phone-2', 'victim-device', 'v-2'), 31);
    const bans = ['v-1', 'v-2'].map((victimId, i) => ({ ...APART, banId: `b${i}`, victimId }));
    const second = { orderId: 'ord-2', wearerId: 'a-2' };
    world.order(orderOf(bans, second), 32);
    const merged = world.engine.caseload.caseOfDevice(PHONE.deviceId)!;
    expect([merged.caseId, merged.asked]).toEqual(['case-a-2', before]);
    world.order(orderOf(bans, second), 33, 2, 'withdrawn');
    const cut = world.engine.caseload.caseOfDevice(PHONE.deviceId)!;
    expect([cut.caseId, cut.asked]).toEqual(['case-w-1', before]);
    expect(asks(world, 33, 100, here)).toEqual([]);
  });

  test('[CA4, RI5] goes along with a device handed on, which is then released', () => {
    const world = given();
    asksAt(world, 0, 20, 800);
    world.device(deviceOf('phone', 'victim-device', 'v-9'), 21);
    expect(world.engine.caseload.caseOfDevice(ANKLE.deviceId)!.asked).toEqual([]);
    world.fix('phone', 22);
    expect(asks(world, 22, 50)).toEqual([[22, 'phone', 60]]);
  });
});

describe('what was asked before a restart', () => {
  /** A new engine that was told what the store kept of the old one. */
  function restarted(
    before: Given,
    s: number,
    keep = before.engine.askedOf(PHONE.deviceId)!,
  ): Given {
    const world = given();
    const atMs = ms(s - 10);
    const [lon, lat] = place(20_000);
    const downtime = { aliveMs: atMs, atMs: ms(s) };
    world.engine.seed(PHONE.deviceId, [fixOf({ atMs })], downtime);
    world.engine.seed(ANKLE.deviceId, [fixOf({ atMs, lon, lat })], downtime);
    world.engine.restoreAsked([keep], ms(s));
    return world;
  }
  const askedOnce = (): Given => {
    const world = given();
    asks(
      world,
      0,
      20,
      both(world, () => 20_000),
    );
    return world;
  };

  test('[RI6] is put back where the device is now, with its tries', () => {
    const before = askedOnce();
    const after = restarted(before, 100);
    expect(after.engine.askedOf(PHONE.deviceId)).toEqual(before.engine.askedOf(PHONE.deviceId));
    expect(asks(after, 100, 101)).toEqual([[100, 'phone', 60, 'again']]);
  });

  test('[RI6] and confirmed is asked no more', () => {
    const before = askedOnce();
    const confirmed = { ...before.engine.askedOf(PHONE.deviceId)!, delivered: true };
    const after = restarted(before, 100, confirmed);
    expect(
      asks(
        after,
        100,
        180,
        both(after, () => 20_000),
      ),
    ).toEqual([]);
  });

  test('[RI6] of a device that is not known any more is nobody’s', () => {
    const stranger = { ...askedOnce().engine.askedOf(PHONE.deviceId)!, deviceId: 'x' as never };
    const after = restarted(askedOnce(), 100, stranger);
    expect(after.engine.askedOf('x' as never)).toBeNull();
    expect(after.engine.askedOf(PHONE.deviceId)).toBeNull();
  });
});
