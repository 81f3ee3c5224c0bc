import { describe, expect, test } from 'vitest';
import { isLikelyEnough, type Outlook } from '../../server/core/raising.ts';

interface Then {
  readonly nearM: number;
  readonly p: number;
  readonly sigmaM?: number;
}

interface Scene {
  readonly p: number;
  readonly sigmaM?: number;
  readonly limitM?: number;
  readonly intervalS?: number;
  readonly speedMs?: number;
  readonly forecast?: boolean;
  /** Distance and probability so many seconds before now. */
  readonly past?: (agoS: number) => Then | null;
}

const NOW_MS = 1_000_000;

function told({ p, sigmaM = 10, limitM = 500, intervalS = 10, speedMs = 10, ...scene }: Scene) {
  const past = scene.past ?? ((): Then => ({ nearM: 0, p }));
  const outlook: Outlook = {
    intervalMs: intervalS * 1000,
    speedMs,
    limitM,
    at(atMs) {
      const then = past((NOW_MS - atMs) / 1000);
      return then && { nearM: then.nearM, sigmaM: then.sigmaM ?? sigmaM, probability: then.p };
    },
  };
  const now = { atMs: NOW_MS, probability: p, sigmaM, forecast: scene.forecast ?? false };
  return isLikelyEnough(now, outlook);
}

/** He has been so likely for so long. */
const since = (s: number, p: number, before: number) => (agoS: number) => ({
  nearM: 100,
  p: agoS <= s ? p : before,
});

describe('a breach is told', () => {
  // prettier-ignore
  test.each<[rule: string, name: string, scene: Scene, isTold: boolean]>([
    ['RS1', 'at speed, a little more than a half',      { p: 0.56 },                                         true],
    ['RS1', 'not a half',                               { p: 0.54 },                                         false],
    ['RS1', 'σ of a quarter of D asks no more',         { p: 0.56, sigmaM: 125 , intervalS: 60 },            true],
    ['RS1', 'σ of half of D asks for 0.675',            { p: 0.67, sigmaM: 250, intervalS: 60 },             false],
    ['RS1', 'and that is enough',                       { p: 0.68, sigmaM: 250, intervalS: 60 },             true],
    ['RS1', 'a zone has no such distance',              { p: 0.56, sigmaM: 250, limitM: Infinity, intervalS: 60 }, true],
    ['RS1', 'of the first fix, without patience',       { p: 0.56, intervalS: 0, speedMs: 0 },               true],
    ['RS2', 'at rest it must be certain',               { p: 0.94, speedMs: 0.4 },                           false],
    ['RS2', 'and then it is',                           { p: 0.96, speedMs: 0.4 },                           true],
    ['RS2', 'half of σ changes: half way between',      { p: 0.74, sigmaM: 100, speedMs: 5 },                false],
    ['RS2', 'half of σ changes: enough',                { p: 0.76, sigmaM: 100, speedMs: 5 },                true],
    ['RS2', 'slow, but 200 m nearer in two minutes',    { p: 0.56, speedMs: 1.5, past: (agoS) => ({ nearM: 100 + 1.7 * agoS, p: 0.56 }) }, true],
    ['RS2', 'slow, 15 m nearer: that may be error',     { p: 0.9, speedMs: 1.5, past: (agoS) => ({ nearM: 100 + 0.125 * agoS, p: 0.9 }) }, false],
    ['RS2', 'nothing is known of before: no patience',  { p: 0.56, speedMs: 0, past: () => null },           true],
    ['RS3', 'at rest, certain only now',                { p: 0.99, speedMs: 0, past: since(50, 0.99, 0.6) }, false],
    ['RS3', 'at rest, certain for a minute',            { p: 0.99, speedMs: 0, past: since(60, 0.99, 0.6) }, true],
    ['RS3', 'each minute: for two of them',             { p: 0.99, speedMs: 0, intervalS: 60, past: since(119, 0.99, 0.6) }, false],
    ['RS3', 'what was is hardly known',                 { p: 0.99, speedMs: 0, past: (agoS) => ({ nearM: 0, p: 0.5, sigmaM: agoS > 50 ? 31 : 10 }) }, true],
    ['RS4', 'a forecast that has just crossed the line', { p: 0.9, forecast: true, past: since(1.9, 0.9, 0.4) }, false],
    ['RS4', 'for a fifth of the interval',              { p: 0.9, forecast: true, past: since(2, 0.9, 0.4) },   true],
    ['RS4', 'of a minute, 3 s',                         { p: 0.9, forecast: true, intervalS: 60, past: since(3, 0.9, 0.4) }, true],
    ['RS4', 'between fixes nothing is forecast',        { p: 0.9, past: since(0, 0.9, 0.4) },                true],
  ])('[%s] %s', (_, _name, scene, isTold) => {
    expect(told(scene)).toBe(isTold);
  });
});
