import { describe, expect, test } from 'vitest';
import type { SystemFault } from '../../server/core/case-event.ts';
import { FEED_ITEMS_MAX } from '../../server/service/alert-feed.ts';
import { BROKER_GRACE_MS, LATE_FOR_MS, LATE_MS } from '../../server/service/system-watch.ts';
import { ANKLE, guarded, heldStore, NEAR_LON, serviceWorld } from '../support/service-world.ts';

const stages = (alerts: readonly { stage: unknown }[]): unknown[] => alerts.map((a) => a.stage);
const codes = (alerts: readonly { code: string; state: string }[]): string[] =>
  alerts.map(({ code, state }) => `${code} ${state}`);

describe('a breach', () => {
  test('[ST1] [ST2] is told before it is written, and acknowledged only after', async () => {
    const world = await guarded(await serviceWorld());
    const acksBefore = world.acks().length;
    world.store.held = true;
    const taken = world.position('ankle', 7, NEAR_LON);
    expect(stages(world.heard)).toEqual(['breach']);
    expect(world.acks()).toHaveLength(acksBefore);
    world.store.release();
    await taken;
    expect(world.acks().at(-1)).toEqual({
      topic: 'cordon/v1/ankle/ack',
      payload: { seqs: [7] },
    });
  });

  test('[ST1] [ST3] is told though the disk is full, and written when it is sent again', async () => {
    const world = await guarded(await serviceWorld());
    const acksBefore = world.acks().length;
    world.store.failing = true;
    await expect(world.position('ankle', 7, NEAR_LON)).rejects.toThrow('disk full');
    expect(stages(world.heard)).toEqual(['breach']);
    expect(world.acks()).toHaveLength(acksBefore);
    world.store.failing = false;
    await world.position('ankle', 7, NEAR_LON);
    expect(world.acks().at(-1)?.payload).toEqual({ seqs: [7] });
    expect(stages(world.heard)).toEqual(['breach']);
    expect(world.store.written.at(-1)).toMatchObject({ type: 'position', fix: { seq: 7 } });
  });

  test('[ST4] that stood before a restart stands after it, and is not raised again', async () => {
    const store = heldStore();
    const before = await guarded(await serviceWorld(store));
    await before.position('ankle', 7, NEAR_LON);
    const [raised] = before.service.openAlerts();
    const startMs = before.clock.nowMs() + 5_000;
    const after = await serviceWorld(store, { startMs });
    await after.position('ankle', 8, NEAR_LON);
    expect(after.service.openAlerts().map((alert) => alert.alertId)).toEqual([raised?.alertId]);
    expect(after.heard.filter((alert) => alert.alertId !== raised?.alertId)).toEqual([]);
  });
});

describe('a device', () => {
  test('[ST5] is heard once its registration is on disk, and not before', async () => {
    const world = await serviceWorld();
    world.store.held = true;
    const put = world.service.putDevice(ANKLE, 'administrator');
    expect(world.service.devices()).toEqual([]);
    world.store.release();
    expect(await put).toEqual({ ok: true, value: { created: true } });
    expect(world.service.devices()).toEqual([ANKLE]);
  });

  test('[ST5] whose registration cannot be written is refused', async () => {
    const world = await serviceWorld();
    world.store.failing = true;
    const put = await world.service.putDevice(ANKLE, 'administrator');
    expect(put).toEqual({ ok: false, error: 'store-failing' });
    expect(world.service.devices()).toEqual([]);
  });
});

describe('Cordon’s own faults', () => {
  test('[SY2] a broker that is away for five seconds is lost, until it is back', async () => {
    const world = await serviceWorld();
    world.link('down', 'refused');
    world.clock.advance(BROKER_GRACE_MS - 250);
    expect(world.heard).toEqual([]);
    world.clock.advance(500);
    expect(codes(world.heard)).toEqual(['broker-lost unacknowledged']);
    expect(world.service.health().ready).toBe(false);
    world.link('up', 'connected');
    world.clock.advance(250);
    expect(codes(world.heard).at(-1)).toBe('broker-lost cleared-unacknowledged');
  });

  test('[SY3] a write that fails is told, and told to be over by the next that succeeds', async () => {
    const world = await guarded(await serviceWorld());
    world.store.failing = true;
    await expect(world.event('phone', 1, 'sos')).rejects.toThrow();
    world.clock.advance(250);
    expect(codes(world.heard)).toEqual(['sos unacknowledged', 'store-failing unacknowledged']);
    world.store.failing = false;
    await world.position('phone', 2, 5);
    world.clock.advance(250);
    expect(codes(world.heard).at(-1)).toBe('store-failing cleared-unacknowledged');
  });

  test('[SY4] time that was looked at three seconds late is told', async () => {
    const world = await serviceWorld();
    world.clock.advance(250);
    const late = world.clock.nowMs() + LATE_MS + 250;
    world.clock.stall(LATE_MS + 250);
    expect(world.clock.nowMs()).toBe(late);
    expect(codes(world.heard)).toEqual(['evaluator-late unacknowledged']);
    world.clock.advance(LATE_FOR_MS - 250);
    expect(codes(world.heard)).toEqual(['evaluator-late unacknowledged']);
    world.clock.advance(250);
    expect(codes(world.heard).at(-1)).toBe('evaluator-late cleared-unacknowledged');
  });

  test('[SY4] a late tick and a late event loop are one alert, which begins and ends once', async () => {
    const world = await serviceWorld();
    const loop = (standing: boolean): void =>
      world.service.report({ code: 'evaluator-late', standing, detail: 'loop 3000 ms late' });
    world.clock.advance(250);
    world.clock.stall(LATE_MS + 250);
    world.clock.advance(5_000);
    loop(true);
    world.clock.advance(LATE_FOR_MS);
    expect(codes(world.heard)).toEqual(['evaluator-late unacknowledged']);
    loop(false);
    loop(false);
    world.clock.advance(250);
    expect(codes(world.heard)).toEqual([
      'evaluator-late unacknowledged',
      'evaluator-late cleared-unacknowledged',
    ]);
  });
});

test('a part reports its fault: told once, again when it changes, and when it is over', async () => {
  const world = await serviceWorld();
  const near = { code: 'limit-near', about: 'disk', standing: true, detail: '75 %' } as const;
  const tell = (fault: SystemFault): void => {
    world.service.report(fault);
    world.clock.advance(250);
  };
  tell(near);
  tell(near);
  expect(codes(world.heard)).toEqual(['limit-near unacknowledged']);
  tell({ ...near, detail: '90 %', priority: 2 });
  expect(world.heard.at(-1)).toMatchObject({ priority: 2, basis: { detail: { about: 'disk' } } });
  tell({ ...near, standing: false });
  expect(codes(world.heard).at(-1)).toBe('limit-near cleared-unacknowledged');
});

describe('the feed', () => {
  test('[WS1] [WS2] gives what came after a number, in order, and nothing for strangers', async () => {
    const world = await guarded(await serviceWorld());
    await world.position('ankle', 7, NEAR_LON);
    await world.event('phone', 1, 'sos');
    const { feed } = world.service;
    expect(feed.since(feed.epoch, 0)?.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(feed.since(feed.epoch, 1)?.map(({ alert }) => alert.code)).toEqual(['sos']);
    expect(feed.since(feed.epoch, 2)).toEqual([]);
    expect(feed.since(feed.epoch, 3)).toBeNull();
    expect(feed.since('another', 1)).toBeNull();
  });

  test('[WS2] gives none when more was missed than it keeps', async () => {
    const world = await guarded(await serviceWorld());
    await world.event('phone', 1, 'sos');
    const { feed } = world.service;
    const [alert] = world.heard;
    for (let i = 0; i < 2 * FEED_ITEMS_MAX; i++) feed.publish(alert!);
    expect(feed.since(feed.epoch, 0)).toBeNull();
    expect(feed.since(feed.epoch, feed.seq - FEED_ITEMS_MAX)).toHaveLength(FEED_ITEMS_MAX);
  });
});
