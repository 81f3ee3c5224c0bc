import { fleetSetup } from '../../device-sim/load-fleet.ts';
import type { Alert } from '../../shared/alert.ts';
import { contactBan, orderOf } from '../../test/e2e/case-world.ts';
import { brokerOf } from '../../test/e2e/device-client.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { type Disk, noDisk, openDisk } from './disk.ts';
import { type Fault, millis, notRun, type Outcome, outcomeOf, pause, seconds } from './fault.ts';
import { ackedOf, compare, type Comparison, enrol, sinceNow } from './fleet-check.ts';
import { type Fleet, fleetOf } from './fleet.ts';
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
      await fleet.connectAll();
      const since = sinceNow(fleet);
      const dead = await diedUnder(server, disk, fleet);
      await server.kill();
      disk.powerOn();
      server = await startServer({ like: server });
      const drained = await fleet.drained(DRAIN_MS_MAX);
      const kept = await compare(server, fleet, setup, since);
      return verdictOf({ ...dead, kept, drained }, patience);
    } finally {
      await fleet.close();
      await server.kill();
      disk.close();
    }
  },
};

interface Dead {
  readonly toldMs: number;
  readonly warningMs: number;
  readonly ackedSince: number;
  readonly state: State;
}

async function diedUnder(server: ServerProcess, disk: Disk, fleet: Fleet): Promise<Dead> {
  const desk = await server.openConsole();
  const probe = await probeOf(server, 1);
  fleet.report(RATE_PER_S);
  await pause(BEFORE_MS);
  disk.cutPower();
  const deadAtMs = performance.now();
  const isFailing = ({ code }: Alert): boolean => code === 'store-failing';
  const toldMs = await desk.alert('the store failing', isFailing, GIVE_UP_MS).then(
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
  return { toldMs, warningMs, ackedSince, state };
}

function verdictOf(
  dead: Dead & { readonly kept: Comparison; readonly drained: boolean },
  patience: number,
): Outcome {
  const { toldMs, warningMs, ackedSince, state, kept } = dead;
  const { orderStatus } = state;
  return outcomeOf(
    [
      { what: 'nothing acknowledged any more', holds: ackedSince === 0 },
      { what: 'told in time', holds: toldMs <= ALARM_MS_MAX * patience },
      { what: 'order not accepted', holds: orderStatus === null || orderStatus === 503 },
      { what: 'not ready', holds: state.ready !== true },
      { what: 'ended, or warns on', holds: !state.up || warningMs <= WARNING_MS_MAX * patience },
      { what: 'nothing acknowledged lost', holds: kept.lost === 0 && kept.acked > 0 },
      { what: 'what was owed came through', holds: dead.drained },
    ],
    [
      `told ${millis(toldMs)} after`,
      `${ackedSince} acknowledged in ${seconds(WATCHED_MS)}`,
      state.up ? `stays up, not ready, order answered ${orderStatus}` : 'process ended',
      `a breach meanwhile on the console after ${millis(warningMs)}`,
      `${kept.lost} of ${kept.acked} acknowledged lost after mount and restart`,
    ],
    ['SQLite writes the frames of a failed commit anew, so a later sync covers all of them'],
  );
}

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
