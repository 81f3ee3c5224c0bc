import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Role } from '../shared/session.ts';
import { buildApp } from './adapters/http-app.ts';
import { createLog } from './adapters/logging.ts';
import { createMetrics } from './adapters/metrics.ts';
import { hashPassword, hashToken } from './adapters/passwords.ts';
import { signingKey } from './adapters/signing-key.ts';
import { guardAgainstStalls } from './adapters/stall-guard.ts';
import { systemClock } from './adapters/system-clock.ts';
import { tellWatchdog } from './adapters/watchdog-teller.ts';
import { type Proofs, wellbeing } from './adapters/wellbeing.ts';
import type { Config } from './config.ts';
import type { Signer } from './evidence/checkpoint.ts';
import type { Checkpoint } from './kept.ts';
import { openBus } from './buses.ts';
import type { Clock, Log, Store } from './ports.ts';
import { proofOfLife } from './proof-of-life.ts';
import { JournalKeeper } from './service/journal-keeper.ts';
import { Service } from './service/service.ts';
import { openStore } from './stores.ts';

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
  proofs: Proofs = {},
): Promise<Running> {
  const log = createLog(config.logLevel);
  const clock = systemClock();
  const metrics = createMetrics();
  const store = await openStore(config, (trouble) => {
    if (trouble === null) log.info({}, 'the database answers again');
    else log.error({ trouble }, 'trouble with the database');
  });
  for (const warning of store.warnings) log.warn({ warning }, 'store');
  await keepAccounts(store, await accounts(store));
  const canarySecret = randomBytes(32).toString('hex');
  const { bus, urls, canary } = openBus(config, canarySecret, log);
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
    canarySecret,
  });
  await service.start();
  const signer = signingKey(config.dataDir);
  const keeper = new JournalKeeper({ store, clock, alarms: service, log, signer });
  const stopKeeping = await keeper.start();
  await app.listen({ host: config.host, port: config.httpPort });
  const { port } = app.server.address() as AddressInfo;
  clock.reportTo(service);
  const proof = proofOfLife({
    service,
    account: canary(),
    httpPort: port,
    host: config.host,
    secret: canarySecret,
    clock,
    log,
  });
  const checkpoint = (): Checkpoint | null => keeper.latest;
  const shown = { checkpoint, canaryAgeS: proof.ageS, ...proofs };
  const leaveUnwatched = await watchOver({ config, service, clock, log, signer, proofs: shown });
  log.info({ port }, 'cordon is up');
  return {
    httpUrl: `http://${urlHost(config.host)}:${port}`,
    ...urls(),
    service,
    log,
    async stop() {
      // No more "all well"; then consoles first, then devices, then the last writes.
      await leaveUnwatched();
      await proof.stop();
      await app.close();
      await service.stop();
      stopKeeping();
      await keeper.look();
      await store.close();
      clock.stop();
    },
  };
}

interface Watched {
  readonly config: Config;
  readonly service: Service;
  readonly clock: Clock;
  readonly log: Log;
  readonly signer: Signer;
  readonly proofs: Proofs;
}

/** Sees to it that somebody hears of it when this process no longer does its work. */
async function watchOver(watched: Watched): Promise<() => Promise<void>> {
  const { config, service, clock, log, signer, proofs } = watched;
  const { dataDir, serverId, watchdogUrl: url, killStalledAfterMs: killAfterMs } = config;
  const watchdog = url === null ? null : { url, serverId, dataDir };
  const stops: (() => void | Promise<void>)[] = [
    await guardAgainstStalls({ clock, alarms: service, log, killAfterMs, watchdog }),
  ];
  if (url !== null) {
    const judge = wellbeing(service, clock, proofs);
    stops.push(tellWatchdog({ url, serverId, key: signer, clock, log, wellbeing: judge }));
  }
  return async () => {
    for (const stop of stops.reverse()) await stop();
  };
}

/** `localhost` is what the browser's cookies and the printed address agree on. */
const urlHost = (host: string): string => (host === '127.0.0.1' ? 'localhost' : host);

async function keepAccounts(store: Store, accounts: readonly NewAccount[]): Promise<void> {
  for (const { username, role, secret } of accounts) {
    const secretHash = role === 'cjib' ? hashToken(secret) : await hashPassword(secret);
    await store.append([{ type: 'account', username, role, secretHash }]);
  }
}
