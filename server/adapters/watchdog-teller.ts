import { TELL_EVERY_MS } from '../../shared/watchdog-message.ts';
import type { Clock, Log } from '../ports.ts';
import type { Signer } from '../evidence/checkpoint.ts';
import { watchdogLine } from './watchdog-line.ts';
import type { Wellbeing } from './wellbeing.ts';

export interface TellerParts {
  readonly url: string;
  readonly serverId: string;
  readonly key: Signer;
  readonly clock: Clock;
  readonly log: Log;
  readonly wellbeing: () => Wellbeing;
}

/**
 * Tells the watchdog every 5 s how this server is. It never holds the server up and never throws
 * into it: that the watchdog is not told is what the watchdog alarms for. Returns what stops it.
 */
export function tellWatchdog({
  url,
  serverId,
  key,
  clock,
  log,
  wellbeing,
}: TellerParts): () => void {
  const line = watchdogLine({ url, serverId, key, nowMs: () => clock.nowMs() });
  let reached: boolean | null = null;
  let isTelling = false;
  let stopped = false;

  const settle = (error: unknown): void => {
    isTelling = false;
    const reaches = error === null;
    if (stopped || reaches === reached) return;
    reached = reaches;
    if (reaches) log.info({}, 'the watchdog is told');
    else log.warn({ error: whyOf(error) }, 'the watchdog is not told');
  };
  const tell = async (): Promise<void> => line.tell('well', { ...wellbeing() });
  const tick = (): void => {
    if (isTelling) return;
    isTelling = true;
    tell().then(
      () => settle(null),
      (error: unknown) => settle(error),
    );
  };
  const stop = clock.every(TELL_EVERY_MS, tick);
  tick();
  return () => {
    stopped = true;
    stop();
  };
}

/** `fetch failed` says nothing: what failed is its cause. */
function whyOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const { code } = (cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : String(cause ?? error);
}
