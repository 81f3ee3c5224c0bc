import { describe, expect, test } from 'vitest';
import type { BanId } from '../../shared/ids.ts';
import type { OrderStep } from '../../server/core/order-life.ts';
import {
  guarded,
  heldStore,
  NEAR_LON,
  ORDER_1,
  orderOf,
  type ServiceWorld,
  serviceWorld,
  taken,
} from '../support/service-world.ts';

/** Orders need a second person's yes; this one was written by `cjib`. */
const written = async () => guarded(await serviceWorld(heldStore(), { approvalRequired: true }));

const take = (world: ServiceWorld, step: OrderStep, by: string, reason = 'because') =>
  world.service.stepOrder(ORDER_1, taken(step, by, reason));

const standing = (world: ServiceWorld): number =>
  world.service.openAlerts().filter((alert) => alert.clearedAt === null).length;

const approved = async (): Promise<ServiceWorld> => {
  const world = await written();
  await take(world, 'approval', 'bea');
  await world.position('ankle', 7, NEAR_LON);
  expect(standing(world)).toBe(1);
  return world;
};

describe('who takes protection away needs a second person', () => {
  test.each(['suspension', 'withdrawal'] as const)(
    '[OR8] a %s by CJIB protects her until an approver agrees',
    async (step) => {
      const world = await approved();
      expect(await take(world, step, 'cjib')).toMatchObject({
        value: { status: 'awaiting-approval', cause: step },
      });
      expect(standing(world)).toBe(1);
      expect(await take(world, 'approval', 'cjib')).toMatchObject({ error: 'same-person' });
      const status = step === 'suspension' ? 'suspended' : 'withdrawn';
      expect(await take(world, 'approval', 'bea')).toMatchObject({ value: { status } });
      expect(standing(world)).toBe(0);
    },
  );

  test('[OR8] an approver who proposes it is no second person either', async () => {
    const world = await approved();
    await take(world, 'withdrawal', 'bea');
    expect(await take(world, 'approval', 'bea')).toMatchObject({ error: 'same-person' });
    expect(await take(world, 'approval', 'carl')).toMatchObject({ value: { status: 'withdrawn' } });
  });

  test('[OR8] with stolen credentials of CJIB no order of an approved one is taken away', async () => {
    const world = await approved();
    const steps: OrderStep[] = ['suspension', 'withdrawal', 'approval', 'rejection', 'withdrawal'];
    for (const step of steps) await take(world, step, 'cjib');
    await world.service.putOrder(orderOf(10), 99, 'cjib');
    await world.service.putOrder(orderOf(10), 4, 'cjib');
    await world.service.putOrder(orderOf(20), 5, 'cjib');
    expect(standing(world)).toBe(1);
  });

  test('[OR8] over a restart the proposal still waits, and she is still protected', async () => {
    const store = heldStore();
    const world = await guarded(await serviceWorld(store, { approvalRequired: true }));
    await take(world, 'approval', 'bea');
    await take(world, 'withdrawal', 'cjib');
    const startMs = world.clock.nowMs() + 1_000;
    const after = await serviceWorld(store, { approvalRequired: true, startMs });
    await after.position('ankle', 8, NEAR_LON);
    expect(standing(after)).toBe(1);
    expect(await take(after, 'approval', 'bea')).toMatchObject({ value: { status: 'withdrawn' } });
    expect(standing(after)).toBe(0);
  });

  test('[OR8] what nobody has approved may be withdrawn at once', async () => {
    expect(await take(await written(), 'withdrawal', 'cjib')).toMatchObject({
      value: { status: 'withdrawn' },
    });
  });
});

describe('what waits', () => {
  test('[OR5] what nobody has approved cannot be suspended, resumed, or work', async () => {
    const world = await written();
    expect(await take(world, 'suspension', 'cjib')).toMatchObject({ error: 'order-not-in-force' });
    expect(await take(world, 'resumption', 'cjib')).toMatchObject({ error: 'order-not-suspended' });
    await world.position('ankle', 7, NEAR_LON);
    expect(world.heard).toEqual([]);
  });

  test('[OR7] is rejected with a reason, and what stood goes on', async () => {
    const world = await approved();
    await world.service.putOrder(orderOf(10), 2, 'cjib');
    const rejected = await take(world, 'rejection', 'bea', 'the zone is too small');
    expect(rejected).toMatchObject({
      value: { status: 'active', reason: 'the zone is too small', order: orderOf(500) },
    });
    expect(standing(world)).toBe(1);
  });

  test('[OR7] a new order that is rejected works for nobody, and may be sent anew', async () => {
    const world = await written();
    expect(await take(world, 'rejection', 'bea')).toMatchObject({ value: { status: 'rejected' } });
    await world.position('ankle', 7, NEAR_LON);
    expect(world.heard).toEqual([]);
    const again = await world.service.putOrder(orderOf(500), 2, 'cjib');
    expect(again).toMatchObject({ value: { stored: { status: 'awaiting-approval', version: 3 } } });
  });

  test('[OR7] its writer may take it back, and nothing else may be laid over a withdrawal', async () => {
    const world = await approved();
    await take(world, 'withdrawal', 'cjib');
    expect(await world.service.putOrder(orderOf(900), 3, 'cjib')).toMatchObject({
      error: 'proposal-waits',
    });
    expect(await take(world, 'suspension', 'cjib')).toMatchObject({ error: 'proposal-waits' });
    expect(await take(world, 'rejection', 'cjib')).toMatchObject({ value: { status: 'active' } });
    expect(standing(world)).toBe(1);
  });

  test('[OR5] is approved as it was seen: another version since is told', async () => {
    const world = await written();
    await world.service.putOrder(orderOf(900), 1, 'cjib');
    const seen = { step: 'approval', by: 'bea', reason: null, ifMatch: 1 } as const;
    expect(await world.service.stepOrder(ORDER_1, seen)).toMatchObject({
      error: 'version-mismatch',
    });
  });

  test('[OR5] a text approved during a suspension waits for the resumption', async () => {
    const world = await approved();
    await take(world, 'suspension', 'cjib');
    await take(world, 'approval', 'bea');
    await world.service.putOrder(orderOf(900), 4, 'cjib');
    expect(await take(world, 'resumption', 'cjib')).toMatchObject({ error: 'proposal-waits' });
    expect(await take(world, 'approval', 'bea')).toMatchObject({ value: { status: 'suspended' } });
    expect(standing(world)).toBe(0);
    expect(await take(world, 'resumption', 'cjib')).toMatchObject({ value: { status: 'active' } });
    expect(standing(world)).toBe(1);
  });

  test('[OR7] a resumption gives back what was approved, and asks nobody', async () => {
    const world = await approved();
    await take(world, 'suspension', 'cjib');
    await take(world, 'approval', 'bea');
    expect(await take(world, 'resumption', 'cjib')).toMatchObject({ value: { status: 'active' } });
    expect(standing(world)).toBe(1);
  });

  test('[OR2] every step may be sent twice: the second changes nothing', async () => {
    const world = await approved();
    const first = await take(world, 'withdrawal', 'cjib');
    expect(await take(world, 'withdrawal', 'cjib')).toMatchObject(first);
  });
});

describe('a zone drawn by hand', () => {
  const zone = { type: 'Circle', center: [5, 52], radiusM: 300 } as const;
  const undrawn = () => {
    const { bans, ...rest } = orderOf(500);
    const ban = { banId: 'b2' as BanId, kind: 'location-ban', place: 'Dorpsstraat 1' } as const;
    return { ...rest, bans: [...bans, ban] };
  };
  const drawn = { banId: 'b2' as BanId, zone: { ...zone, center: [5, 52] as [number, number] } };

  test('[OR13] makes its drawer a writer, and works when a third person agrees', async () => {
    const world = await guarded(await serviceWorld(heldStore(), { approvalRequired: true }));
    await world.service.putOrder(undrawn(), 1, 'cjib');
    const put = await world.service.putZone(ORDER_1, drawn, 2, 'bea');
    expect(put).toMatchObject({ value: { cause: 'zone', status: 'awaiting-approval' } });
    for (const writer of ['cjib', 'bea']) {
      expect(await take(world, 'approval', writer)).toMatchObject({ error: 'same-person' });
    }
    await take(world, 'approval', 'carl');
    await world.position('ankle', 7, 5.001);
    expect(world.service.openAlerts().map(({ banId }) => banId)).toContain('b2');
  });

  test('[OR13] needs the version that was seen, a ban of the order, and one that has zones', async () => {
    const { service } = await guarded(await serviceWorld());
    await service.putOrder(undrawn(), 1, 'cjib');
    const draw = (banId: string, ifMatch: number | null) =>
      service.putZone(ORDER_1, { ...drawn, banId: banId as BanId }, ifMatch, 'bea');
    expect(await draw('b2', null)).toMatchObject({ error: 'version-required' });
    expect(await draw('b2', 1)).toMatchObject({ error: 'version-mismatch' });
    expect(await draw('b9', 2)).toMatchObject({ error: 'unknown-ban' });
    expect(await draw('b1', 2)).toMatchObject({ error: 'ban-without-zone' });
  });

  test('[OR13] until then one alert says that an order is not enforced in full', async () => {
    const world = await guarded(await serviceWorld());
    const told = (): string[] =>
      world.service
        .openAlerts()
        .filter(({ code, clearedAt }) => code === 'zone-missing' && clearedAt === null)
        .map(({ priority }) => `priority ${priority}`);
    await world.service.putOrder(undrawn(), 1, 'cjib');
    world.clock.advance(1_000);
    expect(told()).toEqual(['priority 3']);
    const { store } = world;
    const again = await serviceWorld(store, { startMs: world.clock.nowMs() + 1_000 });
    again.clock.advance(1_000);
    await again.service.putZone(ORDER_1, drawn, 2, 'bea');
    again.clock.advance(1_000);
    const open = again.service.openAlerts().filter(({ code }) => code === 'zone-missing');
    expect(open.map(({ clearedAt }) => clearedAt !== null)).toEqual([true]);
  });
});

test('[OR2] two who replace the same version at once: one is told to look again', async () => {
  const { service } = await guarded(await serviceWorld());
  const answers = await Promise.all([
    service.putOrder(orderOf(600), 1, 'cjib'),
    service.putOrder(orderOf(700), 1, 'cjib'),
  ]);
  expect(answers).toMatchObject([{ ok: true }, { ok: false, error: 'version-mismatch' }]);
});
