import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { postgresStore } from '../server/adapters/store-postgres.ts';
import { sqliteStore } from '../server/adapters/store-sqlite.ts';
import { systemClock } from '../server/adapters/system-clock.ts';
import { DEFAULT_RULES } from '../server/core/case-state.ts';
import type { Bus, Store } from '../server/ports.ts';
import { Service } from '../server/service/service.ts';
import { fleetDeviceId, fleetPayload, fleetSetup } from '../device-sim/load-fleet.ts';
import { Device } from '../shared/device.ts';
import { topicOf } from '../shared/topics.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { newDatabase } from '../test/support/postgres-places.ts';
import { forgetfulStore } from './forgetful-store.ts';

/** Positions a second through the whole service, by what becomes of them. */
export interface DurableFigures {
  readonly name: string;
  readonly perSecond: number;
}

const DEVICES = 2_000;
/** Three of each device: with fewer the evaluation stands idle while a batch is being written. */
const UNDER_WAY_MAX = 6_000;
const TURN_MS = 4_000;
const TURNS = 5;

/** A broker that costs nothing: what is measured is all that comes after it. */
const DEAF_BUS: Bus = {
  start: async () => undefined,
  publish: () => undefined,
  close: async () => undefined,
};
const DEAF_METER = {
  message: () => {},
  rejected: () => {},
  evaluated: () => {},
  alertChanged: () => {},
  durable: () => {},
  held: () => {},
  consoles: () => {},
  consoleBehind: () => {},
  commanded: () => {},
  unsettled: () => {},
};
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

interface Running {
  readonly name: string;
  readonly service: Service;
  turn(): Promise<number>;
  stop(): Promise<void>;
}

async function running(name: string, store: Store): Promise<Running> {
  const clock = systemClock();
  const service = new Service({
    store,
    bus: DEAF_BUS,
    clock,
    meter: DEAF_METER,
    log: SILENT,
    rules: DEFAULT_RULES,
    approvalRequired: false,
    retentionMs: 86_400_000,
  });
  await service.start();
  const { devices, orders } = fleetSetup(DEVICES, clock.nowMs());
  for (const device of devices) await service.putDevice(Device.parse(device), 'bench');
  for (const order of orders) await service.putOrder(order, null, 'bench');
  const topics = devices.map((_, index) => topicOf(fleetDeviceId(index), 'position'));
  let seq = 0;
  return {
    name,
    service,
    async turn() {
      const begunMs = performance.now();
      let done = 0;
      const sendOn = async (): Promise<void> => {
        while (performance.now() - begunMs < TURN_MS) {
          const n = seq++;
          const index = n % DEVICES;
          const payload = fleetPayload(index, n, 'bench', clock.nowMs());
          await service.onMessage(topics[index]!, Buffer.from(payload));
          done += 1;
        }
      };
      await Promise.all(Array.from({ length: UNDER_WAY_MAX }, sendOn));
      return done / ((performance.now() - begunMs) / 1000);
    },
    async stop() {
      await service.stop();
      await store.close();
      clock.stop();
    },
  };
}

const middleOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Medians of turns that take turns, so that a slow minute of the machine is everybody's. */
export async function benchDurable(): Promise<readonly DurableFigures[]> {
  const dir = mkdtempSync(join(tmpdir(), 'cordon-bench-'));
  const postgres = await startPostgres();
  const all = [
    await running('not written at all', forgetfulStore()),
    await running('SQLite, every commit synced', await sqliteStore(dir)),
    await running(
      'PostgreSQL, synchronous_commit = on',
      await postgresStore(await newDatabase(postgres)),
    ),
  ];
  const rates = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const each of all) rates.get(each.name)!.push(await each.turn());
  }
  for (const each of all) await each.stop();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
  return all.map(({ name }) => ({ name, perSecond: middleOf(rates.get(name)!) }));
}
