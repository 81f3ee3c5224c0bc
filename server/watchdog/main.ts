import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { toInstant } from '../../shared/instant.ts';
import { alarmMessage, type AlarmMessage } from './alarm-message.ts';
import { command, webhook } from './alarm-paths.ts';
import { alarmQueue, type AlarmQueue } from './alarm-queue.ts';
import { openKnownServers } from './known-servers.ts';
import { watchdogListener } from './listener.ts';
import { nonceBook } from './nonces.ts';
import { readSettings, type Settings, SettingsError } from './settings.ts';
import { Watch } from './watch.ts';
import { openWitness } from './witness.ts';

/**
 * `npm run watchdog`: a small process on another machine with other power, which must be told that
 * all is well, and alarms when it is not.
 */

/** Silence is known within this much more than its limit. */
const TICK_EVERY_MS = 250;

/** Time that nobody sets: a wall clock that steps must not make a server silent. */
const nowMs = (): number => performance.timeOrigin + performance.now();

const say = (text: string): void => {
  process.stderr.write(`${toInstant(nowMs())} watchdog: ${text}\n`);
};

function main(): void {
  const settings = readSettings(process.argv);
  mkdirSync(settings.stateDir, { recursive: true });
  const queues = alarmQueues(settings);
  const watch = openWatch(settings, (message) => {
    say(`${message.type === 'recovered' ? 'over' : 'ALARM'}: ${message.text}`);
    for (const queue of queues) queue.push(message);
  });
  const server = watchdogListener(watch, nowMs);
  server.on('error', (error) => stop(String(error)));
  server.listen(settings.port, settings.host, () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`watchdog listens at http://${settings.host}:${port}\n`);
    setInterval(() => watch.tick(nowMs()), TICK_EVERY_MS);
  });
  process.on('SIGINT', () => process.exit(0));
  process.on('SIGTERM', () => process.exit(0));
}

function openWatch(settings: Settings, tell: (message: AlarmMessage) => void): Watch {
  const known = openKnownServers(settings.stateDir);
  const witness = openWitness(settings.stateDir);
  const unreadable = known.unreadable + witness.unreadable;
  if (unreadable > 0) say(`${unreadable} lines in ${settings.stateDir} cannot be read`);
  for (const serverId of settings.forget) known.forget(serverId, nowMs());
  for (const serverId of settings.acceptJournal) witness.accept(serverId, nowMs());
  const { limits, keys, expected } = settings;
  const notify: ConstructorParameters<typeof Watch>[0]['notify'] = (serverId, notice) =>
    tell(alarmMessage(serverId, notice));
  return new Watch(
    { limits, keys, expected, known, witness, nonces: nonceBook(), notify },
    nowMs(),
  );
}

function alarmQueues({ webhooks, commands }: Settings): AlarmQueue[] {
  return [
    // An address may hold a secret: only its place is told.
    ...webhooks.map((url, i) =>
      alarmQueue(webhook(url), (what) => say(`webhook ${i + 1} ${what}`)),
    ),
    ...commands.map((path) => alarmQueue(command(path), (what) => say(`${path} ${what}`))),
  ];
}

function stop(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

try {
  main();
} catch (error) {
  stop(error instanceof SettingsError ? error.message : String(error));
}
