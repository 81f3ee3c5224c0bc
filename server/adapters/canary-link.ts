import { connect } from 'mqtt';
import { WebSocket } from 'ws';
import { Alert } from '../../shared/alert.ts';
import { DeviceAck } from '../../shared/device-message.ts';
import { topicOf } from '../../shared/topics.ts';
import type { Clock, Log } from '../ports.ts';

/** In this header the canary shows who it is; its secret is made anew by each process. */
export const CANARY_HEADER = 'x-cordon-canary';

/** Both links are to this machine, or to the broker beside it. */
const RECONNECT_AFTER_MS = 1_000;

export interface CanaryLinkParts {
  readonly mqttUrl: string;
  readonly username: string | null;
  readonly password: string | null;
  /** Of this server's own console. */
  readonly consoleUrl: string;
  readonly secret: string;
  readonly deviceIds: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  onAck(deviceId: string, seqs: readonly number[], boot: string | null): void;
  onAlert(alert: Alert): void;
}

export interface CanaryLink {
  /** Lost when there is no connection: that is what the canary is to find out. */
  send(deviceId: string, position: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

/** The canary's devices and its console, by the same ways as everybody else's. (SPEC PO1) */
export function canaryLink(parts: CanaryLinkParts): CanaryLink {
  const devices = deviceLink(parts);
  const closeConsole = consoleLink(parts);
  return {
    send: devices.send,
    async close() {
      closeConsole();
      await devices.close();
    },
  };
}

function deviceLink({ mqttUrl, username, password, deviceIds, log, onAck }: CanaryLinkParts) {
  const client = connect(mqttUrl, {
    clientId: `cordon-canary-${process.pid}`,
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: RECONNECT_AFTER_MS,
  });
  const acks = deviceIds.map((deviceId) => topicOf(deviceId, 'ack'));
  client.on('connect', () => {
    client.subscribe(acks, { qos: 1 }, (error) => {
      if (error) log.warn({ error: error.message }, 'the canary hears no acknowledgements');
    });
  });
  client.on('error', (error) => log.warn({ error: error.message }, 'the canary cannot connect'));
  client.on('message', (topic, payload) => {
    const ack = DeviceAck.safeParse(parsed(payload));
    const deviceId = deviceIds[acks.indexOf(topic)];
    if (!ack.success || deviceId === undefined || !('seqs' in ack.data)) return;
    onAck(deviceId, ack.data.seqs, ack.data.boot ?? null);
  });
  return {
    send(deviceId: string, position: Readonly<Record<string, unknown>>): void {
      // Offline it would be kept, and sent when it proves nothing any more.
      if (!client.connected) return;
      client.publish(topicOf(deviceId, 'position'), JSON.stringify(position), { qos: 1 });
    },
    close: () => client.endAsync(true),
  };
}

function consoleLink({ consoleUrl, secret, clock, onAlert }: CanaryLinkParts): () => void {
  let socket: WebSocket | null = null;
  let stopWaiting = (): void => {};
  let closed = false;
  const open = (): void => {
    // Its own server under its own address: no certificate is made out to that.
    const mine = new WebSocket(consoleUrl, {
      headers: { [CANARY_HEADER]: secret },
      rejectUnauthorized: false,
    });
    socket = mine;
    mine.on('message', (data: Buffer) => {
      const message = parsed(data) as { type?: unknown; alert?: unknown } | null;
      const alert = message?.type === 'alert' ? Alert.safeParse(message.alert) : null;
      if (alert?.success) onAlert(alert.data);
    });
    mine.on('error', () => mine.terminate());
    mine.on('close', () => {
      if (closed) return;
      stopWaiting = clock.every(RECONNECT_AFTER_MS, () => {
        stopWaiting();
        open();
      });
    });
  };
  open();
  return () => {
    closed = true;
    stopWaiting();
    socket?.terminate();
  };
}

function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    return null;
  }
}
