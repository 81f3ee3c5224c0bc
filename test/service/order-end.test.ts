import { describe, expect, test } from 'vitest';
import { toInstant } from '../../shared/instant.ts';
import type { Entry } from '../../server/ports.ts';
import { START_MS } from '../support/fake-store.ts';
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

/** In force until a minute after the start. */
const END_MS = START_MS + 60_000;
const ending = { ...orderOf(500), validUntil: toInstant(END_MS) };

const versions = (world: ServiceWorld): Extract<Entry, { type: 'order-version' }>[] =>
  world.store.written.flatMap((entry) => (entry.type === 'order-version' ? [entry] : []));
const standing = (world: ServiceWorld): number =>
  world.service.openAlerts().filter((alert) => alert.clearedAt === null).length;
/** A promise of the store's is kept a few turns later. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

async function withEnd(approvalRequired = false): Promise<ServiceWorld> {
  const made = await guarded(await serviceWorld(heldStore(), { approvalRequired }));
  await made.service.putOrder(ending, 1, 'cjib');
  return made;
}

describe('an order ends by itself', () => {
  test('[OR9] at its instant, as a version that nobody had to send', async () => {
    const made = await withEnd();
    made.clock.advance(59_000);
    await made.position('phone', 2, 5);
    await made.position('ankle', 7, NEAR_LON);
    expect(standing(made)).toBe(1);
    made.clock.advance(1_250);
    await settled();
    expect(standing(made)).toBe(0);
    expect(versions(made).at(-1)).toMatchObject({
      version: 3,
      status: 'expired',
      cause: 'expiry',
      by: 'cordon',
      order: ending,
    });
  });

  test('[OR9] once, and then it takes no more changes', async () => {
    const made = await withEnd();
    made.clock.advance(200_000);
    await settled();
    made.clock.advance(200_000);
    await settled();
    expect(versions(made).filter(({ status }) => status === 'expired')).toHaveLength(1);
    const later = { ...ending, validUntil: toInstant(END_MS + 86_400_000) };
    expect(await made.service.putOrder(later, 3, 'cjib')).toMatchObject({ error: 'order-expired' });
    expect(await made.service.stepOrder(ORDER_1, taken('withdrawal', 'cjib'))).toMatchObject({
      error: 'order-expired',
    });
  });

  test('[OR9] extended in time it goes on; the extension that still waits does not help', async () => {
    const later = { ...ending, validUntil: toInstant(END_MS + 60_000) };
    const extended = await withEnd();
    await extended.service.putOrder(later, 2, 'cjib');
    extended.clock.advance(61_000);
    await settled();
    expect(versions(extended).at(-1)).toMatchObject({ status: 'active' });

    const waiting = await withEnd(true);
    await waiting.service.stepOrder(ORDER_1, taken('approval', 'bea'));
    await waiting.service.putOrder(later, 3, 'cjib');
    waiting.clock.advance(61_000);
    await settled();
    expect(versions(waiting).at(-1)).toMatchObject({ status: 'expired', order: ending });
  });

  test('[OR9] what ended while the server was down is told at its start', async () => {
    const made = await withEnd();
    const after = await serviceWorld(made.store, { startMs: END_MS + 5_000 });
    after.clock.advance(1_000);
    await settled();
    expect(versions(after).at(-1)).toMatchObject({ status: 'expired', by: 'cordon' });
  });

  test('[OR9] a disk that fails puts the version off, not the end', async () => {
    const made = await withEnd();
    made.store.failing = true;
    made.clock.advance(61_000);
    await settled();
    expect(versions(made).at(-1)).toMatchObject({ status: 'active' });
    await made.position('ankle', 7, NEAR_LON).catch(() => undefined);
    expect(standing(made)).toBe(0);
    made.store.failing = false;
    made.clock.advance(11_000);
    await settled();
    expect(versions(made).at(-1)).toMatchObject({ status: 'expired' });
  });

  test('[OR9] what was measured before the end and comes after it is judged for its time', async () => {
    const made = await withEnd();
    const report = (deviceId: string, seq: number, atMs: number, lon: number): Promise<void> =>
      made.send(`cordon/v1/${deviceId}/position`, {
        seq,
        time: toInstant(atMs),
        lat: 52,
        lon,
        accuracy: 5,
        speed: 0,
      });
    for (let s = 5; s <= 90; s += 5) {
      made.clock.advance(5_000);
      await report('phone', s, made.clock.nowMs(), 5);
    }
    await settled();
    expect(versions(made).at(-1)).toMatchObject({ status: 'expired' });
    for (let s = 10; s <= 50; s += 5) await report('ankle', s, START_MS + s * 1_000, NEAR_LON);
    await report('ankle', 90, made.clock.nowMs(), 5.1);
    for (let s = 0; s < 60; s++) made.clock.advance(1_000);
    const bans = made.service.openAlerts().filter(({ code }) => code === 'contact-ban');
    expect(bans.map(({ retrospective }) => retrospective)).toEqual([true]);
  });
});
