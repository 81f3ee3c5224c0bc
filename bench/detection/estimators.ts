import { absorb, estimatesAt } from '../../server/core/motion.ts';
import { EMPTY_TRACK, type Track } from '../../server/core/track.ts';
import { afterSighting, expectedAt, firstModels, type Models } from './interacting-models.ts';
import {
  type Belief,
  firstBelief,
  type Habit,
  onwards,
  type Sighting,
  sighted,
} from './motion-model.ts';
import { fromPlane, onPlane, type Plane, type RecordedFix } from './recorded-track.ts';

/** Where an estimator expects a device, and how sure it is, per axis. */
export interface Expected {
  readonly eastM: number;
  readonly northM: number;
  readonly sigmaM: number;
}

/** Hears the fixes of one device in order, and says where it will be. */
export interface Estimator {
  hear(fix: RecordedFix): void;
  /** Null before anything was heard. */
  expect(atMs: number): Expected | null;
}

export const ESTIMATORS: Readonly<Record<string, (plane: Plane) => Estimator>> = {
  'newest fix': () => newestFix(),
  'straight on from the newest fix': () => straightOn(),
  'Kalman, constant velocity': () => kalman(),
  'IMM: still, steady, manoeuvring': () => interacting(),
  Cordon: cordon,
};

/** 68 % radius of a circular normal distribution in units of its deviation per axis. */
const RADIUS_68 = 1.515;
const SIGMA_UNKNOWN_M = 8;
const SIGMA_MIN_M = 2;
/** Below this a receiver that tells no direction says that it stands. */
const STANDING_MS = 0.8;

function sightingOf(fix: RecordedFix): Sighting {
  const { atMs, eastM, northM, accuracyM } = fix;
  const claimedM = accuracyM === null ? SIGMA_UNKNOWN_M : accuracyM / RADIUS_68;
  return { atMs, eastM, northM, sigmaM: Math.max(SIGMA_MIN_M, claimedM), velocity: velocity(fix) };
}

function velocity({ speedMs, headingDeg }: RecordedFix): readonly [number, number] | null {
  if (speedMs === null) return null;
  if (headingDeg === null) return speedMs < STANDING_MS ? [0, 0] : null;
  const heading = (headingDeg * Math.PI) / 180;
  return [speedMs * Math.sin(heading), speedMs * Math.cos(heading)];
}

function newestFix(): Estimator {
  let newest: Sighting | null = null;
  return {
    hear: (fix) => void (newest = sightingOf(fix)),
    expect: () => newest,
  };
}

function straightOn(): Estimator {
  let newest: Sighting | null = null;
  return {
    hear: (fix) => void (newest = sightingOf(fix)),
    expect(atMs) {
      if (!newest) return null;
      const [eastMs, northMs] = newest.velocity ?? [0, 0];
      const ageS = (atMs - newest.atMs) / 1000;
      const eastM = newest.eastM + eastMs * ageS;
      return { eastM, northM: newest.northM + northMs * ageS, sigmaM: newest.sigmaM };
    },
  };
}

const expectedOf = ({ east, north, cov }: Belief): Expected => ({
  eastM: east[0],
  northM: north[0],
  sigmaM: Math.sqrt(cov[0]),
});

const STEADY: Habit = { restlessness: 0.5, persistenceS: Infinity };

function kalman(): Estimator {
  let belief: Belief | null = null;
  return {
    hear(fix) {
      const seen = sightingOf(fix);
      belief = belief
        ? sighted(onwards(belief, seen.atMs, STEADY), seen).belief
        : firstBelief(seen);
    },
    expect: (atMs) => belief && expectedOf(onwards(belief, atMs, STEADY)),
  };
}

function interacting(): Estimator {
  let models: Models | null = null;
  return {
    hear(fix) {
      const seen = sightingOf(fix);
      models = models ? afterSighting(models, seen) : firstModels(seen);
    },
    expect: (atMs) => models && expectedOf(expectedAt(models, atMs)),
  };
}

/** What the server itself does, through the two functions by which its core does it. */
function cordon(plane: Plane): Estimator {
  let track: Track = EMPTY_TRACK;
  let seq = 0;
  return {
    hear(fix) {
      const [lon, lat] = fromPlane(plane, fix.eastM, fix.northM);
      const { atMs, accuracyM, speedMs, headingDeg, source } = fix;
      const numbered = { seq: seq++, boot: null, atMs, receivedAtMs: atMs, battery: null };
      const heard = { ...numbered, lon, lat, accuracyM, speedMs, headingDeg, source };
      track = absorb(track, heard, atMs).track;
    },
    expect(atMs) {
      const [estimate] = estimatesAt(track, atMs);
      if (!estimate) return null;
      const [eastM, northM] = onPlane(plane, estimate.lon, estimate.lat);
      return { eastM, northM, sigmaM: estimate.sigmaM };
    },
  };
}
