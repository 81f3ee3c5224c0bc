import { fleetSetup } from '../../device-sim/load-fleet.ts';
import type { Alert } from '../../shared/alert.ts';
import { contactBan, orderOf } from '../../test/e2e/case-world.ts';
import { brokerOf } from '../../test/e2e/device-client.ts';
import type { ConsoleProbe } from '../../test/support/console-probe.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { type Disk, noDisk, openDisk } from './disk.ts';
import { type Fault, millis, notRun, type Outcome, outcomeOf, pause, seconds } from './fault.ts';
import { ackedOf, compare, type Comparison, enrol, sinceNow } from './fleet-check.ts';
import { type Fleet, fleetOf } from './fleet.ts';
import { type Probe, probeOf } from './probe.ts';

/** Room for a ballast file, if the server keeps one, and for some minutes of positions. */
const DISK_MB = 256;
const DEVICES = 50;
const RATE_PER_S = 200;
const SEED_OFFSET = 9;
const ALARM_MS_MAX = 5_000;
const WARNING_MS_MAX = 2_000;
const RECOVERY_MS_MAX = 10_000;
const DRAIN_MS_MAX = 60_000;
/** What lies in the way of SQLite's log is used up first, and a ballast given back. */
const NOTICED_MS_MAX = 90_000;
const STAYS_FULL_MS = 5_000;
const BEFORE_MS = 3_000;
const FILL_EVERY_MS = 100;
const GIVE_UP_MS = 60_000;
const ORDER_PATH = '/v1/orders/o-full';

const isFailing = ({ code }: Alert): boolean => code === 'store-failing';

export const fullDisk: Fault = {
  number: 9,
  name: 'disk full',
  fault: `the disk of the data folder is filled to the last block under ${RATE_PER_S} positions/s, and emptied again`,
  expected: `told within ${seconds(ALARM_MS_MAX)}; warnings still reach the console within ${seconds(WARNING_MS_MAX)}; an order is refused, or kept; nothing acknowledged is lost; acknowledging again within ${seconds(RECOVERY_MS_MAX)} of room`,
  perStore: false,
  async run({ seed, patience, tell }) {
    const why = noDisk();
    if (why !== null) return notRun(why);
    const disk = openDisk(DISK_MB);
    const setup = fleetSetup(DEVICES, Date.now());
    let server = await startServer({ dataDir: disk.dataDir });
    const wish = { devices: DEVICES, seed: seed + SEED_OFFSET, boot: 'full' };
    const fleet = fleetOf({ broker: brokerOf(server), ...wish });
    try {
      await enrol(server, setup);
      await fleet.connectAll();
      const since = sinceNow(fleet);
      const full = await filledAndEmptied(server, disk, fleet);
      tell(`told after ${millis(full.toldMs)}, warning took ${millis(full.warningMs)}`);
      await server.kill();
      server = await startServer({ like: server });
      const kept = await compare(server, fleet, setup, since);
      const warningKept = await hasEvents(server, full.warningId);
      const orderKept = (await server.ask('cjib', 'GET', ORDER_PATH)).status === 200;
      return verdictOf({ ...full, kept, warningKept, orderKept }, patience);
    } finally {
      await fleet.close();
      await server.kill();
      disk.close();
    }
  },
};

interface Emptied extends Full {
  readonly ackedFull: number;
  readonly backMs: number;
  readonly drained: boolean;
}

async function filledAndEmptied(server: ServerProcess, disk: Disk, fleet: Fleet): Promise<Emptied> {
  const desk = await server.openConsole();
  const probe = await probeOf(server, 1);
  fleet.report(RATE_PER_S);
  await pause(BEFORE_MS);
  const full = await whileFull(server, disk, desk, probe);
  const ackedBefore = ackedOf(fleet);
  await pause(STAYS_FULL_MS);
  const ackedFull = ackedOf(fleet) - ackedBefore;
  disk.makeRoom();
  const roomAtMs = performance.now();
  const isOver = (alert: Alert): boolean => isFailing(alert) && alert.clearedAt !== null;
  const backMs = await desk.alert('the store works again', isOver, GIVE_UP_MS).then(
    () => performance.now() - roomAtMs,
    () => Infinity,
  );
  fleet.rest();
  const drained = await fleet.drained(DRAIN_MS_MAX);
  await Promise.all([probe.close(), desk.close()]);
  return { ...full, ackedFull, backMs, drained };
}

function verdictOf(
  full: Emptied & {
    readonly kept: Comparison;
    readonly warningKept: boolean;
    readonly orderKept: boolean;
  },
  patience: number,
): Outcome {
  const { kept, toldMs, warningMs, backMs } = full;
  return outcomeOf(
    [
      { what: 'told in time', holds: toldMs <= ALARM_MS_MAX * patience },
      { what: 'warning shown in time', holds: warningMs <= WARNING_MS_MAX * patience },
      // What the ballast gave back is for decisions: there may be room for this one.
      { what: 'order refused, or kept', holds: full.orderStatus === (full.orderKept ? 201 : 503) },
      { what: 'nothing acknowledged lost', holds: kept.lost === 0 && kept.acked > 0 },
      { what: 'works again in time', holds: backMs <= RECOVERY_MS_MAX * patience },
      { what: 'what was owed came through', holds: full.drained && kept.missing === 0 },
      { what: 'the warning is in the journal after a restart', holds: full.warningKept },
    ],
    [
      `told ${millis(toldMs)} after the last block`,
      `a breach meanwhile on the console after ${millis(warningMs)}`,
      `order answered ${full.orderStatus}`,
      `${full.ackedFull} acknowledged in ${seconds(STAYS_FULL_MS)} of fullness`,
      `works again after ${seconds(backMs)}`,
      `${kept.lost} of ${kept.acked} acknowledged lost, also after kill -9 and restart`,
    ],
    full.limitAlerts === 0
      ? ['no limit-near alert came before the disk was full']
      : [`${full.limitAlerts} limit-near alerts came before the first write failed`],
  );
}

interface Full {
  readonly toldMs: number;
  readonly warningMs: number;
  readonly warningId: string | null;
  readonly orderStatus: number;
  readonly limitAlerts: number;
}

/** Keeps it full: what the server gives back or SQLite frees is taken again. */
async function whileFull(
  server: ServerProcess,
  disk: Disk,
  desk: ConsoleProbe,
  probe: Probe,
): Promise<Full> {
  disk.fill();
  const filling = setInterval(() => disk.fill(), FILL_EVERY_MS);
  const fullAtMs = performance.now();
  try {
    const toldMs = await desk.alert('the store failing', isFailing, NOTICED_MS_MAX).then(
      () => performance.now() - fullAtMs,
      () => Infinity,
    );
    const limitAlerts = [...desk.alerts().values()].filter(({ code }) => code === 'limit-near');
    const warningMs = await probe.breach(desk, NOTICED_MS_MAX);
    const warning = [...desk.alerts().values()].find(
      ({ wearerId, stage }) => wearerId === 'w-probe-0' && stage === 'breach',
    );
    const order = orderOf('w-full', [contactBan('v-full')]);
    const { status } = await server.ask('cjib', 'PUT', ORDER_PATH, order);
    const warningId = warning?.alertId ?? null;
    return { toldMs, warningMs, warningId, orderStatus: status, limitAlerts: limitAlerts.length };
  } finally {
    clearInterval(filling);
  }
}

async function hasEvents(server: ServerProcess, alertId: string | null): Promise<boolean> {
  if (alertId === null) return false;
  const path = `/v1/alerts/${alertId}/events`;
  const { body } = await server.ask<{ items?: { change: string }[] }>('operator', 'GET', path);
  return body.items?.some(({ change }) => change === 'raised') ?? false;
}
