import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { registerPair, spot } from '../../test/e2e/case-world.ts';
import { brokerOf, connectDevice, positionAt } from '../../test/e2e/device-client.ts';
import type { ServerProcess } from '../../test/support/server-process.ts';
import { type OpenPage, openPage } from './console-page.ts';
import { connectFleet, type Fleet, serverWithFleet } from './console-fleet.ts';

export interface FloodOptions {
  /** Each has one technical alert to tell. */
  readonly devices?: number;
  /** Also in the real page in Chromium, which needs `npm run build`. */
  readonly page?: boolean;
  /** A bare event, or a position with a low battery, whose places consoles then show. */
  readonly told?: 'event' | 'position';
  /** Called while the contact alert and the whole flood are in the page. */
  readonly look?: (page: Page) => Promise<void>;
}

export interface FloodFigures {
  /** From the publish of the breach until its frame is at a console. */
  readonly frameMs: number;
  /** Until it is the first row on the screen; null when no page was asked for. */
  readonly pageMs: number | null;
  /** How many alerts of the flood came to the console. */
  readonly alerts: number;
  /** Of those, how many came before the contact alert. */
  readonly ahead: number;
  /** What the server computed meanwhile: this does not depend on who else uses the machine. */
  readonly serverCpuMs: number | null;
  /** Runnable processes for each minute's instant, when the measurement ended. */
  readonly load: number;
  /** From the first publish until the last alert of the flood was at the console. */
  readonly floodMs: number;
}

export const FLOOD_DEVICES = 10_000;
const FLOOD_WITHIN_MS = 120_000;
const CONTACT = 'Contactverbod · overtreding';
const HOME = spot(5_000, 5_000);
const NEARBY = spot(5_120, 5_000);

/** Ten thousand technical alerts and right behind them a breach: when is it seen? (T28, test 37) */
export async function measureFlood(options: FloodOptions = {}): Promise<FloodFigures> {
  const { devices = FLOOD_DEVICES, told = 'event' } = options;
  const server = await serverWithFleet(devices);
  let page: OpenPage | null = null;
  try {
    await registerPair(server, 'flood');
    page = options.page === true ? await openPage(server) : null;
    return await flood(server, page, devices, told, options.look);
  } finally {
    await page?.close();
    await server.remove();
  }
}

async function flood(
  server: ServerProcess,
  open: OpenPage | null,
  devices: number,
  told: 'event' | 'position',
  look: FloodOptions['look'],
): Promise<FloodFigures> {
  const fleet = await connectFleet(server);
  const victim = await connectDevice(brokerOf(server), 'phone-flood');
  const wearer = await connectDevice(brokerOf(server), 'ankle-flood');
  await victim.deliver('position', positionAt(1, HOME));
  const ear = await listen(server, devices);
  const cpuBeforeMs = cpuMsOf(server);
  const beganMs = performance.now();
  tellAll(fleet, devices, told);
  const publishedMs = performance.now();
  const publishedAtMs = performance.timeOrigin + publishedMs;
  wearer.publish('position', positionAt(1, NEARBY)).catch(() => {});
  const contact = await ear.contact;
  const cpuAfterMs = cpuMsOf(server);
  const floodEndMs = await ear.whole;
  const pageMs = open === null ? null : (await open.onTopAtMs(CONTACT)) - publishedAtMs;
  if (open !== null) await look?.(open.page);
  const { ahead } = contact;
  const figures = { frameMs: contact.atMs - publishedMs, pageMs, alerts: ear.count(), ahead };
  await Promise.all([fleet.close(), victim.close(), wearer.close()]);
  ear.close();
  const serverCpuMs = cpuBeforeMs && cpuAfterMs && cpuAfterMs - cpuBeforeMs;
  return { ...figures, serverCpuMs, load: loadavg()[0]!, floodMs: floodEndMs - beganMs };
}

/** The kernel counts in hundredths of a second. */
const CPU_TICK_MS = 10;

/** User and system time of the server so far; null where there is no /proc. */
function cpuMsOf({ child }: ServerProcess): number | null {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * CPU_TICK_MS;
  } catch {
    return null;
  }
}

function tellAll(fleet: Fleet, devices: number, told: 'event' | 'position'): void {
  for (let index = 0; index < devices; index++) {
    const sent = told === 'event' ? fleet.tell(index, 1, 'battery-low') : fleet.tellFrom(index, 1);
    sent.catch(() => {});
  }
}

interface Ear {
  readonly contact: Promise<{ atMs: number; ahead: number }>;
  /** When every device of the flood was heard of. */
  readonly whole: Promise<number>;
  count(): number;
  close(): void;
}

/** A console that only counts: what it does itself must not be what is measured. */
async function listen(server: ServerProcess, devices: number): Promise<Ear> {
  const url = `${server.httpUrl.replace('http', 'ws')}/v1/console`;
  const socket = new WebSocket(url, { headers: await server.headersOf('operator') });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.send(JSON.stringify({ type: 'resume', epoch: null, seq: null }));
  await snapshotOf(socket);
  let alerts = 0;
  const heardAll = (resolve: (atMs: number) => void): void => {
    if (alerts === devices) resolve(performance.now());
  };
  const [contact, whole] = [firstOf<{ atMs: number; ahead: number }>(), firstOf<number>()];
  const fail = (why: string): void => {
    const error = new Error(`${why}, when ${alerts} of ${devices} alerts had come`);
    contact.reject(error);
    whole.reject(error);
  };
  const timer = setTimeout(() => fail(`after ${FLOOD_WITHIN_MS} ms`), FLOOD_WITHIN_MS);
  socket.on('close', (code) => fail(`the console was closed with ${code}`));
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    if (!text.startsWith('{"type":"alert"')) return;
    if (text.includes('"code":"battery-low"')) alerts += 1;
    if (text.includes('"kind":"contact"')) {
      contact.resolve({ atMs: performance.now(), ahead: alerts });
    }
    heardAll(whole.resolve);
  });
  return {
    contact: contact.promise,
    whole: whole.promise,
    count: () => alerts,
    close() {
      clearTimeout(timer);
      socket.terminate();
    },
  };
}

/** What was raised before it is in it; from then on each alert is a frame of its own. */
function snapshotOf(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const look = (data: Buffer): void => {
      if (!data.toString().startsWith('{"type":"snapshot"')) return;
      socket.off('message', look);
      resolve();
    };
    socket.on('message', look);
  });
}

interface First<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

/** A promise that is settled from outside, and harms nobody if nobody waits for it. */
function firstOf<T>(): First<T> {
  let settle: Omit<First<T>, 'promise'> | null = null;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => undefined);
  return { promise, ...settle! };
}

/** `npx tsx bench/faults/flood.ts [event|position]`: after `npm run build`, measures both. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const told = process.argv[2] === 'position' ? 'position' : 'event';
  process.stdout.write(`${JSON.stringify(await measureFlood({ page: true, told }))}\n`);
}
