import type { AlertId, CaseId, DeviceId, OrderId, PersonId } from '../../shared/ids.ts';
import type { ActRefusal } from './alert-acts.ts';
import type { AlertChange, AlertRecord } from './alert-record.ts';
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
import {
  DEFAULT_RULES,
  emptyCase,
  orderStateOf,
  type CaseState,
  type Rules,
} from './case-state.ts';
import { createDueQueue } from './due-queue.ts';
import { evaluate } from './evaluate.ts';
import { restored, seeded } from './restored.ts';
import type { Taken } from './take-message.ts';

/** What an event did, over all cases. */
export interface Outcome {
  readonly changes: readonly AlertChange[];
  readonly taken: Taken;
  readonly refused: ActRefusal | null;
}

/** Time is looked at on whole seconds, so that a recording replays to the same instants. (SPEC EV2) */
export const TICK_MS = 1_000;
/** A case that failed is tried again, but not at the pace of its messages. */
const RETRY_FAILED_MS = 60_000;
const DETAIL_CHARS_MAX = 300;

type Event<Type extends CaseEvent['type']> = Extract<CaseEvent, { type: Type }>;

/**
 * The world as a table of cases. It finds the case of an event, lets the pure core evaluate it, and
 * makes time pass. The same calls in the same order give the same changes. (SPEC CA2)
 */
export class Caseload {
  readonly #rules: Rules;
  readonly #broad: BroadPhase = createBroadPhase();
  readonly #due = createDueQueue();
  readonly #cases = new Map<CaseId, CaseState>();
  readonly #caseOfPerson = new Map<PersonId, CaseId>();
  readonly #caseOfDevice = new Map<DeviceId, CaseId>();
  readonly #caseOfAlert = new Map<AlertId, CaseId>();
  readonly #personsOfOrder = new Map<OrderId, readonly PersonId[]>();
  readonly #failed = new Set<CaseId>();

  constructor(rules: Rules = DEFAULT_RULES) {
    this.#rules = rules;
  }

  apply(event: CaseEvent): Outcome {
    if (event.type === 'device-set') return this.#setDevice(event);
    if (event.type === 'order-set') return this.#setOrder(event);
    const state = this.#caseOf(event);
    if (!state) {
      const refused = event.type === 'act' ? 'unknown-alert' : null;
      return { changes: [], taken: 'unknown-device', refused };
    }
    const outcome = this.#run(state, event);
    if (event.type === 'fix') this.#noteMove(state.caseId, event.deviceId);
    return outcome;
  }

  /** Lets time pass up to and including this instant. */
  advanceTo(atMs: number): readonly AlertChange[] {
    const changes: AlertChange[] = [];
    while (this.#due.nextMs() <= atMs) {
      const tickMs = Math.ceil(this.#due.nextMs() / TICK_MS) * TICK_MS;
      if (tickMs > atMs) break;
      const state = this.#cases.get(this.#due.take());
      if (!state) continue;
      // An overtaken wish: the case was looked at meanwhile and wants to be seen later.
      if (state.dueMs > tickMs) this.#due.want(state.caseId, state.dueMs);
      else changes.push(...this.#run(state, { type: 'time-passed', atMs: tickMs }).changes);
    }
    return changes;
  }

  /** Puts back what the store kept: alerts that were not over, and episode numbers. (SPEC ST4) */
  restore(records: readonly AlertRecord[], atMs: number): void {
    for (const record of records) {
      const personId = record.wearerId ?? record.victimId;
      const state = personId ? this.#caseOfPersonAt(personId, atMs) : this.#systemCase(atMs);
      this.#keep(restored(state, record, atMs));
      this.#caseOfAlert.set(record.alertId, state.caseId);
    }
  }

  /** Puts back where devices were, without judging: that is for the passing of time. (SPEC ST4) */
  seed(deviceId: DeviceId, fixes: readonly Fix[]): void {
    const state = this.caseOfDevice(deviceId);
    if (!state) return;
    const next = seeded(state, deviceId, fixes);
    this.#keep(next);
    this.#noteMove(state.caseId, deviceId);
  }

  caseOfDevice(deviceId: DeviceId): CaseState | null {
    return this.#cases.get(this.#caseOfDevice.get(deviceId)!) ?? null;
  }

  cases(): IterableIterator<CaseState> {
    return this.#cases.values();
  }

  #caseOf(
    event: Event<'fix' | 'device-event' | 'status' | 'act' | 'system' | 'time-passed'>,
  ): CaseState | null {
    switch (event.type) {
      case 'fix':
      case 'device-event':
      case 'status':
        return this.caseOfDevice(event.deviceId);
      case 'act':
        return this.#cases.get(this.#caseOfAlert.get(event.act.alertId)!) ?? null;
      case 'system':
        return this.#systemCase(event.atMs);
      case 'time-passed':
        return null;
    }
  }

  #run(state: CaseState, event: CaseEvent): Outcome {
    try {
      const done = evaluate(state, event, this.#rules, this.#broad.nearby);
      this.#keep(done.caseState);
      for (const { record } of done.alerts) this.#caseOfAlert.set(record.alertId, record.caseId);
      return { changes: done.alerts, taken: done.taken, refused: done.refused };
    } catch (error) {
      return this.#confine(state, event, error);
    }
  }

  /** A broken invariant stops its own case, loudly, and no other. (STYLE rule 6, SPEC CA3) */
  #confine(state: CaseState, { atMs }: CaseEvent, error: unknown): Outcome {
    this.#due.want(state.caseId, atMs + RETRY_FAILED_MS);
    if (state.caseId === SYSTEM_CASE) throw error;
    if (this.#failed.has(state.caseId)) return { changes: [], taken: 'new', refused: null };
    this.#failed.add(state.caseId);
    const why = error instanceof Error ? error.message : String(error);
    const detail = `${state.caseId}: ${why}`.slice(0, DETAIL_CHARS_MAX);
    return this.apply({ type: 'system', atMs, code: 'case-failed', standing: true, detail });
  }

  #keep(state: CaseState): void {
    this.#cases.set(state.caseId, state);
    this.#due.want(state.caseId, state.dueMs);
  }

  #systemCase(atMs: number): CaseState {
    return this.#cases.get(SYSTEM_CASE) ?? emptyCase(SYSTEM_CASE, atMs);
  }

  #caseOfPersonAt(personId: PersonId, atMs: number): CaseState {
    const caseId = this.#caseOfPerson.get(personId) ?? caseIdOf(personId);
    const state = this.#cases.get(caseId) ?? emptyCase(caseId, atMs);
    this.#caseOfPerson.set(personId, caseId);
    this.#cases.set(caseId, state);
    return state;
  }

  #setDevice(event: Event<'device-set'>): Outcome {
    const { deviceId, personId } = event.device;
    const before = this.caseOfDevice(deviceId);
    const target = this.#caseOfPersonAt(personId, event.atMs);
    if (before && before.caseId !== target.caseId) this.#takeOut(before, deviceId);
    const outcome = this.#run(target, event);
    this.#file([this.#cases.get(target.caseId)!], event.atMs);
    return outcome;
  }

  /** The device goes to another case: its alerts stay, as history of the one it leaves. */
  #takeOut(state: CaseState, deviceId: DeviceId): void {
    const devices = state.devices.filter(({ device }) => device.deviceId !== deviceId);
    this.#keep({ ...state, devices });
    this.#broad.index({ ...state, devices });
  }

  /** Ties all persons concerned into one case, evaluates, and cuts where nothing ties any more. */
  #setOrder(event: Event<'order-set'>): Outcome {
    const { version, atMs } = event;
    const { orderId } = version.order;
    const persons = personsOf(orderStateOf(version));
    const touched = [...persons, ...(this.#personsOfOrder.get(orderId) ?? [])];
    this.#personsOfOrder.set(orderId, persons);
    const old = new Set(touched.map((personId) => this.#caseOfPersonAt(personId, atMs)));
    const caseId = caseIdWith([...old], version.order.wearerId);
    const whole = united([...old], caseId, atMs);
    for (const state of old) {
      this.#cases.delete(state.caseId);
      this.#broad.forget(state.caseId);
    }
    const outcome = this.#run(whole, event);
    const evaluated = this.#cases.get(caseId) ?? whole;
    this.#cases.delete(caseId);
    this.#file(regrouped([evaluated], atMs), atMs);
    return outcome;
  }

  /** Enters cases into the table and every index. */
  #file(states: readonly CaseState[], atMs: number): void {
    for (const state of states) {
      this.#keep({ ...state, dueMs: atMs });
      this.#broad.index(state);
      for (const { device } of state.devices) {
        this.#caseOfDevice.set(device.deviceId, state.caseId);
        this.#caseOfPerson.set(device.personId, state.caseId);
      }
      for (const personId of state.orders.flatMap(personsOf)) {
        this.#caseOfPerson.set(personId, state.caseId);
      }
      for (const alertId of state.alerts.keys()) this.#caseOfAlert.set(alertId, state.caseId);
    }
  }

  #noteMove(caseId: CaseId, deviceId: DeviceId): void {
    const state = this.#cases.get(caseId)!;
    for (const known of state.devices) {
      if (known.device.deviceId !== deviceId) continue;
      if (known.device.kind === 'victim-device') this.#broad.moved(state, known);
    }
  }
}
