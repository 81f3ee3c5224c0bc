import type { Alert } from '../../shared/alert.ts';
import type { PositionFeature } from '../../shared/console-message.ts';
import { toInstant } from '../../shared/instant.ts';
import type { PositionRow } from '../../server/ports.ts';
import { START_MS } from './fake-store.ts';

/** An open alert of priority 1 in case `c-1`, but for what a test says otherwise. */
export function alertOf(alertId: string, other: Partial<Record<keyof Alert, unknown>> = {}): Alert {
  const at = toInstant(START_MS);
  const nothing = {
    clearedAt: null,
    uncertaintyM: 10,
    closingSpeedMs: 1,
    timeToBreachS: null,
    timeToContactS: 60,
    deviceId: null,
    acknowledgedBy: null,
    acknowledgedAt: null,
    shelvedUntil: null,
    closure: null,
  };
  const basis = {
    ruleVersion: '1',
    rules: ['CB2'],
    orderVersion: 1,
    evaluatedAt: at,
    fixes: [],
    finding: 'certain',
    reason: 'within-distance',
    mover: null,
    banName: null,
    detail: {},
    limits: { distanceM: 500, warningM: 1_000 },
  };
  return {
    alertId,
    caseId: 'c-1',
    orderId: 'ord-1',
    banId: 'b1',
    kind: 'contact',
    code: 'contact-ban',
    stage: 'breach',
    certainty: 'certain',
    priority: 1,
    state: 'unacknowledged',
    retrospective: false,
    raisedAt: at,
    updatedAt: at,
    distanceM: 120,
    wearerId: 'w-1',
    victimId: 'v-1',
    basis,
    ...nothing,
    ...other,
  } as unknown as Alert;
}

/** Newest position of a device, at a longitude that a test can look for. */
export function featureOf(caseId: string, deviceId: string, lon = 5.123456): PositionFeature {
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [lon, 52.1] },
    properties: {
      deviceId,
      personId: `person-of-${deviceId}`,
      caseId,
      kind: 'ankle-monitor',
      time: toInstant(START_MS),
      receivedAt: toInstant(START_MS),
      accuracyM: 5,
      speedMs: null,
      headingDeg: null,
      source: 'gnss',
      battery: 0.8,
    },
  } as unknown as PositionFeature;
}

export function positionRow(deviceId: string, seq: number, atMs: number): PositionRow {
  const fix = {
    seq,
    boot: null,
    atMs,
    receivedAtMs: atMs + 400,
    lon: 5.123456,
    lat: 52.1,
    accuracyM: 5,
    speedMs: 1,
    headingDeg: 90,
    source: 'gnss' as const,
    battery: 0.8,
  };
  return { deviceId: deviceId as PositionRow['deviceId'], fix, payload: '{}' };
}
