import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectAsync, type MqttClient } from 'mqtt';
import { DeviceCommand } from '../../shared/device-message.ts';
import { toInstant } from '../../shared/instant.ts';
import { topicOf } from '../../shared/topics.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { registerPair, spot } from './case-world.ts';
import { brokerOf, connectDevice, positionAt } from './device-client.ts';

const WITHIN_MS = 20_000;
const HOME = spot(5_000, 5_000);
const FAR = spot(13_600, 5_000);
const NEAR = spot(5_700, 5_000);
/** So long ago that he can have driven here since; not so long that it counts as late. */
const DRIVE_MS = 110_000;
const AGAIN = 'kind="report-interval",again="true"';

let server: ServerProcess;

beforeAll(async () => {
  server = await startServer();
  await registerPair(server, 'i');
});

afterAll(() => server?.remove());

type Until = (isIt: (command: DeviceCommand) => boolean, times?: number) => Promise<DeviceCommand>;

/** One more connection to the real broker, and all that it is sent on these topics. */
async function listener(
  clientId: string,
  topic: string,
): Promise<{ mqtt: MqttClient; heard: string[]; until: Until }> {
  const { mqttUrl, ...account } = brokerOf(server);
  const mqtt = await connectAsync(mqttUrl, { clientId, reconnectPeriod: 0, ...account });
  const heard: string[] = [];
  const waiting: (() => void)[] = [];
  mqtt.on('message', (_, payload) => {
    heard.push(String(payload));
    waiting.splice(0).forEach((look) => look());
  });
  await mqtt.subscribeAsync(topic, { qos: 1 });
  // Which of its sendings comes first depends on when time is looked at: so by what it says.
  const until: Until = async (isIt, times = 1) => {
    const lateMs = Date.now() + WITHIN_MS;
    for (;;) {
      const found = heard.map((text) => DeviceCommand.parse(JSON.parse(text))).filter(isIt);
      if (found.length >= times) return found[times - 1]!;
      await new Promise<void>((resolve, reject) => {
        const late = new Error(`not heard within ${WITHIN_MS} ms: ${heard.join(' ')}`);
        const timer = setTimeout(() => reject(late), lateMs - Date.now());
        waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  };
  return { mqtt, heard, until };
}

const seconds = (wanted: number) => (command: DeviceCommand) =>
  command.kind === 'report-interval' && command.seconds === wanted;

test('[RI1, RI7, RI8] her connection hears it when he comes, and his hears nothing', async () => {
  const hers = await listener('listens-to-her', topicOf('phone-i', 'command'));
  const his = await listener('listens-to-him', topicOf('ankle-i', 'command'));
  const phone = await connectDevice(brokerOf(server), 'phone-i');
  const ankle = await connectDevice(brokerOf(server), 'ankle-i');
  const before = { time: toInstant(Date.now() - DRIVE_MS), speed: 0 };
  await ankle.deliver('position', positionAt(1, FAR, before));
  await phone.deliver('position', positionAt(1, HOME));
  await phone.publish('status', { state: 'online' });
  const first = await hers.until(seconds(60));
  expect(await server.metric('cordon_commands_unsettled')).toBe(1);
  const receipt = (id: string) => ({ id, state: 'delivered', time: toInstant(Date.now()) });
  await phone.publish('receipt', receipt(first.id));
  expect(await server.metric('cordon_commands_unsettled')).toBe(0);

  const againBefore = await server.metric('cordon_commands_total', AGAIN);
  await ankle.deliver('position', positionAt(2, NEAR, { speed: 0 }));
  const second = await hers.until(seconds(5));
  // Unconfirmed, and she comes back online: it is the same command once more.
  await phone.publish('status', { state: 'online' });
  expect(await hers.until(seconds(5), 2)).toEqual(second);
  await phone.publish('receipt', receipt(second.id));
  expect(await server.metric('cordon_commands_total', AGAIN)).toBe(againBefore + 1);
  expect(his.heard).toEqual([]);
  for (const { mqtt } of [hers, his, phone, ankle]) await mqtt.endAsync(true);
});
