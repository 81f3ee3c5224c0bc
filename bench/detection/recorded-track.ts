import type { FixSource } from '../../shared/device-message.ts';
import { lonDelta, offsetBy, scaleAt } from '../../shared/geodesy.ts';
import { fromInstant } from '../../shared/instant.ts';
import { deviceOf, type Message } from './case-set.ts';

/** A fix as it was measured, in metres around a place that its track shares. */
export interface RecordedFix {
  readonly atMs: number;
  readonly eastM: number;
  readonly northM: number;
  readonly accuracyM: number | null;
  readonly speedMs: number | null;
  readonly headingDeg: number | null;
  readonly source: FixSource;
}

/** Everything one device measured, in the order in which it did. */
export interface RecordedTrack {
  readonly deviceId: string;
  readonly plane: Plane;
  readonly fixes: readonly RecordedFix[];
}

/** The ground as a plane around one place; good to a few metres at 20 km, and reversible. */
export interface Plane {
  readonly lon: number;
  readonly lat: number;
}

export function onPlane(plane: Plane, lon: number, lat: number): [eastM: number, northM: number] {
  const scale = scaleAt(plane.lat);
  return [lonDelta(plane.lon, lon) * scale.lonM, (lat - plane.lat) * scale.latM];
}

export const fromPlane = (
  plane: Plane,
  eastM: number,
  northM: number,
): [lon: number, lat: number] => offsetBy(plane.lon, plane.lat, eastM, northM);

/** Late and doubled messages fall into place: a track is what was measured, not how it arrived. */
export function recordedTracks(messages: readonly Message[]): RecordedTrack[] {
  const byDevice = new Map<string, Map<number, Message>>();
  for (const message of messages) {
    const deviceId = deviceOf(message);
    const known = byDevice.get(deviceId) ?? new Map<number, Message>();
    byDevice.set(deviceId, known.set(fromInstant(message.payload.time), message));
  }
  return [...byDevice].map(([deviceId, known]) => {
    const sorted = [...known].toSorted(([a], [b]) => a - b);
    const { lon, lat } = sorted[0]![1].payload;
    const plane = { lon, lat };
    return { deviceId, plane, fixes: sorted.map(([atMs, one]) => fixOf(plane, atMs, one)) };
  });
}

function fixOf(plane: Plane, atMs: number, { payload }: Message): RecordedFix {
  const [eastM, northM] = onPlane(plane, payload.lon, payload.lat);
  return {
    atMs,
    eastM,
    northM,
    accuracyM: payload.accuracy ?? null,
    speedMs: payload.speed ?? null,
    headingDeg: payload.heading ?? null,
    source: payload.source ?? 'gnss',
  };
}
