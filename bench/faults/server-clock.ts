import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert } from '../../shared/alert.ts';
import { registerPair, spot } from '../../test/e2e/case-world.ts';
import {
  brokerOf,
  connectDevice,
  type DeviceClient,
  positionAt,
  type Spot,
} from '../../test/e2e/device-client.ts';
import type { ConsoleProbe } from '../../test/support/console-probe.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { type Fault, millis, notRun, outcomeOf, pause } from './fault.ts';

const HOUR_S = 3_600;
/** A pair apart that reports all the time: nothing may be told of it. */
const EVERY_MS = 1_000;
const BEFORE_MS = 5_000;
const WATCHED_MS = 20_000;
const TOLD_MS_MAX = 10_000;
const BREACH_MS_MAX = 5_000;
const GIVE_UP_MS = 90_000;
/** He walks from where no breach is to well within the ban. */
const BAN_M = 500;
const WALK_FROM_M = 800;
const WALK_M = 600;
const WALK_MS = 10;

export const serverClock: Fault = {
  number: 27,
  name: 'server clock jumps',
  fault:
    'the server’s clock jumps an hour ahead, and in another run an hour back, while a pair reports from 7 km apart (libfaketime; the steady clock goes on)',
  expected: `clock-stepped told within ${millis(TOLD_MS_MAX)}; nothing false told of the pair; a breach shown within ${millis(BREACH_MS_MAX)} of crossing the line`,
  perStore: false,
  async run({ patience, tell }) {
    const library = fakeTime();
    if (library === null) return notRun('libfaketime is missing: apt-get install faketime');
    const runs: Jump[] = [];
    for (const jumpS of [HOUR_S, -HOUR_S]) {
      runs.push(await jumped(library, jumpS));
      tell(JSON.stringify(runs.at(-1)));
    }
    const name = ({ jumpS }: Jump): string => (jumpS > 0 ? '+1 h' : '-1 h');
    return outcomeOf(
      runs.flatMap((run) => [
        { what: `${name(run)} told`, holds: run.toldMs <= TOLD_MS_MAX * patience },
        { what: `${name(run)} nothing false`, holds: run.falseAlerts.length === 0 },
        { what: `${name(run)} breach shown`, holds: run.breachMs <= BREACH_MS_MAX * patience },
      ]),
      runs.map((run) => {
        const told = run.toldMs === Infinity ? 'not told' : `told after ${millis(run.toldMs)}`;
        const wrong = run.falseAlerts.length === 0 ? 'nothing' : run.falseAlerts.join(', ');
        const breach =
          run.breachMs === Infinity ? 'not shown' : `shown ${millis(run.breachMs)} after the line`;
        return `${name(run)}: ${told}; told falsely: ${wrong}; a breach ${breach}`;
      }),
    );
  },
};

interface Jump {
  readonly jumpS: number;
  readonly toldMs: number;
  readonly falseAlerts: readonly string[];
  readonly breachMs: number;
}

const LIBRARIES = '/usr/lib';

/** Where Debian puts it, whatever the machine. */
function fakeTime(): string | null {
  const dirs = readdirSync(LIBRARIES).map((dir) => join(LIBRARIES, dir, 'faketime'));
  const found = dirs.map((dir) => join(dir, 'libfaketime.so.1')).find((path) => existsSync(path));
  return found ?? null;
}

async function jumped(library: string, jumpS: number): Promise<Jump> {
  const dir = mkdtempSync(join(tmpdir(), 'cordon-clock-'));
  const clockFile = join(dir, 'offset');
  writeFileSync(clockFile, '+0');
  const server = await startServer({
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: clockFile,
      FAKETIME_NO_CACHE: '1',
      // A real machine's steady clock does not jump with the other one.
      DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  });
  try {
    await registerPair(server, 'calm');
    await registerPair(server, 'walk');
    const desk = await server.openConsole();
    const devices = await reporting(server);
    await pause(BEFORE_MS);
    const before = desk.changes().length;
    writeFileSync(clockFile, `${jumpS > 0 ? '+' : ''}${jumpS}`);
    const jumpedMs = performance.now();
    const told = desk.alert('clock-stepped', ({ code }) => code === 'clock-stepped', TOLD_MS_MAX);
    const toldMs = await told.then(
      () => performance.now() - jumpedMs,
      () => Infinity,
    );
    await pause(WATCHED_MS);
    const falseAlerts = falselyTold(desk, before);
    const crossedMs = devices.setOut();
    const isBreach = ({ wearerId, stage, retrospective }: Alert): boolean =>
      wearerId === 'w-walk' && stage === 'breach' && !retrospective;
    const breachMs = await desk.alert('a breach', isBreach, GIVE_UP_MS).then(
      () => performance.now() - crossedMs,
      () => Infinity,
    );
    await devices.stop();
    await desk.close();
    return { jumpS, toldMs, falseAlerts, breachMs };
  } finally {
    await server.remove();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Reporting {
  /** He sets out; gives the moment at which he will cross the line. */
  setOut(): number;
  stop(): Promise<void>;
}

/** By the true time, as devices have it from their receivers. */
async function reporting(server: ServerProcess): Promise<Reporting> {
  let setOutMs = Infinity;
  const wayM = (): number =>
    WALK_FROM_M - Math.max(0, Math.min(WALK_M, ((performance.now() - setOutMs) / 1000) * WALK_MS));
  const places: Readonly<Record<string, () => Spot>> = {
    'phone-calm': () => spot(5_000, 5_000),
    'ankle-calm': () => spot(12_000, 5_000),
    'phone-walk': () => spot(5_000, 25_000),
    'ankle-walk': () => spot(5_000 + wayM(), 25_000),
  };
  const clients = new Map<string, DeviceClient>();
  for (const deviceId of Object.keys(places)) {
    clients.set(deviceId, await connectDevice(brokerOf(server), deviceId));
  }
  let seq = 0;
  const timer = setInterval(() => {
    seq += 1;
    for (const [deviceId, client] of clients) {
      const payload = positionAt(seq, places[deviceId]!(), { speed: null });
      client.publish('position', payload).catch(() => undefined);
    }
  }, EVERY_MS);
  return {
    setOut() {
      setOutMs = performance.now();
      return setOutMs + ((WALK_FROM_M - BAN_M) / WALK_MS) * 1000;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

/** Of the pair that did nothing and was heard all the time. */
function falselyTold(desk: ConsoleProbe, from: number): string[] {
  const ofPair = ({ wearerId, victimId }: Alert): boolean =>
    wearerId === 'w-calm' || victimId === 'v-calm';
  const told = desk.changes().slice(from).filter(ofPair);
  return [...new Set(told.map(({ code }) => code))];
}
