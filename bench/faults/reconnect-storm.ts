import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokerOf } from '../../test/e2e/device-client.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { fillDataFolder } from './data-folder.ts';
import { type Fault, largest, millis, notRun, outcomeOf, quantile, seconds } from './fault.ts';
import type { HerdSummary } from './herd.ts';
import { probeOf } from './probe.ts';
import { peakMemoryMb } from './process-figures.ts';

const DEVICES = 10_000;
const DEVICES_QUICK = 1_000;
const SERVED_MS_MAX = 120_000;
const ALERT_MS_MAX = 5_000;
const PROBE_EVERY_MS = 500;
/** Two minutes of them. */
const PROBES = 240;
const PROBES_QUICK = 30;
/** Waited for longer than the limit, so that the figure says how much too late it was. */
const GIVE_UP_MS = 60_000;
/** Each connection is a file, on both sides; a process has some hundred others. */
const OTHER_FILES = 500;
const START_MS_MAX = 120_000;

const HERD = fileURLToPath(new URL('herd.ts', import.meta.url));

export const reconnectStorm: Fault = {
  number: 36,
  name: 'all devices connect at once',
  fault: `${DEVICES.toLocaleString('en')} devices connect in the same instant; each subscribes and delivers a position`,
  expected: `all served within ${seconds(SERVED_MS_MAX)}; breaches meanwhile on the console within ${seconds(ALERT_MS_MAX)} (p99)`,
  perStore: false,
  async run({ quick, patience, tell }) {
    const devices = quick ? DEVICES_QUICK : DEVICES;
    if (filesAllowed() < devices + OTHER_FILES) {
      return notRun(`a process may hold only ${filesAllowed()} files open (ulimit -n)`);
    }
    const dataDir = mkdtempSync(join(tmpdir(), 'cordon-storm-'));
    const wish = { devices, orders: devices / 2, positionsPerDevice: 1, openAlerts: 0 };
    await fillDataFolder(dataDir, wish);
    tell(`${devices} devices are registered`);
    const server = await startServer({ dataDir, startWithinMs: START_MS_MAX });
    try {
      const desk = await server.openConsole();
      const probe = await probeOf(server, quick ? PROBES_QUICK : PROBES);
      const quietMs = await probe.breach(desk, GIVE_UP_MS);
      tell(`a breach before the storm took ${millis(quietMs)}`);
      probe.start(desk, PROBE_EVERY_MS, GIVE_UP_MS);
      const herd = await unleash(server, devices);
      await probe.stop();
      await Promise.all([probe.close(), desk.close()]);
      const peakMb = peakMemoryMb(server.child.pid!);
      return verdictOf(devices, herd, probe.times.slice(1), { peakMb, patience });
    } finally {
      await server.remove();
    }
  },
};

/** Node itself raises its limit as far as the system lets it. */
function filesAllowed(): number {
  const [, hard] = /Max open files\s+\d+\s+(\d+|unlimited)/.exec(
    readFileSync('/proc/self/limits', 'utf8'),
  )!;
  return hard === 'unlimited' ? Infinity : Number(hard);
}

async function unleash(server: ServerProcess, devices: number): Promise<HerdSummary> {
  const { mqttUrl, username, password } = brokerOf(server);
  const args = ['--import', 'tsx', HERD, mqttUrl, username!, password!, String(devices)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part));
  await once(child, 'close');
  return JSON.parse(output) as HerdSummary;
}

function verdictOf(
  devices: number,
  herd: HerdSummary,
  alertMs: readonly number[],
  { peakMb, patience }: { peakMb: number; patience: number },
) {
  const p99Ms = quantile(alertMs, 0.99);
  const lastMs = largest(herd.servedMs);
  return outcomeOf(
    [
      { what: 'all served', holds: herd.served === devices },
      { what: 'all served in time', holds: lastMs <= SERVED_MS_MAX * patience },
      { what: 'breaches shown in time', holds: p99Ms <= ALERT_MS_MAX * patience },
      { what: 'there were breaches', holds: alertMs.length >= 3 },
    ],
    [
      `${herd.served} of ${devices} served after ${seconds(lastMs)} (half after ${seconds(quantile(herd.servedMs, 0.5))})`,
      `${herd.retries} connections tried again`,
      `${alertMs.length} breaches meanwhile: median ${millis(quantile(alertMs, 0.5))}, p99 ${millis(p99Ms)}`,
      `server at most ${Math.round(peakMb)} MB`,
    ],
    [`the herd's own process stood still for up to ${millis(herd.ownDelayMs)}`],
  );
}
