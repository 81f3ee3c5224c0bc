import { afterAll, beforeAll, expect, test } from 'vitest';
import { toInstant } from '../../shared/instant.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { registerPair, spot } from './case-world.ts';
import {
  brokerOf,
  connectDevice,
  type DeviceClient,
  eventOf,
  positionAt,
} from './device-client.ts';

let server: ServerProcess;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server?.remove());

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

test('[ST4] killed while devices publish, it goes on where it stopped', async () => {
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
  const before = (await server.ask('operator', 'GET', '/v1/alerts?state=open')).body.items;

  const publishing = publishUntilCut(ankle, 2);
  await ankle.ackOf(ACKED_BEFORE_KILL);
  await server.kill();
  const nextSeq = await publishing;
  server = await startServer({ like: server });

  const order = await server.ask('operator', 'GET', '/v1/orders/o-r');
  expect(order.body).toMatchObject({ version: 1, status: 'active' });
  const devices = (await server.ask('administrator', 'GET', '/v1/devices')).body.items;
  expect(devices.map(({ deviceId }: { deviceId: string }) => deviceId)).toEqual([
    'ankle-r',
    'phone-r',
  ]);
  const after = (await server.ask('operator', 'GET', '/v1/alerts?state=open')).body.items;
  const facesOf = (items: any[]) => items.map((each) => [each.alertId, each.code, each.raisedAt]);
  expect(facesOf(after)).toEqual(facesOf(before));
  expect(after.find((each: any) => each.alertId === alertId)).toMatchObject({
    state: 'acknowledged',
    acknowledgedBy: 'operator',
  });

  const kept = await positionsSince(fromMs);
  const lost = [...ankle.acked].filter((seq) => !kept.has(seq));
  expect(lost).toEqual([]);
  expect(ankle.acked.size).toBeGreaterThanOrEqual(ACKED_BEFORE_KILL);

  const again = await connectDevice(brokerOf(server), 'ankle-r');
  await again.deliver('position', positionAt(nextSeq, NEARBY));
  const still = (await server.ask('operator', 'GET', '/v1/alerts?state=open')).body.items;
  expect(facesOf(still)).toEqual(facesOf(before));
  const { body } = await server.ask('operator', 'GET', `/v1/alerts/${alertId}/events`);
  expect(body.items.filter(({ change }: any) => change === 'raised')).toHaveLength(1);
  await Promise.all([again.close(), phone.close(), ankle.close()]);
});

/** Sequence numbers of all that the server has of the wearer. */
async function positionsSince(fromMs: number): Promise<Set<number>> {
  const window = `from=${toInstant(fromMs - 1_000)}&to=${toInstant(Date.now() + 1_000)}`;
  const path = `/v1/persons/w-r/positions?${window}&reason=after+the+power+cut`;
  const { body } = await server.ask('operator', 'GET', path);
  expect(body.next).toBeNull();
  return new Set(body.items.map((item: any) => item.properties.seq));
}
