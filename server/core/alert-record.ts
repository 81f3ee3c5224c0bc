import type {
  Alert,
  AlertBasis,
  AlertChangeKind,
  AlertCode,
  AlertKind,
  AlertState,
  Certainty,
  Priority,
  Stage,
} from '../../shared/alert.ts';
import type { AlertAct } from '../../shared/alert-act.ts';
import type { AlertId, BanId, CaseId, DeviceId, OrderId, PersonId } from '../../shared/ids.ts';
import { toInstant } from '../../shared/instant.ts';

/** What was measured about an alert's condition at one instant; null where it does not apply. */
export interface Figures {
  readonly distanceM: number | null;
  readonly uncertaintyM: number | null;
  readonly closingSpeedMs: number | null;
  readonly timeToBreachS: number | null;
  readonly timeToContactS: number | null;
}

/** Whom and what an alert is about. */
export interface AlertSubject {
  readonly orderId: OrderId | null;
  readonly banId: BanId | null;
  readonly wearerId: PersonId | null;
  readonly victimId: PersonId | null;
  readonly deviceId: DeviceId | null;
}

/** An alert as the core keeps it and the store writes it; `toAlert` gives what consoles see. */
export interface AlertRecord extends AlertSubject {
  readonly alertId: AlertId;
  readonly caseId: CaseId;
  readonly kind: AlertKind;
  readonly code: AlertCode;
  /** Tells encounters of one cause apart; part of the alert's id. */
  readonly episode: number;
  readonly stage: Stage | null;
  readonly certainty: Certainty | null;
  readonly priority: Priority;
  readonly state: AlertState;
  /** True while the condition holds, whatever people did with the alert. */
  readonly standing: boolean;
  readonly retrospective: boolean;
  readonly raisedAtMs: number;
  readonly updatedAtMs: number;
  readonly clearedAtMs: number | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAtMs: number | null;
  readonly shelvedUntilMs: number | null;
  readonly closure: { finding: string; by: string; atMs: number } | null;
  readonly figures: Figures;
  readonly basis: AlertBasis;
}

/** One step in an alert's life: what replay prints, consoles hear and the journal keeps. */
export interface AlertChange {
  readonly atMs: number;
  readonly change: AlertChangeKind;
  readonly record: AlertRecord;
  /** The act that caused it, if a person did. */
  readonly act: { act: AlertAct; by: string } | null;
}

const instantOrNull = (atMs: number | null): string | null =>
  atMs === null ? null : toInstant(atMs);

/** The alert as it goes over the wire. (DESIGN §7) */
export function toAlert(record: AlertRecord): Alert {
  const { closure, figures } = record;
  return {
    alertId: record.alertId,
    caseId: record.caseId,
    orderId: record.orderId,
    banId: record.banId,
    kind: record.kind,
    code: record.code,
    stage: record.stage,
    certainty: record.certainty,
    priority: record.priority,
    state: record.state,
    retrospective: record.retrospective,
    raisedAt: toInstant(record.raisedAtMs),
    updatedAt: toInstant(record.updatedAtMs),
    clearedAt: instantOrNull(record.clearedAtMs),
    ...figures,
    wearerId: record.wearerId,
    victimId: record.victimId,
    deviceId: record.deviceId,
    acknowledgedBy: record.acknowledgedBy,
    acknowledgedAt: instantOrNull(record.acknowledgedAtMs),
    shelvedUntil: instantOrNull(record.shelvedUntilMs),
    closure: closure && { finding: closure.finding, by: closure.by, at: toInstant(closure.atMs) },
    basis: record.basis,
  };
}
