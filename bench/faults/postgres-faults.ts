import type { Alert } from '../../shared/alert.ts';
import { fleetSetup } from '../../device-sim/load-fleet.ts';
import { brokerOf } from '../../test/e2e/device-client.ts';
import { type Postgres, startPostgres } from '../../test/support/postgres.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { eventually, type Fault, millis, outcomeOf, pause, seconds } from './fault.ts';
import { ackedOf, compare, enrol, sinceNow, type Comparison } from './fleet-check.ts';
import { type Fleet, fleetOf } from './fleet.ts';
import { backInService, healthAt } from './in-service.ts';
import { probeOf } from './probe.ts';

const DEVICES = 100;
const RATE_PER_S = 500;
const BEFORE_MS = 3_000;
const ALARM_MS_MAX = 5_000;
const WARNING_MS_MAX = 2_000;
const FROZEN_MS = 30_000;
const FROZEN_MS_QUICK = 10_000;
/** What was committed before is acknowledged by then, and nothing after it. */
const LAST_ACKS_MS = 1_000;
const BACK_MS_MAX = 30_000;
const DRAIN_MS_MAX = 60_000;
const ROUNDS = 10;
const ROUNDS_QUICK = 2;
const GIVE_UP_MS = 60_000;

interface World {
  readonly postgres: Postgres;
  readonly server: ServerProcess;
  readonly fleet: Fleet;
  readonly setup: ReturnType<typeof fleetSetup>;
  close(): Promise<void>;
}

async function openWorld(seed: number, boot: string): Promise<World> {
  const postgres = await startPostgres();
  const server = await startServer({ env: { CORDON_DATABASE_URL: postgres.url } });
  const setup = fleetSetup(DEVICES, Date.now());
  const fleet = fleetOf({ broker: brokerOf(server), devices: DEVICES, seed, boot });
  await enrol(server, setup);
  await fleet.connectAll();
  return {
    postgres,
    server,
    fleet,
    setup,
    async close() {
      await fleet.close();
      await server.remove();
      await postgres.stop();
    },
  };
}

export const killPostgres: Fault = {
  number: 7,
  name: 'PostgreSQL killed',
  fault: `kill -9 of PostgreSQL and all its processes during ${RATE_PER_S} positions/s; it is started again (one machine: no standby)`,
  expected: `nothing acknowledged is lost; acknowledging again within ${seconds(BACK_MS_MAX)}; the server is not restarted`,
  perStore: false,
  async run({ quick, seed, patience, tell }) {
    const world = await openWorld(seed + 7, 'pg-killed');
    const { postgres, server, fleet, setup } = world;
    const rounds: (Comparison & { backMs: number; drained: boolean })[] = [];
    try {
      for (let round = 1; round <= (quick ? ROUNDS_QUICK : ROUNDS); round++) {
        const since = sinceNow(fleet);
        fleet.report(RATE_PER_S);
        await pause(BEFORE_MS);
        await postgres.kill();
        const killedMs = performance.now();
        const ackedAtKill = ackedOf(fleet);
        await postgres.restart();
        await backInService(server.httpUrl, GIVE_UP_MS);
        await eventually(GIVE_UP_MS, () => (ackedOf(fleet) > ackedAtKill ? true : null));
        const backMs = performance.now() - killedMs;
        fleet.rest();
        const drained = await fleet.drained(DRAIN_MS_MAX);
        rounds.push({ ...(await compare(server, fleet, setup, since)), backMs, drained });
        tell(`round ${round}: ${JSON.stringify(rounds.at(-1))}`);
      }
    } finally {
      await world.close();
    }
    const lost = rounds.reduce((sum, round) => sum + round.lost, 0);
    const acked = rounds.reduce((sum, round) => sum + round.acked, 0);
    const worstMs = Math.max(...rounds.map(({ backMs }) => backMs));
    return outcomeOf(
      [
        { what: 'nothing acknowledged lost', holds: lost === 0 && acked > RATE_PER_S },
        { what: 'back in time', holds: worstMs <= BACK_MS_MAX * patience },
        { what: 'what was owed came through', holds: rounds.every(({ drained }) => drained) },
      ],
      [
        `${rounds.length} rounds`,
        `${lost} of ${acked} acknowledged lost`,
        `acknowledging again after ${seconds(worstMs)} (worst)`,
      ],
    );
  },
};

export const freezePostgres: Fault = {
  number: 8,
  name: 'PostgreSQL frozen',
  fault: `all processes of PostgreSQL stand still for ${seconds(FROZEN_MS)} (SIGSTOP) during ${RATE_PER_S} positions/s`,
  expected: `store-failing told within ${seconds(ALARM_MS_MAX)}; not ready meanwhile; nothing acknowledged meanwhile; warnings go on; nothing acknowledged is lost`,
  perStore: false,
  async run({ quick, seed, patience }) {
    const world = await openWorld(seed + 8, 'pg-frozen');
    const { postgres, server, fleet, setup } = world;
    try {
      const desk = await server.openConsole();
      const probe = await probeOf(server, 1);
      const since = sinceNow(fleet);
      fleet.report(RATE_PER_S);
      await pause(BEFORE_MS);
      postgres.pause();
      const frozenMs = performance.now();
      const isFailing = ({ code }: Alert): boolean => code === 'store-failing';
      const told = desk.alert('the store failing', isFailing, GIVE_UP_MS).then(
        () => performance.now() - frozenMs,
        () => Infinity,
      );
      await pause(LAST_ACKS_MS);
      const ackedFrozen = ackedOf(fleet);
      const warningMs = await probe.breach(desk, GIVE_UP_MS);
      await pause(quick ? FROZEN_MS_QUICK : FROZEN_MS);
      const ackedSince = ackedOf(fleet) - ackedFrozen;
      const ready = (await healthAt(server.httpUrl))?.ready;
      postgres.goOn();
      const toldMs = await told;
      fleet.rest();
      const drained = await fleet.drained(DRAIN_MS_MAX);
      const { acked, lost } = await compare(server, fleet, setup, since);
      await Promise.all([probe.close(), desk.close()]);
      return outcomeOf(
        [
          { what: 'told in time', holds: toldMs <= ALARM_MS_MAX * patience },
          { what: 'not ready while frozen', holds: ready === false },
          { what: 'nothing acknowledged while frozen', holds: ackedSince === 0 },
          { what: 'warning shown', holds: warningMs <= WARNING_MS_MAX * patience },
          { what: 'nothing acknowledged lost', holds: lost === 0 && acked > RATE_PER_S },
          { what: 'what was owed came through', holds: drained },
        ],
        [
          `told after ${millis(toldMs)}`,
          `${ackedSince} acknowledged while frozen`,
          `a breach meanwhile on the console after ${millis(warningMs)}`,
          `${lost} of ${acked} acknowledged lost`,
        ],
      );
    } finally {
      postgres.goOn();
      await world.close();
    }
  },
};
