import { canaryLink } from './adapters/canary-link.ts';
import type { CanaryAccount } from './buses.ts';
import type { Clock, Log } from './ports.ts';
import { Canary } from './service/canary.ts';
import { CANARY_OPERATOR, CANARY_VICTIM, CANARY_WEARER } from './service/canary-pair.ts';
import type { Service } from './service/service.ts';

export interface ProofParts {
  readonly service: Service;
  readonly account: CanaryAccount;
  readonly httpPort: number;
  readonly isTls: boolean;
  readonly host: string;
  readonly canarySecret: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ProofOfLife {
  /** Age of the last beat that came through; null before the first. */
  ageS(): number | null;
  stop(): Promise<void>;
}

/** Starts the canary on its ways through the broker and a console connection. (SPEC PO1) */
export function proofOfLife(parts: ProofParts): ProofOfLife {
  const { service, account, httpPort, isTls, host, canarySecret, clock, log } = parts;
  const link = canaryLink({
    mqttUrl: account.url,
    username: account.username,
    password: account.password,
    consoleUrl: `${isTls ? 'wss' : 'ws'}://${host === '0.0.0.0' ? '127.0.0.1' : host}:${httpPort}/v1/console`,
    secret: canarySecret,
    deviceIds: [CANARY_WEARER.deviceId, CANARY_VICTIM.deviceId],
    clock,
    log,
    onAck: (deviceId, seqs, boot) => canary.acknowledged(deviceId, seqs, boot),
    onAlert: (alert) => canary.shown(alert),
  });
  const canary = new Canary({
    clock,
    alarms: service,
    write: (entry) => service.note(entry),
    world: {
      send: link.send,
      openAlerts: () => service.openCanaryAlerts(),
      close: (alertId) =>
        void service.act(alertId, { type: 'close', finding: 'test' }, CANARY_OPERATOR),
    },
  });
  const stop = canary.start();
  return {
    ageS() {
      const { provenAtMs } = canary;
      return provenAtMs === null ? null : Math.max(0, (clock.nowMs() - provenAtMs) / 1000);
    },
    async stop() {
      stop();
      await link.close();
    },
  };
}
