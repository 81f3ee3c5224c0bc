import { z } from 'zod';
import { Instant } from './instant.ts';

export const Seq = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const FixSource = z.enum(['gnss', 'wifi', 'cell', 'beacon']);
export type FixSource = z.infer<typeof FixSource>;

/** What a position must have, or it is refused. */
const required = {
  seq: Seq,
  time: Instant,
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
};

/**
 * What a position may lack: a bad one of these is dropped, counted, and the position still used.
 */
const optional = {
  /** Radius in metres that holds the true place with 68 %. Often absent, often optimistic. */
  accuracy: z.number().min(0).nullish(),
  /** Metres per second over ground. */
  speed: z.number().min(0).nullish(),
  /** Degrees from true north, clockwise. */
  heading: z.number().min(0).max(360).nullish(),
  /** Metres above the ellipsoid; not used to decide, kept as evidence. */
  altitude: z.number().nullish(),
  source: FixSource.nullish(),
  /** 0 empty, 1 full. */
  battery: z.number().min(0).max(1).nullish(),
  /** Tells restarts apart where a device can't keep `seq` growing over one. */
  boot: z.string().min(1).max(64).nullish(),
};

export const POSITION_OPTIONAL_FIELDS: ReadonlySet<string> = new Set(Object.keys(optional));

/** One measured position as a device sends it. (DESIGN §5) */
export const Position = z.object({ ...required, ...optional });
export type Position = z.infer<typeof Position>;

export const DeviceEventKind = z.enum([
  'sos',
  'strap-tamper',
  'case-tamper',
  'power-off',
  'battery-low',
  'jamming',
  'charging',
  'beacon-in-range',
  'beacon-out-of-range',
]);
export type DeviceEventKind = z.infer<typeof DeviceEventKind>;

export const DeviceEvent = z.object({
  seq: Seq,
  time: Instant,
  kind: DeviceEventKind,
  boot: z.string().min(1).max(64).nullish(),
});
export type DeviceEvent = z.infer<typeof DeviceEvent>;

/** Retained, and the device's last will: a hint, never proof. */
export const DeviceStatus = z.object({
  state: z.enum(['online', 'offline']),
  time: Instant.nullish(),
});
export type DeviceStatus = z.infer<typeof DeviceStatus>;

export const DeviceReceipt = z.object({
  id: z.string().min(1).max(64),
  state: z.enum(['delivered', 'shown']),
  time: Instant,
});
export type DeviceReceipt = z.infer<typeof DeviceReceipt>;

/** Sent once the write is durable: only then may the device delete. */
export const DeviceAck = z.union([
  z.object({ seqs: z.array(Seq), boot: z.string().nullish() }),
  z.object({ upTo: Seq, boot: z.string().nullish() }),
]);
export type DeviceAck = z.infer<typeof DeviceAck>;

export const DeviceCommand = z.discriminatedUnion('kind', [
  z.object({ id: z.string(), kind: z.literal('report-interval'), seconds: z.number().positive() }),
  z.object({ id: z.string(), kind: z.literal('message'), text: z.string().max(1000) }),
  z.object({ id: z.string(), kind: z.literal('locate') }),
  z.object({ id: z.string(), kind: z.literal('vibrate') }),
]);
export type DeviceCommand = z.infer<typeof DeviceCommand>;
