import { fleetSetup } from '../../device-sim/load-fleet.ts';
import { contactBan, orderOf } from '../../test/e2e/case-world.ts';
import { brokerOf } from '../../test/e2e/device-client.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { noDisk, openDisk } from './disk.ts';
import { type Fault, millis, notRun, outcomeOf, pause, seconds } from './fault.ts';
import { ackedOf, compare, enrol, sinceNow } from './fleet-check.ts';
import { fleetOf } from './fleet.ts';
import { healthAt } from './in-service.ts';
import { probeOf } from './probe.ts';

const DISK_MB = 128;
const DEVICES = 50;
const RATE_PER_S = 200;
const SEED_OFFSET = 10;
const BEFORE_MS = 3_000;
/** What was synced before the disk died may be told in this time, and nothing after it. */
const LAST_ACKS_MS = 500;
const WATCHED_MS = 5_000;
const ALARM_MS_MAX = 5_000;
const WARNING_MS_MAX = 2_000;
const GIVE_UP_MS = 30_000;
const DRAIN_MS_MAX = 30_000;

export const deadDisk: Fault = {
  number: 10,
  name: 'disk answers EIO',
  fault: `every write and sync of the data folder fails with EIO from one moment on, under ${RATE_PER_S} positions/s`,
  expected: `no acknowledgement any more; told within ${seconds(ALARM_MS_MAX)}; orders refused; nothing acknowledged is lost; the process ends, or warns on and takes no sync for done that once failed`,
  perStore: false,
  async run({ seed, patience }) {
    const why = noDisk();
    if (why !== null) return notRun(why);
    const disk = openDisk(DISK_MB);
    const setup = fleetSetup(DEVICES, Date.now());
    let server = await startServer({ dataDir: disk.dataDir });
    const wish = { devices: DEVICES, seed: seed + SEED_OFFSET, boot: 'eio' };
    const fleet = fleetOf({ broker: brokerOf(server), ...wish });
    try {
      await enrol(server, setup);
      const desk = await server.openConsole();
      const probe = await probeOf(server, 1);
      await fleet.connectAll();
      const since = sinceNow(fleet);
      fleet.report(RATE_PER_S);
      await pause(BEFORE_MS);
      disk.cutPower();
      const deadAtMs = performance.now();
      const told = desk.alert(
        'the store failing',
        ({ code }) => code === 'store-failing',
        GIVE_UP_MS,
      );
      const toldMs = await told.then(
        () => performance.now() - deadAtMs,
        () => Infinity,
      );
      await pause(LAST_ACKS_MS);
      const ackedDead = ackedOf(fleet);
      const warningMs = await probe.breach(desk, GIVE_UP_MS);
      await pause(WATCHED_MS);
      const ackedSince = ackedOf(fleet) - ackedDead;
      const state = await stateOf(server);
      fleet.rest();
      await server.kill();
      disk.powerOn();
      server = await startServer({ like: server });
      const drained = await fleet.drained(DRAIN_MS_MAX);
      const { acked, lost } = await compare(server, fleet, setup, since);
      return outcomeOf(
        [
          { what: 'nothing acknowledged any more', holds: ackedSince === 0 },
          { what: 'told in time', holds: toldMs <= ALARM_MS_MAX * patience },
          {
            what: 'order not accepted',
            holds: state.orderStatus === null || state.orderStatus === 503,
          },
          { what: 'not ready', holds: state.ready !== true },
          {
            what: 'ended, or warns on',
            holds: !state.up || warningMs <= WARNING_MS_MAX * patience,
          },
          { what: 'nothing acknowledged lost', holds: lost === 0 && acked > 0 },
          { what: 'what was owed came through', holds: drained },
        ],
        [
          `told ${millis(toldMs)} after`,
          `${ackedSince} acknowledged in ${seconds(WATCHED_MS)}`,
          state.up ? `stays up, not ready, order answered ${state.orderStatus}` : 'process ended',
          `a breach meanwhile on the console after ${millis(warningMs)}`,
          `${lost} of ${acked} acknowledged lost after mount and restart`,
        ],
        ['SQLite writes the frames of a failed commit anew, so a later sync covers all of them'],
      );
    } finally {
      await fleet.close();
      await server.kill();
      disk.close();
    }
  },
};

interface State {
  readonly up: boolean;
  readonly ready: boolean | null;
  /** Null when nobody answered. */
  readonly orderStatus: number | null;
}

async function stateOf(server: ServerProcess): Promise<State> {
  const order = orderOf('w-eio', [contactBan('v-eio')]);
  const orderStatus = await server.ask('cjib', 'PUT', '/v1/orders/o-eio', order).then(
    ({ status }) => status,
    () => null,
  );
  const up = server.child.exitCode === null && server.child.signalCode === null;
  return { up, ready: (await healthAt(server.httpUrl))?.ready ?? null, orderStatus };
}
