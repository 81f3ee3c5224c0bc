import { Aedes, type AedesOptions, type Client } from 'aedes';
import type { Bus, BusHandlers, Log } from '../ports.ts';
import { type Authenticate, gate, type Gate, isPlainTopic } from './mqtt-access.ts';
import { type Intake, intake } from './mqtt-intake.ts';
import { type Listeners, listen } from './mqtt-listeners.ts';
import { guardPackets } from './mqtt-packet-guard.ts';

export interface EmbeddedBusOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly mqttPort: number;
  readonly mqttWsPort: number;
  readonly payloadBytesMax: number;
  readonly authenticate: Authenticate;
  readonly log: Log;
}

export interface EmbeddedBus extends Bus {
  /** Where the broker listens, from `start` on. */
  readonly ports: { readonly mqtt: number; readonly ws: number };
}

/** More than a police region has devices; a flood beyond it must not exhaust the sockets. */
const CONNECTIONS_MAX = 20_000;
/** A connection that does not say who it is is not a device. */
const CONNECT_WITHIN_MS = 10_000;
/** A client that does not read gets so long, then it is dropped with all that waits for it. */
const DRAIN_WITHIN_MS = 15_000;
/** Packets that a client may send before it is let in. */
const PACKETS_BEFORE_CONNACK_MAX = 42;
/** QoS 2 handshakes that one client may leave half done. */
const QOS2_IN_FLIGHT_MAX = 100;
/** Whoever asks for no keepalive gets this one, lest dead connections stay for ever. */
const KEEPALIVE_S_DEFAULT = 3_600;
/**
 * So many times the payload limit is still read to its end, so that a message somewhat too long is
 * refused by name and the next one goes on; beyond it the connection is cut.
 */
const PACKET_PER_PAYLOAD_MAX = 16;

interface Running {
  readonly broker: Aedes;
  readonly intake: Intake;
  readonly listeners: Listeners;
}

/** A broker in this process: no separate service to install, and no way past the checks. */
export function embeddedBus(options: EmbeddedBusOptions): EmbeddedBus {
  let running: Running | null = null;
  return {
    get ports() {
      if (!running) throw new Error('the broker listens only after start');
      return running.listeners.ports;
    },
    async start(handlers) {
      running = await startBroker(options, handlers);
      handlers.onLink('up', 'embedded broker');
    },
    publish(topic, payload) {
      const packet = { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false } as const;
      running?.broker.publish(packet, (error) => {
        if (error) options.log.warn({ error: error.message }, 'mqtt publish failed');
      });
    },
    async close() {
      if (!running) return;
      const { broker, listeners } = running;
      listeners.stop();
      await running.intake.stop();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
}

async function startBroker(options: EmbeddedBusOptions, handlers: BusHandlers): Promise<Running> {
  const { log, payloadBytesMax } = options;
  const door = gate(options.authenticate, log);
  const messages = intake(handlers, door.principalOf, log);
  const broker = await Aedes.createBroker(brokerOptions(door, messages));
  const noteFailure = ({ id }: Client, error: Error): void =>
    log.info({ clientId: id, error: error.message }, 'mqtt client failed');
  broker.on('clientError', noteFailure);
  broker.on('connectionError', noteFailure);
  const packetBytesMax = payloadBytesMax * PACKET_PER_PAYLOAD_MAX;
  const listeners = await listen({
    ...options,
    connectionsMax: CONNECTIONS_MAX,
    frameBytesMax: packetBytesMax,
    onError: (error) => log.error({ error: error.message }, 'mqtt listener failed'),
    onConnection: (connection) => {
      guardPackets(connection, packetBytesMax);
      broker.handle(connection);
    },
  }).catch(async (error: unknown) => {
    await messages.stop();
    broker.close();
    throw error;
  });
  return { broker, intake: messages, listeners };
}

/**
 * `authorizePublish` is the only hook that runs before the PUBACK, so it is the way in: there the
 * answer can wait for the disk. What a device sends goes to this server and to nobody else.
 * (RELIABILITY §3)
 */
function brokerOptions(door: Gate, messages: Intake): AedesOptions {
  return {
    // No limit here: aedes would let one client that does not read hold up all others.
    concurrency: 0,
    connectTimeout: CONNECT_WITHIN_MS,
    drainTimeout: DRAIN_WITHIN_MS,
    queueLimit: PACKETS_BEFORE_CONNACK_MAX,
    maxInflightInbound: QOS2_IN_FLIGHT_MAX,
    preConnect: (_, packet, done) => {
      // A broker's sessions end with its process: a device must not come to rely on them.
      packet.clean = true;
      packet.keepalive ||= KEEPALIVE_S_DEFAULT;
      done(null, true);
    },
    authenticate: door.admit,
    authorizePublish: (client, packet, done) => {
      if (client) messages.take(client, packet, done);
      else done(new Error('a will without its client'));
    },
    authorizeSubscribe: (client, subscription, done) => {
      const { topic } = subscription;
      const allowed = isPlainTopic(topic) && door.principalOf(client)?.mayRead(topic);
      done(null, allowed ? subscription : null);
    },
    authorizeForward: (client, packet) => {
      const fromServer = !('clientId' in packet) || packet.clientId === undefined;
      return fromServer && door.principalOf(client)?.mayRead(packet.topic) ? packet : null;
    },
  };
}
