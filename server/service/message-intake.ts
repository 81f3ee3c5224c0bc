import { fromInstant } from '../../shared/instant.ts';
import { parseUplinkTopic, topicOf } from '../../shared/topics.ts';
import type { AlertChange } from '../core/alert-record.ts';
import type { Rejection } from '../core/decode.ts';
import type { Engine, Handled } from '../core/engine.ts';
import type { Bus, Clock, Entry, Log, Meter } from '../ports.ts';
import type { Journal } from './journal.ts';

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
}

/** Enough of a refused message to see what was wrong with it. */
const REJECTED_BYTES_KEPT = 2_000;

/**
 * The way of one message: evaluated in memory, told at once, written, and only then acknowledged.
 * (SPEC ST1, ST2)
 */
export class MessageIntake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Resolves when the message may be acknowledged. */
  async take(topic: string, payload: Uint8Array): Promise<void> {
    const { engine, journal, clock, meter, publish, commandsFollow } = this.#parts;
    const begun = performance.now();
    const nowMs = clock.nowMs();
    const handled = engine.message(topic, payload, nowMs);
    const entries = publish(handled.changes);
    commandsFollow(handled);
    meter.evaluated((performance.now() - begun) / 1000);
    meter.message(parseUplinkTopic(topic)?.channel ?? 'other');
    this.#reject(handled, topic, payload, nowMs);
    entries.push(...recorded(handled, nowMs));
    if (entries.length > 0) await journal.write(entries);
    this.#acknowledge(handled);
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
    const parts = [
      ...positions.map(({ fix }) => fix),
      ...(event ? [{ seq: event.seq, boot: event.boot ?? null }] : []),
      ...rejections.filter(isNumbered),
    ];
    const boots = new Set(parts.map(({ boot }) => boot));
    for (const boot of boots) {
      const seqs = [...new Set(parts.filter((part) => part.boot === boot).map(({ seq }) => seq))];
      const ack = boot === null ? { seqs } : { seqs, boot };
      this.#parts.bus.publish(topicOf(deviceId, 'ack'), JSON.stringify(ack));
    }
  }
}

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
