import { describe, expect, test } from 'vitest';
import type { CaseState } from '../../server/core/case-state.ts';
import { ANKLE, APART, deviceOf, given, Given, HOME, orderOf, PHONE } from '../support/given.ts';

const cases = (world: Given): CaseState[] =>
  [...world.engine.caseload.cases()].filter(
    ({ devices, orders }) => devices.length + orders.length > 0,
  );

/** Which persons' devices share a case, as `w-1+v-1`. */
const groups = (world: Given): string[] =>
  cases(world)
    .map(({ devices }) =>
      devices
        .map(({ device }) => device.personId)
        .toSorted()
        .join('+'),
    )
    .filter((group) => group !== '')
    .toSorted();

const ban = (banId: string, victimId: string) => ({ ...APART, banId, victimId });
const second = (bans: object[]) => orderOf(bans, { orderId: 'ord-2', wearerId: 'w-2' });

/** Two wearers and two victims with a device each, nobody tied to anybody. */
const four = (): Given =>
  new Given()
    .device(ANKLE)
    .device(PHONE)
    .device(deviceOf('ankle-2', 'ankle-monitor', 'w-2'))
    .device(deviceOf('phone-2', 'victim-device', 'v-2'));

describe('who shares a case', () => {
  test('[CA1] nobody, until an order ties them', () => {
    expect(groups(four())).toEqual(['v-1', 'v-2', 'w-1', 'w-2']);
  });

  test('[CA1] a wearer and his victims; others with the same victim; not strangers', () => {
    const world = four().order(orderOf([ban('b1', 'v-1')]));
    expect(groups(world)).toEqual(['v-1+w-1', 'v-2', 'w-2']);
    world.order(second([ban('b1', 'v-2')]));
    expect(groups(world)).toEqual(['v-1+w-1', 'v-2+w-2']);
    world.order(second([ban('b1', 'v-2'), ban('b2', 'v-1')]), 10, 2);
    expect(groups(world)).toEqual(['v-1+v-2+w-1+w-2']);
    world.order(second([ban('b1', 'v-2')]), 20, 3);
    expect(groups(world)).toEqual(['v-1+w-1', 'v-2+w-2']);
    world.order(second([ban('b1', 'v-2')]), 30, 4, 'withdrawn');
    expect(groups(world)).toEqual(['v-1+w-1', 'v-2', 'w-2']);
  });

  test('[CA1] a suspended order still ties, for it may be resumed', () => {
    const world = four().order(orderOf([ban('b1', 'v-1')]));
    world.order(orderOf([ban('b1', 'v-1')]), 10, 2, 'suspended');
    expect(groups(world)).toEqual(['v-1+w-1', 'v-2', 'w-2']);
  });

  test('[CA1] a device that comes after the order joins its case', () => {
    const world = new Given()
      .order(orderOf([APART]))
      .device(PHONE, 5)
      .device(ANKLE, 6);
    expect(groups(world)).toEqual(['v-1+w-1']);
    world.fix('phone', 10);
    world.fix('ankle', 11, { eastM: 100 });
    expect(world.alert('contact-ban').stage).toBe('breach');
  });
});

describe('what goes along when cases are merged and cut', () => {
  test('[CA1] the alert, its episode, where devices are and what was taken in', () => {
    const world = four().order(orderOf([ban('b1', 'v-1')]));
    world.fix('phone', 0);
    world.fix('ankle', 1, { eastM: 100, seq: 50 });
    const { alertId } = world.alert('contact-ban');
    world.order(second([ban('b1', 'v-1')]), 5);
    world.order(second([ban('b1', 'v-1')]), 6, 2, 'withdrawn');
    expect(world.alert('contact-ban')).toMatchObject({
      alertId,
      standing: true,
      caseId: 'case-w-1',
    });
    expect(world.fix('ankle', 7, { eastM: 100, seq: 50, measuredS: 1 }).taken).toEqual(['double']);
    expect(world.act(alertId, { type: 'close', finding: 'test' }, 8)).toBeNull();
    expect(world.told.map(({ change }) => change)).toEqual(['raised', 'closed']);
  });

  test('[CA1] episode numbers of bans and of devices', () => {
    const world = four().order(orderOf([ban('b1', 'v-1')]));
    world.fix('phone', 0);
    world.fix('ankle', 1, { eastM: 100 });
    world.event('phone', 'sos', 2);
    world.act(world.alert('contact-ban').alertId, { type: 'close', finding: 'test' }, 3);
    world.act(world.alert('sos').alertId, { type: 'close', finding: 'test' }, 3);
    world.order(second([ban('b1', 'v-1')]), 5);
    world.order(second([ban('b1', 'v-1')]), 6, 2, 'withdrawn');
    world.fix('ankle', 10, { eastM: 1_050 });
    world.fix('ankle', 20, { eastM: 2_000 });
    world.fixes('ankle', 30, 70, 10, { eastM: 2_000 }).fix('phone', 71);
    world.fix('ankle', 80, { eastM: 1_200 });
    world.fix('ankle', 90, { eastM: 400 });
    world.event('phone', 'sos', 91);
    expect(world.alert('contact-ban').episode).toBe(2);
    expect(world.alert('sos').episode).toBe(2);
  });

  test('[CA4] a device handed to another person never gets the number of an old alert', () => {
    const world = four();
    const first = world.event('phone', 'sos', 2).changes[0]!.record;
    world.device(deviceOf('phone', 'victim-device', 'v-2'), 10);
    const next = world.event('phone', 'sos', 20).changes[0]!.record;
    expect(next.victimId).toBe('v-2');
    expect(next.alertId).not.toBe(first.alertId);
  });

  test('[CA4] a device that is handed on leaves no silence behind that nobody can end', () => {
    const world = given().at(100);
    expect(world.alerts('silent').filter(({ deviceId }) => deviceId === 'phone')).toHaveLength(1);
    world.device(deviceOf('phone', 'victim-device', 'v-9'), 110);
    world.at(130);
    const left = world
      .alerts('silent')
      .filter(({ deviceId, standing }) => deviceId === 'phone' && standing);
    expect(left).toEqual([]);
  });

  test('[CA4] what it measured on the last person says nothing of the next', () => {
    const world = four().order(orderOf([ban('b1', 'v-1')]));
    world.fix('ankle-2', 0, { eastM: 100 });
    world.fix('phone', 1);
    world.device(deviceOf('ankle-2', 'ankle-monitor', 'w-1'), 5);
    world.fix('phone', 6);
    expect(world.alerts('contact-ban')).toEqual([]);
    world.fix('ankle-2', 7, { eastM: 100 });
    expect(world.alert('contact-ban').stage).toBe('breach');
  });
});

describe('an order that changes', () => {
  test('[OR3] the alert of a ban that stays goes on, under its new version', () => {
    const world = given();
    world.fix('phone', 0, { speed: 0 });
    world.fix('ankle', 1, { eastM: 300 });
    const { alertId } = world.alert('contact-ban');
    world.order(orderOf([{ ...APART, distanceM: 400 }]), 5, 2);
    world.fix('ankle', 11, { eastM: 200 });
    expect(world.alert('contact-ban')).toMatchObject({ alertId, standing: true });
    expect(world.alert('contact-ban').basis).toMatchObject({
      orderVersion: 2,
      limits: { distanceM: 400 },
    });
  });

  test('[OR3] the alert of a ban that is gone clears at once', () => {
    const world = given();
    world.fix('phone', 0);
    world.fix('ankle', 1, { eastM: 300 });
    world.order(orderOf([{ ...APART, banId: 'b2', distanceM: 10 }]), 5, 2);
    const told = world.told.filter(({ record }) => record.banId === 'b1');
    expect(told.map(({ change, atMs }) => [change, atMs])).toEqual([
      ['raised', expect.any(Number)],
      ['cleared', Date.UTC(2026, 10, 23, 10, 0, 5)],
    ]);
  });
});

/** An order whose zone no program can have let through: judging it fails. */
const broken = (banId: string) => ({
  banId,
  kind: 'location-ban',
  zone: { type: 'Circle', center: HOME, radiusM: 5 },
});

/** Breaks the zones of one case from inside, as a fault in our own code would. */
function breakCase(world: Given, caseId: string): void {
  const state = cases(world).find((one) => one.caseId === caseId)!;
  for (const each of state.bans) (each as { shape: unknown }).shape = null;
}

describe('a case that breaks', () => {
  const two = (): Given =>
    four()
      .order(orderOf([ban('b1', 'v-1'), broken('z')]))
      .order(second([ban('b1', 'v-2'), broken('z')]));

  test('[CA3] is told once, with its name, and other cases go on', () => {
    const world = two();
    breakCase(world, 'case-w-1');
    world.fixes('ankle', 1, 30, 1);
    expect(world.times('case-failed')).toEqual(['raised 1']);
    const { priority, kind, basis } = world.alert('case-failed');
    expect([priority, kind]).toEqual([1, 'system']);
    expect(basis.detail['detail']).toContain('case-w-1');
    world.fix('phone-2', 40);
    world.fix('ankle-2', 41, { eastM: 5 });
    expect(world.alert('contact-ban').caseId).toBe('case-w-2');
  });

  test('[CA3] and is mended, as by a new version of its order, is told to be over', () => {
    const world = two();
    breakCase(world, 'case-w-1');
    world.fix('ankle', 1);
    world.order(orderOf([ban('b1', 'v-1')]), 60, 2).at(200);
    const [raised, cleared, ...more] = world.times('case-failed');
    expect([raised, cleared?.split(' ')[0], more]).toEqual(['raised 1', 'cleared', []]);
    breakCase(world, 'case-w-2');
    world.fix('ankle-2', 201);
    expect(world.alerts('case-failed').filter(({ standing }) => standing)).toHaveLength(1);
  });

  test('[CA3] beside another one is told too', () => {
    const world = two();
    breakCase(world, 'case-w-1');
    world.fix('ankle', 1);
    breakCase(world, 'case-w-2');
    world.fix('ankle-2', 2);
    const details = world.alerts('case-failed').map(({ basis }) => basis.detail['detail']);
    expect(details).toHaveLength(2);
  });

  test('[CA3] after a person closed the failure of another is told too', () => {
    const world = two();
    breakCase(world, 'case-w-1');
    world.fix('ankle', 1);
    world.act(world.alert('case-failed').alertId, { type: 'close', finding: 'other' }, 2);
    breakCase(world, 'case-w-2');
    world.fix('ankle-2', 3);
    expect(world.alert('case-failed').basis.detail['detail']).toContain('case-w-2');
  });
});
