import { toInstant } from '../../shared/instant.ts';
import { offsetBy } from '../../shared/geodesy.ts';
import type { ServerProcess } from '../support/server-process.ts';
import type { Spot } from './device-client.ts';

const DAY_MS = 86_400_000;
/** Where the zones of these tests begin; north and east of it is inside. */
export const CORNER: Spot = { lon: 5.1, lat: 52.08 };

/** A place so many metres east and north of the corner. */
export function spot(eastM: number, northM: number): Spot {
  const [lon, lat] = offsetBy(CORNER.lon, CORNER.lat, eastM, northM);
  return { lon, lat };
}

/** So near to each other that being seen at both within a second is no teleport. */
export const INSIDE = spot(60, 1_000);
export const OUTSIDE = spot(-30, 1_000);

/** A rectangle of some 1.4 by 2.2 km. */
export const ZONE = {
  type: 'Polygon',
  coordinates: [
    [
      [5.1, 52.08],
      [5.12, 52.08],
      [5.12, 52.1],
      [5.1, 52.1],
      [5.1, 52.08],
    ],
  ],
};

export const orderOf = (wearerId: string, bans: readonly object[], other: object = {}) => ({
  reference: `TEST-${wearerId}`,
  legalBasis: 'special-condition',
  wearerId,
  validFrom: toInstant(Date.now() - DAY_MS),
  validUntil: toInstant(Date.now() + 30 * DAY_MS),
  bans,
  ...other,
});

export const contactBan = (victimId: string) => ({
  banId: 'contact',
  kind: 'contact-ban',
  victimId,
  distanceM: 500,
});

export const locationBan = { banId: 'zone', kind: 'location-ban', name: 'home', zone: ZONE };
export const locationDuty = { banId: 'duty', kind: 'location-duty', name: 'night', zone: ZONE };

export async function register(
  server: ServerProcess,
  deviceId: string,
  personId: string,
): Promise<void> {
  const kind = personId.startsWith('w') ? 'ankle-monitor' : 'victim-device';
  const path = `/v1/devices/${deviceId}`;
  const answer = await server.ask('administrator', 'PUT', path, { kind, personId });
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`);
}

/** An order in force. Under `--empty` no second person has to approve it. */
export async function putOrder(
  server: ServerProcess,
  orderId: string,
  order: object,
): Promise<void> {
  const answer = await server.ask('cjib', 'PUT', `/v1/orders/${orderId}`, order);
  if (answer.status !== 201) throw new Error(`${orderId}: ${answer.status} ${answer.text}`);
}

/** A wearer and a victim with a device each, and a contact ban of 500 m between them. */
export async function registerPair(server: ServerProcess, name: string): Promise<void> {
  await register(server, `ankle-${name}`, `w-${name}`);
  await register(server, `phone-${name}`, `v-${name}`);
  await putOrder(server, `o-${name}`, orderOf(`w-${name}`, [contactBan(`v-${name}`)]));
}
