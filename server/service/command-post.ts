import type { DeviceId } from '../../shared/ids.ts';
import { topicOf } from '../../shared/topics.ts';
import type { Engine, Handled } from '../core/engine.ts';
import type { Bus, Clock, Entry, Meter } from '../ports.ts';
import { isCanaryDevice } from './canary-pair.ts';
import type { Journal } from './journal.ts';

interface Parts {
  readonly bus: Bus;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly engine: Engine;
}

/**
 * Sends what the core wants devices to be told, and knows of which commands no device has said that
 * it heard them. What is sent again, and when, is the core's to decide. (SPEC RI6, RI7)
 */
export class CommandPost {
  readonly #parts: Parts;
  /** By device, the id of the newest command. */
  readonly #unsettled = new Map<string, string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Takes up what the last process had sent. */
  restore(deviceIds: readonly DeviceId[]): void {
    for (const deviceId of deviceIds) {
      const asked = this.#parts.engine.askedOf(deviceId);
      if (asked && !asked.delivered) this.#unsettled.set(deviceId, asked.id);
    }
    this.#parts.meter.unsettled(this.#unsettled.size);
  }

  /**
   * Called when consoles have been told, after each message and each tick: what follows from an act
   * or an order goes with the next of these.
   */
  send(handled?: Handled): void {
    const { engine, bus, meter } = this.#parts;
    const commands = engine.takeCommands().filter(({ deviceId }) => !isCanaryDevice(deviceId));
    for (const { deviceId, command, again } of commands) {
      bus.publish(topicOf(deviceId, 'command'), JSON.stringify(command));
      meter.commanded(command.kind, again);
      this.#unsettled.set(deviceId, command.id);
    }
    const settled = handled === undefined ? null : this.#settle(handled);
    if (settled === null && commands.length === 0) return;
    meter.unsettled(this.#unsettled.size);
    const told = commands.map(({ deviceId }) => deviceId);
    this.#keep(settled === null ? told : [...told, settled]);
  }

  /** The device that said that it heard what it was told last. */
  #settle({ known, decoded: { deviceId, receipt } }: Handled): DeviceId | null {
    if (!known || !deviceId || !receipt) return null;
    const isNews = this.#unsettled.get(deviceId) === receipt.id;
    return isNews && this.#unsettled.delete(deviceId) ? deviceId : null;
  }

  /**
   * Nobody waits for these writes. One that fails costs at most that a device is asked once more.
   */
  #keep(deviceIds: readonly DeviceId[]): void {
    const { engine, journal, clock } = this.#parts;
    const atMs = clock.nowMs();
    const entries = deviceIds.flatMap((deviceId): Entry[] => {
      const asked = engine.askedOf(deviceId);
      return asked ? [{ type: 'command', atMs, deviceId, asked }] : [];
    });
    journal.write(entries).catch(() => undefined);
  }
}
