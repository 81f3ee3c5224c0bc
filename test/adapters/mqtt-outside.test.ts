import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outsideBus } from '../../server/adapters/mqtt-outside.ts';
import type { Bus, Log } from '../../server/ports.ts';
import {
  connectDevice,
  describeBus,
  nextMessage,
  recorder,
  type Recorder,
} from '../support/bus-contract.ts';
import { freePort } from '../support/free-port.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
const openBus = (url: string): Bus => outsideBus({ url, clientId: 'cordon-test', log: silent });

describeBus('mosquitto', async () => {
  const mosquitto = await startMosquitto();
  const url = (): string => mosquitto.url;
  return { bus: openBus(mosquitto.url), url, tcpUrl: url, stop: mosquitto.stop };
});

interface World {
  mosquitto: Mosquitto;
  bus: Bus;
  record: Recorder;
}

/** A broker for each test of a group, and a bus that has not started. */
function world(): World {
  const self = {} as World;
  beforeEach(async () => {
    self.mosquitto = await startMosquitto();
    self.bus = openBus(self.mosquitto.url);
    self.record = recorder();
  });
  afterEach(async () => {
    await self.bus.close();
    await self.mosquitto.stop();
  });
  return self;
}

describe('an outside broker that was away', () => {
  const under = world();
  test('[IN6] what it retained is no news: who said online then may be dead now', async () => {
    const device = await connectDevice(under.mosquitto.url, 'o-1');
    const status = 'cordon/v1/o-1/status';
    await device.publishAsync(status, 'then', { qos: 1, retain: true });
    await under.bus.start(under.record.handlers);
    await device.publishAsync(status, 'now', { qos: 1, retain: true });
    await under.record.until(({ heard }) => heard.length === 1);
    expect(under.record.heard.map(({ payload }) => payload.toString())).toEqual(['now']);
    await device.endAsync();
  });

  test('a broker that restarts is told as down, then up with a possible gap', async () => {
    await under.bus.start(under.record.handlers);
    await under.mosquitto.kill();
    await under.record.until(({ links }) => links.length === 2);
    await under.mosquitto.restart();
    await under.record.until(({ links }) => links.length === 3);
    expect(under.record.links.map((link) => link.split(':')[0])).toEqual(['up', 'down', 'up']);
    expect(under.record.links[2]).toContain('a gap is possible');
    expect(under.record.lostSessions).toEqual([null, expect.any(Number)]);
    const device = await connectDevice(under.mosquitto.url, 'o-1');
    await device.publishAsync('cordon/v1/o-1/position', 'again', { qos: 1 });
    await under.record.until(({ heard }) => heard.length === 1);
    await device.endAsync();
  });

  test('what the broker kept while we were away arrives when we come back', async () => {
    await under.bus.start(under.record.handlers);
    await under.bus.close();
    const device = await connectDevice(under.mosquitto.url, 'o-1');
    await device.publishAsync('cordon/v1/o-1/position', 'meanwhile', { qos: 1 });
    await device.endAsync();
    under.bus = openBus(under.mosquitto.url);
    await under.bus.start(under.record.handlers);
    await under.record.until(({ heard }) => heard.length === 1);
    expect(under.record.links.at(-1)).toBe('up: session resumed');
    expect(under.record.lostSessions).toEqual([null]);
  });

  test('a lost session is told with how long the broker was not heard, each time', async () => {
    await under.bus.start(under.record.handlers);
    for (const awayMs of [0, 1_500]) {
      const heardAtMs = performance.now();
      // Before it goes: the link may be back before the test hears that the broker is.
      const before = under.record.lostSessions.length;
      await under.mosquitto.kill();
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      await under.mosquitto.restart();
      await under.record.until(({ lostSessions }) => lostSessions.length > before);
      const unheardMs = under.record.lostSessions.at(-1)!;
      expect(unheardMs).toBeGreaterThan(awayMs);
      expect(unheardMs).toBeLessThan(performance.now() - heardAtMs + 1_000);
    }
  });

  test('a session that others made anew under our name is lost for us', async () => {
    await under.bus.start(under.record.handlers);
    await under.bus.close();
    const clean = await connectDevice(under.mosquitto.url, 'cordon-test', { clean: true });
    await clean.endAsync();
    under.bus = openBus(under.mosquitto.url);
    await under.bus.start(under.record.handlers);
    await under.record.until(({ lostSessions }) => lostSessions.length === 2);
    expect(under.record.lostSessions).toEqual([null, null]);
  });
});

describe('an outside broker that fails', () => {
  const under = world();
  test('it starts without a broker, and is up as soon as there is one', async () => {
    const port = await freePort();
    const early = openBus(`mqtt://127.0.0.1:${port}`);
    await early.start(under.record.handlers);
    expect(under.record.links).toHaveLength(1);
    expect(under.record.links[0]).toMatch(/^down: .*ECONNREFUSED/);
    const late = await startMosquitto({ port });
    await under.record.until(({ links }) => links.length === 2);
    await early.close();
    await late.stop();
  });

  test('closing while the broker is away does not wait for it', async () => {
    await under.bus.start(under.record.handlers);
    await under.mosquitto.kill();
    await under.record.until(({ links }) => links.length === 2);
    await under.bus.close();
  });

  test('closing ends though the broker dies with our acknowledgements in its hands', async () => {
    await under.bus.start(under.record.handlers);
    for (let i = 0; i < 2_000; i++) under.bus.publish(`cordon/v1/o-${i}/ack`, '{"seqs":[1]}');
    const closing = under.bus.close();
    await under.mosquitto.kill();
    await closing;
  });

  test('a message that cannot be written does not stop the next one', async () => {
    const failing = recorder(() => Promise.reject(new Error('disk full')));
    await under.bus.start(failing.handlers);
    const device = await connectDevice(under.mosquitto.url, 'o-1');
    await device.publishAsync('cordon/v1/o-1/position', 'a', { qos: 1 });
    await device.publishAsync('cordon/v1/o-1/position', 'b', { qos: 1 });
    await failing.until(({ heard }) => heard.length === 2);
    await device.endAsync();
  });
});

test('a broker that was killed and kept an old session says by its age what may be lost', async () => {
  const mosquitto = await startMosquitto({ persistent: true });
  const bus = openBus(mosquitto.url);
  const record = recorder();
  await bus.start(record.handlers);
  await savedBy(mosquitto);
  await mosquitto.kill();
  await record.until(({ links }) => links.length === 2);
  await mosquitto.restart();
  await record.until(({ brokerAges }) => brokerAges.length === 1);
  expect(record.links.at(-1)).toBe('up: session resumed');
  expect(record.lostSessions).toEqual([null]);
  await bus.close();

  // The same broker goes on: a new process of ours is told its age, and finds it old enough.
  const later = openBus(mosquitto.url);
  const second = recorder();
  await later.start(second.handlers);
  await second.until(({ brokerAges }) => brokerAges.length === 1);
  expect(second.lostSessions).toEqual([]);
  await later.close();
  await mosquitto.stop();
});

/** Resolves when it has written its sessions to its file at least once since now. */
async function savedBy({ url }: Mosquitto): Promise<void> {
  const watcher = await connectDevice(url, 'watcher');
  await watcher.subscribeAsync('$SYS/broker/uptime');
  // The saved file is younger than the second of these three.
  for (let ticks = 0; ticks < 4; ticks++) await nextMessage(watcher);
  await watcher.endAsync();
}
