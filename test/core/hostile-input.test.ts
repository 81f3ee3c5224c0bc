import { describe, expect, test } from 'vitest';
import {
  APART,
  given,
  instant,
  ms,
  place,
  square,
  type Given,
  type Said,
} from '../support/given.ts';

/** He stands 100 m from her, and the breach is told. */
function breached(): Given {
  const world = given([APART]);
  for (let s = 0; s <= 60; s += 10) {
    world.fix('phone', s, { speed: 0 });
    world.fix('ankle', s + 1, { eastM: 100, speed: 0 });
  }
  expect(world.alert('contact-ban')).toMatchObject({ stage: 'breach', standing: true });
  return world;
}

type Send = (world: Given, s: number, i: number) => void;

/** All else stays as it was: she reports, his device sends this, every 10 s for five minutes. */
function attacked(send: Send, untilS = 360): Given {
  const world = breached();
  for (let s = 70, i = 0; s <= untilS; s += 10, i++) {
    world.fix('phone', s, { speed: 0 });
    send(world, s + 1, i);
  }
  return world;
}

const says =
  (said: (i: number, s: number) => Said): Send =>
  (world, s, i) =>
    void world.fix('ankle', s, said(i, s));

// prettier-ignore
const ATTACKS: [name: string, named: string, reason: string, send: Send][] = [
  ['jumps to ever other places',     'implausible', 'teleport',      says((i) => ({ eastM: 50_000 + 20_000 * (i % 7), northM: 30_000 * (i % 3) }))],
  ['a jump away that stays there',   'implausible', 'teleport',      says(() => ({ eastM: 5_000, speed: 0 }))],
  ['an accuracy of 10 km elsewhere', 'blind',       'no-usable-fix', says(() => ({ eastM: 3_000, accuracy: 10_000 }))],
  ['a hung receiver on the move',    'implausible', 'frozen',        says(() => ({ eastM: 100, speed: 9, heading: 90 }))],
  ['a speed of 300 m/s',             'implausible', 'teleport',      says(() => ({ eastM: 100, speed: 300, heading: 90 }))],
  ['a clock an hour ahead',          'implausible', 'clock-off',     says((_, s) => ({ eastM: 100, measuredS: s + 3_600 }))],
  ['numbers used twice',             'implausible', 'seq-reused',    says(() => ({ eastM: 100, speed: 0, seq: 3 }))],
];

describe('what a device sends that cannot be true', () => {
  test.each(ATTACKS)('[DV7] %s: is named %s, %s', (_, code, reason, send) => {
    const named = attacked(send).told.filter(({ record }) => record.code === code);
    expect(named.map(({ record }) => record.basis.reason)).toContain(reason);
  });

  test.each(ATTACKS)('[PL2] %s: clears no breach', (_, _code, _reason, send) => {
    const world = attacked(send);
    const cleared = world.told.filter(
      ({ change, record }) => change === 'cleared' && record.code === 'contact-ban',
    );
    expect(cleared).toEqual([]);
    expect(world.alert('contact-ban')).toMatchObject({ standing: true, priority: 1 });
  });

  test('[FX3] yesterday’s track, sent again, changes nothing of today', () => {
    const world = breached();
    const replayed = Array.from({ length: 30 }, (_, i) => {
      const [lon, lat] = place(20_000);
      return { seq: 1_000 + i, time: instant(10 * i - 86_400), lon, lat, accuracy: 5 };
    });
    for (const [i, each] of replayed.entries()) {
      world.fix('phone', 70 + 10 * i, { speed: 0 });
      world.message('ankle', 'position', each, 71 + 10 * i);
    }
    expect(world.alert('contact-ban')).toMatchObject({ standing: true, stage: 'breach' });
  });

  test('[PL2] a jump away and back between: the true breach is raised', () => {
    const world = given([APART]);
    for (let s = 0; s <= 120; s += 10) {
      world.fix('phone', s, { speed: 0 });
      const eastM = s % 20 === 0 ? 1_500 - 12 * s : 40_000;
      world.fix('ankle', s + 1, { eastM, speed: 12, heading: 270 });
    }
    expect(world.alert('contact-ban')).toMatchObject({ stage: 'breach', priority: 1 });
  });

  test('[PL2] a jump is no way: over her and through a zone it is no breach', () => {
    const zone = { banId: 'z', kind: 'location-ban', zone: square(400, 3_000) };
    const world = given([APART, zone]);
    for (let s = 0; s <= 120; s += 10) {
      world.fix('phone', s, { speed: 0 });
      world.fix('ankle', s + 1, { eastM: s < 60 ? -30_000 : 30_000, speed: 0 });
    }
    expect(world.told.map(({ record }) => record.code)).toContain('implausible');
    expect(world.told.filter(({ record }) => record.stage === 'breach')).toEqual([]);
  });

  // prettier-ignore
  test.each<[name: string, said: Said]>([
    ['without accuracy', {}],
    ['with accuracy 0',  { accuracy: 0 }],
  ])('[MO2] %s a breach is raised all the same', (_, said) => {
    const world = given([APART]);
    for (let s = 0; s <= 100; s += 10) {
      world.message('phone', 'position', bare(s, 0), s);
      world.message('ankle', 'position', { ...bare(s, 1_200 - 10 * s), ...said }, s + 1);
    }
    expect(world.alert('contact-ban')).toMatchObject({ stage: 'breach', priority: 1 });
  });
});

function bare(s: number, eastM: number): object {
  const [lon, lat] = place(eastM);
  return { seq: s, time: instant(s), lon, lat };
}

describe('a receiver that says the same for ever', () => {
  test('[PL5] is blind after half an hour', () => {
    const world = given([APART]);
    for (let s = 0; s <= 2_400; s += 30) {
      world.fix('phone', s, { eastM: s % 7, speed: 0 });
      world.fix('ankle', s + 1, { eastM: 5_000, speed: 0, source: 'gnss' });
    }
    const [first] = world.told.filter(({ record }) => record.code === 'blind');
    expect((first!.atMs - ms(0)) / 1000).toBeGreaterThan(1_800);
    expect(first!.record.deviceId).toBe('ankle');
  });

  test('[PL5] is not, if the network says where it is', () => {
    const world = given([APART]);
    for (let s = 0; s <= 2_400; s += 30) {
      world.fix('phone', s, { source: 'wifi', accuracy: 20 });
      world.fix('ankle', s + 1, { eastM: 5_000 + (s % 7), speed: 0 });
    }
    expect(world.told.filter(({ record }) => record.code === 'blind')).toEqual([]);
  });
});
