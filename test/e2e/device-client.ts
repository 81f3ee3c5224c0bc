import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { connectAsync, type MqttClient } from 'mqtt';
import { DeviceAck } from '../../shared/device-message.ts';
import { toInstant } from '../../shared/instant.ts';
import { topicOf, type UplinkChannel } from '../../shared/topics.ts';
import { findBinary } from '../support/mosquitto.ts';

const ACK_WITHIN_MS = 10_000;

export interface Broker {
  readonly mqttUrl: string;
  readonly username?: string;
  readonly password?: string;
}

/** One device over real MQTT, which hears what the server says is on disk. */
export interface DeviceClient {
  readonly mqtt: MqttClient;
  readonly acked: ReadonlySet<number>;
  /** Resolves with the broker's PUBACK. */
  publish(channel: UplinkChannel, payload: string | object): Promise<unknown>;
  /** Resolves with the server's own acknowledgement, which comes after the write. */
  ackOf(seq: number): Promise<void>;
  /** Publishes and waits until the server has it on disk. */
  deliver(channel: 'position' | 'event', payload: { seq: number }): Promise<void>;
  close(): Promise<void>;
}

export const brokerOf = (server: {
  mqttUrl: string;
  credentials: { broker: { username: string; password: string } };
}): Broker => ({ mqttUrl: server.mqttUrl, ...server.credentials.broker });

export async function connectDevice(broker: Broker, deviceId: string): Promise<DeviceClient> {
  const { mqttUrl, username, password } = broker;
  const mqtt = await connectAsync(mqttUrl, {
    clientId: deviceId,
    reconnectPeriod: 0,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  const acked = new Set<number>();
  const waiting = new Map<number, () => void>();
  mqtt.on('error', () => {});
  mqtt.on('message', (_, payload) => {
    const ack = DeviceAck.parse(JSON.parse(String(payload)));
    for (const seq of 'seqs' in ack ? ack.seqs : []) {
      acked.add(seq);
      waiting.get(seq)?.();
    }
  });
  await mqtt.subscribeAsync(topicOf(deviceId, 'ack'), { qos: 1 });
  const publish: DeviceClient['publish'] = (channel, payload) =>
    mqtt.publishAsync(
      topicOf(deviceId, channel),
      typeof payload === 'string' ? payload : JSON.stringify(payload),
      { qos: 1 },
    );
  const ackOf = (seq: number): Promise<void> =>
    new Promise((resolve, reject) => {
      if (acked.has(seq)) return resolve();
      const late = new Error(
        `no acknowledgement of ${deviceId} #${seq} within ${ACK_WITHIN_MS} ms`,
      );
      const timer = setTimeout(() => reject(late), ACK_WITHIN_MS);
      waiting.set(seq, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  return {
    mqtt,
    acked,
    publish,
    ackOf,
    async deliver(channel, payload) {
      await Promise.all([publish(channel, payload), ackOf(payload.seq)]);
    },
    close: () => mqtt.endAsync(true),
  };
}

/** The same by Debian's own client, written in C by other people than our libraries. */
export async function mosquittoPub(broker: Broker, topic: string, payload: object): Promise<void> {
  const { hostname, port } = new URL(broker.mqttUrl);
  const account =
    broker.username === undefined ? [] : ['-u', broker.username, '-P', broker.password ?? ''];
  const message = ['-q', '1', '-t', topic, '-m', JSON.stringify(payload)];
  const options = ['-h', hostname, '-p', port, ...account, ...message];
  await promisify(execFile)(findBinary('mosquitto_pub'), options);
}

export interface Spot {
  readonly lon: number;
  readonly lat: number;
}

/** A good fix taken now. */
export const positionAt = (seq: number, { lon, lat }: Spot, other: object = {}) => ({
  seq,
  time: toInstant(Date.now()),
  lon,
  lat,
  accuracy: 5,
  speed: 0,
  source: 'gnss',
  battery: 0.8,
  ...other,
});

export const eventOf = (seq: number, kind: string) => ({ seq, kind, time: toInstant(Date.now()) });
