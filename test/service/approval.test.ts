import { expect, test } from 'vitest';
import type { OrderStep } from '../../server/kept.ts';

import { guarded, heldStore, NEAR_LON, orderOf, serviceWorld } from '../support/service-world.ts';

/** Orders need a second person's yes; this one was written by `cjib`. */
const written = async () => guarded(await serviceWorld(heldStore(), { approvalRequired: true }));

test('[OR5] what nobody has approved does not work by being suspended and resumed', async () => {
  const world = await written();
  const step = (what: OrderStep) => world.service.stepOrder('order-1', what, null, 'cjib');
  await step('suspension');
  expect(await step('resumption')).toMatchObject({ value: { status: 'awaiting-approval' } });
  await world.position('ankle', 7, NEAR_LON);
  expect(world.heard).toEqual([]);
});

test('[OR5] nor does an amendment, and its writer cannot approve it after that', async () => {
  const world = await written();
  const { service } = world;
  await service.stepOrder('order-1', 'approval', null, 'approver');
  await service.putOrder(orderOf(900), 2, 'cjib');
  await service.stepOrder('order-1', 'suspension', null, 'approver');
  const resumed = await service.stepOrder('order-1', 'resumption', null, 'approver');
  expect(resumed).toMatchObject({ value: { status: 'awaiting-approval' } });
  expect(await service.stepOrder('order-1', 'approval', null, 'cjib')).toMatchObject({
    error: 'same-person',
  });
  expect(await service.stepOrder('order-1', 'approval', null, 'approver')).toMatchObject({
    value: { status: 'active' },
  });
});

test('[OR5] what was approved is resumed without asking again', async () => {
  const { service } = await written();
  await service.stepOrder('order-1', 'approval', null, 'approver');
  await service.stepOrder('order-1', 'suspension', null, 'cjib');
  expect(await service.stepOrder('order-1', 'resumption', null, 'cjib')).toMatchObject({
    value: { status: 'active' },
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
