import { z } from 'zod';
import { FixSource } from '../shared/device-message.ts';
import { type AtEnd, foldTime } from './itinerary.ts';

const TRACK_SAMPLES_MAX = 50_000;

/**
 * `[seconds since the start, lon, lat, accuracy, speed, heading, source]`: rows keep files small.
 */
const Sample = z
  .tuple([
    z.number().min(0),
    z.number().min(-180).max(180),
    z.number().min(-90).max(90),
    z.number().min(0).nullable(),
    z.number().min(0).nullable(),
    z.number().min(0).max(360).nullable(),
    FixSource.nullable(),
  ])
  .transform(([atS, lon, lat, accuracyM, speedMs, headingDeg, source]) => {
    return { atS, lon, lat, accuracyM, speedMs, headingDeg, source };
  });
export type TrackSample = z.infer<typeof Sample>;

/** A recorded trip; it is played as it was received, errors and gaps included. */
export const Track = z.strictObject({
  name: z.string().min(1),
  attribution: z.string().min(1),
  columns: z.array(z.string()).optional(),
  samples: z
    .array(Sample)
    .min(1)
    .max(TRACK_SAMPLES_MAX)
    .refine(
      (samples) => samples.every(({ atS }, i) => i === 0 || samples[i - 1]!.atS < atS),
      'samples must be in order of time, none twice',
    ),
});
export type Track = z.infer<typeof Track>;

/** A sample and when, on the player's clock, it was taken. */
export interface PlayedSample {
  readonly sample: TrackSample;
  readonly playedAtS: number;
}

/** The newest sample that playback has passed; null before the first. */
export function sampleAt(track: Track, elapsedS: number, atEnd: AtEnd): PlayedSample | null {
  const durationS = track.samples[track.samples.length - 1]!.atS;
  const { atS, reversed, lapStartS } = foldTime(elapsedS, durationS, atEnd);
  if (!reversed) {
    const sample = track.samples.findLast((candidate) => candidate.atS <= atS);
    return sample ? { sample, playedAtS: lapStartS + sample.atS } : null;
  }
  const sample = track.samples.find((candidate) => candidate.atS >= atS)!;
  const headingDeg = sample.headingDeg === null ? null : (sample.headingDeg + 180) % 360;
  return { sample: { ...sample, headingDeg }, playedAtS: lapStartS + durationS - sample.atS };
}
