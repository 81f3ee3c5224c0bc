import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { ServerId } from '../../shared/watchdog-message.ts';
import { SERVERS_MAX, spelledKey } from './known-servers.ts';
import {
  CANARY_AFTER_MS,
  type Limits,
  RECOVERED_AFTER_MS,
  REPEAT_EVERY_MS,
  SILENT_AFTER_MS,
} from './vigil.ts';

export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly stateDir: string;
  /** Null to learn keys at first contact. */
  readonly keys: readonly string[] | null;
  readonly expected: readonly string[];
  readonly forget: readonly string[];
  readonly acceptJournal: readonly string[];
  readonly webhooks: readonly string[];
  readonly commands: readonly string[];
  readonly limits: Limits;
}

/** Thrown at start-up only: a watchdog with a wrong setting must not seem to watch. */
export class SettingsError extends Error {}

/** Longer than a day nobody waits for an alarm. */
const seconds = z.coerce.number().positive().max(86_400);
/** More paths than these are a mistake. */
const PATHS_MAX = 5;
const paths = <T extends z.ZodType>(path: T) => z.array(path).max(PATHS_MAX).default([]);
const servers = z.array(ServerId).max(SERVERS_MAX).default([]);

const Options = z.object({
  host: z.string().min(1),
  port: z.coerce.number().int().min(0).max(65_535),
  stateDir: z.string().min(1),
  key: z.array(z.string().transform(readKey)).max(SERVERS_MAX).optional(),
  expect: servers,
  forget: servers,
  acceptJournal: servers,
  webhook: paths(z.url({ protocol: /^https?$/, error: 'give an http or https address' })),
  command: paths(z.string().min(1)),
  alarmOnStderrOnly: z.boolean().default(false),
  silentAfterS: seconds,
  canaryAfterS: seconds,
  repeatEveryS: seconds,
  recoveredAfterS: seconds,
});
type Options = z.infer<typeof Options>;

function readKey(path: string, context: z.RefinementCtx<string>): string {
  const key = spelledKey(textOf(path));
  if (key !== null) return key;
  context.addIssue({ code: 'custom', message: `${path}: no Ed25519 public key in PEM` });
  return z.NEVER;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const ENV_PREFIX = 'CORDON_WATCHDOG_';
/** The server's own setting, where both are set up by one file. */
const NOT_OURS = new Set(['CORDON_WATCHDOG_URL']);

/** A setting, which the environment may give as well. */
const option = (flags: string, says: string, fallback?: string): Option => {
  const made = new Option(flags, says);
  made.env(envOf(made.attributeName()));
  return fallback === undefined ? made : made.default(fallback);
};

const many = (made: Option): Option => {
  made.description += '; may be given several times';
  return made.argParser((value: string, all: string[] | undefined) => [...(all ?? []), value]);
};

/** Done once by a person, and not again at every start: it is typed, never set. */
const act = (flags: string, says: string): Option => new Option(flags, says);

/** `silentAfterS` is `CORDON_WATCHDOG_SILENT_AFTER_S`. */
const envOf = (name: string): string =>
  ENV_PREFIX + name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

const s = (ms: number): string => String(ms / 1000);
const STATE_DIR = join('data', 'watchdog');

function commandLine(): Command {
  const command = new Command('watchdog').description(
    'is told by Cordon servers that all is well, and alarms people when it is not',
  );
  for (const each of [
    option('--host <address>', 'to listen on; where the servers can reach it', '127.0.0.1'),
    option('--port <port>', 'to listen on; 0 takes a free one', '8090'),
    option('--state-dir <folder>', 'known servers and witnessed checkpoints', STATE_DIR),
    many(
      option(
        '--key <file>',
        "a server's public key; without any, keys are learnt at first contact",
      ),
    ),
    many(option('--expect <server>', 'alarm if this server is not heard, even if it never was')),
    many(act('--forget <server>', 'no longer watch it, or let it come back with another key')),
    many(act('--accept-journal <server>', 'end the alarm about its journal: you know why')),
    many(option('--webhook <url>', 'alarm by a POST of JSON')),
    many(option('--command <path>', 'alarm by running this, with the facts in its environment')),
    act('--alarm-on-stderr-only', 'start without any of the two'),
    option('--silent-after-s <seconds>', 'no word for this long is an alarm', s(SILENT_AFTER_MS)),
    option('--canary-after-s <seconds>', 'a canary older than this is', s(CANARY_AFTER_MS)),
    option('--repeat-every-s <seconds>', 'while an alarm stands', s(REPEAT_EVERY_MS)),
    option('--recovered-after-s <seconds>', 'of being well again', s(RECOVERED_AFTER_MS)),
  ]) {
    command.addOption(each);
  }
  return command;
}

/** From the command line, and for what is not there from the environment. */
export function readSettings(argv: readonly string[]): Settings {
  const command = commandLine().parse(argv);
  const known = new Set(command.options.map((each) => each.envVar));
  const strange = Object.keys(process.env)
    .filter((name) => name.startsWith(ENV_PREFIX) && !known.has(name) && !NOT_OURS.has(name))
    .map((name) => `  ${name}: no such setting`);
  const parsed = Options.safeParse(command.opts());
  const wrong = (parsed.error?.issues ?? []).map(({ path, message }) => {
    const named = command.options.find((each) => each.attributeName() === path[0]);
    return `  ${named?.long ?? path.join('.')}: ${message}`;
  });
  if (!parsed.success || strange.length > 0) refuse([...wrong, ...strange]);
  const { webhook, command: commands, alarmOnStderrOnly } = parsed.data;
  if (webhook.length + commands.length === 0 && !alarmOnStderrOnly) {
    refuse(['  nobody would hear it: give --webhook or --command, or --alarm-on-stderr-only']);
  }
  return toSettings(parsed.data);
}

function refuse(faults: readonly string[]): never {
  throw new SettingsError(`the watchdog does not start: wrong settings\n${faults.join('\n')}`);
}

function toSettings(options: Options): Settings {
  return {
    host: options.host,
    port: options.port,
    stateDir: options.stateDir,
    keys: options.key ?? null,
    expected: options.expect,
    forget: options.forget,
    acceptJournal: options.acceptJournal,
    webhooks: options.webhook,
    commands: options.command,
    limits: {
      silentAfterMs: options.silentAfterS * 1000,
      canaryAfterMs: options.canaryAfterS * 1000,
      repeatEveryMs: options.repeatEveryS * 1000,
      recoveredAfterMs: options.recoveredAfterS * 1000,
    },
  };
}
