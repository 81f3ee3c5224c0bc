import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DEVICE_ID_PATTERN } from '../shared/ids.ts';
import type { Role } from '../shared/session.ts';
import { parseUplinkTopic, PAYLOAD_BYTES_MAX } from '../shared/topics.ts';
import type { Authenticate, Principal } from './adapters/mqtt-access.ts';
import { buildApp } from './adapters/http-app.ts';
import { createLog } from './adapters/logging.ts';
import { createMetrics } from './adapters/metrics.ts';
import { embeddedBus } from './adapters/mqtt-embedded.ts';
import { outsideBus } from './adapters/mqtt-outside.ts';
import { hashPassword, hashToken } from './adapters/passwords.ts';
import { sqliteStore } from './adapters/store-sqlite.ts';
import { systemClock } from './adapters/system-clock.ts';
import type { Config } from './config.ts';
import type { Bus, Entry, Log, Store } from './ports.ts';
import { Service } from './service/service.ts';

/** A person's or machine's account, with the secret in clear: it is hashed before it is kept. */
export interface NewAccount {
  readonly username: string;
  readonly role: Role;
  readonly secret: string;
}

export interface Running {
  readonly httpUrl: string;
  readonly mqttUrl: string;
  readonly mqttWsUrl: string | null;
  readonly service: Service;
  readonly log: Log;
  stop(): Promise<void>;
}

const CONSOLE_DIR = fileURLToPath(new URL('../dist/console', import.meta.url));

/** All wiring of the server, by hand and in one place. (STYLE rule 16) */
export async function startCordon(
  config: Config,
  accounts: (store: Store) => Promise<readonly NewAccount[]>,
): Promise<Running> {
  const log = createLog(config.logLevel);
  const clock = systemClock();
  const metrics = createMetrics();
  const store = await sqliteStore(config.dataDir);
  for (const warning of store.warnings) log.warn({ warning }, 'store');
  await keepAccounts(store, await accounts(store));
  const { bus, urls } = busOf(config, log);
  const service = new Service({
    store,
    bus,
    clock,
    log,
    meter: metrics.meter,
    rules: { silentAfterMs: config.silentAfterMs, blindAfterMs: config.blindAfterMs },
    approvalRequired: config.approvalRequired,
    retentionMs: config.retentionMs,
  });
  const app = await buildApp({
    desk: service,
    store,
    clock,
    log,
    metrics,
    area: config.area,
    secureCookies: config.secureCookies,
    consoleDir: CONSOLE_DIR,
  });
  await service.start();
  await app.listen({ host: config.host, port: config.httpPort });
  const { port } = app.server.address() as AddressInfo;
  log.info({ port }, 'cordon is up');
  return {
    httpUrl: `http://${urlHost(config.host)}:${port}`,
    ...urls(),
    service,
    log,
    async stop() {
      // Consoles first, then devices, then the last writes.
      await app.close();
      await service.stop();
      await store.close();
    },
  };
}

/** `localhost` is what the browser's cookies and the printed address agree on. */
const urlHost = (host: string): string => (host === '127.0.0.1' ? 'localhost' : host);

/** All at once: who finds one account at the next start makes no others. */
async function keepAccounts(store: Store, accounts: readonly NewAccount[]): Promise<void> {
  const entries: Entry[] = [];
  for (const { username, role, secret } of accounts) {
    const secretHash = role === 'cjib' ? hashToken(secret) : await hashPassword(secret);
    entries.push({ type: 'account', username, role, secretHash });
  }
  await store.append(entries);
}

type Urls = () => { mqttUrl: string; mqttWsUrl: string | null };

function busOf(config: Config, log: Log): { bus: Bus; urls: Urls } {
  const { mqttUrl, mqttUsername, mqttPassword, host } = config;
  if (mqttUrl !== null) {
    const bus = outsideBus({
      url: mqttUrl,
      clientId: 'cordon-server',
      log,
      ...(mqttUsername !== null && { username: mqttUsername }),
      ...(mqttPassword !== null && { password: mqttPassword }),
    });
    return { bus, urls: () => ({ mqttUrl, mqttWsUrl: null }) };
  }
  const bus = embeddedBus({
    host,
    mqttPort: config.mqttPort,
    mqttWsPort: config.mqttWsPort,
    payloadBytesMax: PAYLOAD_BYTES_MAX,
    authenticate: deviceAccount(mqttUsername, mqttPassword, log),
    log,
  });
  const urls: Urls = () => ({
    mqttUrl: `mqtt://${host}:${bus.ports.mqtt}`,
    mqttWsUrl: `ws://${host}:${bus.ports.ws}`,
  });
  return { bus, urls };
}

/**
 * One account for all devices, until each has an identity of its own: it may publish for any device
 * and read what is sent to any. Without a configured password nobody gets in.
 */
function deviceAccount(username: string | null, password: string | null, log: Log): Authenticate {
  if (username === null || password === null) {
    log.warn({}, 'no CORDON_MQTT_USERNAME and CORDON_MQTT_PASSWORD: no device can sign in');
  }
  const expected = Buffer.from(password ?? randomBytes(32).toString('hex'));
  const principal: Principal = {
    name: username ?? 'nobody',
    mayPublish: (topic) => parseUplinkTopic(topic) !== null,
    mayRead: isDownlinkFilter,
  };
  return (givenName, givenPassword) => {
    const given = Buffer.from(givenPassword ?? '');
    const fits = given.length === expected.length && timingSafeEqual(given, expected);
    return fits && givenName === username ? principal : null;
  };
}

/** `cordon/v1/{deviceId or +}/{ack, command or status}`: never positions. */
function isDownlinkFilter(filter: string): boolean {
  const [root, version, deviceId, channel, ...rest] = filter.split('/');
  if (root !== 'cordon' || version !== 'v1' || rest.length > 0 || !deviceId) return false;
  const device = deviceId === '+' || DEVICE_ID_PATTERN.test(deviceId);
  return device && ['ack', 'command', 'status', '+'].includes(channel ?? '');
}
