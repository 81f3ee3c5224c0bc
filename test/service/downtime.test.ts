import { describe, expect, test } from 'vitest';
import { GAP_TOLD_AFTER_MS } from '../../server/service/presence.ts';
import { toInstant } from '../../shared/instant.ts';
import { guarded, serviceWorld, type ServiceWorld } from '../support/service-world.ts';

const later = (world: ServiceWorld, ms: number): Promise<ServiceWorld> =>
  serviceWorld(world.store, { startMs: world.clock.nowMs() + ms });

const codes = (world: ServiceWorld): string[] => world.heard.map(({ code }) => code);

describe('time that passed while nobody watched', () => {
  test('[ST6] [SY5] is told as a gap with its bounds, over but to be acknowledged', async () => {
    const world = await guarded(await serviceWorld());
    world.clock.advance(250);
    await Promise.resolve();
    const stoppedMs = world.clock.nowMs();
    const after = await later(world, 600_000);
    after.clock.advance(250);
    const gap = after.service.openAlerts().find(({ code }) => code === 'gap-possible');
    expect(gap).toMatchObject({
      state: 'cleared-unacknowledged',
      priority: 2,
      basis: {
        reason: 'was-down',
        detail: { from: toInstant(stoppedMs), until: toInstant(stoppedMs + 600_000) },
      },
    });
  });

  test('[SY5] is no gap when it was short', async () => {
    const world = await guarded(await serviceWorld());
    world.clock.advance(250);
    await Promise.resolve();
    const after = await later(world, GAP_TOLD_AFTER_MS - 1);
    after.clock.advance(1_000);
    expect(codes(after)).toEqual([]);
  });

  test('[ST6] is no silence of a device that was heard to the last', async () => {
    const world = await guarded(await serviceWorld());
    const after = await later(world, 3_600_000);
    after.clock.advance(89_000);
    expect(codes(after)).not.toContain('silent');
    after.clock.advance(3_000);
    expect(codes(after)).toContain('silent');
  });

  test('[ST6] adds to a silence that had begun before', async () => {
    const world = await guarded(await serviceWorld());
    for (let s = 0; s < 80; s++) {
      world.clock.advance(1_000);
      await Promise.resolve();
    }
    const after = await later(world, 3_600_000);
    after.clock.advance(7_000);
    expect(codes(after)).not.toContain('silent');
    after.clock.advance(11_000);
    expect(codes(after)).toContain('silent');
  });
});

describe('a console that comes back after a restart', () => {
  test('[WS3] gets what it missed, and only that', async () => {
    const world = await guarded(await serviceWorld());
    await world.event('phone', 2, 'sos');
    const { epoch, seq } = world.service.feed;
    await world.event('phone', 3, 'strap-tamper');
    const after = await later(world, 2_000);
    expect(after.service.feed.epoch).not.toBe(epoch);
    expect(after.service.feed.since(epoch, seq)?.map((item) => item.seq)).toEqual([seq + 1]);
    expect(after.service.feed.since(epoch, seq + 1)).toEqual([]);
    await after.event('phone', 4, 'case-tamper');
    expect(after.service.feed.since(epoch, seq + 1)?.map((item) => item.seq)).toEqual([seq + 2]);
  });

  test('[WS3] that heard what was never written gets a snapshot', async () => {
    const world = await guarded(await serviceWorld());
    await world.event('phone', 2, 'sos');
    world.store.failing = true;
    await world.event('phone', 3, 'strap-tamper').catch(() => undefined);
    const { epoch, seq } = world.service.feed;
    world.store.failing = false;
    const after = await later(world, 2_000);
    await after.event('phone', 4, 'case-tamper');
    await after.event('phone', 5, 'power-off');
    expect(after.service.feed.seq).toBeGreaterThan(seq);
    expect(after.service.feed.since(epoch, seq)).toBeNull();
    expect(after.service.feed.since(epoch, seq - 1)).not.toBeNull();
  });
});
