import { traitsOf } from '../../device-sim/device-plan.ts';
import { drawsAt } from '../../device-sim/draws.ts';
import { CELL, ENVIRONMENTS, type PlaceModel } from '../../device-sim/environment.ts';
import { initialGnssError, placeError, stepGnssError } from '../../device-sim/gnss-error.ts';
import { CELL_FALLBACK_AFTER_MS, measuredMotion } from '../../device-sim/measurement.ts';
import { NETWORK, network } from '../../device-sim/network.ts';
import type { FixSource } from '../../shared/device-message.ts';
import { offsetBy } from '../../shared/geodesy.ts';
import { toInstant } from '../../shared/instant.ts';
import { hash32 } from '../../shared/prng.ts';
import type { CaseSet, EncounterCase, IntervalS, Message } from './case-set.ts';
import { fromPlane, type RecordedTrack, recordedTracks } from './recorded-track.ts';
import { type Surroundings, surroundingsOf } from './surroundings.ts';
import { encounterOf } from './true-encounters.ts';
import { type TrueTrack, trueTrackOf, whereOn } from './true-track.ts';

/** A set of cases as it would have been with other noise: the same ways, other errors. */
export interface Ground {
  readonly cases: readonly EncounterCase[];
  readonly devices: readonly Wanderer[];
  readonly startMs: number;
}

export interface Wanderer {
  readonly deviceId: string;
  readonly way: TrueTrack;
  readonly bodyFactor: number;
  readonly surroundings: readonly Surroundings[];
  /** Devices whose recording never tells a speed or an accuracy do not tell one now. */
  readonly tells: { readonly motion: boolean; readonly accuracy: boolean };
}

const STEP_MS = 5_000;

/** `messages` are those of the shortest interval: the finest look at where everybody was. */
export function groundOf(set: CaseSet, messages: readonly Message[]): Ground {
  const recorded = new Map(recordedTracks(messages).map((track) => [track.deviceId, track]));
  const devices = set.setup.devices.map(({ deviceId, kind }) => {
    const track = recorded.get(deviceId);
    if (!track) throw new Error(`${set.folder} has no position of ${deviceId}`);
    return wandererOf(track, traitsOf(kind).bodyFactor);
  });
  const wayOf = new Map(devices.map(({ deviceId, way }) => [deviceId, way]));
  const cases = set.cases.map((one) =>
    encounterOf(one, wayOf.get(`o-${one.id}`)!, wayOf.get(`p-${one.id}`)!),
  );
  return { cases, devices, startMs: Math.min(...set.cases.map(({ startMs }) => startMs)) };
}

function wandererOf(track: RecordedTrack, bodyFactor: number): Wanderer {
  const { deviceId, fixes } = track;
  return {
    deviceId,
    way: trueTrackOf(track),
    bodyFactor,
    surroundings: surroundingsOf(fixes, STEP_MS, bodyFactor),
    tells: {
      motion: fixes.some(({ speedMs }) => speedMs !== null),
      accuracy: fixes.some(({ accuracyM }) => accuracyM !== null),
    },
  };
}

/** When a device reports at one interval: an instant at which it did. */
export type Phases = ReadonlyMap<string, number>;

export const phasesOf = (messages: readonly Message[]): Phases =>
  new Map(recordedTracks(messages).map(({ deviceId, fixes }) => [deviceId, fixes[0]!.atMs]));

/** What every device measured with the errors of one seed, at its own pace. */
export interface Redraw {
  readonly ground: Ground;
  readonly seed: number;
  readonly measurements: readonly (readonly Measurement[])[];
}

export const redraw = (ground: Ground, seed: number): Redraw => ({
  ground,
  seed,
  measurements: ground.devices.map((device) => measured(device, seed)),
});

/** The messages of devices that report so often, in order of arrival. */
export function redrawnMessages(
  { ground, seed, measurements }: Redraw,
  intervalS: IntervalS,
  phases: Phases,
): Message[] {
  const uplink = network<Message>(NETWORK, hash32(`${seed}/uplink/${intervalS}`), ground.startMs);
  const intervalMs = intervalS * 1000;
  const arrivals = ground.devices.flatMap((device, index) => {
    const phaseMs = phases.get(device.deviceId) ?? ground.startMs;
    return measurements[index]!.filter(({ atMs }) => (atMs - phaseMs) % intervalMs === 0).flatMap(
      (one, seq) => uplink.send(device.deviceId, messageOf(device, one, seq), one.atMs),
    );
  });
  return arrivals
    .map(({ atMs, message }) => ({ ...message, receivedAtMs: atMs }))
    .toSorted((a, b) => a.receivedAtMs - b.receivedAtMs);
}

interface Measurement {
  readonly atMs: number;
  readonly lon: number;
  readonly lat: number;
  readonly accuracyM: number;
  readonly speedMs: number | null;
  readonly headingDeg: number | null;
  readonly source: FixSource;
}

function measured(device: Wanderer, seed: number): Measurement[] {
  const { deviceId, bodyFactor, surroundings, way } = device;
  const deviceSeed = hash32(`${seed}/${deviceId}`);
  let state = initialGnssError(deviceSeed, surroundings[0]?.atMs ?? 0);
  return surroundings.flatMap((around): Measurement[] => {
    const { atMs, indoors } = around;
    const random = drawsAt(deviceSeed, 'measure', state.tick);
    // Under a roof the recording says when there was no fix.
    const model = indoors ? { ...around.sky, lossesPerHour: 0 } : around.sky;
    const setting = { seed: deviceSeed, model, bodyFactor, blocked: false };
    const { state: next, reading } = stepGnssError(setting, state, atMs);
    state = next;
    const here = placeOn(way, atMs);
    if (indoors && indoors.source !== 'gnss') {
      const place = placeModelOf(indoors.source);
      return place ? [networkFix(seed, place, here, random)] : [];
    }
    if (reading.state === 'lost') {
      const isLong = atMs - reading.sinceMs >= CELL_FALLBACK_AFTER_MS;
      return isLong ? [networkFix(seed, CELL, here, random)] : [];
    }
    const [lon, lat] = offsetBy(here.lon, here.lat, ...reading.errorM);
    const place = { atMs, lon, lat, accuracyM: reading.reportedRadiusM };
    return [{ ...place, ...measuredMotion(here, 1, random), source: 'gnss' }];
  });
}

interface Here {
  readonly atMs: number;
  readonly lon: number;
  readonly lat: number;
  readonly speedMs: number;
  readonly headingDeg: number | null;
}

function placeOn(way: TrueTrack, atMs: number): Here {
  const { eastM, northM, eastMs, northMs } = whereOn(way, atMs);
  const [lon, lat] = fromPlane(way.plane, eastM, northM);
  const speedMs = Math.hypot(eastMs, northMs);
  const headingDeg = ((Math.atan2(eastMs, northMs) * 180) / Math.PI + 360) % 360;
  return { atMs, lon, lat, speedMs, headingDeg: speedMs > 0 ? headingDeg : null };
}

function placeModelOf(source: FixSource | null): PlaceModel | null {
  if (source === 'wifi') return ENVIRONMENTS['indoor-wifi'];
  return source === 'cell' ? CELL : null;
}

/** A place is wrong in the same way for everybody, so its error hangs on the seed of the world. */
function networkFix(
  seed: number,
  model: PlaceModel,
  { atMs, lon, lat }: Here,
  random: Parameters<typeof placeError>[3],
): Measurement {
  const { errorM, reportedRadiusM } = placeError(seed, model, [lon, lat], random);
  const [seenLon, seenLat] = offsetBy(lon, lat, ...errorM);
  const place = { atMs, lon: seenLon, lat: seenLat, accuracyM: reportedRadiusM };
  return { ...place, speedMs: null, headingDeg: null, source: model.source };
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
const roundedOrNull = (value: number | null, digits: number): number | null =>
  value === null ? null : rounded(value, digits);

/** With as many digits as devices send. */
function messageOf({ deviceId, tells }: Wanderer, one: Measurement, seq: number): Message {
  return {
    receivedAtMs: one.atMs,
    topic: `cordon/v1/${deviceId}/position`,
    payload: {
      seq,
      time: toInstant(one.atMs),
      lat: rounded(one.lat, 6),
      lon: rounded(one.lon, 6),
      accuracy: tells.accuracy ? rounded(one.accuracyM, 1) : null,
      speed: tells.motion ? roundedOrNull(one.speedMs, 1) : null,
      heading: tells.motion ? roundedOrNull(one.headingDeg, 0) : null,
      source: one.source,
    },
  };
}
