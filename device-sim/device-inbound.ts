import { DeviceAck, DeviceCommand } from '../shared/device-message.ts';
import type { Inbound } from './device-state.ts';

/** Null for what no device understands. */
export function inboundOf(topic: string, payload: string): Inbound | null {
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch {
    return null;
  }
  if (topic.endsWith('/ack')) {
    const ack = DeviceAck.safeParse(json);
    return ack.success ? { type: 'ack', ack: ack.data } : null;
  }
  const command = DeviceCommand.safeParse(json);
  return command.success ? { type: 'command', command: command.data } : null;
}
