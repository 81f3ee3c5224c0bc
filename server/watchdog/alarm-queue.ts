import type { AlarmMessage } from './alarm-message.ts';

/** The first try again comes soon: most failures are a packet that was lost. */
export const RETRY_FIRST_MS = 1_000;
/** And the last ones seldom: a gateway that is down for an hour is not helped by haste. */
export const RETRY_LAST_MS = 60_000;
/** A path that is down for so many messages gets the newest; 20 servers make 3 each. */
export const WAITING_MAX = 100;

export interface AlarmQueue {
  push(message: AlarmMessage): void;
  /** Not yet delivered. */
  waiting(): number;
  close(): void;
}

/**
 * Delivers messages one after the other, each until it is delivered. `told` hears of a path that
 * begins to fail, and of one that works again.
 */
export function alarmQueue(
  deliver: (message: AlarmMessage) => Promise<void>,
  told: (what: string) => void,
): AlarmQueue {
  const waiting: AlarmMessage[] = [];
  let timer: NodeJS.Timeout | null = null;
  let busy = false;
  let failures = 0;
  let closed = false;

  const next = (): void => {
    const message = waiting[0];
    if (busy || closed || timer !== null || message === undefined) return;
    busy = true;
    deliver(message).then(
      () => done(message),
      (error: unknown) => failed(error),
    );
  };
  const done = (message: AlarmMessage): void => {
    busy = false;
    if (failures > 0) told('works again');
    failures = 0;
    const at = waiting.indexOf(message);
    if (at >= 0) waiting.splice(at, 1);
    next();
  };
  const failed = (error: unknown): void => {
    busy = false;
    if (failures === 0) told(`does not take an alarm: ${String(error)}`);
    const waitMs = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** failures);
    failures += 1;
    timer = setTimeout(() => {
      timer = null;
      next();
    }, waitMs);
  };
  return {
    push(message) {
      makeRoom(waiting, message);
      waiting.push(message);
      next();
    },
    waiting: () => waiting.length,
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** Of repetitions the newest says all; beyond the limit the oldest goes. */
function makeRoom(waiting: AlarmMessage[], { type, serverId }: AlarmMessage): void {
  const old = waiting.findIndex(
    (other) => type === 'repeated' && other.type === type && other.serverId === serverId,
  );
  if (old >= 0) waiting.splice(old, 1);
  else if (waiting.length >= WAITING_MAX) waiting.shift();
}
