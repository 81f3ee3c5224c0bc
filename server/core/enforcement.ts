import { type Ban, type CourtOrder, isDrawn } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import type { PersonId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import type { Enforcement, Unenforced } from '../../shared/order-view.ts';
import { isCarried, validityOf } from './case-state.ts';
import { isOver, type Life } from './order-life.ts';

/** The devices of a person, whether carried now or not. */
export type DevicesOf = (personId: PersonId) => readonly Device[];

/** Is anybody held to each ban of an order now, and if not, why not? (SPEC OR12) */
export function enforcementOf(life: Life, devicesOf: DevicesOf, atMs: number): Enforcement[] {
  const order = life.standing?.order ?? life.proposal?.order ?? life.newest.order;
  const ofAll = reasonsOfOrder(life, order, atMs);
  const carries = (personId: PersonId, kind: Device['kind']): boolean =>
    devicesOf(personId).some(
      (device) => device.kind === kind && isCarried({ valid: validityOf(device) }, atMs),
    );
  return order.bans.map((ban) => {
    const reasons = [...ofAll, ...reasonsOfBan(ban, order, carries)];
    return { banId: ban.banId, enforced: reasons.length === 0, reasons };
  });
}

function reasonsOfOrder({ newest, standing }: Life, order: CourtOrder, atMs: number): Unenforced[] {
  const { status } = newest;
  if (isOver(status) || status === 'rejected') return ['over'];
  if (atMs >= fromInstant(order.validUntil)) return ['over'];
  const reasons: Unenforced[] = [];
  if (standing === null) reasons.push('awaiting-approval');
  if (standing?.status === 'suspended') reasons.push('suspended');
  if (atMs < fromInstant(order.validFrom)) reasons.push('not-yet-valid');
  return reasons;
}

function reasonsOfBan(
  ban: Ban,
  { wearerId }: CourtOrder,
  carries: (personId: PersonId, kind: Device['kind']) => boolean,
): Unenforced[] {
  const reasons: Unenforced[] = [];
  if (!isDrawn(ban)) reasons.push('no-zone');
  if (!carries(wearerId, 'ankle-monitor')) reasons.push('no-ankle-monitor');
  if (ban.kind === 'contact-ban' && !carries(ban.victimId, 'victim-device')) {
    reasons.push('no-victim-device');
  }
  return reasons;
}
