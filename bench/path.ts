import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { WebSocket } from 'ws';
import { ServerToConsole } from '../shared/console-message.ts';
import { topicOf } from '../shared/topics.ts';
import { freePort } from '../test/support/free-port.ts';
import { startMosquitto } from '../test/support/mosquitto.ts';

/** How long it takes from a publish to the console's frame, beside what a broker alone takes. */
export interface PathFigures {
  readonly name: string;
  readonly probes: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

const CROWD = 1_000;
const POSITIONS_PER_SECOND = 1_000;
const PROBES = 400;
const PROBE_EVERY_MS = 25;
const WARM_MS = 5_000;

const script = (name: string): string[] => ['--import', 'tsx', `bench/${name}.ts`];
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function quantiles(name: string, times: readonly number[]): PathFigures {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
  return { name, probes: sorted.length, medianMs: at(0.5), p99Ms: at(0.99) };
}

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    child.stdout!.once('data', (data: Buffer) => resolve(data.toString().trim()));
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });

/** One echo after the other through a broker that carries the crowd's load as well. */
async function echo(name: string, url: string): Promise<PathFigures> {
  const crowd = await startCrowd(url, 'bench', 'bench');
  const subscriber = await connectAsync(url, { clientId: 'echo-sub' });
  const publisher = await connectAsync(url, { clientId: 'echo-pub' });
  await subscriber.subscribeAsync('echo/#', { qos: 1 });
  await pause(WARM_MS);
  const sentAt = new Map<string, number>();
  const times: number[] = [];
  subscriber.on('message', (topic) => times.push(performance.now() - sentAt.get(topic)!));
  for (let i = 0; i < PROBES; i++) {
    sentAt.set(`echo/${i}`, performance.now());
    publisher.publish(`echo/${i}`, probeOf(0, 52, 5), { qos: 1 });
    await pause(PROBE_EVERY_MS);
  }
  await Promise.all([subscriber.endAsync(true), publisher.endAsync(true)]);
  crowd.kill();
  return quantiles(name, times);
}

async function startCrowd(url: string, username: string, password: string): Promise<ChildProcess> {
  const args = [url, username, password, String(CROWD), String(POSITIONS_PER_SECOND)];
  const crowd = spawn(process.execPath, [...script('path-load'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await firstLine(crowd);
  return crowd;
}

const probeOf = (seq: number, lat: number, lon: number): string =>
  JSON.stringify({ seq, time: new Date().toISOString(), lat, lon, accuracy: 6, speed: 0 });

interface Server {
  readonly url: string;
  readonly mqttUrl: string;
  readonly broker: { username: string; password: string };
  readonly cookies: { operator: string; administrator: string };
  readonly token: string;
  stop(): void;
}

async function startServer(mqttUrl: string | null): Promise<Server> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
  const env = {
    ...process.env,
    CORDON_DATA_DIR: dataDir,
    CORDON_HTTP_PORT: String(await freePort()),
    ...(mqttUrl ? { CORDON_MQTT_URL: mqttUrl } : { CORDON_MQTT_PORT: String(await freePort()) }),
  };
  const flags = ['--max-semi-space-size=64', '--import', 'tsx', 'server/demo.ts', '--empty'];
  const child = spawn(process.execPath, flags, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await firstLine(child);
  const known = JSON.parse(await readFile(join(dataDir, 'demo-credentials.json'), 'utf8'));
  const signIn = async (account: unknown): Promise<string> => {
    const answer = await fetch(`${known.httpUrl}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(account),
    });
    return answer.headers.get('set-cookie')!.split(';')[0]!;
  };
  return {
    url: known.httpUrl,
    mqttUrl: known.mqttUrl,
    broker: known.broker,
    token: known.cjib.token,
    cookies: {
      operator: await signIn(known.operator),
      administrator: await signIn(known.administrator),
    },
    stop: () => void child.kill('SIGTERM'),
  };
}

async function put(url: string, body: unknown, headers: Record<string, string>): Promise<void> {
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
}

/**
 * A crowd without orders of its own, and pairs that are apart until the probe puts them together.
 */
async function register(server: Server): Promise<void> {
  const admin = { cookie: server.cookies.administrator };
  const device = (id: string, kind: string, personId: string): Promise<void> =>
    put(`${server.url}/v1/devices/${id}`, { kind, personId }, admin);
  for (let i = 0; i < CROWD; i++) {
    const odd = i % 2 === 1;
    await device(`crowd-${i}`, odd ? 'victim-device' : 'ankle-monitor', `crowd-${i}`);
    if (odd) await order(server, `crowd-order-${i}`, `crowd-${i - 1}`, `crowd-${i}`);
  }
  for (let i = 0; i < PROBES; i++) {
    await device(`probe-o-${i}`, 'ankle-monitor', `probe-w-${i}`);
    await device(`probe-p-${i}`, 'victim-device', `probe-v-${i}`);
    await order(server, `probe-order-${i}`, `probe-w-${i}`, `probe-v-${i}`);
  }
}

const order = (
  server: Server,
  orderId: string,
  wearerId: string,
  victimId: string,
): Promise<void> =>
  put(
    `${server.url}/v1/orders/${orderId}`,
    {
      reference: orderId,
      legalBasis: 'special-condition',
      wearerId,
      validFrom: new Date(Date.now() - 3_600_000).toISOString(),
      validUntil: new Date(Date.now() + 86_400_000).toISOString(),
      bans: [{ banId: 'b1', kind: 'contact-ban', victimId, distanceM: 100 }],
    },
    { authorization: `Bearer ${server.token}` },
  );

const VICTIM_AT = { lat: 52.2, lon: 5.9 };

async function toConsole(name: string, mqttUrl: string | null): Promise<PathFigures> {
  const server = await startServer(mqttUrl);
  await register(server);
  const crowd = await startCrowd(server.mqttUrl, server.broker.username, server.broker.password);
  const client = await connectAsync(server.mqttUrl, { ...server.broker, clientId: 'probe' });
  const console_ = new WebSocket(`${server.url.replace('http', 'ws')}/v1/console`, {
    headers: { cookie: server.cookies.operator },
  });
  await new Promise((resolve) => console_.once('open', resolve));
  for (let i = 0; i < PROBES; i++) {
    const body = probeOf(0, VICTIM_AT.lat, VICTIM_AT.lon);
    await client.publishAsync(topicOf(`probe-p-${i}`, 'position'), body, { qos: 1 });
  }
  await pause(WARM_MS);
  const times = await probe(client, console_);
  await client.endAsync(true);
  console_.terminate();
  crowd.kill();
  server.stop();
  return quantiles(name, times);
}

async function probe(client: MqttClient, socket: WebSocket): Promise<number[]> {
  const sentAt = new Map<string, number>();
  const times: number[] = [];
  socket.on('message', (data: Buffer) => {
    const heardAt = performance.now();
    const message = ServerToConsole.parse(JSON.parse(data.toString()));
    if (message.type !== 'alert' || message.alert.kind !== 'contact') return;
    const sent = sentAt.get(message.alert.wearerId ?? '');
    if (sent === undefined) return;
    sentAt.delete(message.alert.wearerId!);
    times.push(heardAt - sent);
  });
  for (let i = 0; i < PROBES; i++) {
    sentAt.set(`probe-w-${i}`, performance.now());
    const body = probeOf(0, VICTIM_AT.lat, VICTIM_AT.lon + 0.0002);
    client.publish(topicOf(`probe-o-${i}`, 'position'), body, { qos: 1 });
    await pause(PROBE_EVERY_MS);
  }
  await pause(2_000);
  return times;
}

/** Each way to the console beside the echo of the broker that it goes through. */
export async function benchPath(): Promise<PathFigures[]> {
  const aedes = spawn(process.execPath, script('echo-broker'), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const aedesUrl = `mqtt://127.0.0.1:${await firstLine(aedes)}`;
  const mosquitto = await startMosquitto();
  const figures = [
    await echo('aedes alone, echo', aedesUrl),
    await toConsole('embedded broker → console frame', null),
    await echo('Mosquitto alone, echo', mosquitto.url),
    await toConsole('Mosquitto → console frame', mosquitto.url),
  ];
  aedes.kill();
  await mosquitto.stop();
  return figures;
}
