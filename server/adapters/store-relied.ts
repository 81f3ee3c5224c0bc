import type { Device } from '../../shared/device.ts';
import type { StoredOrder } from '../kept.ts';

/**
 * Devices of persons whom an order names that is in force or may yet be: of them it must be known
 * how they move, of all others only where they were. Of an order that has just ended what comes
 * late is still judged. (SPEC OR9)
 */
export function reliedDevices(
  devices: readonly Device[],
  orders: readonly StoredOrder[],
): ReadonlySet<string> {
  const persons = new Set<string>();
  for (const { status, order } of orders) {
    if (status === 'withdrawn' || status === 'rejected') continue;
    persons.add(order.wearerId);
    for (const ban of order.bans) if (ban.kind === 'contact-ban') persons.add(ban.victimId);
  }
  return new Set(
    devices.filter(({ personId }) => persons.has(personId)).map(({ deviceId }) => deviceId),
  );
}
