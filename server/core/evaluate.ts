import { assertNever } from '../../shared/result.ts';
import type { PersonId } from '../../shared/ids.ts';
import type { Device } from '../../shared/device.ts';
import { acted, unshelved, type ActRefusal } from './alert-acts.ts';
import type { AlertChange } from './alert-record.ts';
import { askIntervals, takeReceipt, type Command } from './ask-intervals.ts';
import { isPressing } from './asked-interval.ts';
import {
  agendaOf,
  banStatesOf,
  DEFAULT_RULES,
  deviceStateOf,
  type CaseState,
  type Rules,
} from './case-state.ts';
import type { ActOnAlert, CaseEvent, OrderVersion } from './case-event.ts';
import { healthDue, watchHealth } from './device-faults.ts';
import { draftOf, keyOfAlert, setRecord, setWatch, watchOf, type Draft } from './draft.ts';
import { judgePast } from './past.ts';
import { EVERYTHING, judgeBans, stopBan, type NearbyOf } from './judge-bans.ts';
import { takeDeviceEvent, takeFix, takeStatus, type Taken } from './take-message.ts';
import { activityOf } from './schedule.ts';
import { orderStateOf } from './order-state.ts';
import { reportSystem } from './system-faults.ts';

/** What an event made of a case. */
export interface Evaluation {
  readonly caseState: CaseState;
  readonly changes: readonly AlertChange[];
  /** What devices are to be told. */
  readonly commands: readonly Command[];
  /** What became of a device's message. */
  readonly taken: Taken;
  /** Why an act was not possible. */
  readonly refused: ActRefusal | null;
}

/**
 * The core: what one event makes of a case, and which alerts follow. No clock, no I/O, no
 * randomness: equal inputs give equal outputs, for ever. (SPEC EV1)
 */
export function evaluate(
  before: CaseState,
  event: CaseEvent,
  rules: Rules = DEFAULT_RULES,
  nearbyOf: NearbyOf = EVERYTHING,
): Evaluation {
  const draft = draftOf(before, rules, event.atMs);
  refreshActivities(draft);
  let taken: Taken = 'new';
  let refused: ActRefusal | null = null;
  switch (event.type) {
    case 'fix':
      taken = takeFix(draft, event.deviceId, event.fix, nearbyOf);
      break;
    case 'device-event':
      taken = takeDeviceEvent(draft, event);
      break;
    case 'status':
      taken = takeStatus(draft, event.deviceId, event.online);
      break;
    case 'receipt':
      break;
    case 'device-set':
      setDeviceOf(draft, event.device);
      break;
    case 'order-set':
      setOrder(draft, event.version);
      break;
    case 'act':
      refused = takeAct(draft, event.act);
      break;
    case 'system':
      reportSystem(draft, event);
      break;
    case 'time-passed':
      passTime(draft);
      break;
    default:
      assertNever(event);
  }
  const commands =
    event.type === 'receipt' ? takeReceipt(draft, event) : askIntervals(draft, event);
  const dueMs = dueOf(draft);
  // A message must not put off what time alone was to find out. (SPEC EV2)
  draft.state.dueMs = event.type === 'time-passed' ? dueMs : Math.min(before.dueMs, dueMs);
  return { caseState: draft.state, changes: draft.changes, commands, taken, refused };
}

/**
 * Schedules, exceptions and orders start and end at their instant, whatever the occasion. (SPEC
 * SC1)
 */
function refreshActivities(draft: Draft): void {
  const { bans } = draft.state;
  if (draft.atMs < draft.state.agenda.untilMs) return;
  const renewed = bans.map((ban) =>
    ban.activity.untilMs <= draft.atMs
      ? { ...ban, activity: activityOf(ban.order, ban.banId, ban.schedule, draft.atMs) }
      : ban,
  );
  draft.state.bans = renewed;
  draft.state.agenda = agendaOf(renewed);
  protect(draft);
  for (const [index, ban] of renewed.entries()) {
    if (ban !== bans[index]) judgeBans(draft, ban.wearerId, [ban.key], null);
  }
}

/** Devices that an order in force rests on must not fall silent unnoticed. */
function protect(draft: Draft): void {
  const persons = new Set<PersonId>();
  for (const { status, validFromMs, validUntilMs, wearerId, victimIds } of draft.state.orders) {
    if (status !== 'active' || draft.atMs < validFromMs || draft.atMs >= validUntilMs) continue;
    for (const personId of [wearerId, ...victimIds]) persons.add(personId);
  }
  draft.state.devices = draft.state.devices.map((known) => {
    const relied = persons.has(known.device.personId) ? (known.reliedSinceMs ?? draft.atMs) : null;
    return relied === known.reliedSinceMs ? known : { ...known, reliedSinceMs: relied };
  });
}

function setDeviceOf(draft: Draft, device: Device): void {
  const { devices } = draft.state;
  const index = devices.findIndex((known) => known.device.deviceId === device.deviceId);
  const fresh = deviceStateOf(device);
  const known = devices[index];
  // Handed to another person: what it measured on the last one says nothing of the next.
  const same = known && known.device.personId === device.personId;
  const next = same ? { ...known, device, valid: fresh.valid } : fresh;
  const others = devices.filter((_, at) => at !== index);
  draft.state.devices = [...others, next];
  protect(draft);
  judgeBans(draft, device.personId, null, null);
}

/**
 * A new version replaces the bans of the last one; an alert of a ban that stays goes on. (SPEC OR3)
 */
function setOrder(draft: Draft, version: OrderVersion): void {
  const { orderId } = version.order;
  const known = draft.state.orders.find((each) => each.orderId === orderId);
  const isSame = known === undefined || known.version === version.version;
  const order = orderStateOf(version, isSame ? known?.textSinceMs : draft.atMs);
  const others = draft.state.orders.filter((each) => each.orderId !== orderId);
  const bans = banStatesOf(order, version.order.bans, draft.atMs);
  const gone = draft.state.bans.filter(
    (ban) => ban.orderId === orderId && !bans.some((next) => next.key === ban.key),
  );
  draft.state.orders = [...others, order];
  draft.state.bans = [...draft.state.bans.filter((ban) => ban.orderId !== orderId), ...bans];
  draft.state.agenda = agendaOf(draft.state.bans);
  for (const ban of gone) stopBan(draft, ban.key);
  protect(draft);
  // At once: he may already be there when the order begins. (SPEC SC5)
  judgeBans(
    draft,
    null,
    bans.map((ban) => ban.key),
    null,
  );
}

function takeAct(draft: Draft, act: ActOnAlert): ActRefusal | null {
  const record = draft.state.alerts.get(act.alertId);
  if (!record) return 'unknown-alert';
  const result = acted(record, act, draft.atMs);
  if (!result.ok) return result.error;
  const next = result.value;
  const key = keyOfAlert(draft.state, act.alertId);
  if (next.state === 'closed' && key !== null) {
    const hushed = record.standing ? { stage: record.stage, priority: record.priority } : null;
    setWatch(draft, key, { ...watchOf(draft, key), alertId: null, goneSinceMs: null, hushed });
  }
  setRecord(draft, next);
  const change = next.state === 'closed' ? 'closed' : 'updated';
  draft.changes.push({ atMs: draft.atMs, change, record: next, act: { act: act.act, by: act.by } });
  return null;
}

function passTime(draft: Draft): void {
  judgeBans(draft, null, null, null);
  judgePast(draft);
  for (const device of draft.state.devices) watchHealth(draft, device);
  for (const record of draft.state.alerts.values()) {
    if (record.shelvedUntilMs === null || record.shelvedUntilMs > draft.atMs) continue;
    const back = unshelved(record, draft.atMs);
    setRecord(draft, back);
    draft.changes.push({ atMs: draft.atMs, change: 'updated', record: back, act: null });
  }
}

/** With an alert standing, time is looked at every second; else less often, never seldom. */
const DUE_STANDING_MS = 1_000;
const DUE_STALE_MS = 5_000;
const DUE_QUIET_MS = 15_000;
const STALE_MS = 60_000;

function dueOf(draft: Draft): number {
  const { state, atMs } = draft;
  let due = state.agenda.untilMs;
  let stale = false;
  let heard = false;
  for (const device of state.devices) {
    const { silentAtMs, blindAtMs, contactMs } = healthDue(draft, device);
    if (silentAtMs > atMs) due = Math.min(due, silentAtMs);
    if (blindAtMs > atMs) due = Math.min(due, blindAtMs);
    if (device.past) due = Math.min(due, device.past.dueMs);
    stale ||= atMs - contactMs > STALE_MS;
    heard ||= atMs - contactMs <= STALE_MS;
  }
  for (const record of state.alerts.values()) {
    const asks = record.standing || record.shelvedUntilMs !== null;
    if (asks) return Math.min(due, atMs + (heard ? DUE_STANDING_MS : DUE_STALE_MS));
  }
  if (!state.agenda.active && !state.asked.some(isPressing)) return due;
  return Math.min(due, atMs + (stale ? DUE_STALE_MS : DUE_QUIET_MS));
}
