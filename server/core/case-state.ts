import type { Priority, Stage } from '../../shared/alert.ts';
import { type Ban, type BanKind, isDrawn, type Schedule } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import type { AlertId, BanId, CaseId, DeviceId, OrderId, PersonId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import type { AlertRecord } from './alert-record.ts';
import type { AskedInterval } from './asked-interval.ts';
import type { OrderState } from './order-state.ts';
import type { PastWindow } from './past-window.ts';
import { NO_CLOCK, type ClockWatch } from './plausibility.ts';
import { activityOf, type Activity } from './schedule.ts';
import { nothingSeen, type SeenSeqs } from './seen-seqs.ts';
import { shapeOf, type ZoneShape } from './zone-shape.ts';
import { EMPTY_TRACK, type Track } from './track.ts';

/** Timings that a deployment may set. */
export interface Rules {
  /** No message for this long: `silent`. (SPEC DV2) */
  readonly silentAfterMs: number;
  /** Messages but no usable fix for this long: `blind`. (SPEC DV3) */
  readonly blindAfterMs: number;
}

export const DEFAULT_RULES: Rules = { silentAfterMs: 90_000, blindAfterMs: 180_000 };
/** Changes when the same messages may give other alerts; stands in every alert's basis. */
export const RULE_VERSION = '3';

export interface DeviceState {
  readonly device: Device;
  /** When the person carries it; apart, for it is the same value for every state of the device. */
  readonly valid: { readonly fromMs: number; readonly untilMs: number };
  readonly track: Track;
  /** Server time of the last message of any kind. */
  readonly lastContactMs: number | null;
  /** Server time at which the last usable fix came in. */
  readonly lastUsableMs: number | null;
  /** Newest time of measurement that came in, believed or not, by the server's reading of it. */
  readonly newestFixAtMs: number | null;
  /** Since when an order in force rests on this device; null while none does. */
  readonly reliedSinceMs: number | null;
  readonly seenPositions: SeenSeqs;
  readonly seenEvents: SeenSeqs;
  readonly clock: ClockWatch;
  /** What it told late and is not judged yet. (SPEC PA2) */
  readonly past: PastWindow | null;
}

/** One ban of an order, made ready to be judged. */
export interface BanState {
  /** `orderId/banId`. */
  readonly key: string;
  readonly orderId: OrderId;
  readonly banId: BanId;
  readonly wearerId: PersonId;
  readonly victimId: PersonId | null;
  readonly kind: BanKind;
  readonly name: string | null;
  readonly schedule: Schedule | null;
  readonly order: OrderState;
  readonly shape: ZoneShape | null;
  /** Contact ban: the ban's distance. Location ban and duty: 0, the boundary itself. */
  readonly distanceM: number;
  /** Contact ban: where an approach begins. Location ban: the buffer. */
  readonly warningM: number;
  readonly activity: Activity;
}

/** A time in which a cause was told as a breach. */
export interface Told {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What a case remembers of one cause of alerts. */
export interface Watch {
  /** Number of the newest episode; counts on for ever, so that alert ids never come twice. */
  readonly episode: number;
  readonly alertId: AlertId | null;
  /** Since when the condition has been gone, within an episode that still stands. */
  readonly goneSinceMs: number | null;
  /** Since when a breach has been no more than an approach. */
  readonly easedSinceMs: number | null;
  /** When it was a breach, the latest last: that is not told again. (SPEC BF2, PA4) */
  readonly told: readonly Told[];
  /** A person closed the alert while its condition stood: quiet until it worsens or has gone. */
  readonly hushed: { readonly stage: Stage | null; readonly priority: Priority } | null;
}

/** What the schedules of all bans of a case come to: one look instead of one at each. */
export type Agenda = Activity;

/** The wearers, victims, devices and bans that can affect each other: a small immutable value. */
export interface CaseState {
  readonly caseId: CaseId;
  /** Server time of the newest event. */
  readonly atMs: number;
  readonly devices: readonly DeviceState[];
  readonly orders: readonly OrderState[];
  readonly bans: readonly BanState[];
  readonly agenda: Agenda;
  /** By ban key, or `device/code` for device alerts. */
  readonly watches: ReadonlyMap<string, Watch>;
  /** Alerts that still stand or still ask something of a person. */
  readonly alerts: ReadonlyMap<AlertId, AlertRecord>;
  /** The report intervals that victims' devices were asked for. */
  readonly asked: readonly AskedInterval[];
  /** When time alone may next change something. */
  readonly dueMs: number;
}

/** Shared by all cases in which nothing is the matter, which is nearly all of them. */
const NO_WATCHES: ReadonlyMap<string, Watch> = new Map();
const NO_ALERTS: ReadonlyMap<AlertId, AlertRecord> = new Map();
const NOTHING_ASKED: readonly AskedInterval[] = [];

export const emptyCase = (caseId: CaseId, atMs: number): CaseState => ({
  caseId,
  atMs,
  devices: [],
  orders: [],
  bans: [],
  agenda: { active: false, untilMs: Infinity },
  watches: NO_WATCHES,
  alerts: NO_ALERTS,
  asked: NOTHING_ASKED,
  dueMs: atMs,
});

const ALWAYS_VALID = { fromMs: -Infinity, untilMs: Infinity };

/** When the person carries it. */
export function validityOf({ validFrom, validUntil }: Device): DeviceState['valid'] {
  if (!validFrom && !validUntil) return ALWAYS_VALID;
  return {
    fromMs: validFrom ? fromInstant(validFrom) : -Infinity,
    untilMs: validUntil ? fromInstant(validUntil) : Infinity,
  };
}

export function deviceStateOf(device: Device): DeviceState {
  return {
    device,
    valid: validityOf(device),
    track: EMPTY_TRACK,
    lastContactMs: null,
    lastUsableMs: null,
    newestFixAtMs: null,
    reliedSinceMs: null,
    seenPositions: nothingSeen(null),
    seenEvents: nothingSeen(null),
    clock: NO_CLOCK,
    past: null,
  };
}

/** Twice the ban's distance unless the order says otherwise. (DESIGN §4) */
const WARNING_FACTOR = 2;

export const banStatesOf = (order: OrderState, bans: readonly Ban[], atMs: number): BanState[] =>
  bans.filter(isDrawn).map((ban) => {
    const contact = ban.kind === 'contact-ban';
    const schedule = ban.schedule ?? null;
    return {
      key: `${order.orderId}/${ban.banId}`,
      orderId: order.orderId,
      banId: ban.banId,
      wearerId: order.wearerId,
      victimId: contact ? ban.victimId : null,
      kind: ban.kind,
      name: contact ? null : (ban.name ?? null),
      schedule,
      order,
      shape: contact ? null : shapeOf(ban.zone),
      distanceM: contact ? ban.distanceM : 0,
      warningM: warningOf(ban),
      activity: activityOf(order, ban.banId, schedule, atMs),
    };
  });

/** Where an approach begins: metres from her, or from the zone. */
export function warningOf(ban: Ban): number {
  switch (ban.kind) {
    case 'contact-ban':
      return ban.warningDistanceM ?? WARNING_FACTOR * ban.distanceM;
    case 'location-ban':
      return ban.bufferM ?? 0;
    case 'location-duty':
      return 0;
  }
}

export const deviceOf = (state: CaseState, deviceId: DeviceId): DeviceState | undefined =>
  state.devices.find((device) => device.device.deviceId === deviceId);

/** Devices of persons whom somebody must stay away from, whatever kind of device it is. */
export const victimsIn = (state: CaseState): readonly DeviceId[] =>
  state.devices
    .filter(({ device }) => state.bans.some((ban) => ban.victimId === device.personId))
    .map(({ device }) => device.deviceId);

/** Does the person carry it now? */
export const isCarried = ({ valid }: Pick<DeviceState, 'valid'>, atMs: number): boolean =>
  valid.fromMs <= atMs && atMs < valid.untilMs;

/** When the first of these bans may begin or stop to apply, and whether any applies now. */
export function agendaOf(bans: readonly BanState[]): Agenda {
  let untilMs = Infinity;
  let active = false;
  for (const { activity } of bans) {
    untilMs = Math.min(untilMs, activity.untilMs);
    active ||= activity.active;
  }
  return { untilMs, active };
}
