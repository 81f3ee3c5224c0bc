import { describe, expect, test } from 'vitest';
import type { CaseId } from '../../shared/ids.ts';
import { prng } from '../../shared/prng.ts';
import type { CaseEvent } from '../../server/core/case-event.ts';
import { DEFAULT_RULES, emptyCase, type CaseState } from '../../server/core/case-state.ts';
import { Caseload } from '../../server/core/caseload.ts';
import { evaluate } from '../../server/core/evaluate.ts';
import { ANKLE, APART, deepFrozen, given, Given, orderOf, PHONE, T0 } from '../support/given.ts';
import { randomWorld } from '../support/random-world.ts';

/** All that can happen, in a world in which much does. */
function eventsOf(seed: number): CaseEvent[] {
  const { devices, orders, events } = randomWorld(seed);
  const told: CaseEvent[] = events.flatMap((event, i): CaseEvent[] => {
    const { atMs } = event;
    const deviceId = devices[i % devices.length]!.deviceId;
    if (i % 17 === 3) return [event, { type: 'time-passed', atMs }];
    if (i % 40 === 5) {
      const report = { kind: 'sos', seq: i, boot: null, eventAtMs: atMs } as const;
      return [event, { type: 'device-event', atMs, deviceId, ...report }];
    }
    if (i % 31 === 7) return [event, { type: 'status', atMs, deviceId, online: i % 2 === 0 }];
    return [event];
  });
  return [
    ...devices.map((device): CaseEvent => ({ type: 'device-set', atMs: T0, device })),
    ...orders.map((order): CaseEvent => {
      return { type: 'order-set', atMs: T0, version: { order, version: 1, status: 'active' } };
    }),
    ...told,
  ];
}

function run(events: readonly CaseEvent[], look = (state: CaseState): CaseState => state): string {
  let state = look(emptyCase('case-w-1' as CaseId, T0));
  const told: unknown[] = [];
  for (const event of events) {
    const { caseState, changes } = evaluate(state, event, DEFAULT_RULES);
    told.push(...changes);
    state = look(caseState);
    const open = [...state.alerts.values()][0];
    if (!open || told.length % 5 !== 0) continue;
    const act = { alertId: open.alertId, by: 'anna', act: { type: 'acknowledge' } } as const;
    state = look(evaluate(state, { type: 'act', atMs: event.atMs, act }).caseState);
  }
  return JSON.stringify([told, [...state.alerts], [...state.watches], state.devices]);
}

describe('evaluation', () => {
  test.each([1, 2, 3, 4, 5, 6])('[EV1] world %i: never changes what it is given', (seed) => {
    const events = deepFrozen(eventsOf(seed));
    expect(run(events, deepFrozen)).toBe(run(events));
  });

  test.each([7, 8, 9])('[EV1] world %i: the same twice', (seed) => {
    expect(run(eventsOf(seed))).toBe(run(eventsOf(seed)));
  });

  test.each([1, 2, 3, 4])('[CA2] world %i: a caseload says the same twice', (seed) => {
    const once = (): string => {
      const caseload = new Caseload();
      return JSON.stringify(
        eventsOf(seed).map((event) => [
          caseload.advanceTo(event.atMs),
          caseload.apply(event).changes,
        ]),
      );
    };
    expect(once()).toBe(once());
  });
});

describe('a stream that repeats itself', () => {
  /** Some messages come again, a while later and in another order. */
  function doubled(events: readonly CaseEvent[], seed: number): CaseEvent[] {
    const random = prng(seed);
    return events.flatMap((event, i) => {
      const again = events[Math.max(0, i - random.below(6))]!;
      const repeats =
        random.next() < 0.3 && (again.type === 'fix' || again.type === 'device-event');
      return repeats ? [event, { ...again, atMs: event.atMs }] : [event];
    });
  }

  test.each(Array.from({ length: 12 }, (_, i) => i + 1))(
    '[FX3] world %i: gives the same alerts',
    (seed) => {
      const told = (events: readonly CaseEvent[]): string[] => {
        const caseload = new Caseload();
        return events
          .flatMap((event) => [...caseload.advanceTo(event.atMs), ...caseload.apply(event).changes])
          .filter(({ record }) => record.code !== 'silent')
          .map(
            ({ atMs, change, record }) =>
              `${atMs - T0} ${change} ${record.code} ${record.banId} ${record.stage}`,
          );
      };
      const events = eventsOf(seed);
      expect(told(doubled(events, seed))).toEqual(told(events));
    },
  );
});

describe('time', () => {
  test('[EV2] is looked at on whole seconds, whatever the instants of messages', () => {
    const world = given([{ ...APART, distanceM: 100 }]);
    world.fix('phone', 0.123);
    world.fix('ankle', 0.457, { eastM: 50, speed: 0 });
    world.fix('ankle', 5.678, { eastM: 400, speed: 0 });
    world.at(200.9);
    const byTime = world.told
      .filter(({ change }) => change === 'cleared' || change === 'raised')
      .slice(1);
    expect(byTime.length).toBeGreaterThan(1);
    expect(byTime.map(({ atMs }) => atMs % 1000)).toEqual(byTime.map(() => 0));
  });

  // prettier-ignore
  test.each<[name: string, make: () => Given, atS: number, dueS: number]>([
    ['while an alert stands, after 1 s',   () => { const w = given(); w.fix('phone', 0); w.fix('ankle', 10, { eastM: 100 }); return w; }, 20, 21],
    ['with all heard, after 15 s',         () => { const w = given(); w.fix('phone', 15); w.fix('ankle', 15, { eastM: 90_000 }); return w; }, 15, 15],
    ['without a ban, not before anything is due', () => new Given().device(ANKLE).device(PHONE), 50, Infinity],
    ['a ban that begins later',            () => new Given().device(ANKLE).order(orderOf([APART], { validFrom: '2026-11-23T10:10:00Z' })), 50, 600],
  ])('[EV2] is due again %s', (_, make, atS, dueS) => {
    const world = make().at(atS);
    const dues = [...world.engine.caseload.cases()].map(({ dueMs }) => dueMs);
    const later = dues.filter((dueMs) => dueMs > T0 + atS * 1000);
    const due = (Math.min(...later, Infinity) - T0) / 1000;
    if (dueS !== atS) expect(due).toBe(dueS);
    else expect(due).toBeLessThanOrEqual(atS + 15);
  });

  test('[EV3] never goes backwards: what comes with an earlier time happens now', () => {
    const world = given();
    world.fix('phone', 50);
    const { changes } = world.fix('ankle', 20, { eastM: 100 });
    expect(changes.map(({ atMs }) => atMs)).toEqual([T0 + 50_000]);
  });

  test('[EV4] passes before a message is taken in', () => {
    const world = given();
    world.fix('phone', 0, { eastM: 90_000 });
    const { changes } = world.fix('ankle', 95);
    expect(
      changes.map(({ atMs, change, record }) => [(atMs - T0) / 1000, change, record.deviceId]),
    ).toEqual([
      [90, 'raised', 'ankle'],
      [90, 'raised', 'phone'],
      [95, 'cleared', 'ankle'],
    ]);
  });
});
