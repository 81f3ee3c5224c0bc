import { fromInstant } from '../../shared/instant.ts';
import type { AlertRecord } from '../core/alert-record.ts';

/** What every store derives from an alert's record to find it again. */

/** How an encounter came about and ended belongs to its evidence. */
const TRACK_MARGIN_MS = 30 * 60_000;

/** All that can tell two causes apart; finer than the core's own key does no harm. */
export function causeOf(record: AlertRecord): string {
  const { kind, code, caseId, orderId, banId, wearerId, victimId, deviceId } = record;
  const { retrospective } = record;
  return JSON.stringify([
    [kind, code, caseId, orderId, banId],
    [wearerId, victimId, deviceId, retrospective],
  ]);
}

/** Positions that are evidence of an alert and outlive the retention time. */
export interface Track {
  readonly deviceIds: readonly string[];
  readonly fromMs: number;
  /** Null while the alert stands. */
  readonly untilMs: number | null;
}

/** A retrospective alert rests on fixes from long before it was raised: those count too. */
export function trackOf(record: AlertRecord): Track {
  const { fixes, detail } = record.basis;
  const fixTimes = fixes.map((fix) => fromInstant(fix.time));
  // What was learnt afterwards began when it says so, not when it was told.
  const beganMs = typeof detail['from'] === 'string' ? fromInstant(detail['from']) : Infinity;
  const deviceIds = new Set<string>(fixes.map((fix) => fix.deviceId));
  if (record.deviceId !== null) deviceIds.add(record.deviceId);
  const endMs = record.clearedAtMs ?? record.closure?.atMs ?? null;
  return {
    deviceIds: [...deviceIds],
    fromMs: Math.min(record.raisedAtMs, beganMs, ...fixTimes) - TRACK_MARGIN_MS,
    untilMs: endMs === null ? null : endMs + TRACK_MARGIN_MS,
  };
}
