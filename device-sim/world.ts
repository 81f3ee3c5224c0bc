import { hash32 } from '../shared/prng.ts';
import { assertNever } from '../shared/result.ts';
import { agenda, type Agenda } from './agenda.ts';
import { type Outgoing, seqsIn } from './device-outgoing.ts';
import type { DevicePlan } from './device-plan.ts';
import { type DeviceState, type Inbound, initialDevice } from './device-state.ts';
import { network, NETWORK, type Network, type NetworkSettings } from './network.ts';
import { nextStepMs, step } from './simulated-device.ts';

/** A message of a device as it reaches the server. */
export interface Arrival {
  readonly atMs: number;
  readonly deviceId: string;
  readonly message: Outgoing;
}

export interface Told {
  readonly deviceId: string;
  readonly inbound: Inbound;
}

export interface WorldWish {
  readonly plans: readonly DevicePlan[];
  readonly seed: number;
  readonly startMs: number;
  readonly untilMs: number;
  readonly settings?: NetworkSettings;
  /** What the server answers to a message; the default acknowledges it at once. */
  readonly answer?: (arrival: Arrival) => readonly Inbound[];
  /** What it tells devices unasked; looked at after each arrival. */
  readonly tell?: () => readonly Told[];
}

type Item =
  | { readonly type: 'step'; readonly index: number }
  | { readonly type: 'arrival'; readonly arrival: Arrival }
  | { readonly type: 'hear'; readonly index: number; readonly inbound: Inbound };

interface World {
  readonly wish: WorldWish;
  readonly agenda: Agenda<Item>;
  readonly up: Network<Outgoing>;
  readonly down: Network<Inbound>;
  readonly indexOf: ReadonlyMap<string, number>;
  readonly states: DeviceState[];
  /** When each device wants its next step; a step planned for another time is out of date. */
  readonly wakeMs: number[];
}

/** Coverage is the device's own: it knows when it is out of reach, and keeps what it measures. */
export const DEVICE_NETWORK: NetworkSettings = { ...NETWORK, coverageLossesPerHour: 0 };

/**
 * Plays devices, network and an answering server on virtual time; yields what arrives, in order.
 */
export function* arrivals(wish: WorldWish): Generator<Arrival> {
  const world = worldOf(wish);
  while (world.agenda.nextAtMs() <= wish.untilMs) {
    const { atMs, item } = world.agenda.take()!;
    switch (item.type) {
      case 'step':
        if (world.wakeMs[item.index] === atMs) advance(world, item.index, atMs, []);
        break;
      case 'hear':
        advance(world, item.index, atMs, [item.inbound]);
        break;
      case 'arrival':
        yield item.arrival;
        answer(world, item.arrival);
        break;
      default:
        assertNever(item);
    }
  }
}

function worldOf(wish: WorldWish): World {
  const settings = wish.settings ?? DEVICE_NETWORK;
  const world: World = {
    wish,
    agenda: agenda(),
    up: network(settings, wish.seed, wish.startMs),
    down: network(settings, hash32(`${wish.seed}/down`), wish.startMs),
    indexOf: new Map(wish.plans.map(({ deviceId }, index) => [deviceId, index])),
    states: wish.plans.map(initialDevice),
    wakeMs: wish.plans.map(({ startMs }) => startMs),
  };
  wish.plans.forEach(({ startMs }, index) => world.agenda.add(startMs, { type: 'step', index }));
  return world;
}

function advance(world: World, index: number, nowMs: number, inbox: readonly Inbound[]): void {
  const plan = world.wish.plans[index]!;
  const before = world.states[index]!;
  const { state, messages } = step(plan, before, nowMs, inbox);
  world.states[index] = state;
  const { deviceId } = plan;
  for (const message of messages) {
    for (const { atMs } of world.up.send(deviceId, message, nowMs)) {
      world.agenda.add(atMs, { type: 'arrival', arrival: { atMs, deviceId, message } });
    }
  }
  const wakeMs = nextStepMs(plan, state);
  if (wakeMs === world.wakeMs[index]) return;
  world.wakeMs[index] = wakeMs;
  world.agenda.add(wakeMs, { type: 'step', index });
}

function answer(world: World, arrival: Arrival): void {
  const { atMs, deviceId } = arrival;
  for (const inbound of (world.wish.answer ?? acknowledge)(arrival)) {
    tell(world, { deviceId, inbound }, atMs);
  }
  for (const told of world.wish.tell?.() ?? []) tell(world, told, atMs);
}

function tell(world: World, { deviceId, inbound }: Told, atMs: number): void {
  const index = world.indexOf.get(deviceId)!;
  for (const delivery of world.down.send(deviceId, inbound, atMs)) {
    world.agenda.add(delivery.atMs, { type: 'hear', index, inbound });
  }
}

/** What a server does whose disk is always fast enough. */
export function acknowledge({ message }: Arrival): Inbound[] {
  const seqs = seqsIn(message);
  return seqs.length > 0 ? [{ type: 'ack', ack: { seqs } }] : [];
}
