import type { AlertCode, AlertReason, Priority } from '../../shared/alert.ts';
import type { DeviceEventKind } from '../../shared/device-message.ts';
import { basisOf } from './alert-basis.ts';
import type { Cause } from './alert-lifecycle.ts';
import { isCarried, type CaseState, type DeviceState } from './case-state.ts';
import { follow, recordOf, setRecord, watchOf, type Draft } from './draft.ts';
import { NOTHING, type Verdict } from './verdict.ts';

/** What each fault of a device asks for, and how it goes away. (SPEC DV1–DV8) */
interface Fault {
  readonly priority: Priority;
  /** How long it must have been absent; Infinity: only a person ends it. */
  readonly clearAfterMs: number;
  readonly rule: string;
}

type FaultCode = Extract<
  AlertCode,
  | 'sos'
  | 'strap-tamper'
  | 'case-tamper'
  | 'power-off'
  | 'battery-low'
  | 'jamming'
  | 'silent'
  | 'blind'
  | 'implausible'
>;

const FAULTS: Record<FaultCode, Fault> = {
  sos: { priority: 1, clearAfterMs: Infinity, rule: 'DV1' },
  'strap-tamper': { priority: 1, clearAfterMs: Infinity, rule: 'DV1' },
  'case-tamper': { priority: 2, clearAfterMs: Infinity, rule: 'DV1' },
  'power-off': { priority: 2, clearAfterMs: 0, rule: 'DV4' },
  'battery-low': { priority: 3, clearAfterMs: 0, rule: 'DV5' },
  jamming: { priority: 2, clearAfterMs: 300_000, rule: 'DV6' },
  silent: { priority: 2, clearAfterMs: 0, rule: 'DV2' },
  blind: { priority: 3, clearAfterMs: 0, rule: 'DV3' },
  implausible: { priority: 2, clearAfterMs: 120_000, rule: 'DV7' },
};

const BATTERY_LOW = 0.15;
const BATTERY_FINE = 0.25;

type Detail = Record<string, string | number | null>;

/** Lets the alert of one fault of one device follow whether the fault is there. */
function report(
  draft: Draft,
  device: DeviceState,
  code: FaultCode,
  standing: boolean,
  reason: AlertReason = 'reported-by-device',
  detail: Detail = {},
): void {
  // Nothing was ever wrong in this case: the common one, asked several times for every fix.
  if (!standing && draft.state.watches.size === 0) return;
  const key = keyOf(device, code);
  if (!standing && !draft.state.watches.has(key)) return;
  const { priority, clearAfterMs, rule } = FAULTS[code];
  const verdict: Verdict = standing
    ? { ...NOTHING, standing, priority, reason, rules: [rule], detail }
    : { ...NOTHING, priority, reason };
  const { deviceId, kind, personId } = device.device;
  const worn = kind === 'ankle-monitor';
  const cause: Cause = {
    caseId: draft.state.caseId,
    kind: 'device',
    code,
    subject: {
      orderId: null,
      banId: null,
      wearerId: worn ? personId : null,
      victimId: worn ? null : personId,
      deviceId,
    },
    clearAfterMs,
    basis: () => basisOf(draft.state, null, verdict, draft.atMs),
  };
  follow(draft, key, verdict, cause, false);
}

const keyOf = (device: DeviceState, code: FaultCode): string =>
  `device:${device.device.deviceId}/${code}`;

/** Works a device's own report into the case. (SPEC DV1) */
export function reportEvent(
  draft: Draft,
  device: DeviceState,
  kind: DeviceEventKind,
  eventAtMs: number,
): void {
  const detail = { lateS: Math.max(0, Math.round((draft.atMs - eventAtMs) / 1000)) };
  switch (kind) {
    case 'sos':
    case 'strap-tamper':
      reportAgain(draft, device, kind);
      report(draft, device, kind, true, 'reported-by-device', detail);
      return;
    case 'case-tamper':
    case 'power-off':
    case 'battery-low':
    case 'jamming':
      report(draft, device, kind, true, 'reported-by-device', detail);
      return;
    case 'charging':
      report(draft, device, 'battery-low', false);
      return;
    case 'beacon-in-range':
    case 'beacon-out-of-range':
      // Recorded as evidence; which beacon it was, the message does not say.
      return;
  }
}

/** Pressed again after somebody acknowledged the first: it asks for attention anew. (SPEC DV1) */
function reportAgain(draft: Draft, device: DeviceState, code: FaultCode): void {
  const record = recordOf(draft, watchOf(draft, keyOf(device, code)));
  if (!record?.standing || record.state === 'unacknowledged') return;
  const again = {
    ...record,
    state: 'unacknowledged' as const,
    shelvedUntilMs: null,
    updatedAtMs: draft.atMs,
  };
  setRecord(draft, again);
  draft.changes.push({ atMs: draft.atMs, change: 'updated', record: again, act: null });
}

/** Something in a device's messages contradicts itself. (SPEC DV7) */
export const reportOdd = (
  draft: Draft,
  device: DeviceState,
  reason: AlertReason,
  detail: Detail,
): void => report(draft, device, 'implausible', true, reason, detail);

/** Any message ends silence; a new one also shows that the power is on. */
export function reportContact(draft: Draft, device: DeviceState, isNew: boolean): void {
  report(draft, device, 'silent', false);
  if (isNew) report(draft, device, 'power-off', false);
}

export function reportBattery(draft: Draft, device: DeviceState, level: number): void {
  if (level <= BATTERY_LOW) {
    const percent = { batteryPercent: Math.round(level * 100) };
    report(draft, device, 'battery-low', true, 'reported-by-device', percent);
  }
  if (level >= BATTERY_FINE) report(draft, device, 'battery-low', false);
}

/** Faults that come and go with time alone. (SPEC DV2, DV3) */
export function watchHealth(draft: Draft, device: DeviceState): void {
  const due = healthDue(draft, device);
  const seconds = (sinceMs: number): number => Math.round((draft.atMs - sinceMs) / 1000);
  const silent = draft.atMs >= due.silentAtMs;
  // After a restart the clock of silence starts anew, but an alert that stood is not over by that:
  // only a message ends it, or nobody relying on the device any more.
  if (silent || wasHeard(draft, device) || due.silentAtMs === Infinity) {
    report(draft, device, 'silent', silent, 'no-contact', { silentS: seconds(due.contactMs) });
  }
  const blind = !silent && draft.atMs >= due.blindAtMs;
  report(draft, device, 'blind', blind, 'no-usable-fix', { blindS: seconds(due.usableMs) });
  report(draft, device, 'jamming', false);
  report(draft, device, 'implausible', false);
}

const wasHeard = (draft: Draft, device: DeviceState): boolean =>
  device.lastContactMs !== null && draft.atMs < device.lastContactMs + limitMs(draft, device);

const limitMs = (draft: Draft, device: DeviceState): number =>
  Math.max(draft.rules.silentAfterMs, patienceMs(draft, device));

/** When a device that stays as it is becomes silent or blind; Infinity for one nobody relies on. */
export function healthDue(
  draft: Draft,
  device: DeviceState,
): { silentAtMs: number; blindAtMs: number; contactMs: number; usableMs: number } {
  const { reliedSinceMs } = device;
  if (reliedSinceMs === null || !isCarried(device, draft.atMs)) {
    return { silentAtMs: Infinity, blindAtMs: Infinity, contactMs: 0, usableMs: 0 };
  }
  const contactMs = Math.max(device.lastContactMs ?? -Infinity, reliedSinceMs);
  const usableMs = Math.max(device.lastUsableMs ?? -Infinity, reliedSinceMs);
  return {
    silentAtMs: contactMs + limitMs(draft, device),
    blindAtMs: usableMs + draft.rules.blindAfterMs,
    contactMs,
    usableMs,
  };
}

const PATIENCE_MAX_MS = 300_000;
const PATIENCE_SLACK_MS = 20_000;

/**
 * One message that the network loses is not yet silence: a device that reports every minute gets
 * the time of two reports. (SPEC DV2)
 */
function patienceMs(draft: Draft, known: DeviceState): number {
  const { asked } = draft.state;
  const { intervalMs } = known.track;
  const slowestMs = asked.length === 0 ? intervalMs : Math.max(intervalMs, askedMs(asked, known));
  return Math.min(PATIENCE_MAX_MS, 2 * slowestMs + PATIENCE_SLACK_MS);
}

/**
 * Its own pace shows only after several reports: until then it counts what we asked for, if it was
 * heard after that, for a silence that stands must not end by our asking. Whether it said that it
 * heard us does not matter: a recording without receipts must tell the same.
 */
function askedMs(asked: CaseState['asked'], { device, lastContactMs }: DeviceState): number {
  if (lastContactMs === null) return 0;
  for (const { deviceId, askedAtMs, seconds } of asked) {
    if (deviceId === device.deviceId) return lastContactMs > askedAtMs ? 1000 * seconds : 0;
  }
  return 0;
}
