import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { CourtOrder } from '../../shared/court-order.ts';
import { Position } from '../../shared/device-message.ts';
import { Device } from '../../shared/device.ts';
import { fromInstant } from '../../shared/instant.ts';

export const SET_NAMES = ['simulated-noise', 'real-receivers'] as const;
export type SetName = (typeof SET_NAMES)[number];

/** How often devices report in a recording of the same encounters. */
export const INTERVALS_S = [5, 15, 60] as const;
export type IntervalS = (typeof INTERVALS_S)[number];

/** Each pair has a contact ban at each of these. */
export const DISTANCES_M = [100, 250, 500, 1000, 2000] as const;
export type DistanceM = (typeof DISTANCES_M)[number];

const Threshold = z.object({
  firstBelowMs: z.number().nullable(),
  startsBelow: z.boolean(),
  /** From when until when the true distance was below. */
  episodesMs: z.array(z.tuple([z.number(), z.number()])),
});
export type Threshold = z.infer<typeof Threshold>;

const EncounterCase = z.object({
  id: z.string(),
  kind: z.string(),
  pool: z.string(),
  durationS: z.number(),
  startMs: z.number(),
  closestApproachM: z.number(),
  thresholds: z.object({
    100: Threshold,
    250: Threshold,
    500: Threshold,
    1000: Threshold,
    2000: Threshold,
  }),
});
/** One pair, and what truly happened between them. No engine may see it. */
export type EncounterCase = z.infer<typeof EncounterCase>;

const Truth = z.object({ cases: z.array(EncounterCase) });
const Setup = z.object({ devices: z.array(Device), orders: z.array(CourtOrder) });
/** Devices and orders in the form that `replay` takes. */
export type Setup = z.infer<typeof Setup>;

const Line = z.object({ receivedAt: z.string(), topic: z.string(), payload: Position });

/** A position on its way, as it reached the server. */
export interface Message {
  readonly receivedAtMs: number;
  readonly topic: string;
  readonly payload: Position;
}

export interface CaseSet {
  readonly name: string;
  readonly folder: string;
  readonly setup: Setup;
  readonly cases: readonly EncounterCase[];
}

const COPIED = fileURLToPath(new URL('../../test/cases', import.meta.url));
const SHARED = fileURLToPath(new URL('../../../shared/cases', import.meta.url));

/** All cases lie beside the project where it was made; the project itself may hold some of them. */
export const hasAllCases = (): boolean => existsSync(`${SHARED}/${SET_NAMES[0]}/truth.json`);
export const copiedFolder = (name: SetName): string => `${COPIED}/${name}`;
export const fullFolder = (name: SetName): string => `${SHARED}/${name}`;
export const officialScorer = `${SHARED}/score.mjs`;

export function readCaseSet(folder: string): CaseSet {
  const read = (name: string): unknown => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
  const { cases } = Truth.parse(read('truth.json'));
  return { name: basename(folder), folder, setup: Setup.parse(read('setup.json')), cases };
}

/** In order of arrival, as recorded: late, doubled and out of order on purpose. */
export function readMessages(folder: string, intervalS: IntervalS): Message[] {
  const lines = gunzipSync(readFileSync(`${folder}/events-${intervalS}s.ndjson.gz`)).toString();
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const { receivedAt, topic, payload } = Line.parse(JSON.parse(line));
      return { receivedAtMs: fromInstant(receivedAt), topic, payload };
    });
}

/** `o-` wears the ankle monitor, `p-` is to be protected. */
export const deviceOf = ({ topic }: Message): string => topic.split('/')[2]!;
export const caseOf = (deviceId: string): string => deviceId.slice(2);
