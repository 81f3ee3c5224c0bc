import { describe, expect, test } from 'vitest';
import type { CaseId } from '../../shared/ids.ts';
import type { AlertChange } from '../../server/core/alert-record.ts';
import { createBroadPhase, type BroadPhase } from '../../server/core/broad-phase.ts';
import type { CaseEvent } from '../../server/core/case-event.ts';
import { DEFAULT_RULES, emptyCase, type CaseState } from '../../server/core/case-state.ts';
import { Caseload, TICK_MS } from '../../server/core/caseload.ts';
import { judgeContact } from '../../server/core/contact-ban.ts';
import { evaluate } from '../../server/core/evaluate.ts';
import { EVERYTHING } from '../../server/core/judge-bans.ts';
import { judgeLocationBan, judgeLocationDuty } from '../../server/core/location-ban.ts';
import { estimatesAt, type Estimate } from '../../server/core/motion.ts';
import { APART, given, T0 } from '../support/given.ts';
import { randomWorld, type RandomWorld } from '../support/random-world.ts';

const SEEDS = Array.from({ length: 32 }, (_, i) => i + 1);

const setUp = ({ devices, orders }: RandomWorld): CaseEvent[] => [
  ...devices.map((device): CaseEvent => ({ type: 'device-set', atMs: T0, device })),
  ...orders.map((order): CaseEvent => {
    return { type: 'order-set', atMs: T0, version: { order, version: 1, status: 'active' } };
  }),
];

/** Caseload, broad phase and all. */
function quick(world: RandomWorld): AlertChange[] {
  const caseload = new Caseload();
  const told: AlertChange[] = [];
  for (const event of [...setUp(world), ...world.events]) {
    told.push(...caseload.advanceTo(event.atMs), ...caseload.apply(event).changes);
  }
  return told;
}

type Look = (before: CaseState, after: CaseState, event: CaseEvent) => void;

/** The same case by `evaluate` alone, which judges every ban on every fix. */
function thorough(world: RandomWorld, look: Look = () => undefined): AlertChange[] {
  let state = emptyCase('case-w-1' as CaseId, T0);
  const told: AlertChange[] = [];
  const take = (event: CaseEvent): void => {
    const done = evaluate(state, event, DEFAULT_RULES, EVERYTHING);
    told.push(...done.changes);
    look(state, done.caseState, event);
    state = done.caseState;
  };
  for (const event of setUp(world)) take(event);
  state = { ...state, dueMs: T0 };
  for (const event of world.events) {
    for (;;) {
      const tickMs = Math.ceil(state.dueMs / TICK_MS) * TICK_MS;
      if (tickMs > event.atMs) break;
      take({ type: 'time-passed', atMs: tickMs });
    }
    take(event);
  }
  return told;
}

const short = ({ atMs, change, record }: AlertChange): string =>
  `${(atMs - T0) / 1000} ${change} ${record.orderId}/${record.banId ?? record.code} ${record.stage} ${record.certainty}`;

/** Of one instant the order may differ: the caseload keeps a case's devices in another order. */
const inOrder = (told: readonly AlertChange[]): AlertChange[] =>
  told.toSorted((a, b) => a.atMs - b.atMs || (keyOf(a) < keyOf(b) ? -1 : 1));
const keyOf = ({ record }: AlertChange): string => `${record.alertId} ${record.state}`;

/** Bans for which some rule sees something in where a device and the others are. */
function seenBy(state: CaseState, personId: string, atMs: number): string[] {
  const estimatesOf = (person: string | null): Estimate[] =>
    state.devices
      .filter(({ device }) => device.personId === person)
      .flatMap(({ track }) => estimatesAt(track, atMs));
  return state.bans
    .filter(({ wearerId, victimId }) => wearerId === personId || victimId === personId)
    .filter((ban) =>
      estimatesOf(ban.wearerId).some((wearer) => {
        if (ban.kind === 'location-duty') return judgeLocationDuty(ban, wearer, atMs).standing;
        if (ban.kind === 'location-ban') return judgeLocationBan(ban, wearer, atMs).standing;
        return estimatesOf(ban.victimId).some(
          (victim) => judgeContact(ban, wearer, victim, atMs).standing,
        );
      }),
    )
    .map(({ key }) => key);
}

/** Asks a broad phase of its own about every fix, and says what it missed. */
function missedIn(world: RandomWorld): string[] {
  const broad: BroadPhase = createBroadPhase();
  const missed: string[] = [];
  thorough(world, (_, state, event) => {
    if (event.type === 'device-set' || event.type === 'order-set') return broad.index(state);
    if (event.type !== 'fix') return;
    const device = state.devices.find((known) => known.device.deviceId === event.deviceId)!;
    if (device.device.kind === 'victim-device') broad.moved(state, device);
    const nearby = broad.nearby(device, state, event.atMs);
    if (nearby === null) return;
    const seen = seenBy(state, device.device.personId, event.atMs);
    missed.push(...seen.filter((key) => !nearby.includes(key)));
  });
  return missed;
}

describe('with the broad phase and without', () => {
  test('[BP1] the worlds are worth it: in nearly all of them there are alerts of all kinds', () => {
    const kinds = SEEDS.map((seed) => thorough(randomWorld(seed)).map(({ record }) => record.code));
    expect(kinds.filter((codes) => codes.includes('contact-ban')).length).toBeGreaterThan(20);
    expect(kinds.filter((codes) => codes.includes('location-ban')).length).toBeGreaterThan(20);
  });

  test.each(SEEDS)('[BP1] world %i has the same alerts at the same time', (seed) => {
    const world = randomWorld(seed);
    const [fast, slow] = [inOrder(quick(world)), inOrder(thorough(world))];
    expect(fast.map(short)).toEqual(slow.map(short));
    expect(fast).toEqual(slow);
  });

  test.each(SEEDS.slice(0, 16))(
    '[BP1] world %i of two wearers who must avoid each other, too',
    (seed) => {
      const world = randomWorld(seed, true);
      expect(inOrder(quick(world)).map(short)).toEqual(inOrder(thorough(world)).map(short));
    },
  );

  test.each(SEEDS)('[BP1] world %i: no ban that a rule sees something in is missed', (seed) => {
    expect(missedIn(randomWorld(seed))).toEqual([]);
  });
});

describe('a ban whose alert stands', () => {
  const far = { eastM: 1_400, speed: 0 };

  test('[BP2] is judged wherever he went, so that it clears in time', () => {
    const world = given([{ ...APART, distanceM: 100 }]);
    world.fix('phone', 0, { speed: 0 });
    world.fix('ankle', 1, { eastM: 50, speed: 0 });
    for (let s = 6; s <= 50; s += 5) world.fix('ankle', s, { eastM: 50 + 60 * (s - 1), speed: 0 });
    expect(world.times('contact-ban')).toEqual(['raised 1', 'cleared 36']);
  });

  test('[BP2] so is one that was closed: what comes next counts anew', () => {
    const world = given([{ ...APART, distanceM: 100 }]);
    world.fix('phone', 0, { speed: 0 });
    world.fix('ankle', 1, { eastM: 50, speed: 0 });
    world.act(world.alert('contact-ban').alertId, { type: 'close', finding: 'other' }, 2);
    world.fixes('ankle', 20, 56, 4, far);
    world.fix('phone', 57, { speed: 0 });
    world.fix('ankle', 70, { eastM: 50, speed: 0 });
    expect(world.alert('contact-ban').episode).toBe(2);
  });
});
