import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TrackFeature } from '../../server/adapters/http-track.ts';
import { Alert, AlertChangeKind } from '../../shared/alert.ts';
import { fromInstant, Instant, toInstant } from '../../shared/instant.ts';
import { topicOf } from '../../shared/topics.ts';
import { RECORDING_START, recordingOf } from '../../device-sim/recording.ts';
import { loadScenario } from '../../device-sim/scenario-file.ts';
import { setupOf } from '../../device-sim/scenario-setup.ts';
import { type Page, type ServerProcess, startServer } from '../support/server-process.ts';
import { contactBan, orderOf, putOrder, register, spot } from './case-world.ts';
import { brokerOf, connectDevice, positionAt } from './device-client.ts';

const Line = Alert.extend({ at: Instant, change: AlertChangeKind }).strict();

let dir: string;
let setup: string;
let events: string;
const recorded: string[] = [];

const file = (name: string, content: string | Buffer): string => {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
};

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'cordon-replay-'));
  const loaded = loadScenario('pass-by');
  if (!loaded.ok) throw new Error(loaded.error);
  const startMs = fromInstant(RECORDING_START);
  recorded.push(...recordingOf(loaded.value, { startMs, seconds: 1_200, seed: 1 }));
  setup = file('setup.json', JSON.stringify(setupOf(loaded.value.scenario, startMs)));
  events = file('events.ndjson', recorded.join('\n'));
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Replayed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function replay(setupPath: string, eventsPath: string, nodeOptions = ''): Promise<Replayed> {
  const args = ['--import', 'tsx', 'server/replay.ts'];
  const child = spawn(process.execPath, [...args, '--setup', setupPath, '--events', eventsPath], {
    env: { ...process.env, NODE_OPTIONS: nodeOptions },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

const linesOf = ({ stdout }: Replayed) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => Line.parse(JSON.parse(line)));

describe('replay of a recording', () => {
  test('[EV1] twice the same, packed or not, to the byte, as DESIGN §8 says', async () => {
    const packed = file('events.ndjson.gz', gzipSync(recorded.join('\n')));
    const first = await replay(setup, events);
    expect(first.code).toBe(0);
    expect((await replay(setup, events)).stdout).toBe(first.stdout);
    expect((await replay(setup, packed)).stdout).toBe(first.stdout);
    const lines = linesOf(first);
    expect(lines.map(({ change }) => change)[0]).toBe('raised');
    expect(lines.some(({ stage }) => stage === 'breach')).toBe(true);
    const times = lines.map(({ at }) => fromInstant(at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('[RP2] a line that is broken is left out and named, and nothing else', async () => {
    const broken = file('broken.ndjson', recorded.toSpliced(2, 0, '{"receivedAt":').join('\n'));
    const [whole, without] = await Promise.all([replay(setup, events), replay(setup, broken)]);
    expect(without.stdout).toBe(whole.stdout);
    expect(without.stderr).toContain('line 3 left out');
    expect(without.code).toBe(0);
  });

  test('a setup that is wrong names its field and ends with code 1', async () => {
    const devices = [{ deviceId: 'o 1', kind: 'ankle-monitor', personId: 'w-1' }];
    const wrong = file('wrong.json', JSON.stringify({ devices, orders: [] }));
    const { code, stdout, stderr } = await replay(wrong, events);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('/devices/0/deviceId');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('a recording larger than the memory is streamed', async () => {
    const large = await largeRecording(120 * 2 ** 20);
    const replayed = await replay(setup, large, '--max-old-space-size=64');
    expect([replayed.code, replayed.stderr]).toEqual([0, '']);
    // The other device never says anything.
    expect(linesOf(replayed).map(({ code, change }) => [code, change])).toEqual([
      ['silent', 'raised'],
    ]);
  });
});

/** Mostly fields that nobody reads: what is measured is the reading, not the rules. */
async function largeRecording(bytes: number): Promise<string> {
  const loaded = loadScenario('pass-by');
  if (!loaded.ok) throw new Error(loaded.error);
  const deviceId = loaded.value.scenario.devices[0]!.deviceId;
  const path = join(dir, 'large.ndjson');
  const out = createWriteStream(path);
  const pad = 'x'.repeat(8_000);
  const startMs = fromInstant(RECORDING_START);
  for (let seq = 0; seq * pad.length < bytes; seq++) {
    const receivedAt = toInstant(startMs + seq * 1_000);
    const payload = { seq, time: receivedAt, lon: 6.5, lat: 53.2, accuracy: 5, pad };
    const topic = topicOf(deviceId, 'position');
    if (!out.write(`${JSON.stringify({ receivedAt, topic, payload })}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return path;
}

describe('replay of what was live', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.remove());

  test('[RP1] [EV1] gives the alerts that the console showed', async () => {
    const devices = [
      { deviceId: 'ankle-l', kind: 'ankle-monitor', personId: 'w-l' },
      { deviceId: 'phone-l', kind: 'victim-device', personId: 'v-l' },
    ];
    const order = orderOf('w-l', [contactBan('v-l')]);
    for (const { deviceId, personId } of devices) await register(server, deviceId, personId);
    await putOrder(server, 'o-l', order);
    const desk = await server.openConsole();
    const sent = await walkPast(server);
    await desk.request({ type: 'note', alertId: 'none', text: 'a fence' });
    const live = desk.changes().map(faceOf);
    const orders = [{ ...order, orderId: 'o-l' }];
    const again = await replay(
      file('live-setup.json', JSON.stringify({ devices, orders })),
      file('live.ndjson', sent.map((line) => JSON.stringify(line)).join('\n')),
    );
    const replayed = linesOf(again).map(faceOf);
    expect(replayed.length).toBeGreaterThan(2);
    expect(replayed).toEqual(live.slice(0, replayed.length));
    // Time alone may have moved the live one on, after the last message.
    expect(live.slice(replayed.length).every(([id]) => id === live[0]![0])).toBe(true);
    await desk.close();
  });
});

const faceOf = ({ alertId, kind, stage, certainty }: Alert) => [alertId, kind, stage, certainty];

const STEPS = 30;
const STEP_M = 50;

/** A wearer comes from 1,250 m to 200 m past a victim; gives what the server received, and when. */
async function walkPast(server: ServerProcess) {
  const phone = await connectDevice(brokerOf(server), 'phone-l');
  const ankle = await connectDevice(brokerOf(server), 'ankle-l');
  const payloads = new Map<string, object>();
  for (let seq = 0; seq < STEPS; seq++) {
    const victim = positionAt(seq, spot(5_000, 5_000));
    const wearer = positionAt(seq, spot(5_000 - 1_250 + seq * STEP_M, 5_000));
    payloads.set(`phone-l/${seq}`, victim).set(`ankle-l/${seq}`, wearer);
    // One after the other: two in the same millisecond would leave their order to chance.
    await phone.deliver('position', victim);
    await ankle.deliver('position', wearer);
  }
  await Promise.all([phone.close(), ankle.close()]);
  const receivedAt = await timesOfReceipt(server);
  return [...payloads].map(([key, payload]) => ({
    receivedAt: receivedAt.get(key),
    topic: topicOf(key.split('/')[0]!, 'position'),
    payload,
  }));
}

async function timesOfReceipt(server: ServerProcess): Promise<ReadonlyMap<string, string>> {
  const times = new Map<string, string>();
  for (const personId of ['w-l', 'v-l']) {
    const path = `/v1/persons/${personId}/positions?reason=replay+of+the+test`;
    const { body } = await server.ask<Page<TrackFeature>>('operator', 'GET', path);
    for (const { properties } of body.items) {
      times.set(`${properties.deviceId}/${properties.seq}`, properties.receivedAt);
    }
  }
  return times;
}
