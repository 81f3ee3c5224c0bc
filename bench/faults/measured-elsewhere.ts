import { existsSync } from 'node:fs';
import {
  type Fault,
  type FaultContext,
  millis,
  notRun,
  type Outcome,
  outcomeOf,
  seconds,
} from './fault.ts';

/**
 * Faults whose measurement is a file of its own beside this one. While that file is not there, the
 * fault says so.
 */

const OTHERS_MS_MAX = 2_000;
const BUFFERED_BYTES_MAX = 2 ** 20;
/** Judged by the lack of progress for ten seconds, and found at the next look. */
const DROPPED_S_MAX = 15;
const CONTACT_MS_MAX = 2_000;
const FLOOD_ALERTS = 10_000;

async function measurement<T>(file: string, name: string): Promise<T | null> {
  const url = new URL(file, import.meta.url);
  if (!existsSync(url)) return null;
  const module = (await import(url.href)) as Record<string, unknown>;
  return module[name] as T;
}

const missing = (file: string): Outcome => notRun(`bench/faults/${file} is not there yet`);

interface SlowConsole {
  readonly othersP99Ms: number;
  readonly droppedAfterS: number;
  readonly bufferedBytesMax: number;
}

export const slowConsole: Fault = {
  number: 34,
  name: 'slow console',
  fault: 'one console reads 1 KB/s during a load of alerts',
  expected: `other consoles get alerts within ${millis(OTHERS_MS_MAX)} (p99); at most ${BUFFERED_BYTES_MAX / 1024} KB kept for the slow one; dropped within ${DROPPED_S_MAX} s`,
  perStore: false,
  async run({ patience }) {
    const file = 'slow-console.ts';
    const measure = await measurement<() => Promise<SlowConsole>>(file, 'measureSlowConsole');
    if (measure === null) return missing(file);
    const { othersP99Ms, droppedAfterS, bufferedBytesMax } = await measure();
    return outcomeOf(
      [
        { what: 'others in time', holds: othersP99Ms <= OTHERS_MS_MAX * patience },
        { what: 'little kept', holds: bufferedBytesMax <= BUFFERED_BYTES_MAX },
        { what: 'dropped in time', holds: droppedAfterS <= DROPPED_S_MAX * patience },
      ],
      [
        `others p99 ${millis(othersP99Ms)}`,
        `dropped after ${droppedAfterS.toFixed(1)} s`,
        `at most ${Math.round(bufferedBytesMax / 1024)} KB kept`,
      ],
    );
  },
};

interface Flood {
  readonly frameMs: number;
  readonly pageMs: number;
  readonly alerts: number;
}

export const flood: Fault = {
  number: 37,
  name: 'flood of alerts',
  fault: `${FLOOD_ALERTS.toLocaleString('en')} tamper alerts and one contact`,
  expected: `the contact on top of the console’s page within ${millis(CONTACT_MS_MAX)}`,
  perStore: false,
  async run({ patience }) {
    const file = 'flood.ts';
    type Measure = (options: { alerts: number }) => Promise<Flood>;
    const measure = await measurement<Measure>(file, 'measureFlood');
    if (measure === null) return missing(file);
    const { frameMs, pageMs, alerts } = await measure({ alerts: FLOOD_ALERTS });
    return outcomeOf(
      [
        { what: 'on top in time', holds: pageMs <= CONTACT_MS_MAX * patience },
        { what: 'there was a flood', holds: alerts >= FLOOD_ALERTS },
      ],
      [
        `${alerts} alerts`,
        `frame after ${millis(frameMs)}`,
        `on the page after ${seconds(pageMs)}`,
      ],
    );
  },
};

export const restoreDrill: Fault = {
  number: 40,
  name: 'restore on an empty machine',
  fault: 'a backup is taken under load and restored into an empty folder',
  expected: 'counts, hashes and open episodes are equal; within 60 minutes',
  perStore: false,
  async run(context) {
    const file = 'restore-drill.ts';
    type Drill = (context: FaultContext) => Promise<Outcome>;
    const drill = await measurement<Drill>(file, 'runRestoreDrill');
    return drill === null ? missing(file) : drill(context);
  },
};
