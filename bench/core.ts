import { booleanPointInPolygon, distance, point, polygon } from '@turf/turf';
import type { CourtOrder } from '../shared/court-order.ts';
import { toInstant } from '../shared/instant.ts';
import { Caseload } from '../server/core/caseload.ts';
import type { Fix } from '../server/core/case-event.ts';
import { decode } from '../server/core/decode.ts';
import { emptyCase } from '../server/core/case-state.ts';
import { evaluate } from '../server/core/evaluate.ts';
import { EMPTY_TRACK } from '../server/core/track.ts';
import { absorb } from '../server/core/motion.ts';
import { shapeOf } from '../server/core/zone-shape.ts';
import { benchWorld, nextFix, START_MS, type BenchWorld } from './core-world.ts';

const SEED = 42;
const REPORT_EVERY_MS = 5_000;

export interface CoreFigures {
  readonly wearers: number;
  readonly perSecond: number;
  readonly nsPerEvaluation: number;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Positions of all devices, round after round, through the whole core; parsing not counted. */
export function benchCore(wearers: number, rounds: number): CoreFigures {
  const world = benchWorld(wearers, SEED);
  const caseload = loaded(world);
  // As in the server, the text of the orders lies in the store, not in memory.
  (world.orders as CourtOrder[]).length = 0;
  const perFixNs: number[] = [];
  let atMs = START_MS;
  for (let round = 0; round < rounds; round++) {
    atMs += REPORT_EVERY_MS;
    const fixes = world.walkers.map((walker) => nextFix(walker, atMs));
    const begun = performance.now();
    for (let i = 0; i < fixes.length; i++) {
      const { deviceId } = world.walkers[i]!;
      caseload.apply({ type: 'fix', atMs, deviceId, fix: fixes[i]! });
    }
    perFixNs.push(((performance.now() - begun) * 1e6) / fixes.length);
  }
  // The first rounds place everybody and warm the compiler.
  const nsPerEvaluation = median(perFixNs.slice(Math.ceil(rounds / 3)));
  return { wearers, nsPerEvaluation, perSecond: 1e9 / nsPerEvaluation };
}

export function loaded(world: BenchWorld, caseload = new Caseload()): Caseload {
  for (const device of world.devices) {
    caseload.apply({ type: 'device-set', atMs: START_MS, device });
  }
  for (const order of world.orders) {
    const version = { order, version: 1, status: 'active' } as const;
    caseload.apply({ type: 'order-set', atMs: START_MS, version });
  }
  return caseload;
}

export interface Stage {
  readonly name: string;
  readonly ns: number;
}

const TIMES = 100_000;

function timed(name: string, work: (i: number) => unknown): Stage {
  let kept: unknown;
  for (let i = 0; i < TIMES / 5; i++) kept = work(i);
  const begun = performance.now();
  for (let i = 0; i < TIMES; i++) kept = work(i);
  const ns = ((performance.now() - begun) * 1e6) / TIMES;
  // Keeps the compiler from dropping the work.
  if (kept === Symbol.iterator) throw new Error('unreachable');
  return { name, ns };
}

/** What each stage between a message and a verdict costs, on one warm case. */
export function benchStages(): Stage[] {
  const world = benchWorld(1, SEED);
  const [order] = world.orders;
  const walker = world.walkers[0]!;
  const fixes = Array.from({ length: 1000 }, (_, i) => nextFix(walker, START_MS + i * 5000));
  const payloads = fixes.map((fix) => Buffer.from(JSON.stringify(positionOf(fix))));
  const ban = order!.bans[1]!;
  if (ban.kind !== 'location-ban' || !ban.zone) throw new Error('the second ban has a zone');
  const shape = shapeOf(ban.zone);
  const state = [...loaded(world).cases()][0] ?? emptyCase('none' as never, START_MS);
  const ticked = { type: 'time-passed', atMs: START_MS + 1000 } as const;
  let track = EMPTY_TRACK;
  return [
    timed('decode one message (JSON, zod)', (i) =>
      decode('cordon/v1/o-0/position', payloads[i % 1000]!, START_MS),
    ),
    timed('absorb a fix into the track', (i) => {
      const fix = fixes[i % 1000]!;
      track = absorb(i % 1000 === 0 ? EMPTY_TRACK : track, fix, fix.atMs).track;
      return track;
    }),
    timed('signed distance to a zone of 50 points', (i) => {
      const fix = fixes[i % 1000]!;
      return shape.signedDistanceM(fix.lon, fix.lat);
    }),
    timed('let time pass in one case', () => evaluate(state, ticked)),
    timed('turf: distance and point in the same polygon', (i) =>
      turfOf(fixes[i % 1000]!, ban.zone as { coordinates: number[][][] }),
    ),
  ];
}

/** What an engine on turf does for the same two bans: raw distance, point in polygon, no error. */
function turfOf(fix: Fix, zone: { coordinates: number[][][] }): boolean {
  const here = point([fix.lon, fix.lat]);
  const near = distance(here, point([5, 52]), { units: 'meters' }) < 500;
  return near || booleanPointInPolygon(here, polygon(zone.coordinates));
}

const positionOf = (fix: Fix): Record<string, unknown> => ({
  seq: fix.seq,
  time: toInstant(fix.atMs),
  lat: fix.lat,
  lon: fix.lon,
  accuracy: fix.accuracyM,
  speed: fix.speedMs,
  heading: (fix.headingDeg! + 360) % 360,
  source: fix.source,
  battery: fix.battery,
});
