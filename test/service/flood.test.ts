import { expect, test } from 'vitest';
import { ALLOWANCE } from '../../server/service/message-lane.ts';
import { guarded, NEAR_LON, serviceWorld, type ServiceWorld } from '../support/service-world.ts';

/** More than it may send at once, as fast as it can. */
async function flood(world: ServiceWorld, deviceId: string, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 500) {
    const some = Array.from({ length: 500 }, (_, i) => world.position(deviceId, sent + i, 6));
    await Promise.all(some);
  }
}

const tellsIn = ({ heard }: ServiceWorld): string[] =>
  heard
    .filter(({ code }) => code === 'device-flooding')
    .map(({ state, priority, basis }) => `${basis.detail['about']} ${state} ${priority}`);

test('[IN8] [FX5] a flood is handled to its last message, told, and over when it has calmed', async () => {
  const world = await guarded(await serviceWorld());
  world.published.length = 0;
  await flood(world, 'ankle', ALLOWANCE.burst + 1_000);
  expect(world.acks()).toHaveLength(ALLOWANCE.burst + 1_000);
  expect(world.held().refused).toBe(0);
  world.clock.advance(1_000);
  expect(tellsIn(world)).toEqual(['ankle unacknowledged 3']);
  world.clock.advance(60_000);
  expect(tellsIn(world).at(-1)).toBe('ankle cleared-unacknowledged 3');
});

test('[ST1] a breach is told in the call that brings it, while another device floods', async () => {
  const world = await guarded(await serviceWorld());
  await flood(world, 'phone', ALLOWANCE.burst);
  const flooding = Array.from({ length: 900 }, (_, i) => world.position('phone', 9_000 + i, 5));
  expect(world.heard).toEqual([]);
  void world.position('ankle', 7, NEAR_LON);
  expect(world.heard.map(({ code }) => code)).toContain('contact-ban');
  await Promise.all(flooding);
});

test('[SY1] a flood that was told by the last process is over with the next', async () => {
  const world = await guarded(await serviceWorld());
  await flood(world, 'ankle', ALLOWANCE.burst + 500);
  world.clock.advance(1_000);
  const after = await serviceWorld(world.store, { startMs: world.clock.nowMs() + 2_000 });
  after.clock.advance(1_000);
  expect(tellsIn(after)).toEqual(['ankle cleared-unacknowledged 3']);
});
