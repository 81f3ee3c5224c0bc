import { topicOf } from '../../shared/topics.ts';
import type { Engine, Handled } from '../core/engine.ts';
import type { Bus, Meter } from '../ports.ts';

/**
 * Sends what the core wants devices to be told, and knows of which commands no device has said that
 * it heard them. What is sent again, and when, is the core's to decide. (SPEC RI6, RI7)
 */
export class CommandPost {
  readonly #bus: Bus;
  readonly #meter: Meter;
  readonly #engine: Engine;
  /** By device, the id of the newest command. */
  readonly #unsettled = new Map<string, string>();

  constructor({ bus, meter }: { bus: Bus; meter: Meter }, engine: Engine) {
    this.#bus = bus;
    this.#meter = meter;
    this.#engine = engine;
  }

  /**
   * Called when consoles have been told, after each message and each tick: what follows from an act
   * or an order goes with the next of these.
   */
  send(handled?: Handled): void {
    const commands = this.#engine.takeCommands();
    for (const { deviceId, command, again } of commands) {
      this.#bus.publish(topicOf(deviceId, 'command'), JSON.stringify(command));
      this.#meter.commanded(command.kind, again);
      this.#unsettled.set(deviceId, command.id);
    }
    const settled = handled !== undefined && this.#settle(handled);
    if (settled || commands.length > 0) this.#meter.unsettled(this.#unsettled.size);
  }

  #settle({ known, decoded: { deviceId, receipt } }: Handled): boolean {
    if (!known || !deviceId || !receipt) return false;
    return this.#unsettled.get(deviceId) === receipt.id && this.#unsettled.delete(deviceId);
  }
}
