import type { DeviceId } from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';

/** A device is asked for a slower interval only after it would have done for so long. (SPEC RI5) */
export const CALM_AFTER_MS = 120_000;
/** A device that is heard has heard us by then, and said so. (SPEC RI7) */
export const RECEIPT_WITHIN_MS = 30_000;
/** So often in a row; whoever still says nothing, as a phone that knows no receipts, is slow. */
export const TRIES_MAX = 5;
export const TRY_AGAIN_AFTER_MS = 600_000;

/**
 * What was last asked of one device. It is *asked* until its receipt comes, and sent again while
 * the device is heard; then it is *delivered*. Something faster replaces it at once. While
 * something slower would do it is *calm*: a spell that ends as soon as it would not, and, after two
 * minutes, in asking for the fastest of what would have done throughout.
 */
export interface AskedInterval {
  readonly deviceId: DeviceId;
  /** Of the command; from its time, for a number would begin anew with each process. */
  readonly id: string;
  readonly seconds: number;
  /** When it was asked first. */
  readonly askedAtMs: number;
  readonly calm: { readonly sinceMs: number; readonly seconds: number } | null;
  readonly sentAtMs: number;
  readonly tries: number;
  readonly delivered: boolean;
}

const ID_PREFIX = 'ri-';

/** Asks for an interval, for the first time. (SPEC RI6) */
export const asking = (deviceId: DeviceId, seconds: number, atMs: number): AskedInterval => ({
  deviceId,
  id: `${ID_PREFIX}${atMs.toString(36)}-${seconds}`,
  seconds,
  askedAtMs: atMs,
  calm: null,
  sentAtMs: atMs,
  tries: 1,
  delivered: false,
});

/** Faster at once, slower only after a calm while. The same value when nothing is new. */
export function following(asked: AskedInterval, wantedS: number, atMs: number): AskedInterval {
  const { deviceId, seconds, calm } = asked;
  if (wantedS < seconds) return asking(deviceId, wantedS, atMs);
  if (wantedS === seconds) return calm === null ? asked : { ...asked, calm: null };
  if (calm === null) return { ...asked, calm: { sinceMs: atMs, seconds: wantedS } };
  const fastestS = Math.min(calm.seconds, wantedS);
  if (atMs - calm.sinceMs >= CALM_AFTER_MS) return asking(deviceId, fastestS, atMs);
  return fastestS === calm.seconds ? asked : { ...asked, calm: { ...calm, seconds: fastestS } };
}

/** Is a receipt overdue of a device that was heard since? (SPEC RI7) */
export function isOverdue(asked: AskedInterval, heardMs: number | null, atMs: number): boolean {
  if (asked.delivered || heardMs === null || heardMs <= asked.sentAtMs) return false;
  const waitMs = asked.tries < TRIES_MAX ? RECEIPT_WITHIN_MS : TRY_AGAIN_AFTER_MS;
  return atMs - asked.sentAtMs >= waitMs;
}

/** The same command once more: it names the same thing, so hearing it twice changes nothing. */
export function sentAgain(asked: AskedInterval, atMs: number): AskedInterval {
  assert(atMs >= asked.sentAtMs, `${asked.deviceId} is asked forward in time`);
  return { ...asked, sentAtMs: atMs, tries: asked.tries + 1, delivered: false };
}

/**
 * As the store kept it. How calm it has been since is not known, and a clock that was set back must
 * not let it be asked in the future. (SPEC RI6)
 */
export const askedBefore = (asked: AskedInterval, atMs: number): AskedInterval => ({
  ...asked,
  calm: null,
  askedAtMs: Math.min(asked.askedAtMs, atMs),
  sentAtMs: Math.min(asked.sentAtMs, atMs),
});

/** Worth a look of its own, although no ban applies. */
export const isPressing = ({ delivered, tries }: AskedInterval): boolean =>
  !delivered && tries < TRIES_MAX;

/** What a receipt says of the command last asked. */
export type Receipt = 'this' | 'overtaken' | 'other';

/** One of an interval asked before may mean that it was obeyed last. (SPEC RI7) */
export function receiptFor(asked: AskedInterval, id: string): Receipt {
  if (id === asked.id) return 'this';
  return id.startsWith(ID_PREFIX) ? 'overtaken' : 'other';
}
