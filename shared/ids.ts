import { z } from 'zod';

/** Persons and orders are named by others; we only insist that a name is short and printable. */
const opaqueId = z
  .string()
  .min(1)
  .max(128)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:~@-]*$/,
    'use letters, digits and . _ : ~ @ -, starting with a letter or digit',
  );

/** As it stands in MQTT topics (DESIGN §5). */
export const DEVICE_ID_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;
export const DeviceId = z
  .string()
  .regex(DEVICE_ID_PATTERN, 'use 1 to 64 letters, digits and . _ -')
  .brand<'DeviceId'>();
export type DeviceId = z.infer<typeof DeviceId>;

export const PersonId = opaqueId.brand<'PersonId'>();
export type PersonId = z.infer<typeof PersonId>;

export const OrderId = opaqueId.brand<'OrderId'>();
export type OrderId = z.infer<typeof OrderId>;

export const BanId = opaqueId.brand<'BanId'>();
export type BanId = z.infer<typeof BanId>;

export const AlertId = z.string().min(1).max(64).brand<'AlertId'>();
export type AlertId = z.infer<typeof AlertId>;

export const CaseId = z.string().min(1).max(140).brand<'CaseId'>();
export type CaseId = z.infer<typeof CaseId>;
