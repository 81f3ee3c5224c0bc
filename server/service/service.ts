import type { Alert } from '../../shared/alert.ts';
import { isOpen } from '../../shared/alert.ts';
import type { AlertAct } from '../../shared/alert-act.ts';
import type { BanFeature, PositionFeature } from '../../shared/console-message.ts';
import type { CourtOrder } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import type { AlertId, DeviceId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import { parseUplinkTopic, topicOf } from '../../shared/topics.ts';
import type { AlertChange } from '../core/alert-record.ts';
import type { SystemFault } from '../core/case-event.ts';
import type { CaseState, Rules } from '../core/case-state.ts';
import type { Rejection } from '../core/decode.ts';
import { Engine, type Handled } from '../core/engine.ts';
import type {
  Alarms,
  Bus,
  BusHandlers,
  Clock,
  Desk,
  Entry,
  Health,
  Log,
  Meter,
  OrderAnswer,
  OrderStep,
  Refusal,
  Store,
  StoredOrder,
} from '../ports.ts';
import { AlertFeed } from './alert-feed.ts';
import { CommandPost } from './command-post.ts';
import { Journal } from './journal.ts';
import { OrderDesk } from './order-desk.ts';
import { recover } from './recovery.ts';
import { SystemWatch } from './system-watch.ts';
import { alertOf, banFeatures, positionFeatures } from './views.ts';

export interface ServiceParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
  readonly rules: Rules;
  readonly approvalRequired: boolean;
  readonly retentionMs: number;
}

/** How often time is let pass in the core; it acts on whole seconds. */
const TICK_EVERY_MS = 250;
const PRUNE_EVERY_MS = 3_600_000;

/**
 * The loop: take a message in, evaluate it in memory, tell consoles at once, write, and only then
 * acknowledge. Nothing waits between a breach and its warning. (DESIGN §3, decisions 3 and 4)
 */
export class Service implements Alarms, Desk, BusHandlers {
  readonly feed = new AlertFeed();
  readonly #parts: ServiceParts;
  readonly #engine: Engine;
  readonly #orders: OrderDesk;
  readonly #watch = new SystemWatch();
  readonly #journal: Journal;
  readonly #commands: CommandPost;
  readonly #stops: (() => void)[] = [];

  constructor(parts: ServiceParts) {
    this.#parts = parts;
    this.#engine = new Engine(parts.rules);
    this.#journal = new Journal(parts, this.#watch);
    this.#commands = new CommandPost(parts, this.#engine);
    this.#orders = new OrderDesk({
      ...parts,
      apply: ({ order, version, status, atMs }) => {
        this.#tell(this.#engine.setOrder({ order, version, status }, atMs));
      },
    });
  }

  async start(): Promise<void> {
    const { store, bus, clock } = this.#parts;
    const orders = await recover(store, this.#engine, clock.nowMs());
    this.#orders.restore(orders);
    this.#tell(this.#engine.advanceTo(clock.nowMs()));
    this.#stops.push(clock.every(TICK_EVERY_MS, () => this.#tick()));
    this.#stops.push(clock.every(PRUNE_EVERY_MS, () => this.#prune()));
    await bus.start(this);
    this.#commands.send();
  }

  async stop(): Promise<void> {
    await this.#parts.bus.close();
    for (const stop of this.#stops) stop();
  }

  async onMessage(topic: string, payload: Uint8Array): Promise<void> {
    const { clock, meter } = this.#parts;
    const begun = performance.now();
    const nowMs = clock.nowMs();
    const handled = this.#engine.message(topic, payload, nowMs);
    const entries = this.#publish(handled.changes);
    this.#commands.send(handled);
    meter.evaluated((performance.now() - begun) / 1000);
    meter.message(parseUplinkTopic(topic)?.channel ?? 'other');
    this.#reject(handled, topic, payload, nowMs);
    entries.push(...this.#recorded(handled, nowMs));
    if (entries.length > 0) await this.#journal.write(entries);
    this.#acknowledge(handled);
  }

  onLink(state: 'up' | 'down', detail: string): void {
    this.#watch.brokerLink(state, detail, this.#parts.clock.nowMs());
    this.#parts.log.info({ link: state, detail }, 'broker link');
  }

  report(fault: SystemFault): void {
    this.#watch.report(fault);
  }

  openAlerts(): readonly Alert[] {
    const open: Alert[] = [];
    for (const state of this.#engine.caseload.cases()) {
      for (const record of state.alerts.values()) if (isOpen(record)) open.push(alertOf(record));
    }
    return open;
  }

  async act(alertId: string, act: AlertAct, by: string): Promise<Result<Alert, Refusal>> {
    const nowMs = this.#parts.clock.nowMs();
    const { changes, refused: refusal } = this.#engine.act(
      { alertId: alertId as AlertId, act, by },
      nowMs,
    );
    const entries = this.#publish(changes);
    try {
      await this.#journal.write(entries);
    } catch {
      return refused('store-failing');
    }
    if (refusal) return refused(await this.#refusalOf(alertId, refusal));
    const mine = changes.find(
      ({ record, act: done }) => done !== null && record.alertId === alertId,
    );
    return mine ? ok(alertOf(mine.record)) : refused('unknown-alert');
  }

  putOrder(
    order: CourtOrder,
    ifMatch: number | null,
    by: string,
  ): Promise<Result<OrderAnswer, Refusal>> {
    return this.#orders.put(order, ifMatch, by);
  }

  stepOrder(
    orderId: string,
    step: OrderStep,
    reason: string | null,
    by: string,
  ): Promise<Result<StoredOrder, Refusal>> {
    return this.#orders.step(orderId, step, reason, by);
  }

  async putDevice(device: Device, by: string): Promise<Result<{ created: boolean }, Refusal>> {
    const atMs = this.#parts.clock.nowMs();
    const created = this.#engine.device(device.deviceId) === undefined;
    try {
      await this.#journal.write([{ type: 'device', atMs, by, device }]);
    } catch {
      return refused('store-failing');
    }
    this.#tell(this.#engine.setDevice(device, atMs));
    return ok({ created });
  }

  devices(): readonly Device[] {
    return this.#engine.devices();
  }

  isRegistered(deviceId: string): boolean {
    return this.#engine.device(deviceId) !== undefined;
  }

  positionsOf(caseIds: ReadonlySet<string>): readonly PositionFeature[] {
    return this.#casesOf(caseIds).flatMap(positionFeatures);
  }

  bansOf(caseIds: ReadonlySet<string>): readonly BanFeature[] {
    return this.#casesOf(caseIds).flatMap(banFeatures);
  }

  async look(by: string, what: string, subject: string, reason: string): Promise<void> {
    const atMs = this.#parts.clock.nowMs();
    await this.#journal.write([{ type: 'look', atMs, by, what, subject, reason }]);
  }

  health(): Health {
    const { store, broker, lagMs } = this.#watch;
    return { ready: store === 'up' && broker === 'up', store, broker, lagMs, canaryAgeS: null };
  }

  #casesOf(caseIds: ReadonlySet<string>): CaseState[] {
    return [...this.#engine.caseload.cases()].filter((state) => caseIds.has(state.caseId));
  }

  /** An alert that is over is no longer in memory, but it did exist. */
  async #refusalOf(alertId: string, refusal: Refusal): Promise<Refusal> {
    if (refusal !== 'unknown-alert') return refusal;
    return (await this.#parts.store.alert(alertId)) ? 'alert-closed' : 'unknown-alert';
  }

  #tick(): void {
    const nowMs = this.#parts.clock.nowMs();
    this.#tell(this.#engine.advanceTo(nowMs));
    this.#commands.send();
    for (const fault of this.#watch.tick(nowMs, TICK_EVERY_MS)) {
      this.#tell(this.#engine.setSystem(fault, nowMs));
    }
  }

  #prune(): void {
    const { store, clock, retentionMs, log } = this.#parts;
    store.prune(clock.nowMs() - retentionMs).catch((error: unknown) => {
      log.error({ error: String(error) }, 'old positions could not be dropped');
    });
  }

  /** Tells consoles first, in order, and gives what is to be written. */
  #publish(changes: readonly AlertChange[]): Entry[] {
    return changes.map((change) => {
      this.feed.publish(alertOf(change.record));
      const { kind, priority } = change.record;
      this.#parts.meter.alertChanged(kind, change.change, priority);
      return { type: 'alert-change', change };
    });
  }

  /** Publishes changes that nobody waits for. A failed write is the system watch's to tell. */
  #tell(changes: readonly AlertChange[]): void {
    if (changes.length === 0) return;
    this.#journal.write(this.#publish(changes)).catch(() => undefined);
  }

  /** What of a message is kept: enough to replay it. */
  #recorded({ decoded, known }: Handled, receivedAtMs: number): Entry[] {
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

  #reject(handled: Handled, topic: string, payload: Uint8Array, atMs: number): void {
    if (handled.rejections.length === 0) return;
    const { meter, log } = this.#parts;
    const text = Buffer.from(payload.subarray(0, REJECTED_BYTES_KEPT)).toString();
    const entries = handled.rejections.map(({ reason, detail }): Entry => {
      meter.rejected(reason);
      return { type: 'rejection', atMs, topic, reason, detail, payload: text };
    });
    const reasons = handled.rejections.map(({ reason }) => reason);
    log.warn({ device: handled.decoded.deviceId, reasons }, 'message refused');
    this.#journal.write(entries).catch(() => undefined);
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
      this.#parts.bus.publish(topicOf(deviceId as DeviceId, 'ack'), JSON.stringify(ack));
    }
  }
}

/** Enough of a refused message to see what was wrong with it. */
const REJECTED_BYTES_KEPT = 2_000;

const isNumbered = (rejection: Rejection): rejection is Rejection & { seq: number } =>
  rejection.seq !== null;
