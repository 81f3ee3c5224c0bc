import { ENVIRONMENTS, type SkyModel } from '../../device-sim/environment.ts';
import type { FixSource } from '../../shared/device-message.ts';
import type { RecordedFix } from './recorded-track.ts';
import { median } from './standstill.ts';

/** What a receiver had to do with at one instant of its grid, told from what it recorded around. */
export interface Surroundings {
  readonly atMs: number;
  readonly sky: SkyModel;
  /**
   * Under a roof a device takes what it can get: there each fix keeps the source that it had, and
   * what had none stays without. Null in the open, where the model decides about losses.
   */
  readonly indoors: { readonly source: FixSource | null } | null;
}

const WINDOW_MS = 60_000;
/** 68 % radius of a circular normal distribution in units of its deviation per axis. */
const RADIUS_68 = 1.515;

const SKIES: readonly SkyModel[] = [
  ENVIRONMENTS['open-sky'],
  ENVIRONMENTS['suburban'],
  ENVIRONMENTS['urban'],
  ENVIRONMENTS['urban-canyon'],
  ENVIRONMENTS['indoor-gnss'],
];

/** One entry for each instant at which a device that reports so often measured or should have. */
export function surroundingsOf(
  fixes: readonly RecordedFix[],
  stepMs: number,
  bodyFactor: number,
): Surroundings[] {
  const [first, last] = [fixes[0], fixes.at(-1)];
  if (!first || !last) return [];
  const found: Surroundings[] = [];
  let sky = SKIES[0]!;
  let [from, until] = [0, 0];
  for (let atMs = first.atMs; atMs <= last.atMs; atMs += stepMs) {
    while (fixes[from]!.atMs < atMs - WINDOW_MS) from += 1;
    while (until < fixes.length && fixes[until]!.atMs <= atMs + WINDOW_MS) until += 1;
    const around = fixes.slice(from, until);
    sky = skyOf(around, bodyFactor) ?? sky;
    const source = around.find((fix) => fix.atMs === atMs)?.source ?? null;
    const roofed = around.some((fix) => fix.source === 'wifi');
    found.push({ atMs, sky, indoors: roofed ? { source } : null });
  }
  return found;
}

/** The model whose usual claim is nearest to what the receiver claimed, by ratio. */
function skyOf(around: readonly RecordedFix[], bodyFactor: number): SkyModel | null {
  const claims = around
    .filter(({ source }) => source === 'gnss')
    .flatMap(({ accuracyM }) => (accuracyM === null ? [] : [accuracyM / bodyFactor]));
  if (claims.length === 0) return null;
  const claimM = median(claims);
  const oddness = (sky: SkyModel): number => Math.abs(Math.log(claimM / usualClaimM(sky)));
  return SKIES.reduce((best, sky) => (oddness(sky) < oddness(best) ? sky : best));
}

export const usualClaimM = ({ optimism, slowM, fastM, whiteM }: SkyModel): number =>
  optimism * RADIUS_68 * Math.hypot(slowM, fastM, whiteM);
