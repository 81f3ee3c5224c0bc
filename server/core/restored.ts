import { hasEnded, UNWATCHED } from './alert-lifecycle.ts';
import type { DeviceId } from '../../shared/ids.ts';
import type { AlertRecord } from './alert-record.ts';
import { askedBefore, type AskedInterval } from './asked-interval.ts';
import type { Fix } from './case-event.ts';
import { absorb } from './motion.ts';
import { pastKeyOf } from './past.ts';
import { systemKey } from './system-faults.ts';
import { hasSeen, nothingSeen, withSeen } from './seen-seqs.ts';
import type { CaseState, Watch } from './case-state.ts';

/** A case with one alert put back as the store kept it. The newest episode owns the watch. */
export function restored(state: CaseState, record: AlertRecord, atMs: number): CaseState {
  const key = keyOf(record);
  const known = state.watches.get(key) ?? UNWATCHED;
  const ended = hasEnded(record);
  const alerts = new Map(state.alerts);
  if (!ended) alerts.set(record.alertId, { ...record, caseId: state.caseId });
  const watches = new Map(state.watches);
  if (record.episode >= known.episode) watches.set(key, watchOf(record, ended));
  return { ...state, alerts, watches, dueMs: atMs };
}

function watchOf(record: AlertRecord, ended: boolean): Watch {
  const closedEarly = record.state === 'closed' && record.standing;
  return {
    ...UNWATCHED,
    episode: record.episode,
    alertId: ended ? null : record.alertId,
    told: toldBy(record),
    hushed: closedEarly ? { stage: record.stage, priority: record.priority } : null,
  };
}

/** What an alert told: not its pauses, but those nobody will miss. */
const toldBy = ({ stage, raisedAtMs, updatedAtMs, retrospective }: AlertRecord): Watch['told'] =>
  stage === 'breach' && !retrospective ? [{ fromMs: raisedAtMs, untilMs: updatedAtMs }] : [];

function keyOf(record: AlertRecord): string {
  if (record.kind === 'system')
    return systemKey(record.code, String(record.basis.detail['about'] ?? ''));
  if (record.kind === 'device') return `device:${record.deviceId}/${record.code}`;
  if (record.retrospective) return pastKeyOf(String(record.orderId), String(record.banId));
  return `${record.orderId}/${record.banId}`;
}

/** A case in which one device goes on as it was asked. */
export function askedAgain(state: CaseState, asked: AskedInterval, atMs: number): CaseState {
  const others = state.asked.filter(({ deviceId }) => deviceId !== asked.deviceId);
  return { ...state, asked: [...others, askedBefore(asked, atMs)], dueMs: atMs };
}

/** When the server could last have heard a device, and since when it can again. */
export interface Downtime {
  readonly aliveMs: number;
  readonly atMs: number;
}

/**
 * A case with the last known positions of one device put back. Of its silence counts what it was
 * silent before and after, not the time in which nobody could hear it. (SPEC ST6)
 */
export function seeded(
  state: CaseState,
  deviceId: DeviceId,
  fixes: readonly Fix[],
  { aliveMs, atMs }: Downtime,
): CaseState {
  const devices = state.devices.map((known) => {
    if (known.device.deviceId !== deviceId) return known;
    let { track, seenPositions, lastContactMs, newestFixAtMs } = known;
    for (const fix of fixes) {
      track = absorb(track, fix, Math.min(fix.atMs, fix.receivedAtMs)).track;
      if (seenPositions.boot !== fix.boot) seenPositions = nothingSeen(fix.boot);
      if (!hasSeen(seenPositions, fix.seq)) seenPositions = withSeen(seenPositions, fix.seq);
      lastContactMs = Math.max(lastContactMs ?? -Infinity, fix.receivedAtMs);
      newestFixAtMs = Math.max(newestFixAtMs ?? -Infinity, Math.min(fix.atMs, fix.receivedAtMs));
    }
    const lastUsableMs = lastContactMs;
    const silentMs = Math.max(0, aliveMs - (lastContactMs ?? aliveMs));
    const reliedSinceMs = known.reliedSinceMs === null ? null : atMs - silentMs;
    const times = { lastContactMs, lastUsableMs, newestFixAtMs, reliedSinceMs };
    return { ...known, track, seenPositions, ...times };
  });
  return { ...state, devices };
}
