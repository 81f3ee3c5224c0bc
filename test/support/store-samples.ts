import type { AlertBasis, BasisFix } from '../../shared/alert.ts';
import type { CourtOrder } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import type { AlertId, BanId, CaseId, DeviceId, OrderId, PersonId } from '../../shared/ids.ts';
import { toInstant } from '../../shared/instant.ts';
import type { AlertChange, AlertRecord } from '../../server/core/alert-record.ts';
import { asking, type AskedInterval } from '../../server/core/asked-interval.ts';
import type { Fix } from '../../server/core/case-event.ts';
import type { Registration } from '../../server/kept.ts';
import type { Entry } from '../../server/ports.ts';

export type EntryOf<Type extends Entry['type']> = Extract<Entry, { type: Type }>;

/** Some Monday morning. */
export const T0_MS = Date.UTC(2026, 10, 23, 10, 0, 0);
export const MINUTE_MS = 60_000;

export function aPosition(deviceId: string, seq: number, fix: Partial<Fix> = {}) {
  const atMs = fix.atMs ?? T0_MS + seq * 1000;
  return {
    type: 'position',
    deviceId: deviceId as DeviceId,
    fix: {
      seq,
      boot: null,
      atMs,
      receivedAtMs: atMs + 250,
      lon: 5.1214,
      lat: 52.0907,
      accuracyM: 6.5,
      speedMs: 1.4,
      headingDeg: 270,
      source: 'gnss',
      battery: 0.83,
      ...fix,
    },
    payload: JSON.stringify({ seq }),
  } satisfies EntryOf<'position'>;
}

export const aDeviceEvent = (seq: number, boot: string | null = null) =>
  ({
    type: 'device-event',
    deviceId: 'o-1' as DeviceId,
    boot,
    seq,
    kind: 'strap-tamper',
    eventAtMs: T0_MS,
    receivedAtMs: T0_MS + 100,
    payload: '{}',
  }) satisfies EntryOf<'device-event'>;

export const aCommand = (deviceId: string, asked: Partial<AskedInterval> = {}) =>
  ({
    type: 'command',
    atMs: T0_MS,
    deviceId: deviceId as DeviceId,
    asked: { ...asking(deviceId as DeviceId, 60, T0_MS), ...asked },
  }) satisfies EntryOf<'command'>;

export const aDevice = (device: Partial<Device> = {}) =>
  ({
    type: 'device',
    atMs: T0_MS,
    by: 'anna',
    device: {
      deviceId: 'o-1' as DeviceId,
      kind: 'ankle-monitor',
      personId: 'w-1' as PersonId,
      ...device,
    },
  }) satisfies EntryOf<'device'>;

const order: CourtOrder = {
  orderId: 'order-1' as OrderId,
  reference: 'CJIB-2026-000123',
  legalBasis: 'behavioural-order',
  wearerId: 'w-1' as PersonId,
  validFrom: '2026-11-01T00:00:00+01:00',
  validUntil: '2027-01-30T00:00:00+01:00',
  bans: [
    {
      banId: 'b1' as BanId,
      kind: 'location-ban',
      name: 'Zoë’s huis 🏠',
      bufferM: 200,
      zone: { type: 'Circle', center: [5.2, 52.11], radiusM: 100 },
    },
  ],
};

export const anOrderVersion = (version: number, orderId = 'order-1') =>
  ({
    type: 'order-version',
    atMs: T0_MS + version,
    by: 'cjib',
    orderId: orderId as OrderId,
    version,
    status: 'active',
    cause: version === 1 ? 'put' : 'suspension',
    reason: version === 1 ? null : 'on request',
    order: { ...order, orderId: orderId as OrderId },
  }) satisfies EntryOf<'order-version'>;

const basisFix = (deviceId: string, atMs: number): BasisFix => ({
  deviceId: deviceId as DeviceId,
  personId: 'p' as PersonId,
  role: 'wearer',
  seq: 1,
  time: toInstant(atMs),
  receivedAt: toInstant(atMs),
  ageS: 0,
  sigmaM: 5,
  source: null,
});

const basisOf = (deviceIds: readonly string[], atMs: number): AlertBasis => ({
  ruleVersion: '1',
  rules: ['CB2'],
  orderVersion: 1,
  evaluatedAt: toInstant(atMs),
  fixes: deviceIds.map((deviceId) => basisFix(deviceId, atMs)),
  finding: 'certain',
  reason: 'within-distance',
  limits: { distanceM: 500, warningM: 1000 },
  mover: 'wearer',
  banName: null,
  detail: { note: 'é' },
});

export function anAlert(alertId: string, record: Partial<AlertRecord> = {}): AlertRecord {
  const raisedAtMs = record.raisedAtMs ?? T0_MS;
  return {
    alertId: alertId as AlertId,
    caseId: 'case-1' as CaseId,
    orderId: 'order-1' as OrderId,
    banId: 'b1' as BanId,
    wearerId: 'w-1' as PersonId,
    victimId: 'v-1' as PersonId,
    deviceId: null,
    kind: 'contact',
    code: 'contact-ban',
    episode: 1,
    stage: 'breach',
    certainty: 'certain',
    priority: 1,
    state: 'unacknowledged',
    standing: true,
    retrospective: false,
    raisedAtMs,
    updatedAtMs: raisedAtMs,
    clearedAtMs: null,
    acknowledgedBy: null,
    acknowledgedAtMs: null,
    shelvedUntilMs: null,
    closure: null,
    figures: {
      distanceM: 123.456,
      uncertaintyM: 7.1,
      closingSpeedMs: null,
      timeToBreachS: 0,
      timeToContactS: null,
    },
    basis: basisOf(['o-1', 'v-1'], raisedAtMs),
    ...record,
  };
}

export const aChange = (record: AlertRecord, change: Partial<AlertChange> = {}) =>
  ({
    type: 'alert-change',
    change: { atMs: record.updatedAtMs, change: 'raised', record, act: null, ...change },
    feed: null,
  }) satisfies EntryOf<'alert-change'>;

export const closedBy = (by: string, atMs: number): Partial<AlertRecord> => ({
  state: 'closed',
  standing: false,
  updatedAtMs: atMs,
  clearedAtMs: atMs,
  closure: { finding: 'test', by, atMs },
});

export const aRegistration = (
  key: string,
  value: Registration['value'],
  kind: Registration['kind'] = 'client',
) => ({ type: 'registration', kind, key, atMs: T0_MS, by: 'anna', value }) as const;

export const aDelivery = (subscriptionId: string, seq: number) =>
  ({ type: 'delivered', subscriptionId, seq, atMs: T0_MS + seq }) as const;

export const aSession = (tokenHash: string, expiresAtMs: number) =>
  ({
    type: 'session',
    tokenHash,
    username: 'anna',
    role: 'operator',
    createdAtMs: T0_MS,
    expiresAtMs,
  }) satisfies EntryOf<'session'>;

export const aLook = (subject: string) =>
  ({
    type: 'look',
    atMs: T0_MS,
    by: 'anna',
    what: 'positions',
    subject,
    reason: 'melding 112, “ruzie”',
  }) satisfies EntryOf<'look'>;

export const aRejection = (atMs: number, payload = '{') =>
  ({
    type: 'rejection',
    atMs,
    topic: 'cordon/v1/o-1/position',
    reason: 'not-json',
    detail: 'at 1',
    payload,
  }) satisfies EntryOf<'rejection'>;
