import mqtt, { type MqttClient } from 'mqtt';

/** The only file with a real clock and a real network. */

export interface Clock {
  nowMs(): number;
  /** Calls back at or after a time, unless the returned function is called before. */
  at(atMs: number, call: () => void): () => void;
}

/** A timer can't wait longer; one this long is set anew when it ends. */
const TIMER_MS_MAX = 3_600_000;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  at(atMs, call) {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const leftMs = atMs - Date.now();
      timer = setTimeout(
        leftMs > TIMER_MS_MAX ? wait : call,
        Math.min(Math.max(0, leftMs), TIMER_MS_MAX),
      );
    };
    wait();
    return () => clearTimeout(timer);
  },
};

export interface BrokerAddress {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

export interface ConnectionWish {
  readonly broker: BrokerAddress;
  readonly clientId: string;
  /** False keeps what was sent to the device while it was away. */
  readonly clean: boolean;
  readonly will?: OutgoingMessage;
  readonly topics: readonly string[];
  onUp(): void;
  onDown(): void;
  onMessage(topic: string, payload: string): void;
  /** Why it can't connect, for people, and when it tries again. */
  onTrouble(reason: string, retryMs: number): void;
}

export interface Connection {
  /** False when the message was not handed over: whoever must be heard tries again later. */
  publish(message: OutgoingMessage): boolean;
  /** Ends politely: the broker does not send the last will. */
  close(): Promise<void>;
}

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;
const KEEPALIVE_S = 30;
const CONNECT_MS_MAX = 10_000;
const GOODBYE_MS_MAX = 2_000;
/** More topics in one subscription than this and brokers cut the connection. */
const TOPICS_PER_SUBSCRIBE_MAX = 100;

/** Connects, and connects again with growing pauses for as long as it takes. */
export function openConnection(wish: ConnectionWish): Connection {
  const { broker } = wish;
  const client = mqtt.connect(broker.url, {
    clientId: wish.clientId,
    clean: wish.clean,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_MS_MAX,
    reconnectPeriod: RETRY_MS_MIN,
    resubscribe: false,
    ...(broker.username === undefined ? {} : { username: broker.username }),
    ...(broker.password === undefined ? {} : { password: broker.password }),
    ...(wish.will
      ? { will: { ...wish.will, payload: Buffer.from(wish.will.payload), qos: 1 } }
      : {}),
  });
  client.on('connect', () => {
    client.options.reconnectPeriod = RETRY_MS_MIN;
    void welcome(client, wish);
  });
  client.on('close', () => {
    client.options.reconnectPeriod = Math.min(2 * retryMs(client), RETRY_MS_MAX);
    wish.onDown();
  });
  client.on('error', (error) => wish.onTrouble(reasonOf(error, broker.url), retryMs(client)));
  client.on('message', (topic, payload) => wish.onMessage(topic, payload.toString('utf8')));
  return {
    publish({ topic, payload, retain }) {
      if (!client.connected) return false;
      client.publish(topic, payload, { qos: 1, retain }, () => {});
      return true;
    },
    close: () => close(client),
  };
}

/** Lets the broker take in what was said last, but waits for no broker that does not answer. */
function close(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(giveUp);
      client.stream.destroy();
      resolve();
    };
    const giveUp = setTimeout(done, GOODBYE_MS_MAX);
    client.end(!client.connected, done);
  });
}

const retryMs = (client: MqttClient): number => client.options.reconnectPeriod ?? RETRY_MS_MIN;

/** Only who hears the server is up: else an acknowledgement could be missed. */
async function welcome(client: MqttClient, wish: ConnectionWish): Promise<void> {
  try {
    for (let from = 0; from < wish.topics.length; from += TOPICS_PER_SUBSCRIBE_MAX) {
      const topics = wish.topics.slice(from, from + TOPICS_PER_SUBSCRIBE_MAX);
      const granted = await client.subscribeAsync(topics, { qos: 1 });
      const refused = granted.find(({ qos }) => qos > 2);
      if (refused) wish.onTrouble(`the broker refuses ${refused.topic}`, retryMs(client));
    }
    wish.onUp();
  } catch (error) {
    // The connection went while subscribing; the next one subscribes again.
    wish.onTrouble(reasonOf(error, wish.broker.url), retryMs(client));
  }
}

function reasonOf(error: unknown, url: string): string {
  const { code, message } = error as { code?: unknown; message?: string };
  if (code === 'ECONNREFUSED') return `connection refused: nothing listens at ${url}`;
  if (code === 'ENOTFOUND') return `unknown host in ${url}`;
  if (code === 4 || code === 5 || code === 134 || code === 135) {
    return `${url} does not accept this username and password`;
  }
  return `${url}: ${message || String(code ?? error)}`;
}
