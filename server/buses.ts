import { randomBytes, timingSafeEqual } from 'node:crypto';
import { DEVICE_ID_PATTERN } from '../shared/ids.ts';
import { parseUplinkTopic, PAYLOAD_BYTES_MAX } from '../shared/topics.ts';
import type { Authenticate, Principal } from './adapters/mqtt-access.ts';
import { embeddedBus } from './adapters/mqtt-embedded.ts';
import { outsideBus } from './adapters/mqtt-outside.ts';
import type { Config } from './config.ts';
import type { Bus, Log } from './ports.ts';
import { CANARY_OPERATOR, isCanaryDevice } from './service/canary-pair.ts';

/** Where devices, and the canary, connect. */
export interface BusUrls {
  readonly mqttUrl: string;
  readonly mqttWsUrl: string | null;
}

export interface CanaryAccount {
  readonly url: string;
  readonly username: string | null;
  readonly password: string | null;
}

export interface OpenBus {
  readonly bus: Bus;
  /** Known once the bus has started. */
  urls(): BusUrls;
  canary(): CanaryAccount;
}

/** The broker that the settings name: one outside, or the one in this process. */
export function openBus(config: Config, canarySecret: string, log: Log): OpenBus {
  const { mqttUrl, mqttUsername, mqttPassword, host } = config;
  if (mqttUrl !== null) {
    const bus = outsideBus({
      url: mqttUrl,
      clientId: 'cordon-server',
      log,
      ...(mqttUsername !== null && { username: mqttUsername }),
      ...(mqttPassword !== null && { password: mqttPassword }),
    });
    const canary = { url: mqttUrl, username: mqttUsername, password: mqttPassword };
    return { bus, urls: () => ({ mqttUrl, mqttWsUrl: null }), canary: () => canary };
  }
  const bus = embeddedBus({
    host,
    mqttPort: config.mqttPort,
    mqttWsPort: config.mqttWsPort,
    payloadBytesMax: PAYLOAD_BYTES_MAX,
    authenticate: eitherOf(
      account(CANARY_OPERATOR, canarySecret, CANARY),
      deviceAccount(mqttUsername, mqttPassword, log),
    ),
    log,
  });
  return {
    bus,
    urls: () => ({
      mqttUrl: `mqtt://${host}:${bus.ports.mqtt}`,
      mqttWsUrl: `ws://${host}:${bus.ports.ws}`,
    }),
    canary: () => ({
      url: `mqtt://${host === '0.0.0.0' ? '127.0.0.1' : host}:${bus.ports.mqtt}`,
      username: CANARY_OPERATOR,
      password: canarySecret,
    }),
  };
}

type Rights = Omit<Principal, 'name'>;

const deviceOfTopic = (topic: string): string => topic.split('/')[2] ?? '';

/** Its own two devices and no other. */
const CANARY: Rights = {
  mayPublish: (topic) => parseUplinkTopic(topic) !== null && isCanaryDevice(deviceOfTopic(topic)),
  mayRead: (filter) => isDownlinkFilter(filter) && isCanaryDevice(deviceOfTopic(filter)),
};

/** Every device but the canary's. */
const DEVICES: Rights = {
  mayPublish: (topic) => parseUplinkTopic(topic) !== null && !isCanaryDevice(deviceOfTopic(topic)),
  mayRead: isDownlinkFilter,
};

const eitherOf =
  (...ways: readonly Authenticate[]): Authenticate =>
  async (...shown) => {
    for (const way of ways) {
      const principal = await way(...shown);
      if (principal) return principal;
    }
    return null;
  };

/**
 * One account for all devices, until each has an identity of its own: it may publish for any device
 * and read what is sent to any. Without a configured password nobody gets in.
 */
function deviceAccount(username: string | null, password: string | null, log: Log): Authenticate {
  if (username === null || password === null) {
    log.warn({}, 'no CORDON_MQTT_USERNAME and CORDON_MQTT_PASSWORD: no device can sign in');
  }
  return account(username ?? 'nobody', password ?? randomBytes(32).toString('hex'), DEVICES);
}

function account(username: string, password: string, rights: Rights): Authenticate {
  const expected = Buffer.from(password);
  const principal: Principal = { name: username, ...rights };
  return (givenName, givenPassword) => {
    const given = Buffer.from(givenPassword ?? '');
    const fits = given.length === expected.length && timingSafeEqual(given, expected);
    return fits && givenName === username ? principal : null;
  };
}

/** `cordon/v1/{deviceId or +}/{ack, command or status}`: never positions. */
function isDownlinkFilter(filter: string): boolean {
  const [root, version, deviceId, channel, ...rest] = filter.split('/');
  if (root !== 'cordon' || version !== 'v1' || rest.length > 0 || !deviceId) return false;
  const device = deviceId === '+' || DEVICE_ID_PATTERN.test(deviceId);
  return device && ['ack', 'command', 'status', '+'].includes(channel ?? '');
}
