import { CourtOrder } from '../../shared/court-order.ts';
import { Device } from '../../shared/device.ts';
import type { CaseId } from '../../shared/ids.ts';
import { caseIdOf } from '../core/case-grouping.ts';
import type { Engine } from '../core/engine.ts';

/**
 * A wearer and a victim who are nobody: they meet once a minute, through every part of the system,
 * and so prove that it works. No operator ever sees them. (SPEC PO1, RELIABILITY §7.1)
 */
export const CANARY_WEARER = Device.parse({
  deviceId: 'cordon.canary.wearer',
  kind: 'ankle-monitor',
  personId: 'cordon.canary.wearer',
});
export const CANARY_VICTIM = Device.parse({
  deviceId: 'cordon.canary.victim',
  kind: 'victim-device',
  personId: 'cordon.canary.victim',
});

/** Whose acts the closings are. */
export const CANARY_OPERATOR = 'cordon.canary';

export const isCanaryDevice = (deviceId: string): boolean =>
  deviceId === CANARY_WEARER.deviceId || deviceId === CANARY_VICTIM.deviceId;

export const CANARY_CASE: CaseId = caseIdOf(CANARY_WEARER.personId);

/** In force longer than a server will run. */
const ORDER = CourtOrder.parse({
  orderId: 'cordon.canary',
  reference: 'CANARY',
  legalBasis: 'special-condition',
  wearerId: CANARY_WEARER.personId,
  validFrom: '2020-01-01T00:00:00Z',
  validUntil: '2100-01-01T00:00:00Z',
  bans: [
    {
      banId: 'b1',
      kind: 'contact-ban',
      victimId: CANARY_VICTIM.personId,
      distanceM: 100,
      warningDistanceM: 150,
    },
  ],
});

/** Known to the engine only: in the store there is no such order and no such device. */
export function registerCanary(engine: Engine, atMs: number): void {
  engine.setDevice(CANARY_WEARER, atMs);
  engine.setDevice(CANARY_VICTIM, atMs);
  engine.setOrder({ order: ORDER, version: 1, status: 'active' }, atMs);
}
