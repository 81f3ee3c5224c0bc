import type { FixSource } from '../shared/device-message.ts';
import { offsetBy } from '../shared/geodesy.ts';
import type { Prng } from '../shared/prng.ts';
import { type DevicePlan, scenarioMs, scenarioS, traitsOf } from './device-plan.ts';
import { drawsAt } from './draws.ts';
import { CELL, ENVIRONMENTS, type PlaceModel } from './environment.ts';
import { type GnssErrorState, placeError, stepGnssError } from './gnss-error.ts';
import { type Itinerary, type Truth, whereAt } from './itinerary.ts';
import { sampleAt } from './track.ts';

/** Without satellites for this long a device settles for what the mast knows of its place. */
export const CELL_FALLBACK_AFTER_MS = 12_000;
const SPEED_ERROR_MS = 0.25;
/** Slower than this a receiver can't tell a direction from its own noise. */
const HEADING_FROM_MS = 0.8;
const HEADING_ERROR_DEG = 4;

/** A measured position, before it gets a number and goes on its way. */
export interface Measurement {
  readonly atMs: number;
  readonly lon: number;
  readonly lat: number;
  readonly accuracyM: number | null;
  readonly speedMs: number | null;
  readonly headingDeg: number | null;
  readonly source: FixSource | null;
}

/** What the receiver remembers between measurements. */
export interface Receiver {
  readonly gnss: GnssErrorState;
  /** When the newest recorded sample was taken, so that none is reported twice. */
  readonly playedMs: number;
}

export interface Measured {
  readonly receiver: Receiver;
  /** Null when there is nothing to report. */
  readonly measurement: Measurement | null;
}

export function measure(
  plan: DevicePlan,
  before: Receiver,
  nowMs: number,
  jammed: boolean,
): Measured {
  if (plan.whereabouts.kind === 'itinerary') {
    return measureModelled(plan, plan.whereabouts.itinerary, before, nowMs, jammed);
  }
  const { track, atEnd } = plan.whereabouts;
  const played = jammed ? null : sampleAt(track, scenarioS(plan, nowMs), atEnd);
  const atMs = played === null ? -Infinity : scenarioMs(plan, played.playedAtS);
  if (played === null || atMs <= before.playedMs) return { receiver: before, measurement: null };
  const { lon, lat, accuracyM, speedMs, headingDeg, source } = played.sample;
  const pacedMs = speedMs === null ? null : speedMs * plan.pace;
  const measurement = { atMs, lon, lat, accuracyM, speedMs: pacedMs, headingDeg, source };
  return { receiver: { ...before, playedMs: atMs }, measurement };
}

/** True place plus the error of the model; null while there is no fix to be had. */
function measureModelled(
  plan: DevicePlan,
  itinerary: Itinerary,
  before: Receiver,
  nowMs: number,
  jammed: boolean,
): Measured {
  const truth = whereAt(itinerary, scenarioS(plan, nowMs));
  const model = ENVIRONMENTS[truth.environment];
  const random = drawsAt(plan.seed, 'measure', before.gnss.tick);
  const overhead = model.source === 'gnss';
  const { state: gnss, reading } = stepGnssError(
    {
      seed: plan.seed,
      model: overhead ? model : ENVIRONMENTS['indoor-gnss'],
      bodyFactor: traitsOf(plan.kind).bodyFactor,
      blocked: jammed || !overhead,
    },
    before.gnss,
    nowMs,
  );
  const receiver = { ...before, gnss };
  if (!overhead) return { receiver, measurement: networkFix(plan, model, truth, nowMs, random) };
  if (reading.state === 'fix') {
    const [lon, lat] = offsetBy(truth.lon, truth.lat, ...reading.errorM);
    const motion = measuredMotion(truth, plan.pace, random);
    const place = { atMs: nowMs, lon, lat, accuracyM: reading.reportedRadiusM };
    return { receiver, measurement: { ...place, ...motion, source: 'gnss' } };
  }
  const lostMs = nowMs - reading.sinceMs;
  if (!jammed && lostMs < CELL_FALLBACK_AFTER_MS) return { receiver, measurement: null };
  return { receiver, measurement: networkFix(plan, CELL, truth, nowMs, random) };
}

function networkFix(
  plan: DevicePlan,
  model: PlaceModel,
  truth: Truth,
  nowMs: number,
  random: Prng,
): Measurement {
  const { errorM, reportedRadiusM } = placeError(
    plan.worldSeed,
    model,
    [truth.lon, truth.lat],
    random,
  );
  const [lon, lat] = offsetBy(truth.lon, truth.lat, ...errorM);
  const place = { atMs: nowMs, lon, lat, accuracyM: reportedRadiusM };
  return { ...place, speedMs: null, headingDeg: null, source: model.source };
}

/** Speed and heading as a receiver tells them, which it works out apart from the place. */
export function measuredMotion(
  truth: Pick<Truth, 'speedMs' | 'headingDeg'>,
  pace: number,
  random: Prng,
): Pick<Measurement, 'speedMs' | 'headingDeg'> {
  const trueMs = truth.speedMs * pace;
  const speedMs = Math.abs(trueMs + SPEED_ERROR_MS * random.normal());
  if (truth.headingDeg === null || trueMs < HEADING_FROM_MS) return { speedMs, headingDeg: null };
  const errorDeg = HEADING_ERROR_DEG * random.normal();
  return { speedMs, headingDeg: (truth.headingDeg + errorDeg + 360) % 360 };
}
