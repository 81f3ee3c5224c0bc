import { distanceM } from '../../shared/geodesy.ts';
import type { EncounterCase, Threshold } from './case-set.ts';
import { fromPlane } from './recorded-track.ts';
import { type TrueTrack, whereOn } from './true-track.ts';

const STEP_MS = 1000;

/** What truly happened between two tracks, in the manner of `truth.json`. */
export function encounterOf(
  one: EncounterCase,
  wearer: TrueTrack,
  victim: TrueTrack,
): EncounterCase {
  const apart: number[] = [];
  for (let atMs = one.startMs; atMs <= one.startMs + one.durationS * 1000; atMs += STEP_MS) {
    apart.push(apartM(wearer, victim, atMs));
  }
  const closestM = Math.min(...apart);
  return {
    ...one,
    closestApproachM: Math.round(closestM * 10) / 10,
    thresholds: {
      100: thresholdOf(apart, one.startMs, 100),
      250: thresholdOf(apart, one.startMs, 250),
      500: thresholdOf(apart, one.startMs, 500),
      1000: thresholdOf(apart, one.startMs, 1000),
      2000: thresholdOf(apart, one.startMs, 2000),
    },
  };
}

function apartM(wearer: TrueTrack, victim: TrueTrack, atMs: number): number {
  const [a, b] = [whereOn(wearer, atMs), whereOn(victim, atMs)];
  const [lonA, latA] = fromPlane(wearer.plane, a.eastM, a.northM);
  const [lonB, latB] = fromPlane(victim.plane, b.eastM, b.northM);
  return distanceM(lonA, latA, lonB, latB);
}

/** Of distances one second apart: strictly below, from the first such second until the next not. */
export function thresholdOf(apart: readonly number[], startMs: number, belowM: number): Threshold {
  const episodesMs: [number, number][] = [];
  let fromMs: number | null = null;
  for (const [i, oneM] of apart.entries()) {
    const atMs = startMs + i * STEP_MS;
    if (oneM < belowM) fromMs ??= atMs;
    if (fromMs === null || (oneM < belowM && i < apart.length - 1)) continue;
    episodesMs.push([fromMs, atMs]);
    fromMs = null;
  }
  return {
    firstBelowMs: episodesMs[0]?.[0] ?? null,
    startsBelow: (apart[0] ?? Infinity) < belowM,
    episodesMs,
  };
}
