import type { AlertCode, AlertReason, Priority } from '../../shared/alert.ts';
import type { AlertAct } from '../../shared/alert-act.ts';
import type { CourtOrder, OrderStatus } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import type { DeviceEventKind, FixSource } from '../../shared/device-message.ts';
import type { AlertId, DeviceId } from '../../shared/ids.ts';

/** One measured position, parsed; `atMs` is the device's clock, `receivedAtMs` the server's. */
export interface Fix {
  readonly seq: number;
  readonly boot: string | null;
  readonly atMs: number;
  readonly receivedAtMs: number;
  readonly lon: number;
  readonly lat: number;
  /** 68 % radius in metres as the device claims it; null when it says nothing. */
  readonly accuracyM: number | null;
  readonly speedMs: number | null;
  readonly headingDeg: number | null;
  readonly source: FixSource | null;
  readonly battery: number | null;
}

/** An order with where it stands; each change of it is a new version. */
export interface OrderVersion {
  readonly order: CourtOrder;
  readonly version: number;
  readonly status: OrderStatus;
}

/** An operator's act on one alert. */
export interface ActOnAlert {
  readonly alertId: AlertId;
  readonly act: AlertAct;
  /** Who did it: a user name. */
  readonly by: string;
}

/** Faults of Cordon itself. */
export type SystemCode = Extract<
  AlertCode,
  | 'broker-lost'
  | 'store-failing'
  | 'evaluator-late'
  | 'case-failed'
  | 'gap-possible'
  | 'canary-missed'
  | 'limit-near'
  | 'clock-stepped'
  | 'message-parked'
  | 'device-flooding'
  | 'journal-broken'
  | 'zone-missing'
  | 'feedback-failing'
>;

/** A fault of Cordon itself that begins, goes on or ends. */
export interface SystemFault {
  readonly code: SystemCode;
  /** Which case, device or limit, of a fault that each may have: each has an alert of its own. */
  readonly about?: string;
  readonly standing: boolean;
  /** For administrators, in English, without persons or places. */
  readonly detail: string;
  /** Where a code alone does not say how urgent it is. */
  readonly priority?: Priority;
  readonly reason?: AlertReason;
  /** For the sentence that the operator reads, as `from` and `until`. */
  readonly facts?: Readonly<Record<string, string | number>>;
}

/**
 * All that can happen to a case. `atMs` is always the server's clock at the moment the event was
 * taken in: the core has no other notion of now, so recorded events replay to the same alerts.
 */
export type CaseEvent =
  | { type: 'fix'; atMs: number; deviceId: DeviceId; fix: Fix }
  | {
      type: 'device-event';
      atMs: number;
      deviceId: DeviceId;
      kind: DeviceEventKind;
      seq: number;
      boot: string | null;
      eventAtMs: number;
    }
  | { type: 'status'; atMs: number; deviceId: DeviceId; online: boolean }
  /** The device has heard the command with this id. */
  | { type: 'receipt'; atMs: number; deviceId: DeviceId; id: string }
  | { type: 'device-set'; atMs: number; device: Device }
  | { type: 'order-set'; atMs: number; version: OrderVersion }
  | { type: 'act'; atMs: number; act: ActOnAlert }
  | ({ type: 'system'; atMs: number } & SystemFault)
  | { type: 'time-passed'; atMs: number };
