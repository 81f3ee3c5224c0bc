import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { TrackFeature } from '../../server/adapters/http-track.ts';
import type { Alert, AlertEvent } from '../../shared/alert.ts';
import type { Device } from '../../shared/device.ts';
import { toInstant } from '../../shared/instant.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { newDatabase } from '../support/postgres-places.ts';
import { type Page, type ServerProcess, startServer } from '../support/server-process.ts';
import { registerPair, spot } from './case-world.ts';
import {
  brokerOf,
  connectDevice,
  type DeviceClient,
  eventOf,
  positionAt,
} from './device-client.ts';

let server: ServerProcess;
let postgres: Postgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterEach(() => server?.remove());
afterAll(() => postgres?.stop());

/** What the server is told of its store. */
const STORES = [
  ['SQLite', async () => ({})],
  ['PostgreSQL', async () => ({ CORDON_DATABASE_URL: await newDatabase(postgres) })],
] as const;

const HOME = spot(5_000, 5_000);
const NEARBY = spot(5_120, 5_000);
const AT_ONCE = 10;
/** So many are on disk before the power goes. */
const ACKED_BEFORE_KILL = 300;

/** Publishes as fast as the server acknowledges, until the connection breaks under it. */
async function publishUntilCut(device: DeviceClient, firstSeq: number): Promise<number> {
  let cut = false;
  const closed = new Promise<void>((resolve) =>
    device.mqtt.once('close', () => {
      cut = true;
      resolve();
    }),
  );
  let seq = firstSeq;
  while (!cut) {
    for (let i = 0; i < AT_ONCE; i++, seq++) {
      device.publish('position', positionAt(seq, NEARBY)).catch(() => {});
    }
    await Promise.race([device.ackOf(seq - 1), closed]);
  }
  return seq;
}

test.each(STORES)('[ST4] killed while devices publish to %s, it goes on', async (_, settingsOf) => {
  const env = await settingsOf();
  server = await startServer({ env });
  await registerPair(server, 'r');
  const desk = await server.openConsole();
  const phone = await connectDevice(brokerOf(server), 'phone-r');
  const ankle = await connectDevice(brokerOf(server), 'ankle-r');
  const fromMs = Date.now();
  await phone.deliver('position', positionAt(1, HOME));
  await phone.deliver('event', eventOf(2, 'sos'));
  await ankle.deliver('position', positionAt(1, NEARBY));
  const breach = await desk.alert('a breach', ({ stage }) => stage === 'breach');
  const { alertId } = breach;
  await desk.request({ type: 'acknowledge', alertId });
  const before = await openAlerts();

  const publishing = publishUntilCut(ankle, 2);
  await ankle.ackOf(ACKED_BEFORE_KILL);
  await server.kill();
  const nextSeq = await publishing;
  server = await startServer({ like: server, env });

  const order = await server.ask('operator', 'GET', '/v1/orders/o-r');
  expect(order.body).toMatchObject({ version: 1, status: 'active' });
  const devices = await server.ask<Page<Device>>('administrator', 'GET', '/v1/devices');
  expect(devices.body.items.map(({ deviceId }) => deviceId)).toEqual(['ankle-r', 'phone-r']);
  const after = await openAlerts();
  expect(facesOf(after)).toEqual(facesOf(before));
  expect(after.find((each) => each.alertId === alertId)).toMatchObject({
    state: 'acknowledged',
    acknowledgedBy: 'operator',
  });

  const kept = await positionsSince(fromMs);
  const lost = [...ankle.acked].filter((seq) => !kept.has(seq));
  expect(lost).toEqual([]);
  expect(ankle.acked.size).toBeGreaterThanOrEqual(ACKED_BEFORE_KILL);

  const again = await connectDevice(brokerOf(server), 'ankle-r');
  await again.deliver('position', positionAt(nextSeq, NEARBY));
  expect(facesOf(await openAlerts())).toEqual(facesOf(before));
  const path = `/v1/alerts/${alertId}/events`;
  const { body } = await server.ask<Page<AlertEvent>>('operator', 'GET', path);
  expect(body.items.filter(({ change }) => change === 'raised')).toHaveLength(1);
  await Promise.all([again.close(), phone.close(), ankle.close()]);
  expect(await server.interrupt()).toBe(0);
});

async function openAlerts(): Promise<readonly Alert[]> {
  const answer = await server.ask<Page<Alert>>('operator', 'GET', '/v1/alerts?state=open');
  return answer.body.items;
}

const facesOf = (alerts: readonly Alert[]) =>
  alerts.map(({ alertId, code, raisedAt }) => [alertId, code, raisedAt]);

/** Sequence numbers of all that the server has of the wearer. */
async function positionsSince(fromMs: number): Promise<Set<number>> {
  const window = `from=${toInstant(fromMs - 1_000)}&to=${toInstant(Date.now() + 1_000)}`;
  const path = `/v1/persons/w-r/positions?${window}&reason=after+the+power+cut`;
  const { body } = await server.ask<Page<TrackFeature>>('operator', 'GET', path);
  expect(body.next).toBeNull();
  return new Set(body.items.map(({ properties }) => properties.seq));
}
