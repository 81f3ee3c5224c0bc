import { describe, expect, test } from 'vitest';
import type { Alert } from '../../shared/alert.ts';
import { toInstant } from '../../shared/instant.ts';
import { guarded, heldStore, serviceWorld, type ServiceWorld } from '../support/service-world.ts';

const gapsIn = ({ heard }: ServiceWorld): Alert[] =>
  heard.filter(({ basis }) => basis.detail['about'] === 'broker-session');

/** Its newest state, with the time in which messages may be missing. */
function gapIn(world: ServiceWorld) {
  const { alertId, state, priority, basis } = gapsIn(world).at(-1)!;
  return { alertId, state, priority, reason: basis.reason, detail: basis.detail };
}

function lose(
  world: ServiceWorld,
  unheardMs: number | null,
  brokerAgeMs: number | null = null,
): string {
  world.sessionLost(unheardMs, brokerAgeMs);
  world.clock.advance(1_000);
  return toInstant(world.clock.nowMs() - 1_000);
}

describe('a broker that lost our session', () => {
  test('[SY1] is told within a second, over at once, and asks to be acknowledged', async () => {
    const world = await guarded(await serviceWorld());
    world.clock.advance(60_000);
    const until = lose(world, 20_000);
    expect(gapsIn(world).map(({ state }) => state)).toEqual([
      'unacknowledged',
      'cleared-unacknowledged',
    ]);
    const from = toInstant(world.clock.nowMs() - 21_000);
    expect(gapIn(world)).toMatchObject({
      priority: 2,
      reason: 'session-lost',
      detail: { from, until },
    });
    expect(world.service.health().ready).toBe(true);
  });

  test('[EP6] again within ten minutes is the same alert, to be acknowledged anew', async () => {
    const world = await guarded(await serviceWorld());
    world.clock.advance(60_000);
    lose(world, 20_000);
    const first = gapIn(world);
    world.clock.advance(300_000);
    const until = lose(world, 5_000);
    const second = gapIn(world);
    expect(second).toMatchObject({
      alertId: first.alertId,
      state: 'cleared-unacknowledged',
      detail: { from: toInstant(world.clock.nowMs() - 6_000), until },
    });
  });

  test('[EP6, EP7] once it was acknowledged, or later, the next is an alert of its own', async () => {
    const world = await guarded(await serviceWorld());
    const told = new Set<string>();
    for (const laterMs of [60_000, 700_000, 1_000]) {
      world.clock.advance(laterMs);
      lose(world, 500);
      const { alertId } = gapIn(world);
      expect(told).not.toContain(alertId);
      told.add(alertId);
      await world.service.act(alertId, { type: 'acknowledge' }, 'anna');
      expect(gapIn(world).state).toBe('cleared');
    }
  });

  test('[SY1] before the first connection counts from when this server last ran', async () => {
    const before = await guarded(await serviceWorld());
    const lastMs = before.clock.nowMs();
    const after = await serviceWorld(before.store, { startMs: lastMs + 3_600_000 });
    const until = lose(after, null);
    expect(gapIn(after).detail).toMatchObject({ from: toInstant(lastMs), until });
  });

  test('[SY1] a broker that began anew after this server last ran may have lost something', async () => {
    const before = await guarded(await serviceWorld());
    const startMs = before.clock.nowMs() + 60_000;
    const older = await serviceWorld(before.store, { startMs });
    lose(older, null, 61_000);
    expect(gapsIn(older)).toEqual([]);
    const younger = await serviceWorld(before.store, { startMs: startMs + 10_000 });
    lose(younger, null, 5_000);
    expect(gapIn(younger)).toMatchObject({ reason: 'session-lost' });
  });

  test('[SY1] is nothing to a server that never ran', async () => {
    const world = await serviceWorld(heldStore());
    lose(world, null);
    expect(gapsIn(world)).toEqual([]);
  });
});
