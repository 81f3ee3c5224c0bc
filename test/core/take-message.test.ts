import { describe, expect, test } from 'vitest';
import { APART, given, type Given } from '../support/given.ts';

const codes = (world: Given): string[] =>
  world.told.map(({ change, record }) => `${change} ${record.code}`);

/** She stands at home, he 9 km away: nothing is the matter. */
function calm(): Given {
  const world = given([APART]);
  world.fix('phone', 0);
  world.fixes('ankle', 0, 50, 10, { eastM: 9_000 });
  return world;
}

describe('late and double fixes', () => {
  test('[FX2] a late fix changes no position and no alert, but shows life', () => {
    const world = calm();
    const { taken } = world.fix('ankle', 60, { eastM: 100, measuredS: 45, seq: 90 });
    expect(taken).toEqual(['late']);
    world.fix('phone', 80);
    world.at(149);
    expect(codes(world)).toEqual([]);
  });

  test('[FX3] a double changes nothing, but shows life', () => {
    const world = calm();
    const { taken } = world.fix('ankle', 60, { eastM: 100, measuredS: 50, seq: 6 });
    expect(taken).toEqual(['double']);
    world.fix('phone', 80);
    world.at(149);
    expect(codes(world)).toEqual([]);
  });

  // prettier-ignore
  test.each<[name: string, said: { accuracy?: number; eastM: number; measuredS?: number }]>([
    ['a good fix',        { eastM: 9_010 }],
    ['a late fix',        { eastM: 9_010, measuredS: 25 }],
    ['a coarse fix',      { eastM: 9_010, accuracy: 900 }],
  ])('[FX3] %s twice tells nothing', (_, said) => {
    const world = calm();
    const twice = { measuredS: 60, ...said, seq: 70 };
    world.fix('ankle', 60, twice);
    world.fix('ankle', 61, twice);
    expect(codes(world)).toEqual([]);
  });

  test('[FX3] a jump twice is one doubt, told once', () => {
    const world = calm();
    const jump = { eastM: 30_000, measuredS: 60, seq: 70 };
    world.fix('ankle', 60, jump);
    world.fix('ankle', 61, jump);
    expect(codes(world)).toEqual(['raised implausible']);
    expect(world.alert('implausible').basis.reason).toBe('teleport');
  });

  test('[FX3] a number used again for a later time is a new fix, and told', () => {
    const world = calm();
    const { taken } = world.fix('ankle', 60, { eastM: 100 + 8_400, seq: 3 });
    expect(taken).toEqual(['new']);
    expect(world.alert('implausible')).toMatchObject({ priority: 2, deviceId: 'ankle' });
    expect(world.alert('implausible').basis).toMatchObject({
      reason: 'seq-reused',
      detail: { seq: 3 },
    });
  });

  test('[FX3] a device that counts anew without saying so stays visible', () => {
    const world = calm();
    world.fix('ankle', 60, { eastM: 8_500, seq: 1 });
    for (let n = 2; n <= 20; n++)
      world.fix('ankle', 50 + 10 * n, { eastM: 9_000 - 500 * n, seq: n });
    world.fix('phone', 260);
    world.fix('ankle', 261, { eastM: 0, seq: 21 });
    expect(world.alert('contact-ban').stage).toBe('breach');
  });

  test('[FX3] even if its clock was once far ahead', () => {
    const world = calm();
    world.fix('ankle', 60, { eastM: 9_000, measuredS: 86_400 });
    world.fixes('ankle', 70, 90, 10, { eastM: 9_000 });
    world.fix('phone', 95);
    for (let n = 1; n <= 4; n++) world.fix('ankle', 90 + 10 * n, { eastM: 100, seq: n });
    expect(world.alert('contact-ban').stage).toBe('breach');
  });

  test('[FX6] a new boot counts from the beginning', () => {
    const world = calm();
    const { taken } = world.fix('ankle', 60, { eastM: 9_010, seq: 1, boot: 'b' });
    expect(taken).toEqual(['new']);
    expect(
      world.fix('ankle', 61, { eastM: 9_010, seq: 1, boot: 'b', measuredS: 60 }).taken,
    ).toEqual(['double']);
    expect(codes(world)).toEqual([]);
  });
});

describe('oddities', () => {
  test('[DV7] clear two minutes after the last', () => {
    const world = calm();
    world.fix('ankle', 60, { eastM: 9_000, seq: 1 });
    world.fixes('ankle', 70, 178, 9, { eastM: 9_000 });
    expect(world.alert('implausible').standing).toBe(true);
    world.fixes('ankle', 183, 190, 3, { eastM: 9_000 });
    expect(world.alert('implausible').standing).toBe(false);
  });

  test.each([
    [100, []],
    [101, ['raised implausible']],
  ])('[PL3] a speed of %i m/s', (speed, told) => {
    const world = calm();
    world.fix('ankle', 60, { eastM: 9_000, speed, heading: 90 });
    expect(codes(world)).toEqual(told);
  });
});

describe('a clock ahead', () => {
  test.each([
    [5, []],
    [6, ['raised implausible']],
  ])('[PL1] by %i s', (aheadS, told) => {
    const world = given();
    world.fix('ankle', 10, { measuredS: 10 + aheadS });
    expect(codes(world)).toEqual(told);
  });

  test('[PL1] its fixes count as measured when they came in', () => {
    const world = given();
    world.fix('phone', 0);
    for (let s = 0; s <= 60; s += 10)
      world.fix('ankle', s, { eastM: 9_000 - 150 * s, measuredS: s + 7_200 });
    const [state] = [...world.engine.caseload.cases()].filter(({ devices }) => devices.length > 0);
    const ankle = state!.devices.find(({ device }) => device.deviceId === 'ankle')!;
    expect(ankle.track.last!.atMs).toBe(ankle.track.last!.fix.receivedAtMs);
    expect(world.alert('implausible').basis).toMatchObject({
      reason: 'clock-off',
      detail: { lagS: -7_200 },
    });
  });

  test('[PL1] set right, it goes on at once', () => {
    const world = given();
    world.fix('phone', 0, { speed: 0 });
    world.fix('ankle', 10, { eastM: 2_000, measuredS: 7_200 });
    world.fix('ankle', 30, { eastM: 300 });
    expect(world.alert('contact-ban').stage).toBe('breach');
  });
});

describe('a clock behind', () => {
  /** An hour behind, 100 m from her. */
  const behind = (world: Given, s: number) =>
    world.fix('ankle', s, { eastM: 100, measuredS: s - 3_600 });

  test('[PL4] is known by the third fix with the same lag', () => {
    const world = given([{ ...APART, warningDistanceM: 500 }]);
    world.fix('phone', 0);
    behind(world, 1);
    behind(world, 11);
    expect(world.alerts('implausible')).toEqual([]);
    behind(world, 21);
    expect(world.alert('implausible').basis).toMatchObject({
      reason: 'clock-off',
      detail: { lagS: 3_600 },
    });
    expect(world.alert('contact-ban').stage).toBe('breach');
  });

  test('[PL4] is known of a device that reports every second, too', () => {
    const world = given([{ ...APART, warningDistanceM: 500 }]);
    world.fix('phone', 0);
    for (let s = 1; s <= 4; s++) behind(world, s);
    expect(world.alerts('implausible')).toEqual([]);
    behind(world, 5);
    expect(world.alert('implausible').basis.reason).toBe('clock-off');
    expect(world.alert('contact-ban').stage).toBe('breach');
  });

  test('[PL4] is known at once when it was right before', () => {
    const world = given();
    world.fix('phone', 0);
    world.fix('ankle', 0, { eastM: 900 });
    behind(world, 10);
    expect(world.alert('contact-ban').stage).toBe('breach');
    expect(world.alert('implausible').basis.reason).toBe('clock-off');
  });

  test('[PL4] a backlog is none: its lag shrinks while it is delivered', () => {
    const world = given();
    world.fix('phone', 600, { eastM: 90_000 });
    for (let n = 0; n < 60; n++)
      world.fix('ankle', 600 + n / 10, { eastM: 100, measuredS: n * 10 });
    expect(world.alerts('implausible')).toEqual([]);
  });

  test('[PL4] nor are fixes that come in one breath', () => {
    const world = given();
    for (let n = 0; n < 6; n++) world.fix('ankle', 600 + n / 2, { measuredS: 60 + n / 2 });
    expect(world.alerts('implausible')).toEqual([]);
  });

  test('[PL4] nor is a backlog newest first', () => {
    const world = given();
    world.fix('phone', 600, { eastM: 90_000 });
    for (let n = 60; n > 0; n--) {
      world.fix('ankle', 600 + (60 - n) / 10, { eastM: 100, measuredS: n * 10, seq: n });
    }
    expect(world.alerts('implausible')).toEqual([]);
  });

  test.each([
    [119, ['new', 'new', 'new', 'new'], []],
    [121, ['new', 'new', 'new', 'new'], ['raised implausible']],
  ])('[PL4] a steady lag of %i s', (lagS, taken, told) => {
    const world = given();
    const got = [10, 20, 30, 40].flatMap(
      (s) => world.fix('ankle', s, { eastM: 9_000, measuredS: s - lagS }).taken,
    );
    expect(got).toEqual(taken);
    expect(codes(world)).toEqual(told);
  });
});

describe('who may speak', () => {
  test('[IN4] an unregistered device is counted and not heard', () => {
    const world = given();
    const handled = world.fix('stranger', 10);
    expect(handled.rejections.map(({ reason }) => reason)).toEqual(['unknown-device']);
    expect([handled.known, handled.taken]).toEqual([false, []]);
  });

  test.each([
    [99, 'device-not-valid'],
    [101, undefined],
    [199, undefined],
    [201, 'device-not-valid'],
  ])('[IN4] a device valid from 100 s to 200 s, at %i s', (s, reason) => {
    const world = given();
    const valid = { validFrom: '2026-11-23T10:01:40Z', validUntil: '2026-11-23T10:03:20Z' };
    world.device({ ...world.engine.device('ankle')!, ...valid }, 1);
    expect(world.fix('ankle', s).rejections[0]?.reason).toBe(reason);
  });
});
