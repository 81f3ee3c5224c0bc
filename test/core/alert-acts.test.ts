import { describe, expect, test } from 'vitest';
import { AlertAct } from '../../shared/alert-act.ts';
import { APART, given, type Given, ms } from '../support/given.ts';

const ACKNOWLEDGE: AlertAct = { type: 'acknowledge' };
const NOTE: AlertAct = { type: 'note', text: 'called the wearer' };
const DISPATCH: AlertAct = { type: 'dispatch', unit: '12.34' };
const CLOSE: AlertAct = { type: 'close', finding: 'coincidence' };
const SHELVE: AlertAct = { type: 'shelve', minutes: 10, reason: 'known works' };

/** An alert of priority 2 (an approach at 800 m) or 1 (a breach at 300 m), raised at 1 s. */
function alerted(priority: 1 | 2): { world: Given; alertId: string } {
  const world = given();
  world.fix('phone', 0, { speed: 0 });
  world.fix('ankle', 1, { eastM: priority === 1 ? 300 : 800, speed: 0 });
  return { world, alertId: world.alert('contact-ban').alertId };
}

/** Both devices go on reporting where they are. */
function lasting(world: Given, fromS: number, untilS: number, eastM: number): Given {
  for (let s = fromS; s <= untilS; s += 10) {
    world.fix('phone', s, { speed: 0 });
    world.fix('ankle', s, { eastM, speed: 0 });
  }
  return world;
}

describe('acknowledge', () => {
  test('[AC1] says who has seen it, and when', () => {
    const { world, alertId } = alerted(1);
    expect(world.act(alertId, ACKNOWLEDGE, 5)).toBeNull();
    expect(world.alert('contact-ban')).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'anna',
      acknowledgedAtMs: ms(5),
    });
    expect(world.told.at(-1)).toMatchObject({
      change: 'updated',
      act: { act: ACKNOWLEDGE, by: 'anna' },
    });
  });

  test('[AC1] a second time changes neither', () => {
    const { world, alertId } = alerted(1);
    world.act(alertId, ACKNOWLEDGE, 5);
    expect(world.act(alertId, ACKNOWLEDGE, 9, 'bert')).toBeNull();
    expect(world.alert('contact-ban')).toMatchObject({
      acknowledgedBy: 'anna',
      acknowledgedAtMs: ms(5),
    });
  });

  test('[AC1] clears as cleared, not as unseen', () => {
    const { world, alertId } = alerted(1);
    world.act(alertId, ACKNOWLEDGE, 2);
    lasting(world, 12, 80, 1_300);
    expect(world.alert('contact-ban').state).toBe('cleared');
  });

  test('[AC1] takes an alert off the shelf', () => {
    const { world, alertId } = alerted(2);
    world.act(alertId, SHELVE, 5);
    world.act(alertId, ACKNOWLEDGE, 6);
    expect(world.alert('contact-ban')).toMatchObject({
      state: 'acknowledged',
      shelvedUntilMs: null,
    });
  });
});

describe('note and dispatch', () => {
  test.each([NOTE, DISPATCH])('[AC2] $type is told with the act, and changes no state', (act) => {
    const { world, alertId } = alerted(1);
    const before = world.alert('contact-ban');
    expect(world.act(alertId, act, 5)).toBeNull();
    expect(world.alert('contact-ban')).toEqual({ ...before, updatedAtMs: ms(5) });
    expect(world.told.at(-1)).toMatchObject({ change: 'updated', act: { act, by: 'anna' } });
  });
});

describe('close', () => {
  test('[AC3] says what was found, by whom and when', () => {
    const { world, alertId } = alerted(1);
    expect(world.act(alertId, CLOSE, 5)).toBeNull();
    expect(world.told.at(-1)).toMatchObject({
      change: 'closed',
      record: { state: 'closed', closure: { finding: 'coincidence', by: 'anna', atMs: ms(5) } },
    });
  });

  test.each([ACKNOWLEDGE, NOTE, DISPATCH, CLOSE, SHELVE])(
    '[AC3] is the end: no $type after it',
    (act) => {
      const { world, alertId } = alerted(2);
      world.act(alertId, CLOSE, 5);
      const told = world.told.length;
      expect(world.act(alertId, act, 6)).toBe('unknown-alert');
      expect(world.told).toHaveLength(told);
    },
  );
});

describe('shelve', () => {
  test('[AC4] until its time is over, then it asks for attention again', () => {
    const { world, alertId } = alerted(2);
    expect(world.act(alertId, SHELVE, 5)).toBeNull();
    expect(world.alert('contact-ban')).toMatchObject({ state: 'shelved', shelvedUntilMs: ms(605) });
    lasting(world, 10, 600, 800);
    world.at(604);
    expect(world.alert('contact-ban').state).toBe('shelved');
    world.at(606);
    expect(world.alert('contact-ban')).toMatchObject({
      state: 'unacknowledged',
      shelvedUntilMs: null,
    });
  });

  test('[AC4] also when the devices report every second', () => {
    const { world, alertId } = alerted(2);
    world.act(alertId, { type: 'shelve', minutes: 1, reason: 'test' }, 5);
    for (let s = 6.5; s < 70; s += 1) {
      world.fix('phone', s, { speed: 0 });
      world.fix('ankle', s, { eastM: 800, speed: 0 });
    }
    expect(world.alert('contact-ban').state).toBe('unacknowledged');
  });

  test('[AC4] what clears on the shelf is cleared, unseen', () => {
    const { world, alertId } = alerted(2);
    world.act(alertId, SHELVE, 5);
    lasting(world, 11, 100, 1_350);
    expect(world.alert('contact-ban')).toMatchObject({
      state: 'cleared-unacknowledged',
      shelvedUntilMs: null,
    });
  });

  test('[EP9] what worsens on the shelf comes off it for good', () => {
    const { world, alertId } = alerted(2);
    world.act(alertId, SHELVE, 5);
    world.fix('ankle', 11, { eastM: 300, speed: 0 });
    expect(world.alert('contact-ban')).toMatchObject({
      state: 'unacknowledged',
      shelvedUntilMs: null,
    });
  });

  test('[AC4] what is shelved when cleared comes back when it comes back', () => {
    const { world, alertId } = alerted(2);
    lasting(world, 11, 100, 1_350);
    world.act(alertId, SHELVE, 105);
    lasting(world, 111, 121, 800);
    expect(world.alert('contact-ban')).toMatchObject({
      state: 'unacknowledged',
      shelvedUntilMs: null,
    });
  });

  test('[AC4] never at priority 1', () => {
    const { world, alertId } = alerted(1);
    expect(world.act(alertId, SHELVE, 5)).toBe('priority-1-not-shelvable');
    expect(world.alert('contact-ban').state).toBe('unacknowledged');
  });

  test.each([
    [60, true],
    [61, false],
    [0, false],
  ])('[AC4] for %i minutes: %s', (minutes, fits) => {
    expect(AlertAct.safeParse({ ...SHELVE, minutes }).success).toBe(fits);
  });

  test('[AC4] never without a reason', () => {
    expect(AlertAct.safeParse({ ...SHELVE, reason: ' ' }).success).toBe(false);
  });
});

describe('refused', () => {
  test('[AC5] an act on an alert that never was', () => {
    const world = given([APART]);
    expect(world.act('nonsense', ACKNOWLEDGE, 5)).toBe('unknown-alert');
    expect(world.told).toEqual([]);
  });

  test('[AC5] a refused act is not told', () => {
    const { world, alertId } = alerted(1);
    const told = world.told.length;
    world.act(alertId, SHELVE, 1);
    expect(world.told).toHaveLength(told);
  });
});
