import { fleetSetup } from '../../device-sim/load-fleet.ts';
import { prng, type Prng } from '../../shared/prng.ts';
import { brokerOf } from '../../test/e2e/device-client.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { type Clerk, clerkAt } from './clerk.ts';
import { type Disk, noDisk, openDisk } from './disk.ts';
import { type Fault, largest, notRun, outcomeOf, pause } from './fault.ts';
import { compare, enrol, sinceNow } from './fleet-check.ts';
import { type Fleet, fleetOf } from './fleet.ts';

const DISK_MB = 512;
const DEVICES = 100;
const RATE_PER_S = 1_000;
const ROUNDS = 20;
const ROUNDS_QUICK = 2;
const SEED_OFFSET = 2;
const LOAD_MS_MIN = 1_000;
const LOAD_MS_MAX = 3_000;
const DRAIN_MS_MAX = 30_000;

export const powerLoss: Fault = {
  number: 2,
  name: 'power cut',
  fault: `the file system of the data folder is stopped as a power cut stops it (EXT4_IOC_SHUTDOWN, journal not flushed) during ${RATE_PER_S} positions/s, orders and acts; then kill -9, mount, start`,
  expected: 'the database opens; nothing acknowledged is lost',
  perStore: false,
  async run({ quick, seed, tell }) {
    const why = noDisk();
    if (why !== null) return notRun(why);
    const disk = openDisk(DISK_MB);
    const random = prng(seed + SEED_OFFSET);
    const setup = fleetSetup(DEVICES, Date.now());
    let server = await startServer({ dataDir: disk.dataDir });
    const wish = { devices: DEVICES, seed: seed + SEED_OFFSET, boot: 'power' };
    const fleet = fleetOf({ broker: brokerOf(server), ...wish });
    const rounds: Round[] = [];
    try {
      await enrol(server, setup);
      const clerk = await clerkAt(server);
      await fleet.connectAll();
      for (let round = 1; round <= (quick ? ROUNDS_QUICK : ROUNDS); round++) {
        const since = sinceNow(fleet);
        fleet.report(RATE_PER_S);
        server = await cutOnce({ server, disk, fleet, clerk, random });
        const drained = await fleet.drained(DRAIN_MS_MAX);
        const { acked, lost } = await compare(server, fleet, setup, since);
        rounds.push({ acked, lost, drained, peopleLost: await clerk.lostAt(server) });
        tell(`round ${round}: ${acked} acked, ${lost} lost`);
      }
      return verdictOf(rounds, clerk.answered());
    } finally {
      await fleet.close();
      await server.kill();
      disk.close();
    }
  },
};

interface Round {
  readonly acked: number;
  readonly lost: number;
  readonly drained: boolean;
  readonly peopleLost: number;
}

interface Victim {
  readonly server: ServerProcess;
  readonly disk: Disk;
  readonly fleet: Fleet;
  readonly clerk: Clerk;
  readonly random: Prng;
}

/** Starting it again throws when the database does not open. */
async function cutOnce({ server, disk, fleet, clerk, random }: Victim): Promise<ServerProcess> {
  clerk.work(server);
  await pause(LOAD_MS_MIN + random.next() * (LOAD_MS_MAX - LOAD_MS_MIN));
  disk.cutPower();
  await server.kill();
  fleet.rest();
  await clerk.stop();
  disk.powerOn();
  return startServer({ like: server });
}

function verdictOf(rounds: readonly Round[], answered: number) {
  const sum = (of: (round: Round) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0);
  const acked = sum((round) => round.acked);
  const lost = sum((round) => round.lost);
  const peopleLost = largest(rounds.map((round) => round.peopleLost));
  return outcomeOf(
    [
      { what: 'no acknowledged position lost', holds: lost === 0 },
      { what: 'no answered order or act lost', holds: peopleLost === 0 },
      { what: 'what was owed came through', holds: rounds.every(({ drained }) => drained) },
      { what: 'there was a load', holds: acked > rounds.length * RATE_PER_S && answered > 0 },
    ],
    [
      `${rounds.length} rounds, the database opened in each`,
      `${lost} of ${acked} acknowledged positions lost`,
      `${peopleLost} of ${answered} answered orders and acts lost`,
    ],
    ['a disk that lies about its own cache is not part of it'],
  );
}
