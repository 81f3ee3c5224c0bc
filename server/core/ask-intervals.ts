import type { DeviceCommand } from '../../shared/device-message.ts';
import type { DeviceId } from '../../shared/ids.ts';
import {
  asking,
  following,
  isOverdue,
  receiptFor,
  sentAgain,
  type AskedInterval,
} from './asked-interval.ts';
import type { CaseEvent } from './case-event.ts';
import { isCarried, type CaseState, type DeviceState } from './case-state.ts';
import type { Draft } from './draft.ts';
import { isOver } from './order-life.ts';
import { REPORT_INTERVALS_S, wantedIntervalS } from './report-interval.ts';

/** What a device is to be told, once the evaluation is over. */
export interface Command {
  readonly deviceId: DeviceId;
  readonly command: DeviceCommand;
  /** It was sent before, and nothing says that it was heard. */
  readonly again: boolean;
}

export const NO_COMMANDS: readonly Command[] = [];

/**
 * Asks victims' devices for the report interval that the danger needs. Looked at when time passes,
 * when an alert changes and when a device comes online: not for each position of somebody far away,
 * which is nearly all that ever comes in. (SPEC RI1)
 */
export function askIntervals(draft: Draft, event: CaseEvent): readonly Command[] {
  const { type } = event;
  const online = type === 'status' && event.online;
  if (type !== 'time-passed' && !online && draft.changes.length === 0) return NO_COMMANDS;
  const commands: Command[] = [];
  const before = draft.state.asked;
  const after: AskedInterval[] = [];
  for (const known of draft.state.devices) {
    if (!mayBeAsked(draft.state, known, draft.atMs)) continue;
    const asked = before.find(({ deviceId }) => deviceId === known.device.deviceId) ?? null;
    const next = nextFor(draft, known, asked, hasReturned(draft, event, known));
    if (next) after.push(next);
    if (next && (next.id !== asked?.id || next.tries !== asked.tries)) commands.push(told(next));
  }
  const same = after.length === before.length && after.every((each, i) => each === before[i]);
  if (!same) draft.state.asked = after;
  return commands.length > 0 ? commands : NO_COMMANDS;
}

/** Works a receipt into the case: it settles a command and is nothing else. (SPEC RI7) */
export function takeReceipt(
  draft: Draft,
  event: Extract<CaseEvent, { type: 'receipt' }>,
): readonly Command[] {
  const { asked } = draft.state;
  const known = asked.find(({ deviceId }) => deviceId === event.deviceId);
  const about = known ? receiptFor(known, event.id) : 'other';
  if (!known || about === 'other' || (about === 'this' && known.delivered)) return NO_COMMANDS;
  const next = about === 'this' ? { ...known, delivered: true } : sentAgain(known, draft.atMs);
  draft.state.asked = asked.map((each) => (each === known ? next : each));
  return about === 'this' ? NO_COMMANDS : [told(next)];
}

/**
 * Nothing that reaches a wearer may depend on where a victim is: no ankle monitor is asked, nor any
 * device of a person who is a wearer himself, as where each must stay away from the other.
 * (SPEC RI8)
 */
function mayBeAsked({ orders }: CaseState, known: DeviceState, atMs: number): boolean {
  const { kind, personId } = known.device;
  if (kind !== 'victim-device' || !isCarried(known, atMs)) return false;
  return !orders.some((order) => order.wearerId === personId && !isOver(order.status));
}

function nextFor(
  draft: Draft,
  known: DeviceState,
  asked: AskedInterval | null,
  returned: boolean,
): AskedInterval | null {
  const { deviceId, personId } = known.device;
  const { atMs } = draft;
  if (asked === null && known.lastContactMs === null) return null;
  const wantedS = wantedIntervalS(draft.state, personId, atMs);
  if (asked === null) return wantedS === null ? null : asking(deviceId, wantedS, atMs);
  const next = wantedS === null ? released(asked, atMs) : following(asked, wantedS, atMs);
  if (next.id !== asked.id) return next;
  return returned || isOverdue(next, known.lastContactMs, atMs) ? sentAgain(next, atMs) : next;
}

/** A schedule's end does not flicker: nothing to wait for. (SPEC RI5) */
const released = (asked: AskedInterval, atMs: number): AskedInterval =>
  asked.seconds === REPORT_INTERVALS_S[0]
    ? asked
    : asking(asked.deviceId, REPORT_INTERVALS_S[0], atMs);

/** Who was away may have missed the command, or lost it with its power. (SPEC RI7) */
function hasReturned(draft: Draft, event: CaseEvent, { device }: DeviceState): boolean {
  if (event.type === 'status' && event.online && event.deviceId === device.deviceId) return true;
  return draft.changes.some(
    ({ change, record }) =>
      change === 'cleared' && record.code === 'silent' && record.deviceId === device.deviceId,
  );
}

const told = ({ deviceId, id, seconds, tries }: AskedInterval): Command => ({
  deviceId,
  command: { id, kind: 'report-interval', seconds },
  again: tries > 1,
});
