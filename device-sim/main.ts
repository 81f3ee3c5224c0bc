import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { DeviceKind } from '../shared/device.ts';
import { DeviceId } from '../shared/ids.ts';
import { fromInstant, Instant } from '../shared/instant.ts';
import { hash32 } from '../shared/prng.ts';
import { demoSetup } from './demo-setup.ts';
import type { DevicePlan } from './device-plan.ts';
import { startLiveRun } from './live-run.ts';
import { fleetSetup } from './load-fleet.ts';
import { runLoad } from './load-run.ts';
import { type BrokerAddress, openConnection, systemClock } from './mqtt-connection.ts';
import { RECORDING_START, recordingOf } from './recording.ts';
import { type LoadedScenario, loadScenario, loadTrack, scenarioNames } from './scenario-file.ts';
import { plansOf } from './scenario-plans.ts';
import { setupOf } from './scenario-setup.ts';
import type { Result } from '../shared/result.ts';
import { UPLINK } from './uplink.ts';

/** What one machine can hold open; beyond it the figures say more about the sender. */
const LOAD_DEVICES_MAX = 100_000;
const LOAD_CONNECTIONS_MAX = 5_000;
const PROGRESS_EVERY_MS = 5_000;
const EXIT_USAGE = 2;

const program = new Command('sim').description('Simulated ankle monitors and victim devices');

const tell = (text: string): void => void process.stderr.write(`${text}\n`);

/** Thousands of devices may have the same trouble: it is told once. */
function teller(): (text: string) => void {
  const told = new Set<string>();
  return (text) => {
    if (told.has(text)) return;
    told.add(text);
    tell(text);
  };
}

function fail(text: string): never {
  tell(text);
  process.exit(EXIT_USAGE);
}

function valueOf<T>(result: Result<T, string>): T {
  return result.ok ? result.value : fail(result.error);
}

const numberBetween =
  (least: number, most: number, whole = false) =>
  (text: string): number => {
    const value = Number(text);
    const fits = text.trim() !== '' && value >= least && value <= most;
    if (fits && (!whole || Number.isInteger(value))) return value;
    const kind = whole ? 'a whole number' : 'a number';
    throw new InvalidArgumentError(`Give ${kind} from ${least} to ${most}.`);
  };

const seedOf = numberBetween(0, 0xffff_ffff, true);

function instantOf(text: string): string {
  const parsed = Instant.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Give an RFC 3339 time with offset.');
}

function deviceIdOf(text: string): string {
  const parsed = DeviceId.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Use 1 to 64 letters, digits and . _ -');
}

type BrokerOptions = { mqtt: string; username?: string; password?: string };

function withBroker(command: Command): Command {
  const { CORDON_MQTT_URL, CORDON_MQTT_USERNAME, CORDON_MQTT_PASSWORD } = process.env;
  const url = CORDON_MQTT_URL ?? 'mqtt://127.0.0.1:1883';
  return command
    .option('--mqtt <url>', 'broker; or CORDON_MQTT_URL', url)
    .option('--username <name>', 'or CORDON_MQTT_USERNAME', CORDON_MQTT_USERNAME)
    .addOption(
      // Not with a default: `--help` would show it.
      command.createOption('--password <secret>', 'or CORDON_MQTT_PASSWORD'),
    )
    .hook('preAction', (_program, action) => {
      if (action.opts()['password'] === undefined && CORDON_MQTT_PASSWORD !== undefined) {
        action.setOptionValue('password', CORDON_MQTT_PASSWORD);
      }
    });
}

function brokerOf({ mqtt: url, username, password }: BrokerOptions): BrokerAddress {
  if (!URL.canParse(url) || !/^(mqtts?|wss?):$/.test(new URL(url).protocol)) {
    fail(`--mqtt ${url}: give a URL as mqtt://127.0.0.1:1883`);
  }
  return { url, username, password };
}

/** Resolves when somebody wants it to end. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort());
  }
  return controller.signal;
}

/** Plays plans until Ctrl-C. */
async function playLive(
  plans: readonly DevicePlan[],
  broker: BrokerAddress,
  seed: number,
): Promise<void> {
  const signal = interrupted();
  const live = startLiveRun({
    plans,
    seed,
    broker,
    clock: systemClock,
    connect: openConnection,
    onTrouble: teller(),
  });
  const progress = setInterval(() => {
    const { devices, connected, published, unacknowledged } = live.counts();
    const figures = `published ${published}, unacknowledged ${unacknowledged}`;
    tell(`${connected}/${devices} devices connected, ${figures}`);
  }, PROGRESS_EVERY_MS);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(progress);
  await live.stop();
}

type RunOptions = BrokerOptions & { scenario: string; speed: number; seed?: number };

withBroker(program.command('run'))
  .description('play a scenario over MQTT, one connection per device, until Ctrl-C')
  .requiredOption('--scenario <name|file>', 'see `list`')
  .option('--speed <factor>', 'let it happen faster', numberBetween(0.1, 100), 1)
  .option('--seed <number>', "other than the scenario's own", seedOf)
  .action(async (options: RunOptions) => {
    const { scenario, tracks } = valueOf(loadScenario(options.scenario));
    const seed = options.seed ?? scenario.seed;
    const startMs = systemClock.nowMs();
    const plans = plansOf(scenario, tracks, { startMs, seed, pace: options.speed });
    await playLive(plans, brokerOf(options), seed);
  });

type PlayOptions = BrokerOptions & {
  track: string;
  device: string;
  kind: DeviceKind;
  pingPong?: boolean;
};

withBroker(program.command('play'))
  .description('play one recorded track as one device, as if it happened now')
  .requiredOption('--track <file>')
  .requiredOption('--device <id>', 'as it is registered', deviceIdOf)
  .option('--kind <kind>', DeviceKind.options.join(' or '), 'ankle-monitor')
  .option('--ping-pong', 'there and back again instead of staying at the end')
  .action(async (options: PlayOptions) => {
    const track = valueOf(loadTrack(options.track));
    const kind = DeviceKind.safeParse(options.kind);
    if (!kind.success) fail(`--kind ${options.kind}: give ${DeviceKind.options.join(' or ')}`);
    const startMs = systemClock.nowMs();
    const seed = hash32(options.device);
    const plan: DevicePlan = {
      deviceId: options.device,
      kind: kind.data,
      personId: options.device,
      seed,
      worldSeed: seed,
      startMs,
      firstReportMs: startMs,
      pace: 1,
      bootPrefix: startMs.toString(36),
      whereabouts: { kind: 'recorded', track, atEnd: options.pingPong ? 'ping-pong' : 'stay' },
      happenings: [],
      reportIntervalMs: 1_000,
      battery: 1,
      clock: { offsetMs: 0, driftPpm: 0 },
      uplink: { ...UPLINK, coverageLossesPerHour: 0 },
    };
    await playLive([plan], brokerOf(options), seed);
  });

type RecordOptions = { scenario: string; seconds: number; seed?: number; start: string };

program
  .command('record')
  .description('play a scenario on virtual time and write events.ndjson, as `replay` reads it')
  .requiredOption('--scenario <name|file>', 'see `list`')
  .requiredOption('--seconds <number>', 'of virtual time', numberBetween(1, 30 * 86_400))
  .option('--seed <number>', "other than the scenario's own", seedOf)
  .option('--start <instant>', 'when it begins', instantOf, RECORDING_START)
  .action(async ({ scenario: name, seconds, seed, start }: RecordOptions) => {
    const loaded: LoadedScenario = valueOf(loadScenario(name));
    const startMs = fromInstant(start);
    const wish = { startMs, seconds, seed: seed ?? loaded.scenario.seed };
    for (const line of recordingOf(loaded, wish)) await print(line);
  });

/** Waits while a slow reader holds back, so that a long recording stays out of memory. */
async function print(line: string): Promise<void> {
  if (process.stdout.write(`${line}\n`)) return;
  await new Promise((resolve) => process.stdout.once('drain', resolve));
}

program
  .command('setup')
  .description("write the scenario's devices and orders, in force now, as setup.json")
  .requiredOption('--scenario <name|file>', 'see `list`')
  .option('--start <instant>', 'in force then instead, as for `record`', instantOf)
  .action(async ({ scenario: name, start }: { scenario: string; start?: string }) => {
    const nowMs = start === undefined ? systemClock.nowMs() : fromInstant(start);
    const setup =
      name === 'demo' ? demoSetup(nowMs) : setupOf(valueOf(loadScenario(name)).scenario, nowMs);
    await print(JSON.stringify(setup, null, 2));
  });

type LoadOptions = BrokerOptions & {
  devices: number;
  rate: number;
  seconds: number;
  connections?: number;
  setup?: boolean;
};

withBroker(program.command('load'))
  .description('send positions of many devices, and measure how long until each is durable')
  .requiredOption('--devices <number>', 'see --setup', numberBetween(2, LOAD_DEVICES_MAX, true))
  .option('--rate <number>', 'positions per second, all devices', numberBetween(0.1, 1e5), 100)
  .option('--seconds <number>', 'how long', numberBetween(1, 86_400), 30)
  .option('--connections <number>', 'default 50', numberBetween(1, LOAD_CONNECTIONS_MAX, true))
  .option('--setup', 'write devices and orders for it as setup.json, and send nothing')
  .action(async (options: LoadOptions) => {
    const { devices, rate: ratePerS, seconds } = options;
    if (options.setup) return print(JSON.stringify(fleetSetup(devices, systemClock.nowMs())));
    const connections = Math.min(devices, options.connections ?? 50);
    const summary = await runLoad({
      devices,
      ratePerS,
      seconds,
      connections,
      broker: brokerOf(options),
      clock: systemClock,
      connect: openConnection,
      onProgress: (text) => void process.stderr.write(`\r\x1b[K${text}`),
      onTrouble: teller(),
      signal: interrupted(),
    });
    tell('');
    await print(JSON.stringify(valueOf(summary)));
  });

program
  .command('list')
  .description('the scenarios that come with it')
  .action(async () => {
    for (const name of scenarioNames()) {
      const { description } = valueOf(loadScenario(name)).scenario;
      await print(`${basename(name).padEnd(16)}${description}`);
    }
  });

// Whoever reads us may stop before the end, as `head` does.
process.stdout.on('error', () => process.exit(0));

await program.parseAsync();
