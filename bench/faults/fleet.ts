import { connect, type MqttClient } from 'mqtt';
import { fleetDeviceId, fleetPayload } from '../../device-sim/load-fleet.ts';
import { BACKFILL_POSITIONS_MAX } from '../../device-sim/outbox.ts';
import { DeviceAck } from '../../shared/device-message.ts';
import { type Prng, prng } from '../../shared/prng.ts';
import { topicOf } from '../../shared/topics.ts';
import type { Broker } from '../../test/e2e/device-client.ts';

/**
 * Devices over real MQTT, each with an outbox of its own: a position stays until the server itself
 * acknowledges it, and goes out again after a reconnection or when no answer came. So what the
 * fleet holds for acknowledged is what a real device would have deleted.
 */
export interface Fleet {
  readonly devices: number;
  /** Positions made so far. */
  made(): number;
  /** Positions made and not acknowledged yet. */
  owed(): number;
  /** By device, in the order of their numbers. */
  acked(): readonly ReadonlySet<number>[];
  /** Of each device, the number that its next position will have. */
  nextSeqs(): readonly number[];
  /** Connects all; resolves when each is subscribed. */
  connectAll(): Promise<void>;
  /** Makes positions at this rate over all devices, until `rest`. */
  report(ratePerS: number): void;
  rest(): void;
  /** When the first acknowledgement came over a connection opened after this instant. */
  firstAckOver(newerThanMs: number): Promise<number>;
  /** True once nothing is owed; false when that took too long. */
  drained(withinMs: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface FleetWish {
  readonly broker: Broker;
  readonly devices: number;
  readonly seed: number;
  /** Distinguishes this fleet's numbers from those of any other. */
  readonly boot: string;
}

/** A radio needs about this long to notice and come back; drawn for each device and time. */
const RECONNECT_MS_MIN = 50;
const RECONNECT_MS_MAX = 500;
/** Unanswered for this long over a connection that lives, as when only the server went. */
const RESEND_AFTER_MS = 5_000;
const SWEEP_EVERY_MS = 1_000;
const TICK_MS = 20;
const CONNECT_MS_MAX = 5_000;
const KEEPALIVE_S = 30;

interface Record_ {
  readonly payload: string;
  sentAtMs: number;
}

interface Link {
  client: MqttClient;
  openedAtMs: number;
  up: boolean;
}

interface Device {
  readonly index: number;
  readonly deviceId: string;
  readonly outbox: Map<number, Record_>;
  readonly acked: Set<number>;
  nextSeq: number;
  link: Link | null;
}

interface AckWait {
  readonly newerThanMs: number;
  readonly heard: (atMs: number) => void;
}

interface Crew {
  readonly wish: FleetWish;
  readonly random: Prng;
  readonly devices: readonly Device[];
  ackWaits: AckWait[];
  /** Called whenever a device came up or an acknowledgement came. */
  readonly looks: Set<() => void>;
  made: number;
  closing: boolean;
}

export function fleetOf(wish: FleetWish): Fleet {
  const crew = crewOf(wish);
  const { devices } = crew;
  const timers: NodeJS.Timeout[] = [];
  const sweep = setInterval(
    () => devices.forEach((device) => resend(crew, device)),
    SWEEP_EVERY_MS,
  );
  const owed = (): number => devices.reduce((sum, { outbox }) => sum + outbox.size, 0);
  return {
    devices: wish.devices,
    made: () => crew.made,
    owed,
    acked: () => devices.map(({ acked }) => acked),
    nextSeqs: () => devices.map(({ nextSeq }) => nextSeq),
    async connectAll() {
      for (const device of devices) open(crew, device);
      await until(crew, () => devices.every(({ link }) => link?.up === true));
    },
    report: (ratePerS) => void timers.push(reporting(crew, ratePerS)),
    rest: () => timers.splice(0).forEach((timer) => clearInterval(timer)),
    firstAckOver: (newerThanMs) =>
      new Promise((heard) => crew.ackWaits.push({ newerThanMs, heard })),
    drained: (withinMs) => until(crew, () => owed() === 0, withinMs),
    async close() {
      crew.closing = true;
      clearInterval(sweep);
      timers.forEach((timer) => clearInterval(timer));
      await Promise.all(devices.map(({ link }) => link?.client.endAsync(true)));
    },
  };
}

function crewOf(wish: FleetWish): Crew {
  return {
    wish,
    random: prng(wish.seed),
    devices: Array.from({ length: wish.devices }, (_, index) => ({
      index,
      deviceId: fleetDeviceId(index),
      outbox: new Map(),
      acked: new Set<number>(),
      nextSeq: 0,
      link: null,
    })),
    ackWaits: [],
    looks: new Set(),
    made: 0,
    closing: false,
  };
}

/** True as soon as it holds; false when that took too long. */
function until(crew: Crew, holds: () => boolean, withinMs = Infinity): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (held: boolean): void => {
      crew.looks.delete(look);
      clearTimeout(timer);
      resolve(held);
    };
    const look = (): void => (holds() ? settle(true) : undefined);
    const timer = withinMs === Infinity ? undefined : setTimeout(() => settle(false), withinMs);
    crew.looks.add(look);
    look();
  });
}

/** A new client each time: the library's own queue would send what the outbox sends already. */
function open(crew: Crew, device: Device): void {
  const { mqttUrl, username, password } = crew.wish.broker;
  const client = connect(mqttUrl, {
    clientId: device.deviceId,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_MS_MAX,
    keepalive: KEEPALIVE_S,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  const link: Link = { client, openedAtMs: performance.now(), up: false };
  device.link = link;
  client.on('error', () => {});
  client.on('message', (_, payload) => acknowledge(crew, device, link, payload));
  client.on('connect', () => {
    client.subscribe(topicOf(device.deviceId, 'ack'), { qos: 1 }, (error) => {
      // The connection went while subscribing: its end opens the next one.
      if (error) return;
      link.up = true;
      sendAll(device, link);
      crew.looks.forEach((look) => look());
    });
  });
  client.once('close', () => {
    link.up = false;
    client.end(true);
    if (!crew.closing) setTimeout(() => reopen(crew, device), backOffMs(crew.random));
  });
}

function reopen(crew: Crew, device: Device): void {
  if (!crew.closing) open(crew, device);
}

const backOffMs = (random: Prng): number =>
  RECONNECT_MS_MIN + random.next() * (RECONNECT_MS_MAX - RECONNECT_MS_MIN);

function acknowledge(crew: Crew, device: Device, link: Link, payload: Buffer): void {
  const ack = DeviceAck.parse(JSON.parse(String(payload)));
  if (ack.boot !== crew.wish.boot || !('seqs' in ack)) return;
  for (const seq of ack.seqs) {
    if (device.outbox.delete(seq)) device.acked.add(seq);
  }
  const isHeard = ({ newerThanMs }: AckWait): boolean => link.openedAtMs > newerThanMs;
  const heard = crew.ackWaits.filter(isHeard);
  crew.ackWaits = crew.ackWaits.filter((wait) => !isHeard(wait));
  for (const wait of heard) wait.heard(performance.now());
  crew.looks.forEach((look) => look());
}

/** Everything owed: the newest alone first, for it says where somebody is now. */
function sendAll(device: Device, link: Link): void {
  const owed = [...device.outbox.values()];
  const newest = owed.pop();
  if (newest === undefined) return;
  send(device, link, [newest]);
  for (let from = 0; from < owed.length; from += BACKFILL_POSITIONS_MAX) {
    send(device, link, owed.slice(from, from + BACKFILL_POSITIONS_MAX));
  }
}

function send(device: Device, { client }: Link, records: readonly Record_[]): void {
  const payloads = records.map(({ payload }) => payload);
  const message = payloads.length === 1 ? payloads[0]! : `[${payloads.join()}]`;
  for (const record of records) record.sentAtMs = performance.now();
  client.publish(topicOf(device.deviceId, 'position'), message, { qos: 1 }, () => {});
}

function resend(crew: Crew, device: Device): void {
  const { link } = device;
  if (crew.closing || !link?.up) return;
  const beforeMs = performance.now() - RESEND_AFTER_MS;
  const late = [...device.outbox.values()].filter(({ sentAtMs }) => sentAtMs < beforeMs);
  for (let from = 0; from < late.length; from += BACKFILL_POSITIONS_MAX) {
    send(device, link, late.slice(from, from + BACKFILL_POSITIONS_MAX));
  }
}

function reporting(crew: Crew, ratePerS: number): NodeJS.Timeout {
  const begunMs = performance.now();
  let made = 0;
  return setInterval(() => {
    const wanted = ((performance.now() - begunMs) / 1000) * ratePerS;
    for (; made < wanted; made++) makeOne(crew);
  }, TICK_MS);
}

function makeOne(crew: Crew): void {
  const device = crew.devices[crew.made % crew.devices.length]!;
  crew.made += 1;
  const seq = device.nextSeq++;
  const payload = fleetPayload(device.index, seq, crew.wish.boot, Date.now());
  const record: Record_ = { payload, sentAtMs: performance.now() };
  device.outbox.set(seq, record);
  if (device.link?.up) send(device, device.link, [record]);
}
