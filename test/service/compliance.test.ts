import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Compliance } from '../../shared/compliance.ts';
import type { BanId, OrderId } from '../../shared/ids.ts';
import { sqliteStore } from '../../server/adapters/store-sqlite.ts';
import type { Store } from '../../server/ports.ts';
import { ComplianceDesk } from '../../server/service/compliance.ts';
import { APART, given, type Given, instant } from '../support/given.ts';
import { aChange, anAlert, closedBy, T0_MS } from '../support/store-samples.ts';

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cordon-compliance-'));
  store = await sqliteStore(dir);
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const written = (world: Given) =>
  store.append(world.told.map((change) => ({ type: 'alert-change', change, feed: null }) as const));
const complianceOf = (orderId: string, banIds = ['b1']) =>
  new ComplianceDesk(store).of(orderId as OrderId, banIds as BanId[]);

/** She stays; he is so far east of her from and until so many seconds after the start. */
function together(world: Given, fromS: number, untilS: number, eastM: number): Given {
  for (let s = fromS; s < untilS; s += 5) {
    world.fix('phone', s, { speed: 0 });
    world.fix('ankle', s + 1, { eastM, speed: 0 });
  }
  return world.at(untilS);
}

describe('compliance', () => {
  test('[FB8] of an encounter and an approach counts each once, by what it was at most', async () => {
    const world = given([APART]);
    together(world, 1, 300, 6_000);
    together(world, 900, 1_200, 800);
    together(world, 1_800, 3_000, 6_000);
    together(world, 3_600, 3_900, 100);
    together(world, 4_000, 4_300, 800);
    together(world, 4_900, 6_000, 6_000);
    const alerts = world.told.filter(({ change }) => change === 'raised').map((c) => c.record);
    expect(alerts.map(({ code }) => code)).toContain('contact-ban');
    const breaches = world.told.filter(({ record }) => record.stage === 'breach');
    const breachAt = new Date(breaches[0]!.atMs).toISOString();
    const { alertId } = breaches[0]!.record;
    world.act(alertId, { type: 'close', finding: 'breach-confirmed' }, 6_200, 'anna');
    await written(world);
    const compliance = Compliance.parse(await complianceOf('ord-1', ['b1', 'b2']));
    expect(compliance.total).toMatchObject({
      breaches: { possible: 0, likely: 0, certain: 1 },
      retrospectiveBreaches: { possible: 0, likely: 0, certain: 0 },
      firstBreachAt: breachAt,
      lastBreachAt: breachAt,
    });
    expect(compliance.total.approaches).toBe(
      new Set(
        world.told
          .filter(({ record }) => record.kind === 'contact' && record.alertId !== alertId)
          .map(({ record }) => record.alertId),
      ).size,
    );
    expect(compliance.total.approaches).toBeGreaterThan(0);
    expect(compliance.total.closed['breach-confirmed']).toBe(1);
    expect(compliance.bans[0]).toEqual({ banId: 'b1', ...compliance.total });
    expect(compliance.bans[1]).toMatchObject({ banId: 'b2', approaches: 0, firstBreachAt: null });
  });

  test('[FB8] counts a breach learnt late at the time it happened', async () => {
    const world = given([APART]);
    world.fixes('phone', 1, 300, 5).fix('ankle', 1, { eastM: 5_000 });
    for (let s = 100; s < 160; s += 5) {
      world.fix('ankle', 301, { eastM: 50, measuredS: s, seq: 1_000 + s });
    }
    world.at(400);
    await written(world);
    const { total } = await complianceOf('ord-1');
    const told = world.told.filter(({ record }) => record.retrospective);
    expect(told.length).toBeGreaterThan(0);
    const { retrospectiveBreaches: late } = total;
    expect(late.possible + late.likely + late.certain).toBe(1);
    expect(total.firstBreachAt! < instant(170)).toBe(true);
  });

  test('[FB8] holds no word that an operator wrote, no person and no place', async () => {
    const closed = { ...closedBy('anna', T0_MS + 1), closure: null };
    const closure = { finding: 'Piet de Vries at 5.12', by: 'anna', atMs: T0_MS };
    const record = anAlert('a', { ...closed, closure });
    await store.append([aChange(anAlert('a')), aChange(record, { change: 'closed' })]);
    const compliance = await complianceOf('order-1');
    expect(compliance.total.closed.other).toBe(1);
    const text = JSON.stringify(compliance);
    for (const secret of ['Piet', 'anna', '5.12', 'w-1', 'v-1', 'distance', '123']) {
      expect(text).not.toContain(secret);
    }
  });

  test('[FB8] counts the newest of very many, and says so', async () => {
    const raised = { priority: 2, stage: 'approach' } as const;
    const alerts = Array.from({ length: 450 }, (_, i) =>
      aChange(anAlert(`a-${i}`, { ...raised, raisedAtMs: T0_MS + i, banId: `b${i % 2}` as BanId })),
    );
    await store.append(alerts);
    const upTo = (max: number) => new ComplianceDesk(store, max).of('order-1' as OrderId, []);
    const counts = [449, 450, 451].map(async (max) => {
      const { total, complete } = await upTo(max);
      return [total.approaches, complete];
    });
    expect(await Promise.all(counts)).toEqual([
      [449, false],
      [450, true],
      [450, true],
    ]);
    expect((await upTo(450)).bans.map(({ approaches }) => approaches)).toEqual([225, 225]);
  });
});
