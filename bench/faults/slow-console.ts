import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import type { ServerProcess } from '../../test/support/server-process.ts';
import { connectFleet, type Fleet, fleetDevice, serverWithFleet } from './console-fleet.ts';

export interface SlowConsoleFigures {
  /** From a device's publish until the frame is at a console that reads, while another does not. */
  readonly othersP99Ms: number;
  /** From the moment at which it read no more until the server had let go of it. */
  readonly droppedAfterS: number;
  /** The most that waited for it in the server, by the server's own figure. */
  readonly bufferedBytesMax: number;
}

/**
 * Their alerts come and go with each round: some 60 KB/s, so that what the kernel takes for a
 * console that does not read is soon full.
 */
const DEVICES = 2_000;
const CHANGES_PER_S = 400;
const TICK_MS = 10;
/** The slow one reads at this pace, as over a line that is all but dead. */
const SLOW_BYTES_PER_S = 1_024;
const OTHERS = 3;
const LOOK_EVERY_MS = 500;
const WITHIN_MS = 180_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One console reads a kilobyte a second; what do the others notice? (RELIABILITY test 34) */
export async function measureSlowConsole(): Promise<SlowConsoleFigures> {
  const server = await serverWithFleet(DEVICES);
  try {
    return await measure(server);
  } finally {
    await server.remove();
  }
}

async function measure(server: ServerProcess): Promise<SlowConsoleFigures> {
  const fleet = await connectFleet(server);
  const sentMs = new Map<string, number>();
  const timesMs: number[] = [];
  const others = await Promise.all(
    Array.from({ length: OTHERS }, () => quickConsole(server, sentMs, timesMs)),
  );
  const load = startLoad(fleet, sentMs);
  const slow = await slowConsole(server);
  const sinceMs = performance.now();
  let bufferedBytesMax = 0;
  while ((await server.metric('cordon_consoles')) > OTHERS) {
    bufferedBytesMax = Math.max(
      bufferedBytesMax,
      await server.metric('cordon_console_behind_bytes'),
    );
    if (performance.now() - sinceMs > WITHIN_MS) throw new Error('the slow console was kept');
    await pause(LOOK_EVERY_MS);
  }
  const droppedAfterS = (performance.now() - sinceMs) / 1_000;
  load.stop();
  slow.destroy();
  for (const other of others) other.terminate();
  await fleet.close();
  return { othersP99Ms: p99(timesMs), droppedAfterS, bufferedBytesMax };
}

/** Each device's battery is low, and is charged, and is low again: an alert's change each time. */
function startLoad(fleet: Fleet, sentMs: Map<string, number>): { stop(): void } {
  const beganMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - beganMs) / 1_000) * CHANGES_PER_S;
    for (; sent < due; sent++) {
      const round = Math.floor(sent / DEVICES);
      const index = sent % DEVICES;
      sentMs.set(fleetDevice(index), performance.now());
      fleet.tell(index, round + 1, round % 2 === 0 ? 'battery-low' : 'charging').catch(() => {});
    }
  }, TICK_MS);
  return { stop: () => clearInterval(timer) };
}

const DEVICE = /"deviceId":"(fleet-\d+)"/;

async function quickConsole(
  server: ServerProcess,
  sentMs: ReadonlyMap<string, number>,
  timesMs: number[],
): Promise<WebSocket> {
  const url = `${server.httpUrl.replace('http', 'ws')}/v1/console`;
  const socket = new WebSocket(url, { headers: await server.headersOf('operator') });
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    if (!text.startsWith('{"type":"alert"')) return;
    const sent = sentMs.get(DEVICE.exec(text)?.[1] ?? '');
    if (sent !== undefined) timesMs.push(performance.now() - sent);
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.send(JSON.stringify({ type: 'resume', epoch: null, seq: null }));
  return socket;
}

/**
 * Speaks just enough HTTP to be let in, and then reads a kilobyte a second. It says that it lives
 * without being asked, so that only what it leaves lying tells that it does not keep up.
 */
export async function slowConsole(server: ServerProcess): Promise<Socket> {
  const { hostname, port, host } = new URL(server.httpUrl);
  const headers = { ...(await server.headersOf('operator')), ...UPGRADE, host };
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write(['GET /v1/console HTTP/1.1', ...lines, '', ''].join('\r\n'));
  await new Promise((resolve) => socket.once('readable', resolve));
  const answer = String(socket.read(LET_IN.length));
  if (answer !== LET_IN) throw new Error(`the slow console was not let in: ${answer}`);
  const timer = setInterval(() => {
    socket.read(SLOW_BYTES_PER_S);
    socket.write(PONG);
  }, 1_000);
  socket.on('close', () => clearInterval(timer));
  return socket;
}

/** Empty, and masked with nothing. (RFC 6455 §5.5.3) */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
const LET_IN = 'HTTP/1.1 101';
const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': randomBytes(16).toString('base64'),
};

function p99(timesMs: readonly number[]): number {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return sorted[Math.floor(0.99 * (sorted.length - 1))] ?? NaN;
}

/** `npx tsx bench/faults/slow-console.ts` */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${JSON.stringify(await measureSlowConsole())}\n`);
}
