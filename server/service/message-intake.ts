import { fromInstant } from '../../shared/instant.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { deviceIn, parseUplinkTopic, PAYLOAD_BYTES_MAX, topicOf } from '../../shared/topics.ts';
import type { AlertChange } from '../core/alert-record.ts';
import type { SystemFault } from '../core/case-event.ts';
import { seqOf, type Rejection } from '../core/decode.ts';
import { MessageFailed, type Engine, type Handled } from '../core/engine.ts';
import type { Bus, Clock, Entry, Log, Meter } from '../ports.ts';
import { FairIntake } from './fair-intake.ts';
import type { Journal } from './journal.ts';
import { partsIn, type Part } from './message-parts.ts';
import { PoisonWatch } from './poison-watch.ts';

export interface IntakeParts {
  readonly engine: Engine;
  readonly journal: Journal;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
  /** Tells consoles, and gives what is to be written of it. */
  publish(changes: readonly AlertChange[]): Entry[];
  /** Called once consoles have heard: what devices are to be told goes now. */
  commandsFollow(handled: Handled): void;
  report(fault: SystemFault): void;
}

/** Enough of a refused message to see what was wrong with it. */
const REJECTED_BYTES_KEPT = 2_000;

/**
 * The way of one message: evaluated in memory, told at once, written, and only then acknowledged.
 * (SPEC ST1, ST2)
 */
export class MessageIntake {
  readonly #parts: IntakeParts;
  readonly #fair: FairIntake;
  readonly #poison: PoisonWatch;
  #failures = 0;

  constructor(parts: IntakeParts) {
    const { engine, clock, meter, report } = parts;
    this.#parts = parts;
    this.#poison = new PoisonWatch(report);
    this.#fair = new FairIntake({
      handle: (topic, payload) => this.#handle(topic, payload),
      isRegistered: (deviceId) => engine.device(deviceId) !== undefined,
      nowMs: () => clock.nowMs(),
      onFlood: (about, standing) =>
        report({ code: 'device-flooding', about, standing, detail: FLOOD }),
      meter,
    });
  }

  /** Resolves when the message may be acknowledged. */
  take(topic: string, payload: Uint8Array): Promise<void> {
    return this.#fair.take(topic, payload);
  }

  tick(): void {
    this.#fair.tick();
    this.#poison.tick(this.#parts.clock.nowMs());
  }

  /** `alone`: of several in one message, after they failed together. */
  async #handle(topic: string, payload: Uint8Array, alone?: Part): Promise<void> {
    const { engine, journal, clock, meter, publish, commandsFollow } = this.#parts;
    const begun = performance.now();
    const nowMs = clock.nowMs();
    let handled: Handled;
    try {
      handled = engine.message(topic, payload, nowMs);
    } catch (error) {
      if (!(error instanceof MessageFailed)) throw error;
      return this.#handleFailed(error, topic, alone ? [alone] : partsIn(payload), nowMs);
    }
    const entries = publish(handled.changes);
    commandsFollow(handled);
    meter.evaluated((performance.now() - begun) / 1000);
    meter.message(parseUplinkTopic(topic)?.channel ?? 'other');
    if (handled.failed) meter.rejected('case-failed');
    this.#reject(handled, topic, payload, nowMs);
    entries.push(...recorded(handled, nowMs));
    if (entries.length > 0) await journal.write(entries);
    this.#acknowledge(handled);
  }

  /**
   * Of several positions each is handled alone, for the fault lies in one of them. What fails alone
   * is left to be sent again, and set aside when it fails again: it must not come for ever.
   */
  async #handleFailed(
    failure: MessageFailed,
    topic: string,
    parts: readonly [Part, ...Part[]],
    nowMs: number,
  ): Promise<void> {
    const { publish, journal } = this.#parts;
    const told = journal.write(publish(failure.changes));
    const [part, ...others] = parts;
    if (others.length > 0) {
      const done = parts.map((each) => this.#handle(topic, each.bytes, each));
      const [first] = (await Promise.allSettled([told, ...done])).filter(isRejected);
      if (first) throw first.reason;
      return;
    }
    const again = this.#poison.failed(topic, part.text);
    this.#noteFailure(topic, failure);
    await told;
    if (!again) throw failure;
    await this.#park(failure, topic, part, nowMs);
  }

  /** The first, tenth, hundredth …: a fault that meets every message must not fill the log. */
  #noteFailure(topic: string, { message, cause }: Error): void {
    this.#failures += 1;
    if (!/^10*$/.test(String(this.#failures))) return;
    const stack = cause instanceof Error ? cause.stack : undefined;
    const facts = { device: deviceIn(topic), error: message, stack, count: this.#failures };
    this.#parts.log.error(facts, 'handling a message failed');
  }

  async #park(failure: Error, topic: string, part: Part, atMs: number): Promise<void> {
    const { engine, journal, meter } = this.#parts;
    const payload = part.text.slice(0, PAYLOAD_BYTES_MAX);
    const detail = failure.message.slice(0, DETAIL_CHARS_MAX);
    await journal.write([{ type: 'rejection', atMs, topic, reason: 'poison', detail, payload }]);
    meter.rejected('poison');
    const device = engine.device(deviceIn(topic));
    this.#poison.parked(device?.deviceId ?? 'unregistered', atMs);
    const { seq, boot } = seqOf(part.body);
    if (device && seq !== null) this.#acknowledgeParts(device.deviceId, [{ seq, boot }]);
  }

  #reject(handled: Handled, topic: string, payload: Uint8Array, atMs: number): void {
    if (handled.rejections.length === 0) return;
    const { meter, log, journal } = this.#parts;
    const text = Buffer.from(payload.subarray(0, REJECTED_BYTES_KEPT)).toString();
    const entries = handled.rejections.map(({ reason, detail }): Entry => {
      meter.rejected(reason);
      return { type: 'rejection', atMs, topic, reason, detail, payload: text };
    });
    const reasons = handled.rejections.map(({ reason }) => reason);
    log.warn({ device: handled.decoded.deviceId, reasons }, 'message refused');
    journal.write(entries).catch(() => undefined);
  }

  /** What is on disk, and what was refused for good, need not be sent again. (SPEC FX5) */
  #acknowledge({ decoded, rejections, known }: Handled): void {
    const { deviceId, positions, event } = decoded;
    if (deviceId === null || !known) return;
    this.#acknowledgeParts(deviceId, [
      ...positions.map(({ fix }) => fix),
      ...(event ? [{ seq: event.seq, boot: event.boot ?? null }] : []),
      ...rejections.filter(isNumbered),
    ]);
  }

  #acknowledgeParts(
    deviceId: DeviceId,
    parts: readonly { readonly seq: number; readonly boot: string | null }[],
  ): void {
    const boots = new Set(parts.map(({ boot }) => boot));
    for (const boot of boots) {
      const seqs = [...new Set(parts.filter((part) => part.boot === boot).map(({ seq }) => seq))];
      const ack = boot === null ? { seqs } : { seqs, boot };
      this.#parts.bus.publish(topicOf(deviceId, 'ack'), JSON.stringify(ack));
    }
  }
}

const FLOOD = 'it sends more messages than a device may: they wait until nothing else does';
const DETAIL_CHARS_MAX = 300;

/** What of a message is kept: enough to replay it. */
function recorded({ decoded, known }: Handled, receivedAtMs: number): Entry[] {
  const { deviceId, positions, event } = decoded;
  if (!known || deviceId === null) return [];
  const entries: Entry[] = positions.map((position) => ({
    type: 'position',
    deviceId,
    ...position,
  }));
  if (event) {
    const { seq, kind, payload, time } = event;
    const boot = event.boot ?? null;
    const eventAtMs = fromInstant(time);
    const entry = { deviceId, boot, seq, kind, eventAtMs, receivedAtMs, payload };
    entries.push({ type: 'device-event', ...entry });
  }
  return entries;
}

const isNumbered = (rejection: Rejection): rejection is Rejection & { seq: number } =>
  rejection.seq !== null;

const isRejected = (result: PromiseSettledResult<void>): result is PromiseRejectedResult =>
  result.status === 'rejected';
