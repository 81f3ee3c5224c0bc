import { Alert, type AlertBasis } from '../../shared/alert.ts';
import { BanFeature, PositionFeature } from '../../shared/console-message.ts';
import { offsetBy } from '../../shared/geodesy.ts';
import { toInstant } from '../../shared/instant.ts';

/** 03:12 at night in the Netherlands. */
export const NOW_MS = Date.parse('2026-11-24T02:12:30.000Z');
export const secondsAgo = (ageS: number, nowMs = NOW_MS): string => toInstant(nowMs - ageS * 1_000);

export type AlertPatch = Partial<Omit<Alert, 'basis'>> & { basis?: Partial<AlertBasis> };

const id = <T>(text: string): T => text as T;
const DELFT: [lon: number, lat: number] = [4.3535, 52.0085];

/** A contact breach beside Delft; anything can be told otherwise. */
export function alertOf(
  alertId: string,
  patch: Record<string, unknown> = {},
  nowMs = NOW_MS,
): Alert {
  const { basis, ...rest } = patch as AlertPatch;
  const fix = (role: 'wearer' | 'victim', ageS: number) => ({
    deviceId: role === 'wearer' ? 'o-1' : 's-1',
    personId: role === 'wearer' ? 'w-1' : 'v-1',
    role,
    seq: role === 'wearer' ? 4_211 : 8_790,
    time: secondsAgo(ageS + 2, nowMs),
    receivedAt: secondsAgo(ageS, nowMs),
    ageS,
    sigmaM: role === 'wearer' ? 8 : 6,
    source: 'gnss',
  });
  return Alert.parse({
    alertId,
    caseId: 'case-1',
    orderId: 'CJIB-2026-000123',
    banId: 'b1',
    kind: 'contact',
    code: 'contact-ban',
    stage: 'breach',
    certainty: 'likely',
    priority: 1,
    state: 'unacknowledged',
    retrospective: false,
    raisedAt: secondsAgo(40, nowMs),
    updatedAt: secondsAgo(2, nowMs),
    clearedAt: null,
    distanceM: 430,
    uncertaintyM: 12,
    closingSpeedMs: 1.4,
    timeToBreachS: null,
    timeToContactS: 307,
    wearerId: 'w-1',
    victimId: 'v-1',
    deviceId: null,
    acknowledgedBy: null,
    acknowledgedAt: null,
    shelvedUntil: null,
    closure: null,
    ...rest,
    basis: {
      ruleVersion: '1',
      rules: ['CB2', 'CB5'],
      orderVersion: 3,
      evaluatedAt: secondsAgo(2, nowMs),
      fixes: [fix('wearer', 4), fix('victim', 9)],
      finding: 'likely',
      reason: 'within-distance',
      limits: { distanceM: 500, warningM: 1_000 },
      mover: 'wearer',
      banName: null,
      detail: {},
      ...basis,
    },
  });
}

const noFigures = {
  stage: null,
  certainty: null,
  distanceM: null,
  uncertaintyM: null,
  closingSpeedMs: null,
  timeToContactS: null,
};
const bare = { fixes: [], limits: null, mover: null, finding: null, rules: ['DH1'] };

/** A night with something of everything. */
export const nightAlerts = (nowMs = NOW_MS): Alert[] => [
  ...standingAlerts(nowMs),
  ...pastAlerts(nowMs),
];

type Patch = Record<string, unknown>;

function standingAlerts(nowMs: number): Alert[] {
  const of = (alertId: string, patch: Patch): Alert => alertOf(alertId, patch, nowMs);
  return [
    of('a-1', {}),
    of('a-2', {
      caseId: 'case-2',
      wearerId: 'w-7',
      victimId: null,
      kind: 'location',
      code: 'location-ban',
      priority: 2,
      stage: 'approach',
      certainty: 'likely',
      distanceM: 640,
      uncertaintyM: 25,
      closingSpeedMs: 3.8,
      timeToBreachS: 165,
      timeToContactS: null,
      raisedAt: secondsAgo(95, nowMs),
      basis: { ...bare, reason: 'on-course', banName: 'woning Wijk bij Duurstede' },
    }),
    of('a-3', {
      ...noFigures,
      caseId: 'case-8',
      kind: 'device',
      code: 'silent',
      priority: 2,
      state: 'acknowledged',
      acknowledgedBy: 'm.devries',
      acknowledgedAt: secondsAgo(300, nowMs),
      deviceId: 's-8',
      victimId: 'v-8',
      wearerId: null,
      raisedAt: secondsAgo(420, nowMs),
      basis: { ...bare, reason: 'no-contact' },
    }),
    of('a-4', {
      ...noFigures,
      caseId: 'case-4',
      kind: 'device',
      code: 'battery-low',
      priority: 3,
      deviceId: 'o-12',
      wearerId: 'w-12',
      victimId: null,
      raisedAt: secondsAgo(1_900, nowMs),
      basis: { ...bare, reason: 'reported-by-device', detail: { battery: 0.08 } },
    }),
  ];
}

function pastAlerts(nowMs: number): Alert[] {
  const of = (alertId: string, patch: Patch): Alert => alertOf(alertId, patch, nowMs);
  return [
    of('a-5', {
      caseId: 'case-5',
      wearerId: 'w-3',
      victimId: 'v-3',
      state: 'cleared',
      acknowledgedBy: 'm.devries',
      acknowledgedAt: secondsAgo(2_500, nowMs),
      raisedAt: secondsAgo(2_700, nowMs),
      clearedAt: secondsAgo(1_500, nowMs),
      closingSpeedMs: null,
      timeToContactS: null,
    }),
    of('a-6', {
      ...noFigures,
      caseId: 'case-6',
      kind: 'device',
      code: 'blind',
      priority: 3,
      state: 'cleared',
      deviceId: 'o-9',
      wearerId: 'w-9',
      victimId: null,
      raisedAt: secondsAgo(5_000, nowMs),
      clearedAt: secondsAgo(4_000, nowMs),
      basis: { ...bare, reason: 'no-usable-fix' },
    }),
  ];
}

export function positionOf(
  kind: 'ankle-monitor' | 'victim-device',
  patch: Record<string, unknown> = {},
  nowMs = NOW_MS,
): PositionFeature {
  const wearer = kind === 'ankle-monitor';
  return PositionFeature.parse({
    type: 'Feature',
    geometry: {
      type: 'Point',
      coordinates: wearer ? DELFT : offsetBy(DELFT[0], DELFT[1], 390, 180),
    },
    properties: {
      deviceId: wearer ? 'o-1' : 's-1',
      personId: wearer ? 'w-1' : 'v-1',
      caseId: 'case-1',
      kind,
      time: secondsAgo(wearer ? 4 : 9, nowMs),
      receivedAt: secondsAgo(wearer ? 3 : 8, nowMs),
      accuracyM: wearer ? 14 : 32,
      speedMs: 1.4,
      headingDeg: 60,
      source: wearer ? 'gnss' : 'wifi',
      battery: 0.7,
      ...patch,
    },
  });
}

export const contactBan: BanFeature = BanFeature.parse({
  orderId: 'CJIB-2026-000123',
  banId: 'b1',
  caseId: 'case-1',
  kind: 'contact-ban',
  name: null,
  active: true,
  wearerId: 'w-1',
  victimId: 'v-1',
  distanceM: 500,
  warningM: 1_000,
  zone: null,
});

const home = offsetBy(DELFT[0], DELFT[1], 620, 330);

export const homeZone: BanFeature = BanFeature.parse({
  ...contactBan,
  banId: 'b2',
  kind: 'location-ban',
  name: 'woning',
  victimId: null,
  distanceM: null,
  warningM: null,
  zone: { type: 'Circle', center: home, radiusM: 150 },
});

/** Brands are for production code; a test writes ids as it likes. */
export const idOf = id;
