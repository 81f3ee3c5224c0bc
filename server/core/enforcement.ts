import { type Ban, type CourtOrder, isDrawn } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import type { PersonId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import type { Enforcement, Unenforced } from '../../shared/order-view.ts';
import type { Life } from './order-life.ts';

/** Who carries what now. */
export interface Carriers {
  readonly wearers: ReadonlySet<PersonId>;
  readonly victims: ReadonlySet<PersonId>;
}

export function carriersOf(devices: readonly Device[], atMs: number): Carriers {
  const worn = devices.filter(
    ({ validFrom, validUntil }) =>
      !(validFrom && atMs < fromInstant(validFrom)) &&
      !(validUntil && atMs >= fromInstant(validUntil)),
  );
  const personsWith = (kind: Device['kind']): ReadonlySet<PersonId> =>
    new Set(worn.filter((device) => device.kind === kind).map(({ personId }) => personId));
  return { wearers: personsWith('ankle-monitor'), victims: personsWith('victim-device') };
}

/** Is anybody held to each ban of an order now, and if not, why not? (SPEC OR12) */
export function enforcementOf(life: Life, carriers: Carriers, atMs: number): Enforcement[] {
  const order = life.standing?.order ?? life.proposal?.order ?? life.newest.order;
  const ofAll = reasonsOfOrder(life, order, atMs);
  return order.bans.map((ban) => {
    const reasons = [...ofAll, ...reasonsOfBan(ban, order, carriers)];
    return { banId: ban.banId, enforced: reasons.length === 0, reasons };
  });
}

function reasonsOfOrder({ newest, standing }: Life, order: CourtOrder, atMs: number): Unenforced[] {
  const { status } = newest;
  if (status === 'withdrawn' || status === 'expired' || status === 'rejected') return ['over'];
  if (atMs >= fromInstant(order.validUntil)) return ['over'];
  const reasons: Unenforced[] = [];
  if (standing === null) reasons.push('awaiting-approval');
  if (standing?.status === 'suspended') reasons.push('suspended');
  if (atMs < fromInstant(order.validFrom)) reasons.push('not-yet-valid');
  return reasons;
}

function reasonsOfBan(ban: Ban, order: CourtOrder, { wearers, victims }: Carriers): Unenforced[] {
  const reasons: Unenforced[] = [];
  if (!isDrawn(ban)) reasons.push('no-zone');
  if (!wearers.has(order.wearerId)) reasons.push('no-ankle-monitor');
  if (ban.kind === 'contact-ban' && !victims.has(ban.victimId)) reasons.push('no-victim-device');
  return reasons;
}
