import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectAsync } from 'mqtt';
import { type LiveRun, startLiveRun } from '../../device-sim/live-run.ts';
import {
  type Connection,
  type ConnectionWish,
  openConnection,
  systemClock,
} from '../../device-sim/mqtt-connection.ts';
import { NETWORK } from '../../device-sim/network.ts';
import { RESEND_AFTER_MS } from '../../device-sim/outbox.ts';
import { IDEAL_UPLINK } from '../../device-sim/uplink.ts';
import type { TrackFeature } from '../../server/adapters/http-track.ts';
import type { Alert } from '../../shared/alert.ts';
import { DeviceAck, type Position } from '../../shared/device-message.ts';
import { fromInstant, toInstant } from '../../shared/instant.ts';
import { planOf } from '../device-sim/one-device.ts';
import type { ConsoleProbe } from '../support/console-probe.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type Page, type ServerProcess, startServer } from '../support/server-process.ts';
import { registerPair } from './case-world.ts';

const DEVICE = 'ankle-s';
const REPORT_EVERY_MS = 200;
const SERVER_CLIENT_ID = 'cordon-server';
/** Up to ten seconds between two tries, and the time that a busy machine takes. */
const BACK_WITHIN_MS = 25_000;

let mosquitto: Mosquitto;
let server: ServerProcess;
let desk: ConsoleProbe;
let live: LiveRun | undefined;
/** What the device has published, what the server has said is on disk, and its connections. */
const published = new Set<number>();
const acked = new Set<number>();
let connections = 0;
const looks = new Set<() => void>();

/** The simulated device's own connection, overheard. */
function overheard(wish: ConnectionWish): Connection {
  const connection = openConnection({
    ...wish,
    onUp() {
      connections += 1;
      wish.onUp();
    },
    onMessage(topic, payload) {
      if (topic.endsWith('/ack')) {
        const ack = DeviceAck.parse(JSON.parse(payload));
        for (const seq of 'seqs' in ack ? ack.seqs : []) acked.add(seq);
      }
      wish.onMessage(topic, payload);
      for (const look of looks) look();
    },
  });
  return {
    ...connection,
    publish(message) {
      const given = connection.publish(message);
      if (given && message.topic.endsWith('/position')) {
        const positions = [JSON.parse(message.payload)].flat() as Position[];
        for (const { seq } of positions) published.add(seq);
      }
      return given;
    },
  };
}

const until = (met: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (!met()) return;
      looks.delete(look);
      clearInterval(timer);
      resolve();
    };
    // What it publishes to nobody is answered by nobody.
    const timer = setInterval(look, REPORT_EVERY_MS);
    looks.add(look);
    look();
  });

const untilMorePublished = (count: number): Promise<void> => {
  const enough = published.size + count;
  return until(() => published.size >= enough);
};

/** All that it had published so far is on disk. */
function untilAllAcked(): Promise<void> {
  const all = [...published];
  return until(() => all.every((seq) => acked.has(seq)));
}

const gap = ({ code, state }: Alert): boolean =>
  code === 'gap-possible' && state === 'cleared-unacknowledged';

/** Of what it published, the numbers that the server does not have. */
async function missing(seqs: readonly number[], fromMs: number): Promise<number[]> {
  const window = `from=${toInstant(fromMs)}&to=${toInstant(Date.now() + 1_000)}`;
  const path = `/v1/persons/w-s/positions?${window}&reason=after+the+broker+was+gone`;
  const { body } = await server.ask<Page<TrackFeature>>('operator', 'GET', path);
  expect(body.next).toBeNull();
  const kept = new Set(body.items.map(({ properties }) => properties.seq));
  return seqs.filter((seq) => !kept.has(seq));
}

let begunMs: number;

beforeAll(async () => {
  begunMs = Date.now();
  mosquitto = await startMosquitto();
  server = await startServer({ env: { CORDON_MQTT_URL: mosquitto.url } });
  desk = await server.openConsole();
  await registerPair(server, 's');
  const startMs = systemClock.nowMs();
  const when = { startMs, firstReportMs: startMs, reportIntervalMs: REPORT_EVERY_MS };
  live = startLiveRun({
    plans: [planOf([], { deviceId: DEVICE, personId: 'w-s', ...when })],
    seed: 1,
    broker: { url: mosquitto.url },
    clock: systemClock,
    connect: overheard,
    settings: { ...NETWORK, ...IDEAL_UPLINK },
    onTrouble: () => {},
  });
  await untilMorePublished(20);
});

afterAll(async () => {
  await live?.stop();
  await desk?.close();
  await server?.remove();
  await mosquitto?.stop();
});

test('[FX5, SY1] Mosquitto killed: a gap is told, and nothing is missing', async () => {
  const killedMs = Date.now();
  await mosquitto.kill();
  await mosquitto.restart();
  const alert = await desk.alert('the gap', gap, BACK_WITHIN_MS);
  expect(alert).toMatchObject({ kind: 'system', priority: 2, basis: { reason: 'session-lost' } });
  const { from, until: to } = alert.basis.detail;
  expect(fromInstant(String(from))).toBeLessThanOrEqual(killedMs + REPORT_EVERY_MS);
  expect(fromInstant(String(to))).toBeGreaterThan(killedMs);
  await untilMorePublished(10);
  await untilAllAcked();
  expect(await missing([...published], begunMs)).toEqual([]);
}, 90_000);

test('[FX5, SY1] the session lost while the server was away: what the broker answered and dropped comes again', async () => {
  const before = connections;
  const killedMs = Date.now();
  await desk.close();
  await server.kill();
  // As a broker that expires sessions, or somebody who takes the name: nobody listens any more.
  const other = await connectAsync(mosquitto.url, { clientId: SERVER_CLIENT_ID, clean: true });
  await other.endAsync();
  await untilMorePublished(10);
  const dropped = [...published].filter((seq) => !acked.has(seq));
  expect(dropped.length).toBeGreaterThanOrEqual(10);
  server = await startServer({ like: server, env: { CORDON_MQTT_URL: mosquitto.url } });
  desk = await server.openConsole();
  const newer = (alert: Alert): boolean =>
    gap(alert) && fromInstant(String(alert.basis.detail['until'])) > killedMs;
  const alert = await desk.alert('the gap', newer, BACK_WITHIN_MS);
  const fromMs = fromInstant(String(alert.basis.detail['from']));
  expect(Math.abs(fromMs - killedMs)).toBeLessThan(5_000);
  const backMs = Date.now();
  await untilAllAcked();
  expect(await missing(dropped, begunMs)).toEqual([]);
  expect(Date.now() - backMs).toBeLessThan(RESEND_AFTER_MS + 10_000);
  expect(connections).toBe(before);
}, 120_000);
