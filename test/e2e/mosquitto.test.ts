import { afterAll, beforeAll, expect, test } from 'vitest';
import { topicOf } from '../../shared/topics.ts';
import type { ConsoleProbe } from '../support/console-probe.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { registerPair, spot } from './case-world.ts';
import { type Broker, connectDevice, mosquittoPub, positionAt } from './device-client.ts';

let mosquitto: Mosquitto;
let server: ServerProcess;
let desk: ConsoleProbe;
let broker: Broker;

beforeAll(async () => {
  mosquitto = await startMosquitto();
  server = await startServer({ env: { CORDON_MQTT_URL: mosquitto.url } });
  desk = await server.openConsole();
  broker = { mqttUrl: mosquitto.url };
  await registerPair(server, 'm');
});

afterAll(async () => {
  await desk?.close();
  await server?.remove();
  await mosquitto?.stop();
});

const HOME = spot(5_000, 5_000);
const NEARBY = spot(5_120, 5_000);
/** Five seconds of grace, or ten between two tries, and the time that a busy machine takes. */
const NOTICED_WITHIN_MS = 25_000;

const lost = ({ code }: { code: string }): boolean => code === 'broker-lost';

test('a breach told through Mosquitto is on the console and acknowledged', async () => {
  const phone = await connectDevice(broker, 'phone-m');
  await phone.deliver('position', positionAt(1, HOME));
  await mosquittoPub(broker, topicOf('ankle-m', 'position'), positionAt(1, NEARBY));
  const breach = await desk.alert('a breach', ({ kind }) => kind === 'contact');
  expect(breach).toMatchObject({ stage: 'breach', certainty: 'certain', priority: 1 });
  await phone.close();
});

test('[SY1] a broker that went is told at priority 1, and cleared when it is back', async () => {
  await mosquitto.kill();
  const alert = await desk.alert('the broker gone', lost, NOTICED_WITHIN_MS);
  expect(alert).toMatchObject({ kind: 'system', priority: 1, state: 'unacknowledged' });
  const { status, body } = await server.ask(null, 'GET', '/health/ready');
  expect([status, body.broker]).toEqual([503, 'down']);

  await mosquitto.restart();
  await desk.alert(
    'the broker back',
    (each) => lost(each) && each.state === 'cleared-unacknowledged',
    NOTICED_WITHIN_MS,
  );
  expect((await server.ask(null, 'GET', '/health/ready')).status).toBe(200);
  const ankle = await connectDevice(broker, 'ankle-m');
  await ankle.deliver('position', positionAt(2, NEARBY));
  await ankle.close();
}, 60_000);
