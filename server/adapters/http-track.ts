import { z } from 'zod';
import type { Device } from '../../shared/device.ts';
import { DeviceKind } from '../../shared/device.ts';
import { DeviceId, PersonId } from '../../shared/ids.ts';
import { fromInstant, Instant, toInstant } from '../../shared/instant.ts';
import type { Desk, PositionRow, Store } from '../ports.ts';
import { ProblemError } from './http-problem.ts';

/** One recorded position in GeoJSON. */
export const TrackFeature = z
  .object({
    type: z.literal('Feature'),
    geometry: z.object({
      type: z.literal('Point'),
      coordinates: z.tuple([z.number(), z.number()]),
    }),
    properties: z.object({
      deviceId: DeviceId,
      personId: PersonId,
      kind: DeviceKind,
      seq: z.number(),
      time: Instant,
      receivedAt: Instant,
      accuracyM: z.number().nullable(),
      speedMs: z.number().nullable(),
      headingDeg: z.number().nullable(),
      source: z.string().nullable(),
      battery: z.number().nullable(),
    }),
  })
  .meta({ id: 'TrackFeature' });
export type TrackFeature = z.infer<typeof TrackFeature>;

/** A day of two devices that report every twenty seconds. */
export const TRACK_POSITIONS_MAX = 10_000;

/** One position more than asked is looked for, so that the caller knows whether there are more. */
export interface TrackQuery {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly limit: number;
}

/** Positions that the devices took while these persons carried them, oldest first. */
export async function readTrack(
  store: Store,
  devices: readonly Device[],
  { fromMs, untilMs, limit }: TrackQuery,
): Promise<TrackFeature[]> {
  const byId = new Map(devices.map((device) => [device.deviceId, device]));
  const deviceIds = [...byId.keys()];
  if (deviceIds.length === 0) return [];
  const rows = await store.positions({ deviceIds, fromMs, untilMs, limit: limit + 1 });
  return rows.flatMap((row) => {
    const device = byId.get(row.deviceId);
    return device && wasCarried(device, row.fix.atMs) ? [toFeature(row, device)] : [];
  });
}

/** A device goes from hand to hand: what it saw before or after is another person's. */
function wasCarried({ validFrom, validUntil }: Device, atMs: number): boolean {
  if (validFrom && atMs < fromInstant(validFrom)) return false;
  return !validUntil || atMs < fromInstant(validUntil);
}

function toFeature({ fix }: PositionRow, { deviceId, personId, kind }: Device): TrackFeature {
  const { seq, lon, lat, accuracyM, speedMs, headingDeg, source, battery } = fix;
  const times = { time: toInstant(fix.atMs), receivedAt: toInstant(fix.receivedAtMs) };
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [lon, lat] },
    properties: {
      deviceId,
      personId,
      kind,
      seq,
      ...times,
      accuracyM,
      speedMs,
      headingDeg,
      source,
      battery,
    },
  };
}

/** The log of who looked is on disk before anything is shown; without it nothing is. */
export async function logLook(
  desk: Desk,
  by: string,
  what: string,
  subject: string,
  reason: string,
): Promise<void> {
  try {
    await desk.look(by, what, subject, reason);
  } catch {
    throw new ProblemError('store-failing');
  }
}
