import { z } from 'zod';
import {
  DeviceEvent,
  DeviceReceipt,
  DeviceStatus,
  Position,
  POSITION_OPTIONAL_FIELDS,
  Seq,
} from '../../shared/device-message.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import { pointerOf } from '../../shared/problem.ts';
import {
  parseUplinkTopic,
  PAYLOAD_BYTES_MAX,
  POSITIONS_PER_MESSAGE_MAX,
} from '../../shared/topics.ts';
import type { Fix } from './case-event.ts';

/** Why a message, or a part of one, was not used. Each is counted by this name. (SPEC IN1) */
export type RejectionReason =
  | 'unknown-topic'
  | 'payload-too-large'
  | 'malformed-json'
  | 'too-many-positions'
  | 'invalid-position'
  | 'invalid-event'
  | 'invalid-status'
  | 'invalid-receipt'
  | 'field-ignored'
  | 'unknown-device'
  | 'device-not-valid'
  /** Its case has failed: kept as it came, and not judged. (SPEC CA3) */
  | 'case-failed'
  /** Handling it failed twice: set aside whole. */
  | 'poison';

export interface Rejection {
  readonly reason: RejectionReason;
  readonly detail: string;
  /** Sequence number of the refused part, if it could be read: it must not be sent for ever. */
  readonly seq: number | null;
  readonly boot: string | null;
}

export interface TakenPosition {
  readonly fix: Fix;
  readonly payload: string;
}

/** What a device's message says, with what had to be left out of it. */
export interface Decoded {
  readonly deviceId: DeviceId | null;
  readonly positions: readonly TakenPosition[];
  readonly event: (DeviceEvent & { payload: string }) | null;
  readonly status: DeviceStatus | null;
  readonly receipt: DeviceReceipt | null;
  readonly rejections: readonly Rejection[];
}

const EMPTY: Decoded = {
  deviceId: null,
  positions: [],
  event: null,
  status: null,
  receipt: null,
  rejections: [],
};

/** The only look at what a device really sent. (STYLE rule 3) */
export function decode(topic: string, payload: Uint8Array | string, receivedAtMs: number): Decoded {
  const parsed = parseUplinkTopic(topic);
  if (!parsed) return rejected(null, 'unknown-topic', 'no such topic');
  const { deviceId, channel } = parsed;
  const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.byteLength;
  if (bytes > PAYLOAD_BYTES_MAX) {
    return rejected(deviceId, 'payload-too-large', `${bytes} bytes, at most ${PAYLOAD_BYTES_MAX}`);
  }
  let body: unknown;
  try {
    body = JSON.parse(typeof payload === 'string' ? payload : Buffer.from(payload).toString());
  } catch {
    return rejected(deviceId, 'malformed-json', 'the payload is not JSON');
  }
  switch (channel) {
    case 'position':
      return positions(deviceId, body, receivedAtMs);
    case 'event':
      return event(deviceId, body);
    case 'status':
      return single(deviceId, body, DeviceStatus, 'status', 'invalid-status');
    case 'receipt':
      return single(deviceId, body, DeviceReceipt, 'receipt', 'invalid-receipt');
  }
}

function rejected(
  deviceId: DeviceId | null,
  reason: RejectionReason,
  detail: string,
  body?: unknown,
): Decoded {
  return { ...EMPTY, deviceId, rejections: [{ reason, detail, ...seqOf(body) }] };
}

const Numbered = z.object({ seq: Seq, boot: z.string().max(64).nullish().catch(null) });

/** What a part of a message can be acknowledged by, if it can be read at all. */
export function seqOf(body: unknown): { seq: number | null; boot: string | null } {
  const numbered = Numbered.safeParse(body);
  return numbered.success
    ? { seq: numbered.data.seq, boot: numbered.data.boot ?? null }
    : { seq: null, boot: null };
}

const explained = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map((issue) => `${pointerOf(issue.path)}: ${issue.message}`)
    .join('; ');

function single<Key extends 'status' | 'receipt'>(
  deviceId: DeviceId,
  body: unknown,
  schema: z.ZodType,
  key: Key,
  reason: RejectionReason,
): Decoded {
  const result = schema.safeParse(body);
  if (!result.success) return rejected(deviceId, reason, explained(result.error), body);
  return { ...EMPTY, deviceId, [key]: result.data };
}

function event(deviceId: DeviceId, body: unknown): Decoded {
  const result = DeviceEvent.safeParse(body);
  if (!result.success) return rejected(deviceId, 'invalid-event', explained(result.error), body);
  return { ...EMPTY, deviceId, event: { ...result.data, payload: JSON.stringify(body) } };
}

function positions(deviceId: DeviceId, body: unknown, receivedAtMs: number): Decoded {
  const list = Array.isArray(body) ? body : [body];
  if (list.length > POSITIONS_PER_MESSAGE_MAX) {
    const detail = `${list.length} positions, at most ${POSITIONS_PER_MESSAGE_MAX} in one message`;
    return rejected(deviceId, 'too-many-positions', detail);
  }
  const taken: TakenPosition[] = [];
  const rejections: Rejection[] = [];
  for (const item of list) {
    const { position, rejection } = parsePosition(item);
    if (rejection) rejections.push(rejection);
    if (position) {
      taken.push({ fix: fixOf(position, receivedAtMs), payload: JSON.stringify(item) });
    }
  }
  return { ...EMPTY, deviceId, positions: taken, rejections };
}

/**
 * A position whose only faults lie in fields it might have lacked is used without them. (SPEC IN2)
 */
function parsePosition(item: unknown): { position: Position | null; rejection: Rejection | null } {
  const result = Position.safeParse(item);
  if (result.success) return { position: result.data, rejection: null };
  const detail = explained(result.error);
  const refusal = { detail, ...seqOf(item) };
  const fields = result.error.issues.map((issue) => String(issue.path[0]));
  const minor = fields.length > 0 && fields.every((field) => POSITION_OPTIONAL_FIELDS.has(field));
  if (!minor) return { position: null, rejection: { reason: 'invalid-position', ...refusal } };
  const kept = Object.fromEntries(
    Object.entries(item as object).filter(([field]) => !fields.includes(field)),
  );
  return { position: Position.parse(kept), rejection: { reason: 'field-ignored', ...refusal } };
}

function fixOf(position: Position, receivedAtMs: number): Fix {
  return {
    seq: position.seq,
    boot: position.boot ?? null,
    atMs: fromInstant(position.time),
    receivedAtMs,
    lon: position.lon,
    lat: position.lat,
    accuracyM: position.accuracy ?? null,
    speedMs: position.speed ?? null,
    headingDeg: position.heading ?? null,
    source: position.source ?? null,
    battery: position.battery ?? null,
  };
}
