import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';
import type { IClientOptions, MqttClient } from 'mqtt';
import { WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Principal } from '../../server/adapters/mqtt-access.ts';
import {
  type EmbeddedBus,
  embeddedBus,
  type EmbeddedBusOptions,
} from '../../server/adapters/mqtt-embedded.ts';
import type { Log } from '../../server/ports.ts';
import { prng } from '../../shared/prng.ts';
import {
  connectDevice,
  describeBus,
  nextMessage,
  PASSWORD,
  recorder,
  type Recorder,
} from '../support/bus-contract.ts';

const logged: string[] = [];
const note = (_: unknown, message: string): void => void logged.push(message);
const log: Log = { info: note, warn: note, error: note };

/** A device may write its own topics and read what is sent to it; `all` may read everything. */
function principalOf(name: string): Principal {
  const own = ['position', 'event', 'status', 'receipt'].map((c) => `cordon/v1/${name}/${c}`);
  const down = ['ack', 'command'].map((channel) => `cordon/v1/${name}/${channel}`);
  return {
    name,
    mayPublish: (topic) => own.includes(topic),
    mayRead: (filter) => name === 'all' || down.includes(filter),
  };
}

const openBus = (options: Partial<EmbeddedBusOptions> = {}): EmbeddedBus =>
  embeddedBus({
    host: '127.0.0.1',
    mqttPort: 0,
    mqttWsPort: 0,
    payloadBytesMax: 65_536,
    authenticate: (name, password) => (name && password === PASSWORD ? principalOf(name) : null),
    log,
    ...options,
  });

for (const transport of ['mqtt', 'ws'] as const) {
  describeBus(`the embedded broker by ${transport}`, async () => {
    const bus = openBus();
    const url = (): string => `${transport}://127.0.0.1:${bus.ports[transport]}`;
    const tcpUrl = (): string => `mqtt://127.0.0.1:${bus.ports.mqtt}`;
    return { bus, url, tcpUrl, stop: async () => {} };
  });
}

interface World {
  bus: EmbeddedBus;
  record: Recorder;
  start(answer?: Parameters<typeof recorder>[0]): Promise<void>;
  device(name: string, options?: IClientOptions): Promise<MqttClient>;
}

/** A broker for each test of a group, and the clients that it leaves behind. */
function world(): World {
  let clients: MqttClient[] = [];
  const self: World = {
    bus: null as unknown as EmbeddedBus,
    record: recorder(),
    async start(answer) {
      self.record = recorder(answer);
      await self.bus.start(self.record.handlers);
    },
    async device(name, options) {
      const url = `mqtt://127.0.0.1:${self.bus.ports.mqtt}`;
      const client = await connectDevice(url, name, options);
      clients.push(client);
      return client;
    },
  };
  beforeEach(() => {
    self.bus = openBus();
    logged.length = 0;
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.endAsync(true)));
    clients = [];
    await self.bus.close();
  });
  return self;
}

describe('the embedded broker acknowledges', () => {
  const under = world();
  test('a message is acknowledged only when it is durable', async () => {
    let makeDurable = (): void => {};
    await under.start(({ topic }) =>
      topic.includes('o-1') ? new Promise((resolve) => (makeDurable = resolve)) : Promise.resolve(),
    );
    const [client, other] = [await under.device('o-1'), await under.device('o-2')];
    let acknowledged = false;
    const published = client.publishAsync('cordon/v1/o-1/position', 'x', { qos: 1 });
    void published.then(() => (acknowledged = true));
    await under.record.until(({ heard }) => heard.length === 1);
    await other.publishAsync('cordon/v1/o-2/position', 'x', { qos: 1 });
    expect(acknowledged).toBe(false);
    makeDurable();
    await published;
  });

  test('acknowledgements keep the order of the messages, however the writes end', async () => {
    const random = prng(7);
    await under.start(() => new Promise((resolve) => setTimeout(resolve, random.below(30))));
    const client = await under.device('o-1');
    const acknowledged: number[] = [];
    const numbers = Array.from({ length: 50 }, (_, number) => number);
    const send = async (n: number): Promise<void> => {
      await client.publishAsync('cordon/v1/o-1/position', String(n), { qos: 1 });
      acknowledged.push(n);
    };
    await Promise.all(numbers.map(send));
    expect(under.record.heard.map(({ payload }) => Number(payload))).toEqual(numbers);
    expect(acknowledged).toEqual(numbers);
  });

  test('what is not durable is not acknowledged, and comes again', async () => {
    let works = false;
    await under.start(async () => {
      if (!works) throw new Error('disk full');
    });
    const client = await under.device('o-1', { reconnectPeriod: 10 });
    const first = client.publishAsync('cordon/v1/o-1/position', 'a', { qos: 1 });
    const second = client.publishAsync('cordon/v1/o-1/position', 'b', { qos: 1 });
    await under.record.until(({ heard }) => heard.length === 2);
    works = true;
    await client.publishAsync('cordon/v1/o-1/position', 'c', { qos: 1 });
    await Promise.all([first, second]);
    const texts = under.record.heard.map(({ payload }) => payload.toString());
    expect(texts.slice(0, 3)).toEqual(['a', 'b', 'c']);
    expect(texts.slice(3)).toEqual(expect.arrayContaining(['a', 'b']));
    expect(logged).toContain('mqtt message not acknowledged');
  });

  test('closing finishes what is under way', async () => {
    let makeDurable = (): void => {};
    await under.start(() => new Promise((resolve) => (makeDurable = resolve)));
    const client = await under.device('o-1');
    const published = client.publishAsync('cordon/v1/o-1/position', 'x', { qos: 1 });
    await under.record.until(({ heard }) => heard.length === 1);
    const closed = under.bus.close();
    setTimeout(makeDurable, 20);
    await Promise.all([published, closed]);
  });
});

describe('the embedded broker admits', () => {
  const under = world();
  test('a wrong password is refused', async () => {
    await under.start();
    await expect(under.device('o-1', { password: 'guess' })).rejects.toThrow(/[Bb]ad user/);
  });

  test('nobody throws another out by taking his client id', async () => {
    await under.start();
    const victim = await under.device('v-1');
    await expect(under.device('o-1', { clientId: 'v-1' })).rejects.toThrow(/[Ii]dentifier/);
    await victim.publishAsync('cordon/v1/v-1/position', 'still here', { qos: 1 });
  });

  test.each([
    ['#'],
    ['+/#'],
    ['cordon/#'],
    ['cordon/v1/+/position'],
    ['cordon/v1/+/ack'],
    ['cordon/v1/v-1/position'],
    ['cordon/v1/v-1/ack'],
    ['cordon/v1/o-1/position'],
    ['cordon/v1/o-1/+'],
    ['$SYS/#'],
    ['$share/g/cordon/v1/o-1/ack'],
  ])('a device may not subscribe to %s', async (filter) => {
    await under.start();
    const client = await under.device('o-1');
    await expect(client.subscribeAsync(filter)).rejects.toThrow(/[Uu]nspecified|128/);
  });

  test.each([['$SYS/#'], ['$share/g/cordon/v1/+/ack'], ['a/b/c/d/e/f/g']])(
    'nobody may subscribe to %s',
    async (filter) => {
      await under.start();
      const client = await under.device('all');
      await expect(client.subscribeAsync(filter)).rejects.toThrow(/[Uu]nspecified|128/);
    },
  );

  test('who may read all may subscribe to all acknowledgements', async () => {
    await under.start();
    const client = await under.device('all');
    await client.subscribeAsync('cordon/v1/+/ack', { qos: 1 });
    const received = nextMessage(client);
    under.bus.publish('cordon/v1/o-1/ack', '{"upTo":1}');
    expect((await received).topic).toBe('cordon/v1/o-1/ack');
  });
});

describe('the embedded broker forwards', () => {
  const under = world();
  test('positions are forwarded to nobody, not even to who may read all', async () => {
    await under.start();
    const reader = await under.device('all');
    await reader.subscribeAsync('cordon/v1/#', { qos: 1 });
    const received = nextMessage(reader);
    const client = await under.device('o-1');
    await client.publishAsync('cordon/v1/o-1/position', 'where', { qos: 1, retain: true });
    under.bus.publish('cordon/v1/o-1/ack', 'end');
    expect((await received).text).toBe('end');
  });

  test('a retained status is kept for who may read it, a retained position is not', async () => {
    await under.start();
    const client = await under.device('o-1');
    await client.publishAsync('cordon/v1/o-1/position', 'where', { qos: 1, retain: true });
    await client.publishAsync('cordon/v1/o-1/status', 'online', { qos: 1, retain: true });
    const reader = await under.device('all');
    const received: string[] = [];
    const both = new Promise<void>((resolve) => {
      reader.on('message', (topic) => void (received.push(topic) === 2 && resolve()));
    });
    await reader.subscribeAsync('cordon/v1/#', { qos: 1 });
    under.bus.publish('cordon/v1/o-1/ack', 'end');
    await both;
    expect(received.sort()).toEqual(['cordon/v1/o-1/ack', 'cordon/v1/o-1/status']);
  });

  test("publishing for another device is acknowledged, counted and nobody's message", async () => {
    await under.start();
    const client = await under.device('o-1');
    await client.publishAsync('cordon/v1/v-1/position', 'forged', { qos: 1 });
    await client.publishAsync('a/b/c/d/e/f/g', 'deep', { qos: 1 });
    await client.publishAsync('cordon/v1/o-1/position', 'own', { qos: 1 });
    expect(under.record.heard.map(({ payload }) => payload.toString())).toEqual(['own']);
    expect(logged.filter((message) => message === 'mqtt publish not allowed')).toHaveLength(1);
  });
});

describe('the embedded broker bears', () => {
  const under = world();
  test('MQTT 5 is refused, not misread', async () => {
    await under.start();
    await expect(under.device('o-1', { protocolVersion: 5 })).rejects.toThrow();
  });

  test('a packet announced with 200 MB is cut off at once', async () => {
    await under.start();
    const client = await under.device('o-1');
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    client.stream.write(Buffer.from([0x32, 0x80, 0x84, 0xaf, 0x5f]));
    await closed;
    expect(under.record.heard).toEqual([]);
  });

  test('before it has signed in a client is cut off much earlier', async () => {
    await under.start();
    const socket = connectTcp(under.bus.ports.mqtt, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0x03]));
    await once(socket, 'close');
  });

  test.each(['mqttPort', 'mqttWsPort'] as const)('a %s in use stops the start', async (port) => {
    await under.start();
    const taken = under.bus.ports[port === 'mqttPort' ? 'mqtt' : 'ws'];
    const second = openBus({ [port]: taken });
    await expect(second.start(recorder().handlers)).rejects.toThrow(/EADDRINUSE/);
  });

  test('a WebSocket that does not speak mqtt is turned away', async () => {
    await under.start();
    const socket = new WebSocket(`ws://127.0.0.1:${under.bus.ports.ws}`);
    await once(socket, 'close');
  });

  test('1,000 clients connect and are heard', async () => {
    await under.start();
    const names = Array.from({ length: 1000 }, (_, number) => `d-${number}`);
    const all = await Promise.all(
      names.map((name) => under.device(name, { connectTimeout: 20_000 })),
    );
    await Promise.all(
      all.map((client, i) => client.publishAsync(`cordon/v1/d-${i}/position`, 'x', { qos: 1 })),
    );
    expect(new Set(under.record.heard.map(({ topic }) => topic)).size).toBe(1000);
  });
});
