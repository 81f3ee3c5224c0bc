import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { UPLINK_CHANNELS } from '../../shared/topics.ts';
import type { Bus, BusHandlers, Log } from '../ports.ts';

export interface OutsideBusOptions {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Always the same one: under it the broker keeps messages for us while we are away. */
  readonly clientId: string;
  readonly log: Log;
}

const UPLINK_TOPICS = UPLINK_CHANNELS.map((channel) => `cordon/v1/+/${channel}`);

/** A broker that went silent is noticed within one and a half times this. */
const KEEPALIVE_S = 8;
const CONNECT_WITHIN_MS = 10_000;
const RECONNECT_FIRST_MS = 500;
const RECONNECT_MAX_MS = 10_000;

/**
 * A broker of its own, as Mosquitto. Its PUBACK to a device promises nothing, and ours to it is not
 * held back: mqtt.js would then take one message at a time. What counts is our own message on
 * `…/ack`, sent after the write. (RELIABILITY §3, DESIGN §3)
 */
export function outsideBus(options: OutsideBusOptions): Bus {
  const { log } = options;
  const underWay = new Set<Promise<void>>();
  let client: MqttClient | null = null;
  let unwritten = 0;

  /** The first, tenth, hundredth …: a full disk must not be filled by its own log. */
  const noteUnwritten = ({ message }: Error): void => {
    unwritten += 1;
    if (!/^10*$/.test(String(unwritten))) return;
    log.warn({ error: message, count: unwritten }, 'mqtt message not durable');
  };
  const takeIn = (handlers: BusHandlers, topic: string, payload: Buffer): void => {
    const work = handlers
      .onMessage(topic, payload)
      .catch((error: Error) => noteUnwritten(error))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };

  return {
    /** Resolves after the first attempt, whatever came of it: later ones go on by themselves. */
    start(handlers) {
      client = connect(options.url, clientOptions(options));
      client.on('message', (topic, payload, { retain }) => {
        if (!retain && topic !== UPTIME_TOPIC) takeIn(handlers, topic, payload);
      });
      return new Promise((resolve) => {
        watchLink(client!, log, {
          onLink(state, detail) {
            handlers.onLink(state, detail);
            resolve();
          },
          onSessionLost: (...times) => handlers.onSessionLost(...times),
        });
      });
    },
    publish(topic, payload) {
      // Offline, mqtt.js would keep it in memory without a limit, and send it when it is stale.
      if (!client?.connected) return;
      client.publish(topic, payload, { qos: 1 }, (error) => {
        if (error) log.warn({ error: error.message }, 'mqtt publish failed');
      });
    },
    async close() {
      if (client) await ended(client);
      await Promise.all(underWay);
    },
  };
}

/** What is in flight gets this long; a broker that dies meanwhile must not keep the server up. */
const CLOSE_WITHIN_MS = 2_000;

function ended(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => {
      client.stream?.destroy();
      resolve();
    }, CLOSE_WITHIN_MS);
    client.end(false, () => {
      clearTimeout(giveUp);
      resolve();
    });
  });
}

function clientOptions({ username, password, clientId }: OutsideBusOptions): IClientOptions {
  return {
    clientId,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    protocolVersion: 4,
    clean: false,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_WITHIN_MS,
    reconnectPeriod: RECONNECT_FIRST_MS,
    resubscribe: false,
  };
}

type LinkHandlers = Pick<BusHandlers, 'onLink' | 'onSessionLost'>;

/**
 * Subscribes on every connection, tells each change of the link once, and each session that was
 * lost. A session that is new stays so until our subscriptions stand in it: a connection that broke
 * in between left one behind that is present, and keeps nothing.
 */
function watchLink(client: MqttClient, log: Log, handlers: LinkHandlers): void {
  let state: 'up' | 'down' | null = null;
  let lastError = 'connection closed';
  let isNewSession = false;
  let heardAtMs: number | null = null;
  let mayHaveLost: { heardAtMs: number | null } | null = null;
  const tell = (next: 'up' | 'down', detail: string): void => {
    if (state === next) return;
    state = next;
    handlers.onLink(next, detail);
  };
  const subscribed = (): void => {
    tell('up', isNewSession ? NEW_SESSION : 'session resumed');
    if (isNewSession) handlers.onSessionLost(since(heardAtMs), null);
    // A new session has been told; in one that is present something may be missing all the same.
    mayHaveLost = isNewSession ? null : { heardAtMs };
    isNewSession = false;
    heardAtMs = performance.now();
  };
  // And not when the link closed: a broker can be gone for a while before that is noticed.
  client.on('packetreceive', () => {
    if (state === 'up') heardAtMs = performance.now();
  });
  client.on('connect', ({ sessionPresent }) => {
    isNewSession ||= !sessionPresent;
    subscribe(client).then(subscribed, (error: Error) => {
      log.error({ error: error.message }, 'the broker refuses our subscriptions');
      lastError = error.message;
      // Deaf is as bad as away: try again as if it had gone.
      client.stream.destroy();
    });
    client.options.reconnectPeriod = RECONNECT_FIRST_MS;
  });
  client.on('message', (topic, payload) => {
    const brokerAgeMs = topic === UPTIME_TOPIC ? uptimeMs(payload) : null;
    if (brokerAgeMs === null || mayHaveLost === null) return;
    const unheardMs = since(mayHaveLost.heardAtMs);
    mayHaveLost = null;
    if (unheardMs === null || brokerAgeMs < unheardMs) {
      handlers.onSessionLost(unheardMs, brokerAgeMs);
    }
  });
  client.on('error', (error) => {
    lastError = error.message || String(error);
  });
  client.on('close', () => {
    tell('down', lastError);
    const doubledMs = (client.options.reconnectPeriod ?? RECONNECT_FIRST_MS) * 2;
    client.options.reconnectPeriod = Math.min(doubledMs, RECONNECT_MAX_MS);
  });
}

const NEW_SESSION = 'new session: a gap is possible, the broker kept nothing for us';

const since = (atMs: number | null): number | null =>
  atMs === null ? null : performance.now() - atMs;

/**
 * Killed, Mosquitto comes back with the sessions of its last autosave: ours is present, and what it
 * had acknowledged since is gone. That it began anew is the only sign. It says so ten seconds after
 * its start at the latest; a broker that does not, or does not let us read it, is believed.
 */
const UPTIME_TOPIC = '$SYS/broker/uptime';

function uptimeMs(payload: Buffer): number | null {
  const seconds = /^(\d+) seconds$/.exec(payload.toString())?.[1];
  // The difference of two whole seconds: what began a tenth of one ago may say that it is one old.
  return seconds === undefined ? null : 1_000 * Math.max(0, Number(seconds) - 1);
}

/** On every connection, for nothing says whether a session that is present holds them all. */
async function subscribe(client: MqttClient): Promise<void> {
  const granted = await client.subscribeAsync(UPLINK_TOPICS, { qos: 1 });
  const refused = granted.filter(({ qos }) => qos !== 1).map(({ topic }) => topic);
  if (refused.length > 0) throw new Error(`not granted: ${refused.join(', ')}`);
  await client.subscribeAsync(UPTIME_TOPIC, { qos: 0 }).catch(() => undefined);
}
