import type { Client, PublishPacket } from 'aedes';
import type { BusHandlers, Log } from '../ports.ts';
import { isPlainTopic, type Principal } from './mqtt-access.ts';
import { type AckQueue, ackQueue } from './mqtt-ack-queue.ts';

/**
 * An acknowledgement is held no longer: while the disk hangs the device must still be heard, and
 * what is not acknowledged comes again.
 */
const ACK_WITHIN_MS = 5_000;
const SWEEP_EVERY_MS = 1_000;

const LOGGED_TOPIC_CHARS_MAX = 200;

/** Kept for whoever may read it; a status is two short fields. */
const RETAINED_BYTES_MAX = 1024;
const RETAINED_TOPIC = /^cordon\/v1\/[^/]+\/status$/;

/** What became of one client's messages. */
interface Sender {
  readonly acks: AckQueue;
  refused: number;
  /** Not acknowledged: the client sends these again, but only on a new connection. */
  owed: number;
}

export interface Intake {
  take(client: Client, packet: PublishPacket, done: () => void): void;
  /** Takes nothing more; resolves when all that was taken is answered. */
  stop(): Promise<void>;
}

/**
 * The way in for messages. A message is never a reason to lose the connection: what its sender has
 * no right to is counted and acknowledged, or a device with one wrong topic would be cut off, come
 * back and be cut off for ever, and its true positions with it.
 */
export function intake(
  handlers: BusHandlers,
  principalOf: (client: Client) => Principal | null,
  log: Log,
): Intake {
  const senders = new WeakMap<Client, Sender>();
  const busy = new Set<AckQueue>();
  let stopping = false;
  let noteIdle = (): void => {};
  const sweep = setInterval(() => {
    for (const acks of busy) acks.giveUp(performance.now() - ACK_WITHIN_MS);
  }, SWEEP_EVERY_MS);

  const senderOf = (client: Client): Sender => {
    const sender = senders.get(client) ?? { acks: ackQueue(), refused: 0, owed: 0 };
    senders.set(client, sender);
    return sender;
  };
  const answer = (client: Client, packet: PublishPacket, durable: boolean): void => {
    const sender = senderOf(client);
    if (sender.acks.held === 0) busy.delete(sender.acks);
    if (stopping && busy.size === 0) noteIdle();
    if (!durable) {
      noteCount(log, client, packet, ++sender.owed, 'mqtt message not acknowledged');
      leaveUnacknowledged(packet);
    } else if (sender.owed > 0) {
      setImmediate(() => client.close());
    }
  };
  const write = (sender: Sender, client: Client, packet: PublishPacket): Promise<void> => {
    const { topic, payload } = packet;
    if (!isPlainTopic(topic) || !principalOf(client)?.mayPublish(topic)) {
      packet.retain = false;
      noteCount(log, client, packet, ++sender.refused, 'mqtt publish not allowed');
      return Promise.resolve();
    }
    packet.retain &&= mayRetain(packet);
    // The constructor calls at once, in order of arrival, and turns a throw into a rejection.
    return new Promise((resolve) => resolve(handlers.onMessage(topic, payload as Buffer)));
  };

  return {
    take(client, packet, done) {
      if (stopping) {
        leaveUnacknowledged(packet);
        return done();
      }
      const sender = senderOf(client);
      busy.add(sender.acks);
      sender.acks.add(performance.now(), write(sender, client, packet), (durable) => {
        answer(client, packet, durable);
        done();
      });
    },
    async stop() {
      stopping = true;
      if (busy.size > 0) await new Promise<void>((resolve) => (noteIdle = resolve));
      // The last acknowledgements are written in the next tick: let them out before all closes.
      await new Promise((resolve) => setImmediate(resolve));
      clearInterval(sweep);
    },
  };
}

/** At QoS 0 aedes acknowledges nothing, and the connection lives on. */
function leaveUnacknowledged(packet: PublishPacket): void {
  packet.qos = 0;
  packet.retain = false;
}

const mayRetain = ({ topic, payload }: PublishPacket): boolean =>
  payload.length <= RETAINED_BYTES_MAX && RETAINED_TOPIC.test(topic);

/** Logs the first, tenth, hundredth …, so that nobody can fill the log. */
function noteCount(
  log: Log,
  client: Client,
  { topic }: PublishPacket,
  count: number,
  message: string,
): void {
  if (!/^10*$/.test(String(count))) return;
  log.warn({ clientId: client.id, topic: topic.slice(0, LOGGED_TOPIC_CHARS_MAX), count }, message);
}
