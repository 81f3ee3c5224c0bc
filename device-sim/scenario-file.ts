import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { ok, refused, type Result } from '../shared/result.ts';
import { Scenario } from './scenario.ts';
import { Track } from './track.ts';

const SCENARIOS = fileURLToPath(new URL('./scenarios/', import.meta.url));
const TRACKS = fileURLToPath(new URL('./tracks/', import.meta.url));

/** A scenario with the recorded tracks that it names. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly tracks: ReadonlyMap<string, Track>;
}

export function scenarioNames(): string[] {
  return readdirSync(SCENARIOS)
    .filter((file) => extname(file) === '.json')
    .map((file) => basename(file, '.json'))
    .toSorted();
}

/** Reads one of our scenarios by its name, or any other by its path. */
export function loadScenario(nameOrPath: string): Result<LoadedScenario, string> {
  const known = scenarioNames().includes(nameOrPath);
  const path = known ? `${SCENARIOS}${nameOrPath}.json` : nameOrPath;
  if (!known && extname(path) !== '.json') {
    const names = scenarioNames().join(', ');
    return refused(`there is no scenario "${nameOrPath}": give the path of a file, or ${names}`);
  }
  const scenario = parseFile(path, Scenario);
  if (!scenario.ok) return scenario;
  const tracks = new Map<string, Track>();
  for (const [index, { track }] of scenario.value.devices.entries()) {
    if (track === undefined) continue;
    const loaded = loadTrack(`${TRACKS}${track.name}.json`);
    if (!loaded.ok) return refused(`${path}: devices[${index}].track.name: ${loaded.error}`);
    tracks.set(track.name, loaded.value);
  }
  return ok({ scenario: scenario.value, tracks });
}

export const loadTrack = (path: string): Result<Track, string> => parseFile(path, Track);

/** Says which file is wrong, and each field that is. */
function parseFile<T>(path: string, schema: z.ZodType<T>): Result<T, string> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return refused(`${path}: ${reason}`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const faults = parsed.error.issues.map((issue) => `  ${fieldName(issue.path)}: ${issue.message}`);
  return refused([`${path} is not as it should be:`, ...faults].join('\n'));
}

/** `devices[2].happenings[0].atS` */
function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(file)';
  return path
    .map((key, index) =>
      typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`,
    )
    .join('');
}
