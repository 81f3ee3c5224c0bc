import type { Fix } from './case-event.ts';

/** A place on a device's way: what a fix, with those before it, said of place and motion. */
export interface WayPoint {
  readonly atMs: number;
  readonly lon: number;
  readonly lat: number;
  readonly eastMs: number;
  readonly northMs: number;
  /** Deviation per axis of the place. */
  readonly sigmaM: number;
}

/** A place on the way that a fix told: which one, for that is the evidence. */
export interface Waymark extends WayPoint {
  readonly seq: number;
  readonly receivedAtMs: number;
}

/**
 * The way a device went, thinned: points in order of time, eight numbers each in one array, for
 * there may be a hundred thousand of these. What the way between its neighbours gives anyway is
 * left out.
 */
export type History = readonly number[];

export const NO_HISTORY: History = [];

/** What a fix, together with those before it, says of place and motion at its time. */
export interface TrackPoint extends WayPoint {
  readonly fix: Fix;
  /** Per axis, m²/s², and the covariance of place and velocity, m²/s. */
  readonly speedVariance: number;
  readonly covariance: number;
  /** The speed of the last minutes, fading: who drove a minute ago may drive on any moment. */
  readonly paceMs: number;
  /** Since when its fixes agree with what was expected. */
  readonly followedSinceMs: number;
  /** Since when the receiver says the same to the last digit. (SPEC PL5) */
  readonly sameSinceMs: number;
  /** The fix was taken for a reflection: a second one in a row is believed. */
  readonly reflected: boolean;
}

/**
 * What is kept of a device's way: the newest believed fix, the one before it, and the way there.
 */
export interface Track {
  readonly last: TrackPoint | null;
  readonly before: Waymark | null;
  /** The way up to `before`, thinned. */
  readonly history: History;
  /**
   * A newer fix too far off to be believed until a second one agrees; or, older than `last`, the
   * place before a jump that was believed. (SPEC PL2)
   */
  readonly suspect: TrackPoint | null;
  /** How far apart its fixes come, smoothed; 0 while unknown. */
  readonly intervalMs: number;
  /** How far from here it was while the way is still live; see `PASSAGE_MS`. */
  readonly roamM: number;
}

/**
 * What happened between fixes is told as live up to this age: longer than the slowest report
 * interval and the way of a message. Older is the past. (SPEC BF1, PA1)
 */
export const PASSAGE_MS = 70_000;

/** What of a point the way remembers. */
export const waymarkOf = ({
  fix,
  atMs,
  lon,
  lat,
  eastMs,
  northMs,
  sigmaM,
}: TrackPoint): Waymark => ({
  atMs,
  lon,
  lat,
  eastMs,
  northMs,
  sigmaM,
  seq: fix.seq,
  receivedAtMs: fix.receivedAtMs,
});

/** A track of which a place is known. */
export type Located = Track & { readonly last: TrackPoint };
export const isLocated = (track: Track): track is Located => track.last !== null;

export const EMPTY_TRACK: Track = {
  last: null,
  before: null,
  history: NO_HISTORY,
  suspect: null,
  intervalMs: 0,
  roamM: 0,
};
