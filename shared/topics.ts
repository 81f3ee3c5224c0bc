import { DEVICE_ID_PATTERN, type DeviceId } from './ids.ts';

/** What a device publishes. (DESIGN §5) */
export const UPLINK_CHANNELS = ['position', 'event', 'status', 'receipt'] as const;
export type UplinkChannel = (typeof UPLINK_CHANNELS)[number];

/** What the server publishes to a device. (DESIGN §5) */
export type DownlinkChannel = 'ack' | 'command';

/** Above this a message is refused unread. (DESIGN §5) */
export const PAYLOAD_BYTES_MAX = 64 * 1024;
/** Positions in one message. (DESIGN §5) */
export const POSITIONS_PER_MESSAGE_MAX = 500;

export type UplinkTopic = { deviceId: DeviceId; channel: UplinkChannel };

const PREFIX = 'cordon/v1/';

export const topicOf = (deviceId: string, channel: UplinkChannel | DownlinkChannel): string =>
  `${PREFIX}${deviceId}/${channel}`;

/** What a topic says of whose it is, read quickly and not checked; empty where it says nothing. */
export function deviceIn(topic: string): string {
  if (!topic.startsWith(PREFIX)) return '';
  const end = topic.indexOf('/', PREFIX.length);
  return end < 0 ? '' : topic.slice(PREFIX.length, end);
}

/** Reads `cordon/v1/{deviceId}/{channel}`; null for anything else. */
export function parseUplinkTopic(topic: string): UplinkTopic | null {
  const [root, version, deviceId, channel, ...rest] = topic.split('/');
  if (root !== 'cordon' || version !== 'v1' || rest.length > 0) return null;
  if (!deviceId || !DEVICE_ID_PATTERN.test(deviceId)) return null;
  const known = UPLINK_CHANNELS.find((name) => name === channel);
  return known ? { deviceId: deviceId as DeviceId, channel: known } : null;
}
