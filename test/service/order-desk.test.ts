import { describe, expect, test } from 'vitest';
import type { OrderId } from '../../shared/ids.ts';
import type { ServiceWorld } from '../support/service-world.ts';
import {
  guarded,
  heldStore,
  NEAR_LON,
  ORDER_1,
  orderOf,
  serviceWorld,
  taken,
} from '../support/service-world.ts';

const version = (world: ServiceWorld): number =>
  Math.max(
    ...world.store.written.map((entry) => (entry.type === 'order-version' ? entry.version : 0)),
  );
const standing = (world: ServiceWorld): number =>
  world.service.openAlerts().filter((alert) => alert.clearedAt === null).length;

describe('an order', () => {
  test('[OR1] works only once it is on disk', async () => {
    const world = await serviceWorld();
    world.store.held = true;
    let answered = false;
    const put = world.service.putOrder(orderOf(500), null, 'cjib').then((answer) => {
      answered = true;
      return answer;
    });
    // The queue of the order hands over in a microtask of its own.
    await Promise.resolve();
    await Promise.resolve();
    expect(answered).toBe(false);
    world.store.release();
    expect(await put).toMatchObject({ ok: true, value: { created: true } });
  });

  test('[CI8] keeps the signature that it came with, and none where it came without', async () => {
    const world = await serviceWorld();
    await world.service.putOrder(orderOf(500), null, 'cjib', 'head.payload.signature');
    await world.service.putOrder(orderOf(600), 1, 'cjib');
    const kept = world.store.written.filter((entry) => entry.type === 'order-version');
    expect(kept.map(({ signature }) => signature)).toEqual(['head.payload.signature', undefined]);
  });

  test('[OR1] that cannot be written does not work, and the answer says so', async () => {
    const world = await guarded(await serviceWorld(), 10);
    world.store.failing = true;
    expect(await world.service.putOrder(orderOf(500), 1, 'cjib')).toEqual({
      ok: false,
      error: 'store-failing',
    });
    world.store.failing = false;
    await world.position('ankle', 7, NEAR_LON);
    expect(standing(world)).toBe(0);
  });

  test('[OR2] put again unchanged is the same version, without If-Match', async () => {
    const world = await guarded(await serviceWorld());
    const again = await world.service.putOrder(orderOf(500), null, 'cjib');
    expect(again).toMatchObject({ ok: true, value: { created: false, stored: { version: 1 } } });
    expect(version(world)).toBe(1);
  });

  test.each([
    ['without a version', null, 'version-required'],
    ['with an old one', 7, 'version-mismatch'],
  ] as const)('[OR2] is not replaced %s', async (_, ifMatch, error) => {
    const world = await guarded(await serviceWorld());
    const put = await world.service.putOrder(orderOf(600), ifMatch, 'cjib');
    expect(put).toEqual({ ok: false, error });
  });

  test('[OR3] replaced while he is near: the alert of the ban that stays goes on', async () => {
    const world = await guarded(await serviceWorld());
    await world.position('ankle', 7, NEAR_LON);
    const [alert] = world.service.openAlerts();
    await world.service.putOrder(orderOf(400), 1, 'cjib');
    expect(world.service.openAlerts().map(({ alertId }) => alertId)).toEqual([alert?.alertId]);
  });

  test('[OR6] withdrawn is for ever, and its alert clears at once', async () => {
    const world = await guarded(await serviceWorld());
    await world.position('ankle', 7, NEAR_LON);
    expect(standing(world)).toBe(1);
    await world.service.stepOrder(ORDER_1, taken('withdrawal', 'cjib', 'ended'));
    expect(standing(world)).toBe(0);
    const { service } = world;
    expect(await service.putOrder(orderOf(500), 2, 'cjib')).toMatchObject({
      error: 'order-withdrawn',
    });
    expect(await service.stepOrder(ORDER_1, taken('resumption', 'cjib', null))).toMatchObject({
      error: 'order-withdrawn',
    });
  });

  test('[OR6] only what is suspended is resumed, only what awaits it approved', async () => {
    const world = await guarded(await serviceWorld());
    const { service } = world;
    expect(await service.stepOrder(ORDER_1, taken('resumption', 'cjib', null))).toMatchObject({
      error: 'order-not-suspended',
    });
    expect(await service.stepOrder(ORDER_1, taken('approval', 'approver', null))).toMatchObject({
      error: 'already-approved',
    });
    expect(
      await service.stepOrder('nothing' as OrderId, taken('approval', 'approver', null)),
    ).toMatchObject({
      error: 'unknown-order',
    });
  });
});

describe('four eyes', () => {
  test('[OR5] a new order waits for a second person, who did not write it', async () => {
    const world = await guarded(await serviceWorld(heldStore(), { approvalRequired: true }));
    await world.position('ankle', 7, NEAR_LON);
    expect(standing(world)).toBe(0);
    expect(await world.service.stepOrder(ORDER_1, taken('approval', 'cjib', null))).toMatchObject({
      error: 'same-person',
    });
    await world.service.stepOrder(ORDER_1, taken('approval', 'approver', null));
    expect(standing(world)).toBe(1);
  });

  test('[OR4] an amendment waits, the version before it goes on, over a restart too', async () => {
    const store = heldStore();
    const world = await guarded(await serviceWorld(store, { approvalRequired: true }));
    await world.service.stepOrder(ORDER_1, taken('approval', 'approver', null));
    await world.service.putOrder(orderOf(10), 2, 'cjib');
    await world.position('ankle', 7, NEAR_LON);
    expect(standing(world)).toBe(1);
    const after = await serviceWorld(store, {
      approvalRequired: true,
      startMs: world.clock.nowMs() + 1_000,
    });
    await after.position('ankle', 8, NEAR_LON);
    expect(standing(after)).toBe(1);
  });
});
