import { z } from 'zod';
import { CourtOrder, OrderStatus } from './court-order.ts';
import { BanId } from './ids.ts';
import { Instant } from './instant.ts';

/** Why a version of an order exists. */
export const OrderCause = z.enum([
  'put',
  'zone',
  'approval',
  'rejection',
  'suspension',
  'resumption',
  'withdrawal',
  'expiry',
]);
export type OrderCause = z.infer<typeof OrderCause>;

/** Why nobody is held to a ban, though the order names it. */
export const Unenforced = z.enum([
  'awaiting-approval',
  'no-zone',
  'not-yet-valid',
  'suspended',
  'over',
  'no-ankle-monitor',
  'no-victim-device',
]);
export type Unenforced = z.infer<typeof Unenforced>;

/** Of one ban of the text that stands, or of the first text while none does. */
export const Enforcement = z.object({
  banId: BanId,
  enforced: z.boolean(),
  /** Empty while it is enforced; a schedule or an exception is no reason. */
  reasons: z.array(Unenforced),
});
export type Enforcement = z.infer<typeof Enforcement>;

/** What an order became, with the version that did it. */
export const versionFields = {
  version: z.number().int(),
  status: OrderStatus,
  at: Instant,
  by: z.string(),
  cause: OrderCause,
  reason: z.string().nullable(),
};

/** One version, as `GET …/versions` lists them. */
export const OrderVersionView = CourtOrder.safeExtend(versionFields);
export type OrderVersionView = z.infer<typeof OrderVersionView>;

/** An order as it is read: its newest version, and what stands of it now. */
export const OrderView = OrderVersionView.safeExtend({
  /** The version that is in force; null while there is none. */
  standing: z
    .object({ version: z.number().int(), status: z.enum(['active', 'suspended']) })
    .nullable(),
  enforcement: z.array(Enforcement),
});
export type OrderView = z.infer<typeof OrderView>;
