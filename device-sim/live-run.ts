import { topicOf } from '../shared/topics.ts';
import { inboundOf } from './device-inbound.ts';
import { lastWillOf, type Outgoing, statusOf } from './device-outgoing.ts';
import { deviceClockMs, type DevicePlan } from './device-plan.ts';
import { type DeviceState, type Inbound, initialDevice } from './device-state.ts';
import type { BrokerAddress, Clock, Connection, ConnectionWish } from './mqtt-connection.ts';
import { network, type Network, type NetworkSettings } from './network.ts';
import { nextStepMs, step } from './simulated-device.ts';
import { DEVICE_NETWORK } from './world.ts';

export interface LiveWish {
  readonly plans: readonly DevicePlan[];
  readonly seed: number;
  readonly broker: BrokerAddress;
  readonly clock: Clock;
  readonly connect: (wish: ConnectionWish) => Connection;
  /** What lies between device and broker beside the real network. */
  readonly settings?: NetworkSettings;
  /** The same reason may be told by many devices. */
  readonly onTrouble: (text: string) => void;
}

export interface LiveCounts {
  readonly devices: number;
  readonly connected: number;
  /** Messages handed to the broker. */
  readonly published: number;
  /** Records that the server has not acknowledged yet. */
  readonly unacknowledged: number;
}

export interface LiveRun {
  counts(): LiveCounts;
  /** Says goodbye for every device. */
  stop(): Promise<void>;
}

interface LiveDevice {
  readonly plan: DevicePlan;
  state: DeviceState;
  connection: Connection;
  connected: boolean;
  published: number;
  stopped: boolean;
  cancelStep: () => void;
  readonly underWay: Set<() => void>;
}

/** Plays devices on the real clock over real MQTT, one connection each, with its last will. */
export function startLiveRun(wish: LiveWish): LiveRun {
  const up = network<Outgoing>(wish.settings ?? DEVICE_NETWORK, wish.seed, wish.clock.nowMs());
  const devices = wish.plans.map((plan) => startDevice(wish, plan, up));
  return {
    counts: () => ({
      devices: devices.length,
      connected: devices.filter(({ connected }) => connected).length,
      published: devices.reduce((sum, { published }) => sum + published, 0),
      unacknowledged: devices.reduce((sum, { state }) => sum + state.outbox.records.length, 0),
    }),
    stop: async () => {
      await Promise.all(devices.map((device) => stopDevice(wish, device)));
    },
  };
}

function startDevice(wish: LiveWish, plan: DevicePlan, up: Network<Outgoing>): LiveDevice {
  const device: LiveDevice = {
    plan,
    // Nothing can be sent before the broker has been reached.
    state: { ...initialDevice(plan), linkUp: false, reachable: false },
    connection: { publish: () => false, close: () => Promise.resolve() },
    connected: false,
    published: 0,
    stopped: false,
    cancelStep: () => {},
    underWay: new Set(),
  };
  const hear = (inbound: Inbound): void => advance(wish, device, up, [inbound]);
  const onLink = (isUp: boolean): void => {
    if (isUp === device.connected) return;
    device.connected = isUp;
    hear({ type: 'link', up: isUp });
  };
  device.connection = wish.connect({
    broker: wish.broker,
    clientId: plan.deviceId,
    clean: false,
    will: wireOf(lastWillOf(plan)),
    topics: [topicOf(plan.deviceId, 'ack'), topicOf(plan.deviceId, 'command')],
    onUp: () => onLink(true),
    onDown: () => onLink(false),
    onMessage(topic, payload) {
      const inbound = inboundOf(topic, payload);
      if (inbound === null) wish.onTrouble(`${topic}: not understood: ${payload.slice(0, 200)}`);
      else hear(inbound);
    },
    onTrouble: (reason, retryMs) =>
      wish.onTrouble(`${reason}; trying again, now every ${retryMs} ms`),
  });
  advance(wish, device, up, []);
  return device;
}

/** One step now, and the next one planned. A device that was stopped takes none. */
function advance(
  wish: LiveWish,
  device: LiveDevice,
  up: Network<Outgoing>,
  inbox: readonly Inbound[],
): void {
  if (device.stopped) return;
  const { plan } = device;
  const nowMs = Math.max(wish.clock.nowMs(), device.state.steppedAtMs);
  const { state, messages } = step(plan, device.state, nowMs, inbox);
  device.state = state;
  for (const message of messages) {
    for (const { atMs } of up.send(plan.deviceId, message, nowMs)) {
      post(wish, device, message, atMs);
    }
  }
  device.cancelStep();
  const nextMs = nextStepMs(plan, state);
  device.cancelStep =
    nextMs === Infinity ? () => {} : wish.clock.at(nextMs, () => advance(wish, device, up, []));
}

/** Hands a message over when the simulated network is done with it. */
function post(wish: LiveWish, device: LiveDevice, message: Outgoing, atMs: number): void {
  const cancel = wish.clock.at(atMs, () => {
    device.underWay.delete(cancel);
    if (device.connection.publish(wireOf(message))) device.published += 1;
  });
  device.underWay.add(cancel);
}

async function stopDevice(wish: LiveWish, device: LiveDevice): Promise<void> {
  device.stopped = true;
  device.cancelStep();
  for (const cancel of device.underWay) cancel();
  const { plan, connection } = device;
  for (const goodbye of statusOf(plan, 'offline', deviceClockMs(plan, wish.clock.nowMs()))) {
    connection.publish(wireOf(goodbye));
  }
  await connection.close();
}

const wireOf = ({ topic, payload, retain }: Outgoing) => ({
  topic,
  payload: JSON.stringify(payload),
  retain,
});
