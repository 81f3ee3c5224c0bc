import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outsideBus } from '../../server/adapters/mqtt-outside.ts';
import type { Bus, Log } from '../../server/ports.ts';
import { connectDevice, describeBus, recorder, type Recorder } from '../support/bus-contract.ts';
import { freePort } from '../support/free-port.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
const openBus = (url: string): Bus => outsideBus({ url, clientId: 'cordon-test', log: silent });

describeBus('mosquitto', async () => {
  const mosquitto = await startMosquitto();
  const url = (): string => mosquitto.url;
  return { bus: openBus(mosquitto.url), url, tcpUrl: url, stop: mosquitto.stop };
});

describe('outside broker', () => {
  let mosquitto: Mosquitto;
  let bus: Bus;
  let record: Recorder;
  beforeEach(async () => {
    mosquitto = await startMosquitto();
    bus = openBus(mosquitto.url);
    record = recorder();
  });
  afterEach(async () => {
    await bus.close();
    await mosquitto.stop();
  });

  test('a status retained while we were away arrives at the start', async () => {
    const device = await connectDevice(mosquitto.url, 'o-1');
    await device.publishAsync('cordon/v1/o-1/status', 'online', { qos: 1, retain: true });
    await device.endAsync();
    await bus.start(record.handlers);
    await record.until(({ heard }) => heard.length === 1);
    expect(record.heard[0]!.payload.toString()).toBe('online');
  });

  test('a broker that restarts is told as down, then up with a possible gap', async () => {
    await bus.start(record.handlers);
    await mosquitto.kill();
    await record.until(({ links }) => links.length === 2);
    await mosquitto.restart();
    await record.until(({ links }) => links.length === 3);
    expect(record.links.map((link) => link.split(':')[0])).toEqual(['up', 'down', 'up']);
    expect(record.links[2]).toContain('a gap is possible');
    const device = await connectDevice(mosquitto.url, 'o-1');
    await device.publishAsync('cordon/v1/o-1/position', 'again', { qos: 1 });
    await record.until(({ heard }) => heard.length === 1);
    await device.endAsync();
  });

  test('what the broker kept while we were away arrives when we come back', async () => {
    await bus.start(record.handlers);
    await bus.close();
    const device = await connectDevice(mosquitto.url, 'o-1');
    await device.publishAsync('cordon/v1/o-1/position', 'meanwhile', { qos: 1 });
    await device.endAsync();
    bus = openBus(mosquitto.url);
    await bus.start(record.handlers);
    await record.until(({ heard }) => heard.length === 1);
    expect(record.links.at(-1)).toBe('up: session resumed');
  });

  test('it starts without a broker, and is up as soon as there is one', async () => {
    const port = await freePort();
    const early = openBus(`mqtt://127.0.0.1:${port}`);
    await early.start(record.handlers);
    expect(record.links).toHaveLength(1);
    expect(record.links[0]).toMatch(/^down: .*ECONNREFUSED/);
    const late = await startMosquitto(port);
    await record.until(({ links }) => links.length === 2);
    await early.close();
    await late.stop();
  });

  test('closing while the broker is away does not wait for it', async () => {
    await bus.start(record.handlers);
    await mosquitto.kill();
    await record.until(({ links }) => links.length === 2);
    await bus.close();
  });

  test('a message that cannot be written does not stop the next one', async () => {
    const failing = recorder(() => Promise.reject(new Error('disk full')));
    await bus.start(failing.handlers);
    const device = await connectDevice(mosquitto.url, 'o-1');
    await device.publishAsync('cordon/v1/o-1/position', 'a', { qos: 1 });
    await device.publishAsync('cordon/v1/o-1/position', 'b', { qos: 1 });
    await failing.until(({ heard }) => heard.length === 2);
    await device.endAsync();
  });
});
