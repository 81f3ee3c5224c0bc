import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Bus, BusHandlers } from '../../server/ports.ts';
import { findBinary } from './mosquitto.ts';

export interface BusUnderTest {
  readonly bus: Bus;
  /** Where devices connect, once the bus has started. */
  url(): string;
  /** The same broker over plain TCP, for clients in C. */
  tcpUrl(): string;
  stop(): Promise<void>;
}

export interface Heard {
  readonly topic: string;
  readonly payload: Buffer;
}

export interface Recorder {
  readonly handlers: BusHandlers;
  readonly heard: Heard[];
  readonly links: string[];
  /** For how long the broker was not heard, each time that it had kept nothing for us. */
  readonly lostSessions: (number | null)[];
  /** How old the broker was, where that alone says that something may be lost. */
  readonly brokerAges: number[];
  /** Resolves with all that was heard as soon as `enough` holds. */
  until(enough: (recorder: Recorder) => boolean): Promise<Recorder>;
}

/** Handlers that write down what they hear; `answer` decides when a message is durable. */
export function recorder(answer: (heard: Heard) => Promise<void> = async () => {}): Recorder {
  const waiting = new Set<() => void>();
  const notify = (): void => waiting.forEach((check) => check());
  const self: Recorder = {
    heard: [],
    links: [],
    lostSessions: [],
    brokerAges: [],
    handlers: {
      onMessage(topic, payload) {
        const heard = { topic, payload: Buffer.from(payload) };
        self.heard.push(heard);
        notify();
        return answer(heard);
      },
      onLink(state, detail) {
        self.links.push(`${state}: ${detail}`);
        notify();
      },
      onSessionLost(unheardMs, brokerAgeMs) {
        if (brokerAgeMs === null) self.lostSessions.push(unheardMs);
        else self.brokerAges.push(brokerAgeMs);
        notify();
      },
    },
    until: (enough) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!enough(self)) return;
          waiting.delete(check);
          resolve(self);
        };
        waiting.add(check);
        check();
      }),
  };
  return self;
}

/** Every device of these tests is named by its user name and has this password. */
export const PASSWORD = 'a secret';

export const connectDevice = (
  url: string,
  deviceId: string,
  options: IClientOptions = {},
): Promise<MqttClient> =>
  connectAsync(url, {
    clientId: deviceId,
    username: deviceId,
    password: PASSWORD,
    reconnectPeriod: 0,
    ...options,
  });

/** The next message that a client receives. */
export const nextMessage = (client: MqttClient): Promise<{ topic: string; text: string }> =>
  new Promise((resolve) => {
    client.once('message', (topic, payload) => resolve({ topic, text: payload.toString() }));
  });

const topicOf = (channel: string): string => `cordon/v1/o-1/${channel}`;
const TO_O1 = { clientId: 'o-1', topic: topicOf('position') };

interface World {
  open: BusUnderTest;
  record: Recorder;
  device: MqttClient;
}

/** What every bus does, whoever runs the broker. */
export function describeBus(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`bus over ${name}`, () => {
    const under = { record: recorder() } as World;
    beforeEach(async () => {
      under.open = await open();
      under.record = recorder();
      await under.open.bus.start(under.record.handlers);
      await under.record.until(({ links }) => links.length > 0);
      under.device = await connectDevice(under.open.url(), 'o-1');
    });
    afterEach(async () => {
      await under.device.endAsync(true);
      await under.open.bus.close();
      await under.open.stop();
    });
    describe('carries messages', () => testMessages(under));
    describe('stands in the world', () => testWorld(under));
  });
}

function testMessages(under: World): void {
  test('the link is up once it has started', () => {
    expect(under.record.links).toHaveLength(1);
    expect(under.record.links[0]).toMatch(/^up: /);
  });

  test('a message arrives with its exact bytes and is acknowledged', async () => {
    const payload = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await under.device.publishAsync(TO_O1.topic, payload, { qos: 1 });
    await under.record.until(({ heard }) => heard.length === 1);
    expect(under.record.heard).toEqual([{ topic: TO_O1.topic, payload }]);
  });

  test('messages of one device arrive in order', async () => {
    const numbers = Array.from({ length: 500 }, (_, number) => String(number));
    await Promise.all(numbers.map((n) => under.device.publishAsync(TO_O1.topic, n, { qos: 1 })));
    await under.record.until(({ heard }) => heard.length === numbers.length);
    expect(under.record.heard.map(({ payload }) => payload.toString())).toEqual(numbers);
  });

  test('QoS 0 and QoS 2 arrive too', async () => {
    await under.device.publishAsync(topicOf('event'), 'zero', { qos: 0 });
    await under.device.publishAsync(topicOf('event'), 'two', { qos: 2 });
    await under.record.until(({ heard }) => heard.length === 2);
    expect(under.record.heard.map(({ payload }) => payload.toString())).toEqual(['zero', 'two']);
  });
}

function testWorld(under: World): void {
  test('what the server publishes reaches the device it is for', async () => {
    await under.device.subscribeAsync([topicOf('ack'), topicOf('command')], { qos: 1 });
    const received = nextMessage(under.device);
    under.open.bus.publish('cordon/v1/o-2/ack', '{"upTo":1}');
    under.open.bus.publish(topicOf('ack'), '{"upTo":2}');
    expect(await received).toEqual({ topic: topicOf('ack'), text: '{"upTo":2}' });
  });

  test('the last will of a device that drops out arrives', async () => {
    const will = { topic: 'cordon/v1/o-2/status', payload: Buffer.from('gone'), qos: 1 } as const;
    const mortal = await connectDevice(under.open.url(), 'o-2', {
      will: { ...will, retain: true },
    });
    mortal.stream.destroy();
    await under.record.until(({ heard }) => heard.length === 1);
    expect(under.record.heard).toEqual([{ topic: will.topic, payload: will.payload }]);
  });

  test('a message of 70 KB arrives, and the next one too', async () => {
    await under.device.publishAsync(TO_O1.topic, Buffer.alloc(70_000, 'x'), { qos: 1 });
    await under.device.publishAsync(TO_O1.topic, 'next', { qos: 1 });
    await under.record.until(({ heard }) => heard.length === 2);
    expect(under.record.heard.map(({ payload }) => payload.length)).toEqual([70_000, 4]);
  });

  test("Debian's mosquitto_pub is understood", async () => {
    const { hostname, port } = new URL(under.open.tcpUrl());
    const where = ['-h', hostname, '-p', port, '-u', 'o-3', '-P', PASSWORD, '-i', 'o-3'];
    const what = ['-q', '1', '-t', 'cordon/v1/o-3/position', '-m', 'from C'];
    const child = spawn(findBinary('mosquitto_pub'), [...where, ...what], { stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    await under.record.until(({ heard }) => heard.length === 1);
    expect(under.record.heard[0]!.payload.toString()).toBe('from C');
  });

  test('publishing after close is harmless', async () => {
    await under.open.bus.close();
    expect(() => under.open.bus.publish(topicOf('ack'), '{}')).not.toThrow();
  });
}
