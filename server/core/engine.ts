import type { Device } from '../../shared/device.ts';
import type { DeviceId, PersonId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import type { AlertChange, AlertRecord } from './alert-record.ts';
import type { ActRefusal } from './alert-acts.ts';
import type { Command } from './ask-intervals.ts';
import type { AskedInterval } from './asked-interval.ts';
import type { ActOnAlert, CaseEvent, Fix, OrderVersion, SystemFault } from './case-event.ts';
import { Caseload } from './caseload.ts';
import { DEFAULT_RULES, isCarried, type Rules, validityOf } from './case-state.ts';
import type { Downtime } from './restored.ts';
import { decode, type Decoded, type Rejection, type RejectionReason } from './decode.ts';
import type { Taken } from './take-message.ts';

/** What one message from a device led to. */
export interface Handled {
  readonly decoded: Decoded;
  readonly changes: readonly AlertChange[];
  readonly rejections: readonly Rejection[];
  /** What became of each position, in their order. */
  readonly taken: readonly Taken[];
  /** Part of it met a case that has failed: it is kept, but nothing was made of it. (SPEC CA3) */
  readonly failed: boolean;
  /** False when nothing of it may be kept: the device is not known, or not now. */
  readonly known: boolean;
}

/** A fault of our own in handling one message, with what it had led to before. */
export class MessageFailed extends Error {
  readonly changes: readonly AlertChange[];

  constructor(cause: unknown, changes: readonly AlertChange[]) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'MessageFailed';
    this.changes = changes;
  }
}

/**
 * Everything between a raw message and the alerts it leads to, without clock or I/O: live and
 * `replay` run this same code. Server time never goes backwards in here. (SPEC EV3)
 */
export class Engine {
  readonly caseload: Caseload;
  readonly #devices = new Map<DeviceId, Device>();
  readonly #devicesOf = new Map<PersonId, Set<DeviceId>>();
  readonly #decode: typeof decode;
  #nowMs = 0;

  constructor(rules: Rules = DEFAULT_RULES, read: typeof decode = decode) {
    this.caseload = new Caseload(rules);
    this.#decode = read;
  }

  devices(): readonly Device[] {
    return [...this.#devices.values()];
  }

  /** Of one person, whoever carried them before. */
  devicesOf(personId: PersonId): readonly Device[] {
    return [...(this.#devicesOf.get(personId) ?? [])].map((id) => this.#devices.get(id)!);
  }

  device(deviceId: string): Device | undefined {
    return this.#devices.get(deviceId as DeviceId);
  }

  /** Lets time pass; alerts may come, clear or worsen by that alone. */
  advanceTo(atMs: number): readonly AlertChange[] {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    return this.caseload.advanceTo(this.#nowMs);
  }

  message(topic: string, payload: Uint8Array | string, receivedAtMs: number): Handled {
    const changes = [...this.advanceTo(receivedAtMs)];
    try {
      return this.#take(topic, payload, changes);
    } catch (error) {
      throw new MessageFailed(error, changes);
    }
  }

  /** Adds to `changes` as they come, for what was told before a failure stays told. */
  #take(topic: string, payload: Uint8Array | string, changes: AlertChange[]): Handled {
    const atMs = this.#nowMs;
    const decoded = this.#decode(topic, payload, atMs);
    const refusal = decoded.deviceId === null ? null : this.#refusal(decoded.deviceId, atMs);
    if (refusal) {
      const rejection = { reason: refusal, detail: decoded.deviceId ?? '', seq: null, boot: null };
      const nothing = { taken: [], failed: false, known: false };
      return { decoded, changes, rejections: [rejection], ...nothing };
    }
    const outcomes = eventsOf(decoded, atMs).map((event) => {
      const outcome = this.caseload.apply(event);
      changes.push(...outcome.changes);
      return outcome;
    });
    return {
      decoded,
      changes,
      rejections: decoded.rejections,
      taken: outcomes.map((outcome) => outcome.taken),
      failed: outcomes.some((outcome) => outcome.failed),
      known: decoded.deviceId !== null,
    };
  }

  setDevice(device: Device, atMs: number): readonly AlertChange[] {
    const { deviceId, personId } = device;
    const before = this.#devices.get(deviceId);
    if (before) this.#devicesOf.get(before.personId)?.delete(deviceId);
    this.#devices.set(deviceId, device);
    this.#devicesOf.set(personId, (this.#devicesOf.get(personId) ?? new Set()).add(deviceId));
    return this.#apply({ type: 'device-set', atMs: this.#at(atMs), device });
  }

  setOrder(version: OrderVersion, atMs: number): readonly AlertChange[] {
    return this.#apply({ type: 'order-set', atMs: this.#at(atMs), version });
  }

  setSystem(fault: SystemFault, atMs: number): readonly AlertChange[] {
    return this.#apply({ type: 'system', atMs: this.#at(atMs), ...fault });
  }

  act(
    act: ActOnAlert,
    atMs: number,
  ): { changes: readonly AlertChange[]; refused: ActRefusal | null } {
    const passed = this.advanceTo(atMs);
    const outcome = this.caseload.apply({ type: 'act', atMs: this.#nowMs, act });
    return { changes: [...passed, ...outcome.changes], refused: outcome.refused };
  }

  /** What devices are to be told; who runs the engine sends it. Replay has nobody to tell. */
  takeCommands(): readonly Command[] {
    return this.caseload.takeCommands();
  }

  restore(records: readonly AlertRecord[], atMs: number): void {
    this.caseload.restore(records, this.#at(atMs));
  }

  restoreAsked(asked: readonly AskedInterval[], atMs: number): void {
    this.caseload.restoreAsked(asked, this.#at(atMs));
  }

  /** What a device was last asked; null when it was asked nothing. */
  askedOf(deviceId: DeviceId): AskedInterval | null {
    const asked = this.caseload.caseOfDevice(deviceId)?.asked;
    return asked?.find((each) => each.deviceId === deviceId) ?? null;
  }

  seed(deviceId: DeviceId, fixes: readonly Fix[], downtime: Downtime): void {
    this.caseload.seed(deviceId, fixes, downtime);
  }

  #at(atMs: number): number {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    return this.#nowMs;
  }

  #apply(event: CaseEvent): readonly AlertChange[] {
    const passed = this.advanceTo(event.atMs);
    return [...passed, ...this.caseload.apply(event).changes];
  }

  #refusal(deviceId: DeviceId, atMs: number): RejectionReason | null {
    const device = this.#devices.get(deviceId);
    if (!device) return 'unknown-device';
    return isCarried({ valid: validityOf(device) }, atMs) ? null : 'device-not-valid';
  }
}

function eventsOf(decoded: Decoded, atMs: number): CaseEvent[] {
  const { deviceId, positions, event, status, receipt } = decoded;
  if (deviceId === null) return [];
  const events: CaseEvent[] = positions.map(({ fix }) => ({ type: 'fix', atMs, deviceId, fix }));
  if (event) {
    events.push({
      type: 'device-event',
      atMs,
      deviceId,
      kind: event.kind,
      seq: event.seq,
      boot: event.boot ?? null,
      eventAtMs: fromInstant(event.time),
    });
  }
  if (status) events.push({ type: 'status', atMs, deviceId, online: status.state === 'online' });
  if (receipt) events.push({ type: 'receipt', atMs, deviceId, id: receipt.id });
  return events;
}
