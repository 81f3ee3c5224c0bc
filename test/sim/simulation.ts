import type { DeviceId } from '../../shared/ids.ts';
import { hash32, prng, type Prng } from '../../shared/prng.ts';
import { fromInstant } from '../../shared/instant.ts';
import { seqsIn } from '../../device-sim/device-outgoing.ts';
import type { Inbound } from '../../device-sim/device-state.ts';
import { type Arrival, arrivals, type Told as ToldDevice } from '../../device-sim/world.ts';
import type { AlertChange } from '../../server/core/alert-record.ts';
import type { Command } from '../../server/core/ask-intervals.ts';
import type { ActOnAlert } from '../../server/core/case-event.ts';
import { Engine } from '../../server/core/engine.ts';
import type { Handled } from '../../server/core/engine.ts';
import type { Entry } from '../../server/ports.ts';
import { recover } from '../../server/service/recovery.ts';
import { memoryStore } from './memory-store.ts';
import { actsOf } from './operator.ts';
import { type Scene, sceneOf } from './scene.ts';

/** What went into the engine, enough to put it in again. */
export type Input =
  | { type: 'message'; atMs: number; topic: string; payload: string }
  | { type: 'act'; atMs: number; act: ActOnAlert };

/** A message that reached a server that was up. */
export interface Heard {
  readonly arrival: Arrival;
  readonly handled: Handled;
  readonly durable: boolean;
  readonly process: number;
}

/** A change that consoles were told, in the life of one server process. */
export interface Told {
  readonly change: AlertChange;
  readonly durable: boolean;
  /** 0 for the first process, counting on with every restart. */
  readonly process: number;
}

export interface Run {
  readonly scene: Scene;
  readonly heard: readonly Heard[];
  readonly told: readonly Told[];
  /** What devices were told, in order. */
  readonly commands: readonly Command[];
  /** Everything that the first process was given. */
  readonly inputs: readonly Input[];
}

const TICK_MS = 250;
const LOOK_EVERY_MS = 5_000;
/** The slowest disk; a crash in the meantime loses the write and its acknowledgement. */
const WRITE_MS_MAX = 150;

/** Plays one seeded world on virtual time: equal seeds give equal runs, for ever. */
export async function simulate(seed: number): Promise<Run> {
  const scene = sceneOf(seed);
  const server = new SimulatedServer(scene);
  await server.begin();
  const world = arrivals({
    plans: scene.plans,
    seed,
    startMs: scene.startMs,
    untilMs: scene.untilMs,
    settings: scene.network,
    answer: (arrival) => server.answerTo(arrival),
    tell: () => server.tellDevices(),
  });
  for (const arrival of world) {
    await server.runUntil(arrival.atMs);
    server.take(arrival);
  }
  await server.runUntil(scene.untilMs);
  return {
    scene,
    heard: server.heard,
    told: server.told,
    inputs: server.inputs,
    commands: server.commands,
  };
}

/** What `service.ts` does with the engine, without sockets, and killed when the scene says so. */
class SimulatedServer {
  readonly heard: Heard[] = [];
  readonly told: Told[] = [];
  readonly inputs: Input[] = [];
  readonly commands: Command[] = [];
  readonly #scene: Scene;
  readonly #store = memoryStore();
  readonly #random: Prng;
  #engine: Engine | null = null;
  #process = 0;
  #nextTickMs: number;
  #acks: Inbound[] = [];

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#random = prng(hash32(`${scene.seed}/server`));
    this.#nextTickMs = scene.startMs;
  }

  /** Devices and orders are in before anything happens. */
  async begin(): Promise<void> {
    const { devices, orders, startMs: atMs } = this.#scene;
    await this.#store.append(
      devices.map((device): Entry => ({ type: 'device', atMs, by: 'administrator', device })),
    );
    for (const order of orders) {
      const head = { orderId: order.orderId, version: 1, status: 'active', reason: null } as const;
      const entry = { type: 'order-version', atMs, by: 'cjib', cause: 'put', ...head } as const;
      await this.#store.append([{ ...entry, order }]);
    }
    await this.#start(atMs);
  }

  async runUntil(atMs: number): Promise<void> {
    while (this.#nextTickMs <= atMs) {
      await this.#tick(this.#nextTickMs);
      this.#nextTickMs += TICK_MS;
    }
  }

  /** A message that meets no server is lost without an acknowledgement, and comes again. */
  take(arrival: Arrival): void {
    this.#acks = [];
    const { atMs, message } = arrival;
    if (!this.#engine || this.#isDown(atMs)) return;
    const payload = JSON.stringify(message.payload);
    const handled = this.#engine.message(message.topic, payload, atMs);
    this.#note({ type: 'message', atMs, topic: message.topic, payload });
    const durable = this.#tell(handled.changes, atMs, recordedOf(handled, atMs));
    this.heard.push({ arrival, handled, durable, process: this.#process });
    if (handled.decoded.receipt) this.#keepAsked([arrival.deviceId as DeviceId], atMs);
    const seqs = seqsIn(message);
    if (durable && seqs.length > 0) this.#acks = [{ type: 'ack', ack: { seqs } }];
  }

  answerTo(_: Arrival): readonly Inbound[] {
    return this.#acks;
  }

  tellDevices(): readonly ToldDevice[] {
    const commands = this.#engine?.takeCommands() ?? [];
    this.commands.push(...commands);
    this.#keepAsked(
      commands.map(({ deviceId }) => deviceId),
      this.#nextTickMs,
    );
    return commands.map(({ deviceId, command }) => {
      return { deviceId, inbound: { type: 'command', command } };
    });
  }

  /** As `command-post.ts` keeps them. */
  #keepAsked(deviceIds: readonly DeviceId[], atMs: number): void {
    const entries = deviceIds.flatMap((deviceId): Entry[] => {
      const asked = this.#engine!.askedOf(deviceId);
      return asked ? [{ type: 'command', atMs, deviceId, asked }] : [];
    });
    this.#tell([], atMs, entries);
  }

  async #tick(nowMs: number): Promise<void> {
    if (this.#isDown(nowMs)) {
      this.#engine = null;
      return;
    }
    if (!this.#engine) {
      this.#process += 1;
      await this.#start(nowMs);
    }
    this.#tell(this.#engine!.advanceTo(nowMs), nowMs);
    if ((nowMs - this.#scene.startMs) % LOOK_EVERY_MS === 0) this.#act(nowMs);
  }

  async #start(nowMs: number): Promise<void> {
    this.#engine = new Engine();
    await recover(this.#store, this.#engine, nowMs);
    this.#tell(this.#engine.advanceTo(nowMs), nowMs);
  }

  #act(nowMs: number): void {
    for (const act of actsOf(this.#engine!, this.#random)) {
      this.#note({ type: 'act', atMs: nowMs, act });
      this.#tell(this.#engine!.act(act, nowMs).changes, nowMs);
    }
  }

  #isDown(atMs: number): boolean {
    return this.#scene.crashes.some(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
  }

  #note(input: Input): void {
    if (this.#process === 0) this.inputs.push(input);
  }

  /** Tells and writes at the same time; says whether the write outlived its process. */
  #tell(changes: readonly AlertChange[], atMs: number, others: readonly Entry[] = []): boolean {
    const doneMs = atMs + WRITE_MS_MAX * this.#random.next();
    const durable = !this.#scene.crashes.some(({ fromMs }) => atMs < fromMs && fromMs <= doneMs);
    for (const change of changes) this.told.push({ change, durable, process: this.#process });
    const entries = changes.map((change): Entry => ({ type: 'alert-change', change, feed: null }));
    if (durable) void this.#store.append([...entries, ...others]);
    return durable;
  }
}

/** As `service.ts` keeps them. */
function recordedOf({ decoded, known }: Handled, receivedAtMs: number): Entry[] {
  const { deviceId, positions, event } = decoded;
  if (!known || deviceId === null) return [];
  const entries = positions.map((position): Entry => ({ type: 'position', deviceId, ...position }));
  if (!event) return entries;
  const { seq, kind, payload, boot = null, time } = event;
  const eventAtMs = fromInstant(time);
  const told = { deviceId, boot, seq, kind, payload, eventAtMs, receivedAtMs };
  return [...entries, { type: 'device-event', ...told }];
}

/** The first process's inputs through a new engine: without ticks, as `replay` does it. */
export function replayed(run: Run): AlertChange[] {
  const { startMs, devices, orders } = run.scene;
  const engine = new Engine();
  const changes: AlertChange[] = [];
  for (const device of devices) changes.push(...engine.setDevice(device, startMs));
  for (const order of orders) {
    changes.push(...engine.setOrder({ order, version: 1, status: 'active' }, startMs));
  }
  for (const input of run.inputs) {
    changes.push(
      ...(input.type === 'message'
        ? engine.message(input.topic, input.payload, input.atMs).changes
        : engine.act(input.act, input.atMs).changes),
    );
  }
  return changes;
}
