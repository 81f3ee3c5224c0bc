import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert } from '../../shared/alert.ts';
import { fleetDeviceId, fleetPlace } from '../../device-sim/load-fleet.ts';
import { toInstant } from '../../shared/instant.ts';
import { brokerOf, connectDevice, positionAt } from '../../test/e2e/device-client.ts';
import { type Page, startServer } from '../../test/support/server-process.ts';
import { fillDataFolder } from './data-folder.ts';
import { type Fault, outcomeOf, seconds } from './fault.ts';
import { backInService } from './in-service.ts';
import { cpuMs, peakMemoryMb } from './process-figures.ts';

const DEVICES = 100_000;
const ORDERS = 10_000;
const OPEN_ALERTS = 200;
const DEVICES_QUICK = 5_000;
const EVALUATING_MS_MAX = 10_000;
const GIVE_UP_MS = 180_000;
/** Of a pair that has an order: it comes to the place of the other one. */
const WEARER = 400;

export const largeRestart: Fault = {
  number: 'restart',
  name: 'restart of a large centre',
  fault: `the server starts with ${DEVICES.toLocaleString('en')} devices, ${ORDERS.toLocaleString('en')} orders, 4 positions of each device and ${OPEN_ALERTS} open alerts in its folder`,
  expected: `evaluating again within ${seconds(EVALUATING_MS_MAX)}`,
  perStore: false,
  async run({ quick, patience, tell }) {
    const devices = quick ? DEVICES_QUICK : DEVICES;
    const orders = (ORDERS / DEVICES) * devices;
    const dataDir = mkdtempSync(join(tmpdir(), 'cordon-large-'));
    const size = { devices, orders, positionsPerDevice: 4, openAlerts: OPEN_ALERTS };
    await fillDataFolder(dataDir, size);
    // The first start makes the accounts; what is measured is a start after a stop.
    const before = await startServer({ dataDir, startWithinMs: GIVE_UP_MS });
    await before.kill();
    tell('the folder is written');

    const begunMs = performance.now();
    const ready = backInService(before.httpUrl, GIVE_UP_MS);
    const starting = startServer({ like: before, startWithinMs: GIVE_UP_MS });
    const readyMs = (await ready) - begunMs;
    const server = await starting;
    try {
      const wearer = await connectDevice(brokerOf(server), fleetDeviceId(WEARER));
      const [lon, lat] = fleetPlace(WEARER + 1, Date.now());
      const desk = await server.openConsole();
      // Two that agree, for he was 3 km away a moment ago: one alone would be taken for a jump.
      const time = toInstant(Date.now() - 1_000);
      await wearer.deliver('position', positionAt(1, { lon, lat }, { boot: 'after', time }));
      await wearer.deliver('position', positionAt(2, { lon, lat }, { boot: 'after' }));
      const ackedMs = performance.now() - begunMs;
      const wearerId = `load-w-${WEARER / 2}`;
      const fits = (each: Alert): boolean => each.wearerId === wearerId && each.stage === 'breach';
      await desk.alert('a breach', fits, GIVE_UP_MS);
      const evaluatedMs = performance.now() - begunMs;
      const open = await openSos(
        await server.ask('operator', 'GET', '/v1/alerts?state=open&limit=500'),
      );
      const pid = server.child.pid!;
      const [peakMb, usedMs] = [peakMemoryMb(pid), cpuMs(pid)];
      await Promise.all([wearer.close(), desk.close()]);
      return outcomeOf(
        [
          { what: 'evaluating in time', holds: evaluatedMs <= EVALUATING_MS_MAX * patience },
          { what: 'open alerts came back', holds: open === OPEN_ALERTS },
        ],
        [
          `${devices.toLocaleString('en')} devices, ${orders.toLocaleString('en')} orders`,
          `ready after ${seconds(readyMs)}`,
          `positions evaluated and on disk after ${seconds(ackedMs)}`,
          `the breach on a console after ${seconds(evaluatedMs)}`,
          `${open} of ${OPEN_ALERTS} open alerts back`,
          `the server used ${seconds(usedMs)} of a core, and at most ${Math.round(peakMb)} MB`,
        ],
      );
    } finally {
      await server.remove();
    }
  },
};

const openSos = ({ body }: { body: Record<string, unknown> }): number =>
  (body as unknown as Page<Alert>).items.filter(({ code }) => code === 'sos').length;
