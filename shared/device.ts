import { z } from 'zod';
import { DeviceId, PersonId } from './ids.ts';
import { fromInstant, Instant } from './instant.ts';

export const DeviceKind = z.enum(['ankle-monitor', 'victim-device']);
export type DeviceKind = z.infer<typeof DeviceKind>;

/** Body of `PUT /v1/devices/{deviceId}`: who carries it, and from when until when. (DESIGN §6) */
export const DeviceBody = z
  .object({
    kind: DeviceKind,
    personId: PersonId,
    validFrom: Instant.nullish(),
    validUntil: Instant.nullish(),
  })
  .refine(
    (body) =>
      !body.validFrom ||
      !body.validUntil ||
      fromInstant(body.validFrom) < fromInstant(body.validUntil),
    { path: ['validUntil'], error: 'must be later than validFrom' },
  );
export type DeviceBody = z.infer<typeof DeviceBody>;

export const Device = DeviceBody.safeExtend({ deviceId: DeviceId });
export type Device = z.infer<typeof Device>;
