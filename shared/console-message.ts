import { z } from 'zod';
import { Alert } from './alert.ts';
import { AlertAct } from './alert-act.ts';
import { DeviceKind } from './device.ts';
import { AlertId, BanId, CaseId, DeviceId, OrderId, PersonId } from './ids.ts';
import { Instant } from './instant.ts';
import { Problem } from './problem.ts';
import { Zone } from './zone.ts';

/** Every so often the server proves that it lives. (DESIGN §7) */
export const HEARTBEAT_EVERY_MS = 2_000;
/** A console that hears no heartbeat for this long must say so. (DESIGN §7) */
export const HEARTBEAT_MISSED_MS = 5_000;

/** Where a device was last: only of cases with an open alert, or after breaking the glass. */
export const PositionFeature = z.object({
  type: z.literal('Feature'),
  geometry: z.object({ type: z.literal('Point'), coordinates: z.tuple([z.number(), z.number()]) }),
  properties: z.object({
    deviceId: DeviceId,
    personId: PersonId,
    caseId: CaseId,
    kind: DeviceKind,
    /** When it was measured, and when it came in. */
    time: Instant,
    receivedAt: Instant,
    accuracyM: z.number().nullable(),
    speedMs: z.number().nullable(),
    headingDeg: z.number().nullable(),
    source: z.string().nullable(),
    battery: z.number().nullable(),
  }),
});
export type PositionFeature = z.infer<typeof PositionFeature>;

/** A zone or a contact ban of a case whose positions are shown. */
export const BanFeature = z.object({
  orderId: OrderId,
  banId: BanId,
  caseId: CaseId,
  kind: z.enum(['contact-ban', 'location-ban', 'location-duty']),
  name: z.string().nullable(),
  active: z.boolean(),
  wearerId: PersonId,
  victimId: PersonId.nullable(),
  distanceM: z.number().nullable(),
  warningM: z.number().nullable(),
  zone: Zone.nullable(),
});
export type BanFeature = z.infer<typeof BanFeature>;

/** Server to console. (DESIGN §7) */
export const ServerToConsole = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    epoch: z.string(),
    seq: z.number(),
    serverTime: Instant,
    operator: z.string().optional(),
  }),
  z.object({ type: z.literal('snapshot'), seq: z.number(), alerts: z.array(Alert) }),
  z.object({ type: z.literal('alert'), seq: z.number(), alert: Alert }),
  z.object({
    type: z.literal('positions'),
    features: z.array(PositionFeature),
    bans: z.array(BanFeature).optional(),
    /** Open cases that are not in it, because others are more urgent. */
    casesLeftOut: z.number().int().min(0).optional(),
  }),
  z.object({
    type: z.literal('heartbeat'),
    serverTime: Instant,
    lagMs: z.number(),
    /** When the whole chain last proved that it works; null before it ever did. */
    provenAt: Instant.nullish(),
  }),
  z.object({
    type: z.literal('result'),
    requestId: z.string().nullable(),
    ok: z.boolean(),
    problem: Problem.nullish(),
  }),
]);
export type ServerToConsole = z.infer<typeof ServerToConsole>;

const request = { requestId: z.string().min(1).max(64), alertId: AlertId };
const [Acknowledge, Note, Dispatch, Close, Shelve] = AlertAct.options;

/** Console to server. A fresh console resumes with `epoch: null`. (DESIGN §7) */
export const ConsoleToServer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('resume'),
    epoch: z.string().nullish(),
    seq: z.number().int().min(0).nullish(),
  }),
  Acknowledge.extend(request),
  Note.extend(request),
  Dispatch.extend(request),
  Close.extend(request),
  Shelve.extend(request),
  z.object({
    type: z.literal('break-glass'),
    ...request,
    /** Without a reason nobody looks. */
    reason: z.string().trim().min(10, 'give a reason of at least 10 characters').max(2000),
  }),
]);
export type ConsoleToServer = z.infer<typeof ConsoleToServer>;
