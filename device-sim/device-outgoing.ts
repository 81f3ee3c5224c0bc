import type { DeviceEvent, DeviceReceipt, DeviceStatus } from '../shared/device-message.ts';
import type { Position } from '../shared/device-message.ts';
import { toInstant } from '../shared/instant.ts';
import { topicOf, type UplinkChannel } from '../shared/topics.ts';
import type { DevicePlan } from './device-plan.ts';
import type { Dispatch } from './outbox.ts';

/** A message as a device hands it to its connection; always QoS 1. (DESIGN §5) */
export interface Outgoing {
  readonly channel: UplinkChannel;
  readonly topic: string;
  readonly payload: Position | readonly Position[] | DeviceEvent | DeviceStatus | DeviceReceipt;
  readonly retain: boolean;
}

type Named = Pick<DevicePlan, 'deviceId'>;

const outgoing = (
  { deviceId }: Named,
  channel: UplinkChannel,
  payload: Outgoing['payload'],
): Outgoing => ({
  channel,
  topic: topicOf(deviceId, channel),
  payload,
  retain: channel === 'status',
});

export const eventsOf = (plan: Named, dispatches: readonly Dispatch[]): Outgoing[] =>
  dispatches
    .flat()
    .flatMap((record) =>
      record.channel === 'event' ? [outgoing(plan, 'event', record.body)] : [],
    );

/** A single position travels alone, several as an array. */
export const positionsOf = (plan: Named, dispatches: readonly Dispatch[]): Outgoing[] =>
  dispatches.flatMap((dispatch) => {
    const bodies = dispatch.flatMap((record) =>
      record.channel === 'position' ? [record.body] : [],
    );
    const first = bodies[0];
    if (first === undefined) return [];
    return [outgoing(plan, 'position', bodies.length === 1 ? first : bodies)];
  });

export const receiptOf = (plan: Named, receipt: DeviceReceipt): Outgoing =>
  outgoing(plan, 'receipt', receipt);

export function statusOf(
  plan: Named,
  state: DeviceStatus['state'] | null,
  atMs: number,
): Outgoing[] {
  return state === null ? [] : [outgoing(plan, 'status', { state, time: toInstant(atMs) })];
}

/** The last will: what the broker says of a device whose connection broke. It knows no time. */
export const lastWillOf = (plan: Named): Outgoing => outgoing(plan, 'status', { state: 'offline' });

/** Numbers of the records that a message carries: what an acknowledgement has to name. */
export function seqsIn({ channel, payload }: Outgoing): number[] {
  if (channel !== 'position' && channel !== 'event') return [];
  const bodies = (Array.isArray(payload) ? payload : [payload]) as readonly { seq: number }[];
  return bodies.map(({ seq }) => seq);
}
