import type { DeviceId } from '../../shared/ids.ts';
import type { CaseEvent, Fix } from './case-event.ts';
import type { DeviceState } from './case-state.ts';
import { reportBattery, reportContact, reportEvent, reportOdd } from './device-faults.ts';
import { setDevice, type Draft } from './draft.ts';
import { judgeBans, type NearbyOf } from './judge-bans.ts';
import { SPEED_MS_MAX } from './filter.ts';
import { sigmaOf } from './fix-error.ts';
import { absorb, type Absorbed } from './motion.ts';
import { widened, type PastWindow } from './past-window.ts';
import { readClock, type ClockReading } from './plausibility.ts';
import { neighboursOf } from './late.ts';
import { PASSAGE_MS, type Track } from './track.ts';
import { hasSeen, isEmpty, nothingSeen, withSeen, type SeenSeqs } from './seen-seqs.ts';

/** What became of a device's message. */
export type Taken = Absorbed | 'unknown-device';

/** A radius above this tells nothing that a decision can rest on. (SPEC DV3) */
const USABLE_SIGMA_M = 660;

/** No receiver that sees the sky says the same to the last digit for so long. (SPEC PL5) */
const HANGS_MS = 1_800_000;

const hangs = ({ last }: Track): boolean =>
  last?.fix.source === 'gnss' && last.atMs - last.sameSinceMs >= HANGS_MS;

/** Works a position into the case. (SPEC FX1–FX5) */
export function takeFix(draft: Draft, deviceId: DeviceId, fix: Fix, nearbyOf: NearbyOf): Taken {
  const index = indexOf(draft, deviceId);
  const known = draft.state.devices[index];
  if (!known) return 'unknown-device';
  const seen = seenFor(known.seenPositions, fix.boot);
  const { last } = known.track;
  const counted = hasSeen(seen, fix.seq);
  const isNewest = !isEmpty(seen) && fix.seq > seen.until;
  const reading = readClock(known.clock, fix, isNewest ? (last?.atMs ?? null) : null);
  // Only the same number at the same or an earlier time is a double; a device that counts anew
  // without saying so must not become invisible. (SPEC FX3)
  if (counted && reading.atMs <= (known.newestFixAtMs ?? Infinity)) {
    return contacted(draft, index, known);
  }
  const { track, absorbed } = absorb(known.track, fix, reading.atMs);
  const usable =
    (absorbed === 'new' || absorbed === 'confirmed') &&
    sigmaOf(fix) <= USABLE_SIGMA_M &&
    !hangs(track);
  // Field by field, as in the draft.
  const device: DeviceState = {
    device: known.device,
    valid: known.valid,
    track,
    lastContactMs: draft.atMs,
    lastUsableMs: usable ? draft.atMs : known.lastUsableMs,
    newestFixAtMs: Math.max(known.newestFixAtMs ?? -Infinity, reading.atMs),
    reliedSinceMs: known.reliedSinceMs,
    seenPositions: counted ? seen : withSeen(seen, fix.seq),
    seenEvents: known.seenEvents,
    clock: reading.clock,
    past: pastOf(known, track, absorbed, reading.atMs, draft.atMs),
  };
  setDevice(draft, index, device);
  reportContact(draft, device, true);
  reportOddities(draft, device, fix, reading, absorbed, counted);
  if (fix.battery !== null) reportBattery(draft, device, fix.battery);
  if (absorbed !== 'double' && absorbed !== 'late' && absorbed !== 'frozen') {
    const nearby = nearbyOf(device, draft.state, draft.atMs);
    const sinceMs = track.before?.atMs ?? Infinity;
    judgeBans(draft, device.device.personId, nearby, usable ? { device, sinceMs } : null);
  }
  return absorbed;
}

/**
 * What a fix adds to the past that is to be judged: a late one the way to and from it, a new one
 * what of the way there is too old to be told as live. (SPEC PA2)
 */
function pastOf(
  { past }: DeviceState,
  track: Track,
  absorbed: Absorbed,
  fixMs: number,
  nowMs: number,
): PastWindow | null {
  const { last, before } = track;
  if (!last) return past;
  if (absorbed === 'late') {
    const [fromMs, untilMs] = neighboursOf(track, fixMs);
    return widened(past, fromMs, untilMs, nowMs);
  }
  if (absorbed !== 'new' && absorbed !== 'confirmed') return past;
  const liveMs = nowMs - PASSAGE_MS;
  if (!before || before.atMs >= liveMs) return past;
  return widened(past, before.atMs, Math.min(last.atMs, liveMs), nowMs);
}

/** A sign of life; `isNew` unless it may have been sent long ago. */
function contacted(draft: Draft, index: number, known: DeviceState, isNew = false): Taken {
  const device = { ...known, lastContactMs: draft.atMs };
  setDevice(draft, index, device);
  reportContact(draft, device, isNew);
  return 'double';
}

/** Restarts with a new `boot` count from the beginning. */
const seenFor = (seen: SeenSeqs, boot: string | null): SeenSeqs =>
  seen.boot === boot ? seen : nothingSeen(boot);

function reportOddities(
  draft: Draft,
  device: DeviceState,
  fix: Fix,
  reading: ClockReading,
  absorbed: Absorbed,
  counted: boolean,
): void {
  if (reading.off) {
    const lagS = Math.round((fix.receivedAtMs - fix.atMs) / 1000);
    reportOdd(draft, device, 'clock-off', { lagS });
  }
  if (absorbed === 'suspect') reportOdd(draft, device, 'teleport', {});
  if (absorbed === 'frozen') reportOdd(draft, device, 'frozen', { speedMs: fix.speedMs });
  if (counted) reportOdd(draft, device, 'seq-reused', { seq: fix.seq });
  if (fix.speedMs !== null && fix.speedMs > SPEED_MS_MAX) {
    reportOdd(draft, device, 'teleport', { speedMs: fix.speedMs });
  }
}

/** Works a device's own report into the case; a double changes nothing. */
export function takeDeviceEvent(
  draft: Draft,
  event: Extract<CaseEvent, { type: 'device-event' }>,
): Taken {
  const index = indexOf(draft, event.deviceId);
  const known = draft.state.devices[index];
  if (!known) return 'unknown-device';
  const seen = seenFor(known.seenEvents, event.boot);
  if (hasSeen(seen, event.seq)) return contacted(draft, index, known);
  const device: DeviceState = {
    ...known,
    seenEvents: withSeen(seen, event.seq),
    lastContactMs: draft.atMs,
  };
  setDevice(draft, index, device);
  reportContact(draft, device, true);
  reportEvent(draft, device, event.kind, event.eventAtMs);
  return 'new';
}

/** `online` is a sign of life; `offline`, as a last will, is a hint that only silence confirms. */
export function takeStatus(draft: Draft, deviceId: DeviceId, online: boolean): Taken {
  const index = indexOf(draft, deviceId);
  const known = draft.state.devices[index];
  if (!known) return 'unknown-device';
  if (online) contacted(draft, index, known, true);
  return 'new';
}

const indexOf = (draft: Draft, deviceId: DeviceId): number =>
  draft.state.devices.findIndex((device) => device.device.deviceId === deviceId);
