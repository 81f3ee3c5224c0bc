import type { Checkpoint } from '../../shared/watchdog-message.ts';
import type { Clock, Desk } from '../ports.ts';
import { BROKER_GRACE_MS } from '../service/system-watch.ts';

/** What the watchdog is told. */
export interface Wellbeing {
  readonly well: boolean;
  /** Codes of what is wrong, without persons or places. */
  readonly reasons: readonly string[];
  readonly canaryAgeS: number | null;
  readonly checkpoint: Checkpoint | null;
}

/** What else there is to tell, where the parts for it run. */
export interface Proofs {
  readonly canaryAgeS?: () => number | null;
  readonly checkpoint?: () => Checkpoint | null;
}

/** Well is who can hear devices and write; a broker that only blinked is not missed. (SPEC SY2) */
export function wellbeing(
  desk: Pick<Desk, 'health'>,
  clock: Pick<Clock, 'nowMs'>,
  proofs: Proofs = {},
): () => Wellbeing {
  let downSinceMs: number | null = null;
  return () => {
    const { store, broker } = desk.health();
    downSinceMs = broker === 'down' ? (downSinceMs ?? clock.nowMs()) : null;
    const isLost = downSinceMs !== null && clock.nowMs() - downSinceMs >= BROKER_GRACE_MS;
    const reasons = [
      ...(store === 'failing' ? ['store-failing'] : []),
      ...(isLost ? ['broker-lost'] : []),
    ];
    return {
      well: reasons.length === 0,
      reasons,
      canaryAgeS: proofs.canaryAgeS?.() ?? null,
      checkpoint: proofs.checkpoint?.() ?? null,
    };
  };
}
