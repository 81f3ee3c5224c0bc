import { fleetSetup } from '../../device-sim/load-fleet.ts';
import type { ConsoleProbe } from '../../test/support/console-probe.ts';
import { type Mosquitto, startMosquitto } from '../../test/support/mosquitto.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { eventually, type Fault, outcomeOf, pause, seconds } from './fault.ts';
import { compare, type Comparison, enrol, sinceNow } from './fleet-check.ts';
import { type Fleet, fleetOf } from './fleet.ts';
import { healthAt } from './in-service.ts';

const DEVICES = 100;
const RATE_PER_S = 500;
const SEED_OFFSET = 6;
const BEFORE_MS = 3_000;
/** As a service manager takes to start it again. */
const AWAY_MS = 5_000;
const COMPLETE_MS_MAX = 60_000;
const GAP_MS_MAX = 5_000;
const ROUNDS = 5;
const ROUNDS_QUICK = 1;
const LINK_MS_MAX = 60_000;

export const killBroker: Fault = {
  number: 6,
  name: 'Mosquitto killed',
  fault: `kill -9 of Mosquitto during ${RATE_PER_S} positions/s from ${DEVICES} devices; it is back after ${seconds(AWAY_MS)} and has forgotten every session`,
  expected: `${seconds(COMPLETE_MS_MAX)} after it is back no position is missing; gap-possible told within ${seconds(GAP_MS_MAX)} of the server's reconnection`,
  perStore: false,
  async run({ quick, seed, patience, tell }) {
    const mosquitto = await startMosquitto();
    const server = await startServer({ env: { CORDON_MQTT_URL: mosquitto.url } });
    const setup = fleetSetup(DEVICES, Date.now());
    const broker = { mqttUrl: mosquitto.url };
    const wish = { devices: DEVICES, seed: seed + SEED_OFFSET, boot: 'broker' };
    const fleet = fleetOf({ broker, ...wish });
    const rounds: Round[] = [];
    try {
      await enrol(server, setup);
      const desk = await server.openConsole();
      await fleet.connectAll();
      for (let round = 1; round <= (quick ? ROUNDS_QUICK : ROUNDS); round++) {
        const since = sinceNow(fleet);
        const killed = await killOnce({ mosquitto, server, fleet, desk }, patience);
        const kept = await compare(server, fleet, setup, since);
        rounds.push({ ...killed, ...kept });
        tell(`round ${round}: ${JSON.stringify(rounds.at(-1))}`);
      }
      await desk.close();
      return verdictOf(rounds, patience);
    } finally {
      await fleet.close();
      await server.remove();
      await mosquitto.stop();
    }
  },
};

interface Killed {
  readonly drained: boolean;
  readonly completeMs: number;
  readonly linkMs: number;
  readonly gapMs: number;
}
type Round = Killed & Comparison;

interface World {
  readonly mosquitto: Mosquitto;
  readonly server: ServerProcess;
  readonly fleet: Fleet;
  readonly desk: ConsoleProbe;
}

async function killOnce(world: World, patience: number): Promise<Killed> {
  const { mosquitto, server, fleet, desk } = world;
  const gaps = (): number => desk.changes().filter(({ code }) => code === 'gap-possible').length;
  fleet.report(RATE_PER_S);
  await pause(BEFORE_MS);
  await mosquitto.kill();
  await pause(AWAY_MS);
  const before = gaps();
  await mosquitto.restart();
  const backMs = performance.now();
  const linkMs = await brokerUp(server.httpUrl);
  const withinMs = GAP_MS_MAX * patience;
  const gap = desk
    .waitFor('gap-possible', () => gaps() > before, withinMs)
    .then(
      () => performance.now() - linkMs,
      () => Infinity,
    );
  fleet.rest();
  const drained = await fleet.drained(COMPLETE_MS_MAX);
  const completeMs = performance.now() - backMs;
  return { drained, completeMs, linkMs: linkMs - backMs, gapMs: await gap };
}

async function brokerUp(httpUrl: string): Promise<number> {
  const atMs = await eventually(LINK_MS_MAX, async () => {
    const health = await healthAt(httpUrl);
    return health?.broker === 'up' ? performance.now() : null;
  });
  return atMs ?? Infinity;
}

function verdictOf(rounds: readonly Round[], patience: number) {
  const sum = (of: (round: Round) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0);
  const worst = (of: (round: Round) => number): number => Math.max(...rounds.map(of));
  const gapMs = worst((round) => round.gapMs);
  const lost = sum((round) => round.lost);
  const missing = sum((round) => round.missing);
  return outcomeOf(
    [
      { what: 'nothing missing', holds: missing + lost === 0 && rounds.every((r) => r.drained) },
      { what: 'there was a load', holds: sum((round) => round.acked) > RATE_PER_S },
      { what: 'gap-possible told in time', holds: gapMs <= GAP_MS_MAX * patience },
    ],
    [
      `${rounds.length} rounds`,
      `${missing + lost} of ${sum((round) => round.acked + round.missing)} positions missing`,
      `complete ${seconds(worst((round) => round.completeMs))} after Mosquitto was back (worst)`,
      `server connected again after ${seconds(worst((round) => round.linkMs))} (worst)`,
      gapMs === Infinity
        ? 'gap-possible never told'
        : `gap-possible told ${seconds(gapMs)} after that`,
    ],
  );
}
