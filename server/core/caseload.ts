import type { AlertId, CaseId, DeviceId, OrderId, PersonId } from '../../shared/ids.ts';
import type { ActRefusal } from './alert-acts.ts';
import type { AlertChange, AlertRecord } from './alert-record.ts';
import { NO_COMMANDS, type Command } from './ask-intervals.ts';
import { createBroadPhase, type BroadPhase } from './broad-phase.ts';
import type { CaseEvent, Fix } from './case-event.ts';
import {
  caseIdOf,
  caseIdWith,
  personsOf,
  regrouped,
  SYSTEM_CASE,
  united,
} from './case-grouping.ts';
import { DEFAULT_RULES, emptyCase, victimsIn, type CaseState, type Rules } from './case-state.ts';
import { createDueQueue } from './due-queue.ts';
import { evaluate } from './evaluate.ts';
import { orderStateOf } from './order-state.ts';
import { handedOn } from './handed-on.ts';
import type { AskedInterval } from './asked-interval.ts';
import { askedAgain, type Downtime, restored, seeded } from './restored.ts';
import type { Taken } from './take-message.ts';

/** What an event did, over all cases. */
export interface Outcome {
  readonly changes: readonly AlertChange[];
  readonly taken: Taken;
  readonly refused: ActRefusal | null;
  /** Its case has failed, now or before: nothing was made of the event. */
  readonly failed?: true;
}

/**
 * Time is looked at on whole seconds, so that a recording replays to the same instants. (SPEC EV2)
 */
export const TICK_MS = 1_000;
/** A case that failed is tried again, but not at the pace of its messages. */
const RETRY_FAILED_MS = 60_000;
/** Twice the pace of retries: one of them at least went well. */
const MENDED_AFTER_MS = 2 * RETRY_FAILED_MS;
const DETAIL_CHARS_MAX = 300;

/** Where a case lives: found once for each event, for looking up costs more than judging. */
interface Slot {
  state: CaseState;
  /** The earliest time for which the due queue knows this case. */
  queuedMs: number;
  /** Devices whose moves the broad phase must hear of. */
  victims: readonly DeviceId[];
}

type Event<Type extends CaseEvent['type']> = Extract<CaseEvent, { type: Type }>;

/**
 * The world as a table of cases. It finds the case of an event, lets the pure core evaluate it, and
 * makes time pass. The same calls in the same order give the same changes. (SPEC CA2)
 */
export class Caseload {
  readonly #rules: Rules;
  readonly #broad: BroadPhase = createBroadPhase();
  readonly #due = createDueQueue<CaseId>();
  readonly #slots = new Map<CaseId, Slot>();
  readonly #caseOfPerson = new Map<PersonId, CaseId>();
  readonly #slotOfDevice = new Map<DeviceId, Slot>();
  readonly #caseOfAlert = new Map<AlertId, CaseId>();
  readonly #personsOfOrder = new Map<OrderId, readonly PersonId[]>();
  /** When each case that fails did so last. */
  readonly #failed = new Map<CaseId, number>();
  /** Not yet taken: the newest for each device, for one that was overtaken is worth nothing. */
  readonly #commands = new Map<DeviceId, Command>();

  constructor(rules: Rules = DEFAULT_RULES) {
    this.#rules = rules;
  }

  apply(event: CaseEvent): Outcome {
    if (event.type === 'device-set') return this.#setDevice(event);
    if (event.type === 'order-set') return this.#setOrder(event);
    const slot = this.#slotOf(event);
    if (!slot) {
      const refused = event.type === 'act' ? 'unknown-alert' : null;
      return { changes: [], taken: 'unknown-device', refused };
    }
    const outcome = this.#run(slot, event);
    if (event.type === 'fix' && slot.victims.includes(event.deviceId)) {
      this.#noteMove(slot.state, event.deviceId);
    }
    return outcome;
  }

  /** Lets time pass up to and including this instant. */
  advanceTo(atMs: number): readonly AlertChange[] {
    const changes: AlertChange[] = [];
    while (this.#due.nextMs() <= atMs) {
      const tickMs = Math.ceil(this.#due.nextMs() / TICK_MS) * TICK_MS;
      if (tickMs > atMs) break;
      const slot = this.#slots.get(this.#due.take());
      if (!slot) continue;
      slot.queuedMs = Infinity;
      // An overtaken wish: the case was looked at meanwhile and wants to be seen later.
      if (slot.state.dueMs > tickMs) this.#keep(slot, slot.state);
      else changes.push(...this.#run(slot, { type: 'time-passed', atMs: tickMs }).changes);
    }
    return changes;
  }

  /** Puts back what the store kept: alerts that were not over, and episode numbers. (SPEC ST4) */
  restore(records: readonly AlertRecord[], atMs: number): void {
    for (const record of records) {
      const personId = record.wearerId ?? record.victimId;
      const slot = personId ? this.#slotOfPersonAt(personId, atMs) : this.#systemSlot(atMs);
      this.#keep(slot, restored(slot.state, record, atMs));
      this.#caseOfAlert.set(record.alertId, slot.state.caseId);
    }
  }

  /** Puts back where devices were, without judging: that is for the passing of time. (SPEC ST4) */
  seed(deviceId: DeviceId, fixes: readonly Fix[], downtime: Downtime): void {
    const slot = this.#slotOfDevice.get(deviceId);
    if (!slot) return;
    this.#keep(slot, seeded(slot.state, deviceId, fixes, downtime));
    this.#noteMove(slot.state, deviceId);
  }

  /** Puts back what devices were asked; one that is no longer known is asked nothing. (SPEC RI6) */
  restoreAsked(asked: readonly AskedInterval[], atMs: number): void {
    for (const each of asked) {
      const slot = this.#slotOfDevice.get(each.deviceId);
      if (slot) this.#keep(slot, askedAgain(slot.state, each, atMs));
    }
  }

  /** What devices are to be told since this was last asked. (SPEC RI6) */
  takeCommands(): readonly Command[] {
    if (this.#commands.size === 0) return NO_COMMANDS;
    const commands = [...this.#commands.values()];
    this.#commands.clear();
    return commands;
  }

  caseOfDevice(deviceId: DeviceId): CaseState | null {
    return this.#slotOfDevice.get(deviceId)?.state ?? null;
  }

  *cases(): IterableIterator<CaseState> {
    for (const { state } of this.#slots.values()) yield state;
  }

  #slotOf(event: Event<Exclude<CaseEvent['type'], 'device-set' | 'order-set'>>): Slot | undefined {
    switch (event.type) {
      case 'fix':
      case 'device-event':
      case 'status':
      case 'receipt':
        return this.#slotOfDevice.get(event.deviceId);
      case 'act':
        return this.#slots.get(this.#caseOfAlert.get(event.act.alertId)!);
      case 'system':
        return this.#systemSlot(event.atMs);
      case 'time-passed':
        return undefined;
    }
  }

  #run(slot: Slot, event: CaseEvent): Outcome {
    try {
      const done = evaluate(slot.state, event, this.#rules, this.#broad.nearby);
      this.#keep(slot, done.caseState);
      if (done.commands.length > 0) this.#hold(done.commands);
      for (const { record } of done.changes) this.#caseOfAlert.set(record.alertId, record.caseId);
      return event.type === 'time-passed'
        ? this.#mended(slot.state.caseId, done, event.atMs)
        : done;
    } catch (error) {
      return this.#confine(slot.state, event, error);
    }
  }

  #hold(commands: readonly Command[]): void {
    for (const command of commands) this.#commands.set(command.deviceId, command);
  }

  /** A broken invariant stops its own case, loudly, and no other. (STYLE rule 6, SPEC CA3) */
  #confine(state: CaseState, { atMs }: CaseEvent, error: unknown): Outcome {
    this.#due.want(state.caseId, atMs + RETRY_FAILED_MS);
    if (state.caseId === SYSTEM_CASE) throw error;
    const known = this.#failed.has(state.caseId);
    this.#failed.set(state.caseId, atMs);
    if (known) return { changes: [], taken: 'new', refused: null, failed: true };
    const why = error instanceof Error ? error.message : String(error);
    const detail = `${state.caseId}: ${why}`.slice(0, DETAIL_CHARS_MAX);
    const about = state.caseId;
    const fault = { code: 'case-failed', about, standing: true, detail } as const;
    return { ...this.apply({ type: 'system', atMs, ...fault }), failed: true };
  }

  /** A case that failed and has not for a while, though time was looked at, works again. */
  #mended(about: CaseId, done: Outcome, atMs: number): Outcome {
    const failedMs = this.#failed.get(about);
    if (failedMs === undefined || atMs - failedMs < MENDED_AFTER_MS) return done;
    this.#failed.delete(about);
    const over = { code: 'case-failed', about, standing: false, detail: about } as const;
    const told = this.apply({ type: 'system', atMs, ...over });
    return { ...done, changes: [...done.changes, ...told.changes] };
  }

  #keep(slot: Slot, state: CaseState): void {
    slot.state = state;
    if (state.dueMs >= slot.queuedMs) return;
    slot.queuedMs = state.dueMs;
    this.#due.want(state.caseId, state.dueMs);
  }

  #enter(state: CaseState): Slot {
    const slot = this.#slots.get(state.caseId) ?? { state, queuedMs: Infinity, victims: NOBODY };
    this.#slots.set(state.caseId, slot);
    this.#keep(slot, state);
    return slot;
  }

  #systemSlot(atMs: number): Slot {
    return this.#slots.get(SYSTEM_CASE) ?? this.#enter(emptyCase(SYSTEM_CASE, atMs));
  }

  #slotOfPersonAt(personId: PersonId, atMs: number): Slot {
    const caseId = this.#caseOfPerson.get(personId) ?? caseIdOf(personId);
    this.#caseOfPerson.set(personId, caseId);
    return this.#slots.get(caseId) ?? this.#enter(emptyCase(caseId, atMs));
  }

  #setDevice(event: Event<'device-set'>): Outcome {
    const { deviceId, personId } = event.device;
    const before = this.#slotOfDevice.get(deviceId);
    const target = this.#slotOfPersonAt(personId, event.atMs);
    const left = before && before !== target ? this.#handOn(before, target, event) : [];
    const outcome = this.#run(target, event);
    this.#file([target.state], event.atMs);
    return { ...outcome, changes: [...left, ...outcome.changes] };
  }

  /** The device goes to another case: what was wrong with it is over here, its numbers go along. */
  #handOn(from: Slot, to: Slot, event: Event<'device-set'>): readonly AlertChange[] {
    const { deviceId } = event.device;
    const left = handedOn(from.state, deviceId, event.atMs);
    this.#keep(from, left.from);
    this.#broad.index(left.from);
    const watches = new Map([...to.state.watches, ...left.watches]);
    this.#keep(to, { ...to.state, watches, asked: [...to.state.asked, ...left.asked] });
    return left.changes;
  }

  /** Ties all persons concerned into one case, evaluates, and cuts where nothing ties any more. */
  #setOrder(event: Event<'order-set'>): Outcome {
    const { version, atMs } = event;
    const { orderId } = version.order;
    const persons = personsOf(orderStateOf(version));
    const touched = [...persons, ...(this.#personsOfOrder.get(orderId) ?? [])];
    this.#personsOfOrder.set(orderId, persons);
    const slots = new Set(touched.map((personId) => this.#slotOfPersonAt(personId, atMs)));
    const old = [...slots].map(({ state }) => state);
    for (const { caseId } of old) {
      this.#slots.delete(caseId);
      this.#broad.forget(caseId);
    }
    const whole = this.#enter(united(old, caseIdWith(old, version.order.wearerId), atMs));
    const outcome = this.#run(whole, event);
    this.#slots.delete(whole.state.caseId);
    this.#file(regrouped([whole.state], atMs), atMs);
    return outcome;
  }

  /** Enters cases into the table and every index. */
  #file(states: readonly CaseState[], atMs: number): void {
    for (const state of states) {
      const slot = this.#enter({ ...state, dueMs: atMs });
      this.#broad.index(state);
      slot.victims = victimsIn(state);
      for (const { device } of state.devices) {
        this.#slotOfDevice.set(device.deviceId, slot);
        this.#caseOfPerson.set(device.personId, state.caseId);
      }
      for (const personId of state.orders.flatMap(personsOf)) {
        this.#caseOfPerson.set(personId, state.caseId);
      }
      for (const alertId of state.alerts.keys()) this.#caseOfAlert.set(alertId, state.caseId);
    }
  }

  #noteMove(state: CaseState, deviceId: DeviceId): void {
    const known = state.devices.find(({ device }) => device.deviceId === deviceId);
    if (known) this.#broad.moved(state, known);
  }
}

const NOBODY: readonly DeviceId[] = [];
