import { z } from 'zod';
import { AlertAct } from './alert-act.ts';
import { AlertId, BanId, CaseId, DeviceId, OrderId, PersonId } from './ids.ts';
import { Instant } from './instant.ts';

export const AlertKind = z.enum(['contact', 'location', 'duty', 'device', 'system']);
export type AlertKind = z.infer<typeof AlertKind>;

/** What was found; of a ban its kind, of a device or the system the fault. (DESIGN §4) */
export const AlertCode = z.enum([
  'contact-ban',
  'location-ban',
  'location-duty',
  'sos',
  'strap-tamper',
  'case-tamper',
  'power-off',
  'battery-low',
  'jamming',
  'silent',
  'blind',
  'implausible',
  'broker-lost',
  'store-failing',
  'evaluator-late',
  'case-failed',
  'gap-possible',
  'canary-missed',
  'limit-near',
  'clock-stepped',
  'message-parked',
  'device-flooding',
  'journal-broken',
  'zone-missing',
  'feedback-failing',
]);
export type AlertCode = z.infer<typeof AlertCode>;

/** How sure we are that a condition holds now. (DESIGN §4) */
export const Finding = z.enum(['clear', 'possible', 'likely', 'certain']);
export type Finding = z.infer<typeof Finding>;
export const Certainty = z.enum(['possible', 'likely', 'certain']);
export type Certainty = z.infer<typeof Certainty>;

export const Stage = z.enum(['approach', 'breach']);
export type Stage = z.infer<typeof Stage>;

/** 1 now, 2 soon, 3 technical, 4 information. */
export const Priority = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
export type Priority = z.infer<typeof Priority>;

/** The lifecycle words of ISA-18.2. */
export const AlertState = z.enum([
  'unacknowledged',
  'acknowledged',
  'cleared-unacknowledged',
  'cleared',
  'closed',
  'shelved',
]);
export type AlertState = z.infer<typeof AlertState>;

/** Why an alert stands at its stage: the sentence shown to the operator is made from it. */
export const AlertReason = z.enum([
  'within-distance',
  'passed-within',
  'at-the-line',
  'within-warning',
  'on-course',
  'cannot-rule-out',
  'inside-zone',
  'passed-inside',
  'in-buffer',
  'outside-zone',
  'no-contact',
  'no-usable-fix',
  'reported-by-device',
  'teleport',
  'frozen',
  'clock-off',
  'seq-reused',
  'component-failed',
  'was-down',
  'session-lost',
]);
export type AlertReason = z.infer<typeof AlertReason>;

/** One fix that an alert rests on. `ageS` counts from the measurement to the evaluation. */
export const BasisFix = z.object({
  deviceId: DeviceId,
  personId: PersonId,
  role: z.enum(['wearer', 'victim']),
  seq: z.number(),
  time: Instant,
  receivedAt: Instant,
  ageS: z.number(),
  sigmaM: z.number(),
  source: z.string().nullable(),
});
export type BasisFix = z.infer<typeof BasisFix>;

/** Everything the "why" of an alert can be told from, and recomputed by `replay`. */
export const AlertBasis = z.object({
  ruleVersion: z.string(),
  /** Numbers of the SPEC rules that decided. */
  rules: z.array(z.string()),
  orderVersion: z.number().nullable(),
  evaluatedAt: Instant,
  fixes: z.array(BasisFix),
  finding: Finding.nullable(),
  reason: AlertReason,
  /** Distance or buffer limits of the ban in metres. */
  limits: z
    .object({ distanceM: z.number().nullable(), warningM: z.number().nullable() })
    .nullable(),
  /**
   * Who moved towards whom over the last stretch of both ways; `together`: the same way, as in one
   * train or one behind the other.
   */
  mover: z.enum(['wearer', 'victim', 'both', 'together', 'neither']).nullable(),
  banName: z.string().nullable(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});
export type AlertBasis = z.infer<typeof AlertBasis>;

/** DESIGN §7; the person, device and act fields tell a console what else it must show. */
export const Alert = z.object({
  alertId: AlertId,
  caseId: CaseId,
  orderId: OrderId.nullable(),
  banId: BanId.nullable(),
  kind: AlertKind,
  code: AlertCode,
  stage: Stage.nullable(),
  certainty: Certainty.nullable(),
  priority: Priority,
  state: AlertState,
  retrospective: z.boolean(),
  raisedAt: Instant,
  updatedAt: Instant,
  clearedAt: Instant.nullable(),
  distanceM: z.number().nullable(),
  uncertaintyM: z.number().nullable(),
  closingSpeedMs: z.number().nullable(),
  timeToBreachS: z.number().nullable(),
  timeToContactS: z.number().nullable(),
  wearerId: PersonId.nullable(),
  victimId: PersonId.nullable(),
  deviceId: DeviceId.nullable(),
  acknowledgedBy: z.string().nullable(),
  acknowledgedAt: Instant.nullable(),
  shelvedUntil: Instant.nullable(),
  closure: z.object({ finding: z.string(), by: z.string(), at: Instant }).nullable(),
  basis: AlertBasis,
});
export type Alert = z.infer<typeof Alert>;

/** One line of an alert's history, and of `replay`'s output. */
export const AlertChangeKind = z.enum(['raised', 'updated', 'cleared', 'closed']);
export type AlertChangeKind = z.infer<typeof AlertChangeKind>;

/** One entry of `GET /v1/alerts/{alertId}/events`: what changed, and by whom if by a person. */
export const AlertEvent = z.object({
  seq: z.number(),
  at: Instant,
  change: AlertChangeKind,
  by: z.string().nullable(),
  act: AlertAct.nullable(),
  alert: Alert,
});
export type AlertEvent = z.infer<typeof AlertEvent>;

/** What an operator may find when closing; free text is allowed beside it. */
export const CLOSURE_FINDINGS = [
  'breach-confirmed',
  'coincidence',
  'agreed-contact',
  'device-fault',
  'false-alarm',
  'test',
  'other',
] as const;
export type ClosureFinding = (typeof CLOSURE_FINDINGS)[number];

/** Does an alert still ask something of a person? What `state=open` lists. */
export function isOpen(alert: Pick<Alert, 'state' | 'priority'>): boolean {
  if (alert.state === 'closed') return false;
  return alert.state !== 'cleared' || alert.priority === 1;
}
