import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Role } from '../shared/session.ts';
import { buildApp } from './adapters/http-app.ts';
import { TOKENS_PATH } from './adapters/http-tokens.ts';
import { createLog } from './adapters/logging.ts';
import { createMetrics } from './adapters/metrics.ts';
import { hashPassword, hashToken } from './adapters/passwords.ts';
import { tokenKey } from './adapters/signing-key.ts';
import { systemClock } from './adapters/system-clock.ts';
import { withTechnicalLane } from './adapters/technical-lane.ts';
import { readTls } from './adapters/tls-files.ts';
import { webhookSender } from './adapters/webhook-sender.ts';
import type { Config } from './config.ts';
import { openBus } from './buses.ts';
import type { Entry, Log, Store } from './ports.ts';
import { FeedbackDesk } from './service/feedback-desk.ts';
import { sourceOf } from './service/feedback-events.ts';
import { Service } from './service/service.ts';
import { openStore } from './stores.ts';
import { watchOver } from './watch-over.ts';

/** A person's or machine's account, with the secret in clear: it is hashed before it is kept. */
export interface NewAccount {
  readonly username: string;
  readonly role: Role;
  readonly secret: string;
}

export interface Running {
  readonly httpUrl: string;
  /** Where clients ask for tokens, as they must name it. */
  readonly tokenUrl: string;
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
  const tls = config.tls && readTls(config.tls);
  const log = createLog(config.logLevel);
  const clock = systemClock();
  const metrics = createMetrics();
  const store = await openedStore(config, log);
  await keepAccounts(store, await accounts(store));
  const canarySecret = randomBytes(32).toString('hex');
  const { bus, urls, canary } = openBus(config, canarySecret, log);
  const seams = { store, clock, log };
  const service = new Service({
    ...seams,
    ...rulesOf(config),
    bus: withTechnicalLane(bus),
    meter: metrics.meter,
  });
  let httpUrl = '';
  const publicUrl = (): string => config.publicUrl ?? httpUrl;
  const key = tokenKey(config.dataDir);
  const feedback = new FeedbackDesk({
    ...seams,
    alarms: service,
    random: Math.random,
    courier: webhookSender(key),
    origin: { source: sourceOf(config.oin), baseUrl: publicUrl },
  });
  const app = await buildApp({
    ...seams,
    desk: service,
    feedback,
    metrics,
    area: config.area,
    secureCookies: config.secureCookies,
    tls,
    tokenKey: key,
    signedOrdersRequired: config.signedOrdersRequired,
    publicUrl,
    consoleDir: CONSOLE_DIR,
    canarySecret,
  });
  await service.start();
  await feedback.start();
  await app.listen({ host: config.host, port: config.httpPort });
  const { port } = app.server.address() as AddressInfo;
  httpUrl = `${tls ? 'https' : 'http'}://${urlHost(config.host)}:${port}`;
  clock.reportTo(service);
  const watched = { ...seams, config, service, account: canary(), canarySecret, httpPort: port };
  const watch = await watchOver(watched);
  log.info({ port }, 'cordon is up');
  return {
    httpUrl,
    tokenUrl: publicUrl() + TOKENS_PATH,
    ...urls(),
    service,
    log,
    async stop() {
      // No more "all well"; then consoles first, then devices, then the last writes.
      await watch.leave();
      await app.close();
      await feedback.stop();
      await service.stop();
      await watch.signOff();
      await store.close();
      clock.stop();
    },
  };
}

const rulesOf = ({ silentAfterMs, blindAfterMs, approvalRequired, retentionMs }: Config) => ({
  rules: { silentAfterMs, blindAfterMs },
  approvalRequired,
  retentionMs,
});

async function openedStore(config: Config, log: Log) {
  const store = await openStore(config, (trouble) => {
    if (trouble === null) log.info({}, 'the database answers again');
    else log.error({ trouble }, 'trouble with the database');
  });
  for (const warning of store.warnings) log.warn({ warning }, 'store');
  return store;
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
