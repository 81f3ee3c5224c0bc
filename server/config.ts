import { z } from 'zod';
import { ServerId } from '../shared/watchdog-message.ts';
import { KILL_AFTER_S } from './adapters/stall-judge.ts';
import type { TlsPaths } from './adapters/tls-files.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const seconds = z.coerce.number().positive().max(86_400);
/** 3 s, for a stall is told from 2 s on, and it must be told before it ends. */
const killAfter = z.coerce
  .number()
  .max(3_600)
  .refine((given) => given === 0 || given >= 3, 'give 0 for never, or at least 3');
const bbox = z
  .string()
  .transform((text) => text.split(';').map((box) => box.split(',').map(Number)))
  .refine(
    (boxes) =>
      boxes.every(
        (box) =>
          box.length === 4 && box.every(Number.isFinite) && box[0]! < box[2]! && box[1]! < box[3]!,
      ),
    'give west,south,east,north in degrees; several boxes separated by ";"',
  );

/** The European Netherlands, then the Caribbean Netherlands with its neighbours. */
const NETHERLANDS = '3.1,50.7,7.3,53.7;-70.3,11.9,-62.8,18.3';

/** Every setting there is, read once from the environment. (DESIGN §8) */
const Environment = z.object({
  CORDON_HOST: z.string().min(1).default('127.0.0.1'),
  CORDON_HTTP_PORT: port.default(8080),
  CORDON_MQTT_PORT: port.default(1883),
  /** MQTT over WebSocket, for phones behind firewalls; beside a chosen MQTT port any free one. */
  CORDON_MQTT_WS_PORT: port.optional(),
  /** An outside broker; when absent the embedded one runs. */
  CORDON_MQTT_URL: z.url({ protocol: /^(mqtt|mqtts|ws|wss)$/ }).optional(),
  /** How we sign in to the outside broker; on the embedded one, how devices sign in to us. */
  CORDON_MQTT_USERNAME: z.string().min(1).optional(),
  CORDON_MQTT_PASSWORD: z.string().min(1).optional(),
  CORDON_DATA_DIR: z.string().min(1).default('data'),
  /** A PostgreSQL database; when absent the store is SQLite in the data folder. */
  CORDON_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  CORDON_APPROVAL: z.enum(['required', 'not-required']).default('required'),
  /** Whether every order must be a JWS by its client, or only those of clients that chose it. */
  CORDON_SIGNED_ORDERS: z.enum(['required', 'per-client']).default('per-client'),
  CORDON_AREA: bbox.prefault(NETHERLANDS),
  CORDON_SILENT_AFTER_S: seconds.default(90),
  CORDON_BLIND_AFTER_S: seconds.default(180),
  CORDON_RETENTION_DAYS: z.coerce.number().positive().max(3650).default(28),
  CORDON_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** As clients call this server, where that is not the address it listens on. */
  CORDON_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  /** Certificate and key, PEM files: then HTTP is served over TLS. */
  CORDON_TLS_CERT: z.string().min(1).optional(),
  CORDON_TLS_KEY: z.string().min(1).optional(),
  /** Authority that certificates of clients must come from, a PEM file. */
  CORDON_TLS_CLIENT_CA: z.string().min(1).optional(),
  /** Set behind TLS: cookies get the Secure attribute. */
  CORDON_SECURE_COOKIES: z.enum(['true', 'false']).default('false'),
  /** Where the watchdog listens; without it nobody outside knows when this server dies. */
  CORDON_WATCHDOG_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** What the watchdog calls this server, where it looks after several. */
  CORDON_SERVER_ID: ServerId.default('cordon'),
  /** Whose system this is, in the register of Dutch public bodies: the source of our events. */
  CORDON_OIN: z
    .string()
    .regex(/^\d{20}$/, 'an OIN has 20 digits')
    .optional(),
  /** An event loop that stands still for so long is killed, for a supervisor to start it again. */
  CORDON_KILL_STALLED_AFTER_S: killAfter.default(KILL_AFTER_S),
});

/** One without the other is half a setting. */
const Settings = Environment.superRefine((env, ctx) => {
  const lacks = (name: string, why: string): void =>
    ctx.addIssue({ code: 'custom', path: [name], message: why });
  if (env.CORDON_TLS_CERT && !env.CORDON_TLS_KEY) lacks('CORDON_TLS_KEY', 'goes with the cert');
  if (env.CORDON_TLS_KEY && !env.CORDON_TLS_CERT) lacks('CORDON_TLS_CERT', 'goes with the key');
  if (env.CORDON_TLS_CLIENT_CA && !env.CORDON_TLS_CERT) {
    lacks('CORDON_TLS_CERT', 'clients show certificates over TLS only');
  }
});

/** Of `npm run orders`, which may run in the same shell. */
const OF_THE_CLIENT = ['CORDON_ORDERS_URL', 'CORDON_ORDERS_CREDENTIALS'];
const KNOWN = new Set([...Object.keys(Environment.shape), ...OF_THE_CLIENT]);

export interface Config {
  readonly host: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly mqttWsPort: number;
  readonly mqttUrl: string | null;
  readonly mqttUsername: string | null;
  readonly mqttPassword: string | null;
  readonly dataDir: string;
  /** With its password: never to be told. */
  readonly databaseUrl: string | null;
  readonly approvalRequired: boolean;
  readonly signedOrdersRequired: boolean;
  /** Null: that which it listens on. */
  readonly publicUrl: string | null;
  readonly tls: TlsPaths | null;
  /** Boxes `[west, south, east, north]` in which zones may lie. */
  readonly area: readonly (readonly number[])[];
  readonly silentAfterMs: number;
  readonly blindAfterMs: number;
  readonly retentionMs: number;
  readonly logLevel: string;
  readonly secureCookies: boolean;
  readonly watchdogUrl: string | null;
  readonly serverId: string;
  readonly oin: string | null;
  /** Null: never. */
  readonly killStalledAfterMs: number | null;
}

/** Thrown at start-up only: a wrong setting must stop the start and name itself. */
export class ConfigError extends Error {}

/**
 * A misspelt setting would silently leave its default in force, so unknown ones are refused too.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const own = Object.entries(environment).filter(([name]) => name.startsWith('CORDON_'));
  const unknown = own.map(([name]) => name).filter((name) => !KNOWN.has(name));
  const parsed = Settings.safeParse(Object.fromEntries(own));
  if (!parsed.success || unknown.length > 0) {
    const wrong = (parsed.error?.issues ?? []).map(
      (issue) => `  ${issue.path.join('.')}: ${issue.message}`,
    );
    const strange = unknown.map((name) => `  ${name}: no such setting`);
    throw new ConfigError(
      `Cordon does not start: wrong settings\n${[...wrong, ...strange].join('\n')}`,
    );
  }
  return toConfig(parsed.data);
}

function toConfig(env: z.infer<typeof Environment>): Config {
  return {
    host: env.CORDON_HOST,
    httpPort: env.CORDON_HTTP_PORT,
    mqttPort: env.CORDON_MQTT_PORT,
    mqttWsPort: env.CORDON_MQTT_WS_PORT ?? (env.CORDON_MQTT_PORT === 1883 ? 8083 : 0),
    mqttUrl: env.CORDON_MQTT_URL ?? null,
    mqttUsername: env.CORDON_MQTT_USERNAME ?? null,
    mqttPassword: env.CORDON_MQTT_PASSWORD ?? null,
    dataDir: env.CORDON_DATA_DIR,
    databaseUrl: env.CORDON_DATABASE_URL ?? null,
    approvalRequired: env.CORDON_APPROVAL === 'required',
    signedOrdersRequired: env.CORDON_SIGNED_ORDERS === 'required',
    publicUrl: env.CORDON_PUBLIC_URL ?? null,
    tls: tlsOf(env),
    area: env.CORDON_AREA,
    silentAfterMs: env.CORDON_SILENT_AFTER_S * 1000,
    blindAfterMs: env.CORDON_BLIND_AFTER_S * 1000,
    retentionMs: env.CORDON_RETENTION_DAYS * 86_400_000,
    logLevel: env.CORDON_LOG_LEVEL,
    secureCookies: env.CORDON_SECURE_COOKIES === 'true' || env.CORDON_TLS_CERT !== undefined,
    watchdogUrl: env.CORDON_WATCHDOG_URL ?? null,
    serverId: env.CORDON_SERVER_ID,
    oin: env.CORDON_OIN ?? null,
    killStalledAfterMs: env.CORDON_KILL_STALLED_AFTER_S * 1000 || null,
  };
}

function tlsOf(env: z.infer<typeof Environment>): TlsPaths | null {
  const { CORDON_TLS_CERT: certPath, CORDON_TLS_KEY: keyPath } = env;
  if (certPath === undefined || keyPath === undefined) return null;
  return { certPath, keyPath, clientCaPath: env.CORDON_TLS_CLIENT_CA ?? null };
}
