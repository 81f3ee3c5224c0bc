import type { Alert } from '../../shared/alert.ts';
import { isOpen } from '../../shared/alert.ts';
import type { AlertAct } from '../../shared/alert-act.ts';
import type { BanFeature, PositionFeature } from '../../shared/console-message.ts';
import type { CourtOrder } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import type { AlertId } from '../../shared/ids.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import type { AlertChange } from '../core/alert-record.ts';
import type { SystemFault } from '../core/case-event.ts';
import type { CaseState, Rules } from '../core/case-state.ts';
import { Engine } from '../core/engine.ts';
import type { OrderStep, StoredOrder } from '../kept.ts';
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
  Refusal,
  Store,
} from '../ports.ts';
import type { AlertFeed } from './alert-feed.ts';
import { CANARY_CASE, CANARY_WEARER, isCanaryDevice, registerCanary } from './canary-pair.ts';
import { CommandPost } from './command-post.ts';
import { endedWithProcess } from './ended-with-process.ts';
import { Herald } from './herald.ts';
import { Journal } from './journal.ts';
import { MessageIntake } from './message-intake.ts';
import { OrderDesk } from './order-desk.ts';
import { Presence } from './presence.ts';
import { recover } from './recovery.ts';
import { sessionLost } from './session-lost.ts';
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
  /** Another than one with these rules. */
  readonly engine?: Engine;
}

/** How often time is let pass in the core; it acts on whole seconds. */
const TICK_EVERY_MS = 250;
const PRUNE_EVERY_MS = 3_600_000;

/**
 * The loop: take a message in, evaluate it in memory, tell consoles at once, write, and only then
 * acknowledge. Nothing waits between a breach and its warning. (DESIGN §3, decisions 3 and 4)
 */
export class Service implements Alarms, Desk, BusHandlers {
  readonly feed: AlertFeed;
  readonly canaryFeed: AlertFeed;
  readonly #parts: ServiceParts;
  readonly #engine: Engine;
  readonly #orders: OrderDesk;
  readonly #watch = new SystemWatch();
  readonly #presence = new Presence(this.#watch);
  readonly #herald: Herald;
  readonly #journal: Journal;
  readonly #commands: CommandPost;
  readonly #intake: MessageIntake;
  readonly #stops: (() => void)[] = [];
  #canaryAgeS: () => number | null = () => null;
  /** Null when it never ran here. */
  #lastAliveMs: number | null = null;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
    this.#herald = new Herald(parts.meter);
    this.feed = this.#herald.feed;
    this.canaryFeed = this.#herald.canaryFeed;
    this.#engine = parts.engine ?? new Engine(parts.rules);
    this.#journal = new Journal(parts, this.#watch);
    this.#commands = new CommandPost({ ...parts, journal: this.#journal, engine: this.#engine });
    this.#intake = new MessageIntake({
      ...parts,
      engine: this.#engine,
      journal: this.#journal,
      publish: (changes) => this.#herald.tell(changes),
      commandsFollow: (handled) => this.#commands.send(handled),
      report: (fault) => this.report(fault),
    });
    this.#orders = new OrderDesk({
      ...parts,
      apply: ({ order, version, status, atMs }) => {
        this.#tell(this.#engine.setOrder({ order, version, status }, atMs));
      },
    });
  }

  async start(): Promise<void> {
    const { store, bus, clock } = this.#parts;
    const begunMs = clock.nowMs();
    registerCanary(this.#engine, begunMs);
    const { orders, asked, feed, lastAtMs } = await recover(store, this.#engine, begunMs);
    this.#lastAliveMs = lastAtMs;
    this.#orders.restore(orders);
    this.feed.restore(feed);
    for (const fault of endedWithProcess(this.openAlerts())) this.report(fault);
    this.#commands.restore(asked.map(({ deviceId }) => deviceId));
    await this.#journal.write(this.#presence.started(lastAtMs, begunMs));
    this.#tell(this.#engine.advanceTo(clock.nowMs()));
    this.#stops.push(clock.every(TICK_EVERY_MS, () => this.#tick()));
    this.#stops.push(clock.every(PRUNE_EVERY_MS, () => this.#prune()));
    await bus.start(this);
    this.#commands.send();
  }

  async stop(): Promise<void> {
    await this.#parts.bus.close();
    for (const stop of this.#stops) stop();
    const last = this.#presence.stopped(this.#parts.clock.nowMs());
    await this.#journal.write(last).catch(() => undefined);
  }

  onMessage(topic: string, payload: Uint8Array): Promise<void> {
    return this.#intake.take(topic, payload);
  }

  onLink(state: 'up' | 'down', detail: string): void {
    this.#watch.brokerLink(state, detail, this.#parts.clock.nowMs());
    this.#parts.log.info({ link: state, detail }, 'broker link');
  }

  onSessionLost(unheardMs: number | null, brokerAgeMs: number | null): void {
    const untilMs = this.#parts.clock.nowMs();
    const fromMs = unheardMs === null ? this.#lastAliveMs : untilMs - unheardMs;
    if (fromMs === null || (brokerAgeMs !== null && untilMs - brokerAgeMs < fromMs)) return;
    for (const fault of sessionLost(Math.min(fromMs, untilMs), untilMs)) this.report(fault);
  }

  report(fault: SystemFault): void {
    this.#watch.report(fault);
  }

  /** Whom to ask how long ago the canary came through. */
  provenBy(canaryAgeS: () => number | null): void {
    this.#canaryAgeS = canaryAgeS;
  }

  /** Written when it can be; nobody waits for it. */
  note(entry: Entry): void {
    this.#journal.write([entry]).catch(() => undefined);
  }

  openAlerts(): readonly Alert[] {
    const open: Alert[] = [];
    for (const state of this.#engine.caseload.cases()) {
      if (state.caseId !== CANARY_CASE) open.push(...openAlertsIn(state));
    }
    return open;
  }

  /** The canary's own. */
  openCanaryAlerts(): readonly Alert[] {
    const state = this.#engine.caseload.caseOfDevice(CANARY_WEARER.deviceId);
    return state ? openAlertsIn(state) : [];
  }

  async act(alertId: string, act: AlertAct, by: string): Promise<Result<Alert, Refusal>> {
    const nowMs = this.#parts.clock.nowMs();
    const { changes, refused: refusal } = this.#engine.act(
      { alertId: alertId as AlertId, act, by },
      nowMs,
    );
    const entries = this.#herald.tell(changes);
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
    signature: string | null = null,
  ): Promise<Result<OrderAnswer, Refusal>> {
    return this.#orders.put(order, ifMatch, by, signature);
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
    return this.#engine.devices().filter(({ deviceId }) => !isCanaryDevice(deviceId));
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
    return {
      ready: store === 'up' && broker === 'up',
      store,
      broker,
      lagMs,
      canaryAgeS: this.#canaryAgeS(),
    };
  }

  #casesOf(caseIds: ReadonlySet<string>): CaseState[] {
    return [...this.#engine.caseload.cases()].filter(
      ({ caseId }) => caseIds.has(caseId) && caseId !== CANARY_CASE,
    );
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
    this.#intake.tick();
    for (const fault of this.#watch.tick(nowMs, TICK_EVERY_MS)) {
      this.#tell(this.#engine.setSystem(fault, nowMs));
    }
    this.#journal.settle();
    this.#journal.write(this.#presence.alive(nowMs)).catch(() => undefined);
  }

  #prune(): void {
    const { store, clock, retentionMs, log } = this.#parts;
    store.prune(clock.nowMs() - retentionMs).catch((error: unknown) => {
      log.error({ error: String(error) }, 'old positions could not be dropped');
    });
  }

  /** Publishes changes that nobody waits for. A failed write is the system watch's to tell. */
  #tell(changes: readonly AlertChange[]): void {
    if (changes.length === 0) return;
    this.#journal.write(this.#herald.tell(changes)).catch(() => undefined);
  }
}

const openAlertsIn = ({ alerts }: CaseState): Alert[] =>
  [...alerts.values()].filter(isOpen).map(alertOf);
