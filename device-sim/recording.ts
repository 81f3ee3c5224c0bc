import { toInstant } from '../shared/instant.ts';
import type { LoadedScenario } from './scenario-file.ts';
import { plansOf } from './scenario-plans.ts';
import { arrivals } from './world.ts';

/** Recordings begin here unless told otherwise, so that a seed gives the same bytes on any day. */
export const RECORDING_START = '2026-11-23T10:00:00.000Z';

export interface RecordingWish {
  readonly startMs: number;
  readonly seconds: number;
  readonly seed: number;
}

/** Plays a scenario on virtual time: one line per message as `replay` reads it. (DESIGN §8) */
export function* recordingOf(loaded: LoadedScenario, wish: RecordingWish): Generator<string> {
  const { startMs, seed } = wish;
  const plans = plansOf(loaded.scenario, loaded.tracks, { startMs, seed, pace: 1 });
  const untilMs = startMs + wish.seconds * 1_000;
  for (const { atMs, message } of arrivals({ plans, seed, startMs, untilMs })) {
    const { topic, payload } = message;
    yield JSON.stringify({ receivedAt: toInstant(atMs), topic, payload });
  }
}
