import { fleetSetup } from '../../device-sim/load-fleet.ts';
import { prng, type Prng } from '../../shared/prng.ts';
import { brokerOf } from '../../test/e2e/device-client.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { type Clerk, clerkAt } from './clerk.ts';
import { type Fault, largest, outcomeOf, pause, quantile, seconds } from './fault.ts';
import { type Comparison, compare, enrol, sinceNow } from './fleet-check.ts';
import { type Fleet, fleetOf } from './fleet.ts';
import { backInService } from './in-service.ts';

const DEVICES = 100;
const RATE_PER_S = 1_000;
const ROUNDS = 20;
const ROUNDS_QUICK = 2;
/** Killed at a moment drawn between these, so that it falls into every part of a commit. */
const LOAD_MS_MIN = 1_500;
const LOAD_MS_MAX = 4_500;
const SERVICE_MS_MAX = 5_000;
/** Later than this it is not late but down. */
const READY_MS_MAX = 60_000;
/** What was owed at the kill, and came since, is acknowledged by then. */
const DRAIN_MS_MAX = 30_000;

export const killServer: Fault = {
  number: 1,
  name: 'server killed under load',
  fault: `kill -9 of the server during ${RATE_PER_S} positions/s from ${DEVICES} devices, while orders are put and alerts acted on`,
  expected: `nothing acknowledged is lost, of positions, orders and acts; in service again within ${seconds(SERVICE_MS_MAX)}`,
  perStore: true,
  async run({ quick, seed, patience, store, tell }) {
    const opened = await store.open();
    const random = prng(seed);
    const setup = fleetSetup(DEVICES, Date.now());
    let server = await startServer({ env: opened.env });
    const fleet = fleetOf({ broker: brokerOf(server), devices: DEVICES, seed, boot: 'killed' });
    const rounds: Round[] = [];
    try {
      await enrol(server, setup);
      const clerk = await clerkAt(server);
      await fleet.connectAll();
      fleet.report(RATE_PER_S);
      for (let round = 1; round <= (quick ? ROUNDS_QUICK : ROUNDS); round++) {
        const since = sinceNow(fleet);
        const killed = await killOnce({ server, env: opened.env, fleet, clerk, random });
        server = killed.server;
        const figures = await compare(server, fleet, setup, since);
        rounds.push({ ...killed, ...figures, peopleLost: await clerk.lostAt(server) });
        tell(`round ${round}: ${figures.acked} acked, ${figures.lost} lost, ${told(killed)}`);
      }
      return verdictOf(rounds, clerk.answered(), SERVICE_MS_MAX * patience);
    } finally {
      await fleet.close();
      await server.remove();
      await opened.close();
    }
  },
};

interface Killed {
  readonly server: ServerProcess;
  readonly readyMs: number;
  readonly firstAckMs: number;
  readonly drained: boolean;
}
type Round = Killed & Comparison & { readonly peopleLost: number };

const told = ({ readyMs, firstAckMs }: Killed): string =>
  `ready after ${seconds(readyMs)}, first ack after ${seconds(firstAckMs)}`;

interface Victim {
  readonly server: ServerProcess;
  readonly env: Readonly<Record<string, string>>;
  readonly fleet: Fleet;
  readonly clerk: Clerk;
  readonly random: Prng;
}

async function killOnce({ server, env, fleet, clerk, random }: Victim): Promise<Killed> {
  clerk.work(server);
  await pause(LOAD_MS_MIN + random.next() * (LOAD_MS_MAX - LOAD_MS_MIN));
  await server.kill();
  const killedAtMs = performance.now();
  await clerk.stop();
  const never = pause(READY_MS_MAX).then(() => Infinity);
  const firstAck = Promise.race([fleet.firstAckOver(killedAtMs), never]);
  const ready = backInService(server.httpUrl, READY_MS_MAX);
  const next = await startServer({ like: server, env });
  const readyMs = (await ready) - killedAtMs;
  const firstAckMs = (await firstAck) - killedAtMs;
  fleet.rest();
  const drained = await fleet.drained(DRAIN_MS_MAX);
  fleet.report(RATE_PER_S);
  return { server: next, readyMs, firstAckMs, drained };
}

function verdictOf(rounds: readonly Round[], answered: number, serviceMsMax: number) {
  const sum = (of: (round: Round) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0);
  const acked = sum((round) => round.acked);
  const lost = sum((round) => round.lost);
  const peopleLost = largest(rounds.map((round) => round.peopleLost));
  const serviceMs = rounds.map(({ readyMs, firstAckMs }) => Math.max(readyMs, firstAckMs));
  const worstMs = largest(serviceMs);
  return outcomeOf(
    [
      { what: 'no acknowledged position lost', holds: lost === 0 },
      { what: 'no answered order or act lost', holds: peopleLost === 0 },
      { what: 'what was owed came through', holds: rounds.every(({ drained }) => drained) },
      { what: 'in service in time', holds: worstMs <= serviceMsMax },
      { what: 'there was a load', holds: acked > rounds.length * RATE_PER_S && answered > 0 },
    ],
    [
      `${rounds.length} rounds`,
      `${lost} of ${acked} acknowledged positions lost`,
      `${peopleLost} of ${answered} answered orders and acts lost`,
      `service back after ${seconds(quantile(serviceMs, 0.5))} (median), ${seconds(worstMs)} (worst)`,
    ],
  );
}
