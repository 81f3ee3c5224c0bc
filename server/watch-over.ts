import { signingKey } from './adapters/signing-key.ts';
import { guardAgainstStalls } from './adapters/stall-guard.ts';
import { tellWatchdog } from './adapters/watchdog-teller.ts';
import { wellbeing } from './adapters/wellbeing.ts';
import type { CanaryAccount } from './buses.ts';
import type { Config } from './config.ts';
import type { Clock, Log, Store } from './ports.ts';
import { proofOfLife } from './proof-of-life.ts';
import { JournalKeeper } from './service/journal-keeper.ts';
import { watchLimits } from './service/limit-watch.ts';
import type { Service } from './service/service.ts';

export interface Watched {
  readonly config: Config;
  readonly service: Service;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly account: CanaryAccount;
  readonly canarySecret: string;
  readonly httpPort: number;
}

export interface Watch {
  /** Tells nobody any more that all is well; before anything stops. */
  leave(): Promise<void>;
  /** Signs for the last rows; after everything has stopped but the store. */
  signOff(): Promise<void>;
}

/** Sees to it that somebody hears of it when this server no longer does its work. */
export async function watchOver(watched: Watched): Promise<Watch> {
  const { config, service, store, clock, log, account, canarySecret, httpPort } = watched;
  const { host, dataDir, serverId, watchdogUrl: url, killStalledAfterMs: killAfterMs } = config;
  const isTls = config.tls !== null;
  const signer = signingKey(dataDir);
  const keeper = new JournalKeeper({ store, clock, alarms: service, log, signer });
  const proof = proofOfLife({ service, account, httpPort, isTls, host, canarySecret, clock, log });
  service.provenBy(proof.ageS);
  const watchdog = url === null ? null : { url, serverId, dataDir };
  const stops: (() => void | Promise<void>)[] = [
    await keeper.start(),
    watchLimits({ store, clock, alarms: service, log }),
    await guardAgainstStalls({ clock, alarms: service, log, killAfterMs, watchdog }),
    () => proof.stop(),
  ];
  if (url !== null) {
    const proofs = { checkpoint: () => keeper.latest, canaryAgeS: proof.ageS };
    const judge = wellbeing(service, clock, proofs);
    stops.push(tellWatchdog({ url, serverId, key: signer, clock, log, wellbeing: judge }));
  }
  return {
    async leave() {
      for (const stop of stops.reverse()) await stop();
    },
    signOff: () => keeper.look(),
  };
}
