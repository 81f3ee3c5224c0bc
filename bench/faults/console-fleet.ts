import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { sqliteStore } from '../../server/adapters/store-sqlite.ts';
import type { Entry } from '../../server/ports.ts';
import type { DeviceId, PersonId } from '../../shared/ids.ts';
import { topicOf } from '../../shared/topics.ts';
import { freePort } from '../../test/support/free-port.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';

/** Few enough for one process to hold, enough that none of them is the bottleneck. */
const CONNECTIONS = 8;
/** What the store takes in one transaction. */
const ENTRIES_AT_ONCE = 2_000;

/**
 * What is not acknowledged by then is sent again, as a device does with its outbox: the library's
 * own memory loses some when it is cut off twice. (RELIABILITY §3)
 */
const AGAIN_AFTER_MS = 10_000;
/** As `npm start` does. */
const AS_STARTED = { NODE_OPTIONS: '--max-semi-space-size=64' };
/** A connection that was cut comes back and sends again what was not acknowledged. */
const RECONNECT_MS = 500;

export const fleetDevice = (index: number): DeviceId => `fleet-${index}` as DeviceId;

/** A server to which so many ankle monitors belong that were registered before it started. */
export async function serverWithFleet(devices: number): Promise<ServerProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cordon-fault-'));
  const store = await sqliteStore(dataDir);
  const entries = Array.from({ length: devices }, (_, index) => registrationOf(index));
  for (let from = 0; from < devices; from += ENTRIES_AT_ONCE) {
    await store.append(entries.slice(from, from + ENTRIES_AT_ONCE));
  }
  await store.close();
  const [httpPort, mqttPort] = [await freePort(), await freePort()];
  return startServer({
    like: { dataDir, httpUrl: `http://localhost:${httpPort}`, mqttPort },
    env: AS_STARTED,
  });
}

const registrationOf = (index: number): Entry => ({
  type: 'device',
  atMs: Date.now(),
  by: 'administrator',
  device: {
    deviceId: fleetDevice(index),
    personId: `fleet-person-${index}` as PersonId,
    kind: 'ankle-monitor',
    validFrom: null,
    validUntil: null,
  },
});

/** The devices of a fleet over real MQTT, many to a connection. */
export interface Fleet {
  /** Hands one event of a device to its connection; resolves when it is on disk. */
  tell(index: number, seq: number, kind: 'battery-low' | 'charging'): Promise<void>;
  /** The same with a place: a position whose battery is low. */
  tellFrom(index: number, seq: number): Promise<void>;
  close(): Promise<void>;
}

export async function connectFleet({ mqttUrl, credentials }: ServerProcess): Promise<Fleet> {
  const clients: MqttClient[] = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, i) =>
      connectAsync(mqttUrl, {
        ...credentials.broker,
        clientId: `fleet-${i}`,
        reconnectPeriod: RECONNECT_MS,
      }),
    ),
  );
  let open = true;
  const publish = async (index: number, channel: 'event' | 'position', payload: object) => {
    const client = clients[index % CONNECTIONS]!;
    const text = JSON.stringify(payload);
    while (open) {
      const sent = client.publishAsync(topicOf(fleetDevice(index), channel), text, { qos: 1 });
      if (await isAcknowledged(sent)) return;
    }
  };
  return {
    tell: (index, seq, kind) =>
      publish(index, 'event', { seq, kind, time: new Date().toISOString() }),
    tellFrom: (index, seq) =>
      publish(index, 'position', {
        ...placeOf(index),
        ...LOW,
        seq,
        time: new Date().toISOString(),
      }),
    async close() {
      open = false;
      await Promise.all(clients.map((client) => client.endAsync(true)));
    },
  };
}

/** False when it has to be sent again. */
async function isAcknowledged(sent: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), AGAIN_AFTER_MS);
  });
  const acknowledged = sent.then(
    () => true,
    () => late,
  );
  const done = await Promise.race([acknowledged, late]);
  clearTimeout(timer);
  return done;
}

const LOW = { accuracy: 6, speed: 0, source: 'gnss', battery: 0.1 };

/** Spread over the country, a hundred in a row. */
const placeOf = (index: number): { lat: number; lon: number } => ({
  lat: 51.5 + Math.floor(index / 100) * 0.01,
  lon: 4.5 + (index % 100) * 0.02,
});
