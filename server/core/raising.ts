import { CERTAIN_P, LIKELY_P } from './probability.ts';

/** How likely a ban is broken at one instant. */
export interface Likelihood {
  readonly atMs: number;
  readonly probability: number;
  /** Deviation per axis of what decides: of one place, or of the way between two. */
  readonly sigmaM: number;
  /** False for an instant between fixes, which is known from both sides. */
  readonly forecast: boolean;
}

/** What a ban looks at, as it was or will be at other instants too. */
export interface Outlook {
  /** How far apart fixes come; 0 while that is not known. */
  readonly intervalMs: number;
  /** Of the faster of those concerned. */
  readonly speedMs: number;
  /** The ban's distance, beside which an error is large or small. */
  readonly limitM: number;
  /** Null when nothing is known of that instant. */
  at(atMs: number): { nearM: number; sigmaM: number; probability: number } | null;
}

/**
 * Is a breach likely enough to be told now? To wait for the next fix costs what can change until
 * then, and gains certainty about places known no better than σ. Who moves past at speed is gone
 * with the next fix: there somewhat more than a half is enough. What hardly moves will be there
 * then too: there it must be certain, and have been for a while, for a receiver at rest wanders. A
 * forecast that has only just crossed the line overshoots as often as not. (SPEC RS1–RS4)
 */
export function isLikelyEnough(now: Likelihood, outlook: Outlook): boolean {
  const { intervalMs, limitM } = outlook;
  const vague = VAGUE_WEIGHT * Math.max(0, now.sigmaM / limitM - VAGUE_SHARE);
  const neededP = Math.min(CERTAIN_P, RAISING_P + vague);
  if (now.probability < neededP) return false;
  // Nobody knows when the next one comes.
  if (intervalMs === 0) return true;
  const changesM = (changeMs(now.atMs, outlook) * intervalMs) / 1000;
  const share = Math.min(1, changesM / now.sigmaM);
  if (now.probability < CERTAIN_P - (CERTAIN_P - neededP) * share) return false;
  if (share < RESTING) {
    const restMs = Math.max(REST_LAG_MS, REST_LAG_FIXES * intervalMs);
    return wasSo(outlook, now.atMs - restMs, CERTAIN_P, now.sigmaM);
  }
  const lagMs = now.forecast ? Math.min(LAG_MAX_MS, LAG_SHARE * intervalMs) : 0;
  return lagMs === 0 || wasSo(outlook, now.atMs - lagMs, LIKELY_P, now.sigmaM);
}

const RAISING_P = 0.55;
/** An error that is large beside the distance says little, whatever the probability. */
const VAGUE_SHARE = 0.25;
const VAGUE_WEIGHT = 0.5;
/** Below this share of σ nothing happens until the next fix. */
const RESTING = 0.5;
const REST_LAG_MS = 60_000;
const REST_LAG_FIXES = 2;
const LAG_SHARE = 0.2;
const LAG_MAX_MS = 3_000;
/** Below this a speed may be a receiver's noise; whether it is, the last minutes tell. */
const SLOW_MS = 2;
const DRIFT_OVER_MS = 120_000;
const DRIFT_OVER_FIXES = 3;
const DRIFT_SIGMAS = 2;

/** How fast things change: by the speed, or if that may be noise, by what really changed. */
function changeMs(atMs: number, outlook: Outlook): number {
  if (outlook.speedMs >= SLOW_MS) return outlook.speedMs;
  const overMs = Math.max(DRIFT_OVER_MS, DRIFT_OVER_FIXES * outlook.intervalMs);
  const now = outlook.at(atMs);
  for (const agoMs of [overMs, overMs / 4]) {
    const then = outlook.at(atMs - agoMs);
    if (!now || !then) continue;
    const errorM = DRIFT_SIGMAS * Math.max(now.sigmaM, then.sigmaM);
    return (1000 * Math.max(0, Math.abs(now.nearM - then.nearM) - errorM)) / agoMs;
  }
  return Infinity;
}

/** Where it is hardly known how it was, nothing speaks against it. */
function wasSo(outlook: Outlook, atMs: number, neededP: number, nowSigmaM: number): boolean {
  const then = outlook.at(atMs);
  if (!then || then.sigmaM > HARDLY_KNOWN * nowSigmaM) return true;
  return then.probability >= neededP;
}

const HARDLY_KNOWN = 3;
