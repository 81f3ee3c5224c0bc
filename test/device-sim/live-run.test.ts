import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Aedes, type AedesPublishPacket } from 'aedes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLiveRun } from '../../device-sim/live-run.ts';
import { fleetDeviceId, fleetIndex, fleetSetup } from '../../device-sim/load-fleet.ts';
import { runLoad } from '../../device-sim/load-run.ts';
import { type Connection, openConnection, systemClock } from '../../device-sim/mqtt-connection.ts';
import { NETWORK } from '../../device-sim/network.ts';
import { loadScenario } from '../../device-sim/scenario-file.ts';
import { plansOf } from '../../device-sim/scenario-plans.ts';
import { IDEAL_UPLINK } from '../../device-sim/uplink.ts';
import { CourtOrder } from '../../shared/court-order.ts';
import { Position } from '../../shared/device-message.ts';

type Heard = { topic: string; payload: unknown; retain: boolean };

let broker: Aedes;
let server: Server;
let url: string;
let heard: Heard[];
let wanted: { met: () => boolean; resolve: () => void }[];

/**
 * Resolves as soon as what the broker has heard is enough; the test's own time-out is the limit.
 */
function until(met: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (met()) resolve();
    else wanted.push({ met, resolve });
  });
}

function tell(topic: string, payload: object): void {
  const packet = { cmd: 'publish', topic, payload: JSON.stringify(payload), qos: 1 } as const;
  broker.publish({ ...packet, retain: false, dup: false }, () => {});
}

function hear({ topic, payload, retain }: AedesPublishPacket): void {
  if (!topic.startsWith('cordon/v1/')) return;
  const [, , deviceId, channel] = topic.split('/');
  if (channel === 'ack' || channel === 'command') return;
  const body: unknown = JSON.parse(payload.toString());
  heard.push({ topic, payload: body, retain });
  if (channel === 'position') {
    const seqs = ([body].flat() as Position[]).map(({ seq }) => seq);
    tell(`cordon/v1/${deviceId}/ack`, { seqs });
  }
  for (const wish of wanted.filter(({ met }) => met())) wish.resolve();
  wanted = wanted.filter(({ met }) => !met());
}

beforeEach(async () => {
  broker = await Aedes.createBroker();
  heard = [];
  wanted = [];
  broker.on('publish', hear);
  server = createServer(broker.handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await new Promise<void>((resolve) => broker.close(() => resolve()));
  server.close();
});

const onTopic = (topic: string): Heard[] => heard.filter((message) => message.topic === topic);

test('head-on over a real broker: online, positions, receipts, acknowledged, offline', async () => {
  const loaded = loadScenario('head-on');
  if (!loaded.ok) throw new Error(loaded.error);
  const { scenario, tracks } = loaded.value;
  const wish = { startMs: systemClock.nowMs(), seed: 1, pace: 5, uplink: IDEAL_UPLINK };
  const plans = plansOf(scenario, tracks, wish).map((plan) => ({
    ...plan,
    reportIntervalMs: 1_000,
  }));
  const live = startLiveRun({
    plans,
    seed: 1,
    broker: { url },
    clock: systemClock,
    connect: openConnection,
    settings: { ...NETWORK, ...IDEAL_UPLINK },
    onTrouble: (text) => expect.fail(text),
  });
  const ids = ['ankle-head-on', 'victim-head-on'];
  await until(() => ids.every((id) => onTopic(`cordon/v1/${id}/position`).length >= 3));
  for (const id of ids) {
    expect(onTopic(`cordon/v1/${id}/status`)[0]).toMatchObject({ payload: { state: 'online' } });
    const positions = onTopic(`cordon/v1/${id}/position`).flatMap(({ payload }) => payload);
    for (const position of positions) Position.parse(position);
  }
  tell('cordon/v1/victim-head-on/command', { id: 'c-1', kind: 'vibrate' });
  await until(() => onTopic('cordon/v1/victim-head-on/receipt').length > 0);
  expect(live.counts()).toMatchObject({ devices: 2, connected: 2 });
  expect(live.counts().unacknowledged).toBeLessThanOrEqual(2);
  await live.stop();
  await until(() => ids.every((id) => onTopic(`cordon/v1/${id}/status`).length >= 2));
  for (const id of ids) {
    expect(onTopic(`cordon/v1/${id}/status`).at(-1)).toMatchObject({
      payload: { state: 'offline' },
    });
  }
});

test('a connection that breaks leaves the last will, retained', async () => {
  const loaded = loadScenario('tamper');
  if (!loaded.ok) throw new Error(loaded.error);
  const { scenario, tracks } = loaded.value;
  const wish = { startMs: systemClock.nowMs(), seed: 1, pace: 1, uplink: IDEAL_UPLINK };
  const live = startLiveRun({
    plans: plansOf(scenario, tracks, wish).slice(0, 1),
    seed: 1,
    broker: { url },
    clock: systemClock,
    connect: openConnection,
    settings: { ...NETWORK, ...IDEAL_UPLINK },
    onTrouble: () => {},
  });
  const status = 'cordon/v1/ankle-tamper/status';
  await until(() => onTopic(status).length === 1);
  const clients = (broker as unknown as { clients: Record<string, { conn: { destroy(): void } }> })
    .clients;
  clients['ankle-tamper']!.conn.destroy();
  await until(() => onTopic(status).length >= 3);
  expect(onTopic(status).map(({ payload, retain }) => ({ payload, retain }))).toMatchObject([
    { payload: { state: 'online' }, retain: true },
    { payload: { state: 'offline' }, retain: true },
    { payload: { state: 'online' }, retain: true },
  ]);
  await live.stop();
});

test('nothing listening is said in plain words, and ends politely', async () => {
  let connection: Connection | null = null;
  const reason = await new Promise<string>((resolve) => {
    connection = openConnection({
      broker: { url: 'mqtt://127.0.0.1:1' },
      clientId: 'x',
      clean: true,
      topics: [],
      onUp: () => resolve('up'),
      onDown: () => {},
      onMessage: () => {},
      onTrouble: resolve,
    });
  });
  expect(reason).toBe('connection refused: nothing listens at mqtt://127.0.0.1:1');
  await (connection as Connection | null)?.close();
});

test('load: every position sent is acknowledged and timed', async () => {
  const summary = await runLoad({
    devices: 200,
    ratePerS: 500,
    seconds: 1,
    connections: 4,
    broker: { url },
    clock: systemClock,
    connect: openConnection,
    onProgress: () => {},
    onTrouble: (text) => expect.fail(text),
    signal: new AbortController().signal,
  });
  if (!summary.ok) throw new Error(summary.error);
  const { sent, acked, withheld, latencyMs } = summary.value;
  expect(sent).toBe(500);
  expect(acked).toBe(500);
  expect(withheld).toBe(0);
  expect(latencyMs.p99).toBeGreaterThanOrEqual(latencyMs.p50!);
});

test('the fleet has an order for every pair, and finds its devices by name', () => {
  const { devices, orders } = fleetSetup(10, Date.UTC(2026, 10, 23));
  expect(devices).toHaveLength(10);
  expect(orders.map((order) => CourtOrder.safeParse(order).success)).toEqual(Array(5).fill(true));
  for (let index = 0; index < 10; index++) expect(fleetIndex(fleetDeviceId(index))).toBe(index);
  expect(fleetIndex('ankle-demo-1')).toBeNull();
});
