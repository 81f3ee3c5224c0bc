import { describe, expect, test } from 'vitest';
import type { AlertChange } from '../../server/core/alert-record.ts';
import { toInstant } from '../../shared/instant.ts';
import { START_MS } from '../support/fake-store.ts';
import {
  guarded,
  NEAR_LON,
  orderOf,
  serviceWorld,
  type HeldStore,
  type ServiceWorld,
} from '../support/service-world.ts';

const POSITION = 'cordon/v1/ankle/position';
const GOOD = { time: toInstant(START_MS), lon: 6, lat: 52 };

const journal = ({ written }: HeldStore): string[] =>
  written
    .flatMap((entry): AlertChange[] => (entry.type === 'alert-change' ? [entry.change] : []))
    .map(({ change, record }) => `${record.code} ${change}`);

/** All known, he far away, and nothing sent yet that a test must look past. */
async function calm(): Promise<ServiceWorld> {
  const world = await guarded(await serviceWorld());
  world.published.length = 0;
  return world;
}

describe('acknowledgements', () => {
  test('[FX5] name all that is on disk and all that was refused for good, by boot', async () => {
    const world = await calm();
    await world.send(POSITION, [
      { ...GOOD, seq: 1 },
      { ...GOOD, seq: 2, lat: 99 },
      { ...GOOD, seq: 3, speed: -1 },
      { ...GOOD, seq: 1, boot: 'b' },
      'nonsense',
    ]);
    expect(world.published).toEqual([
      { topic: 'cordon/v1/ankle/ack', payload: { seqs: [1, 3, 2] } },
      { topic: 'cordon/v1/ankle/ack', payload: { seqs: [1], boot: 'b' } },
    ]);
    expect(world.refused).toEqual(['invalid-position', 'field-ignored', 'invalid-position']);
  });

  test('[FX5] events too, and doubles', async () => {
    const world = await calm();
    await world.event('phone', 4, 'sos');
    await world.event('phone', 4, 'sos');
    expect(world.acks().map(({ payload }) => payload)).toEqual([{ seqs: [4] }, { seqs: [4] }]);
    expect(world.heard).toHaveLength(1);
  });

  test('[FX5, IN4] an unknown device gets none: it may be registered in a minute', async () => {
    const world = await calm();
    const kept = world.store.written.length;
    await world.position('stranger', 1, 5);
    expect([world.published, world.refused]).toEqual([[], ['unknown-device']]);
    expect(world.store.written.slice(kept).map(({ type }) => type)).toEqual(['rejection']);
  });
});

describe('what was refused', () => {
  test('[IN1] is kept, cut to what shows the fault', async () => {
    const world = await calm();
    await world.send(POSITION, 'x'.repeat(70_000));
    const kept = world.store.written.at(-1);
    expect(kept).toMatchObject({ type: 'rejection', reason: 'payload-too-large', topic: POSITION });
    expect(kept).toHaveProperty('payload', expect.stringMatching(/^.{2000}$/));
  });

  test('[IN1] stops nothing when it cannot be kept', async () => {
    const world = await calm();
    world.store.failing = true;
    await world.send(POSITION, { seq: 1 });
    expect(world.published.map(({ payload }) => payload)).toEqual([{ seqs: [1] }]);
  });
});

describe('an alert that cannot be written', () => {
  test('[ST3] is owed, and goes before the next write', async () => {
    const world = await calm();
    world.store.failing = true;
    await world.position('ankle', 7, NEAR_LON).catch(() => undefined);
    await world.event('phone', 8, 'sos').catch(() => undefined);
    expect(journal(world.store)).toEqual([]);
    world.store.failing = false;
    await world.position('phone', 9, 5);
    expect(journal(world.store)).toEqual(['contact-ban raised', 'sos raised']);
  });

  test('[ST3] is owed once', async () => {
    const world = await calm();
    world.store.failing = true;
    await world.event('phone', 8, 'sos').catch(() => undefined);
    await world.position('phone', 9, 5).catch(() => undefined);
    world.store.failing = false;
    await world.position('phone', 10, 5);
    await world.position('phone', 11, 5);
    expect(journal(world.store)).toEqual(['sos raised']);
  });

  test('[ST3] an act is owed too, and done twice it is told as done', async () => {
    const world = await calm();
    await world.event('phone', 8, 'sos');
    const { alertId } = world.heard[0]!;
    world.store.failing = true;
    const close = { type: 'close', finding: 'test' } as const;
    expect(await world.service.act(alertId, close, 'anna')).toMatchObject({
      error: 'store-failing',
    });
    world.store.failing = false;
    await world.position('phone', 9, 5);
    expect(journal(world.store)).toEqual(['sos raised', 'sos closed']);
  });

  test('[ST3] what no retry can write is not tried again', async () => {
    const world = await calm();
    const { append } = world.store;
    world.store.append = () =>
      Promise.reject(Object.assign(new Error('bad'), { name: 'BadEntryError' }));
    await world.event('phone', 8, 'sos').catch(() => undefined);
    world.store.append = append;
    await world.position('phone', 9, 5);
    expect(journal(world.store)).toEqual([]);
  });
});

describe('acts', () => {
  test('[AC5] on what never was, and on what is closed, are told apart', async () => {
    const world = await calm();
    await world.event('phone', 8, 'sos');
    const alert = world.heard[0]!;
    const acknowledge = { type: 'acknowledge' } as const;
    const { service, store } = world;
    expect(await service.act('nothing', acknowledge, 'anna')).toMatchObject({
      error: 'unknown-alert',
    });
    await service.act(alert.alertId, { type: 'close', finding: 'test' }, 'anna');
    store.alert = async (alertId) => (alertId === alert.alertId ? alert : null);
    expect(await service.act(alert.alertId, acknowledge, 'anna')).toMatchObject({
      error: 'alert-closed',
    });
  });

  test('[AC5] that are refused are told to nobody', async () => {
    const world = await calm();
    await world.event('phone', 8, 'sos');
    const shelve = { type: 'shelve', minutes: 5, reason: 'test' } as const;
    const answer = await world.service.act(world.heard[0]!.alertId, shelve, 'anna');
    expect(answer).toMatchObject({ error: 'priority-1-not-shelvable' });
    expect(world.heard).toHaveLength(1);
  });
});

describe('a restart', () => {
  const later = (world: ServiceWorld, ms: number) =>
    serviceWorld(world.store, { startMs: world.clock.nowMs() + ms });

  test('[ST4] keeps what was acknowledged acknowledged, and closed closed', async () => {
    const world = await calm();
    await world.event('phone', 8, 'sos');
    await world.position('ankle', 9, NEAR_LON);
    const [sos, contact] = world.heard;
    await world.service.act(contact!.alertId, { type: 'acknowledge' }, 'anna');
    await world.service.act(sos!.alertId, { type: 'close', finding: 'test' }, 'anna');
    const after = await later(world, 2_000);
    after.clock.advance(5_000);
    expect(after.service.openAlerts()).toMatchObject([
      { alertId: contact!.alertId, state: 'acknowledged', acknowledgedBy: 'anna' },
    ]);
  });

  test('[ST4] goes on counting episodes', async () => {
    const world = await calm();
    await world.event('phone', 8, 'sos');
    const [first] = world.heard;
    await world.service.act(first!.alertId, { type: 'close', finding: 'test' }, 'anna');
    const after = await later(world, 2_000);
    await after.event('phone', 9, 'sos');
    const [second] = after.service.openAlerts();
    expect(second!.alertId).not.toBe(first!.alertId);
  });

  test('[ST4] knows again where they were: a breach is told by the first tick', async () => {
    const world = await calm();
    await world.position('ankle', 9, 5.0081);
    expect(world.heard.map(({ stage }) => stage)).toEqual(['approach']);
    const after = await later(world, 2_000);
    expect(await after.service.putOrder(orderOf(900), 1, 'cjib')).toMatchObject({ ok: true });
    expect(after.heard.at(-1)).toMatchObject({ code: 'contact-ban', stage: 'breach' });
  });

  test('[ST4] takes doubles of before for what they are', async () => {
    const world = await calm();
    await world.position('ankle', 9, 6);
    const after = await later(world, 2_000);
    await after.send(POSITION, { ...GOOD, seq: 9, lon: 5 });
    expect(after.heard).toEqual([]);
  });

  test('[SY1] clears a fault that stood when the last process ended', async () => {
    const world = await calm();
    world.link('down', 'gone');
    world.clock.advance(6_000);
    const after = await later(world, 2_000);
    after.clock.advance(1_000);
    const found = after.service.openAlerts().filter(({ code }) => code === 'broker-lost');
    expect(found.map(({ state }) => state)).toEqual(['cleared-unacknowledged']);
  });
});
