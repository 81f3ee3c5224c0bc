import { z } from 'zod';

const atS = z.number().min(0);
const everyS = z.number().positive().optional();

const momentary = <K extends string>(kind: K) =>
  z.strictObject({ kind: z.literal(kind), atS, everyS });

const lasting = <K extends string>(kind: K) =>
  z
    .strictObject({
      kind: z.literal(kind),
      fromS: atS,
      /** Absent: for ever. */
      untilS: z.number().positive().optional(),
      everyS,
    })
    .refine(({ fromS, untilS }) => untilS === undefined || untilS > fromS, {
      path: ['untilS'],
      error: 'must be later than fromS',
    })
    .refine(
      ({ fromS, untilS, everyS: periodS }) =>
        periodS === undefined || (untilS !== undefined && periodS > untilS - fromS),
      { path: ['everyS'], error: 'must be longer than what it repeats' },
    );

const Momentary = z.discriminatedUnion('kind', [
  momentary('sos'),
  momentary('strap-cut'),
  momentary('case-opened'),
  momentary('charge'),
  momentary('beacon-in-range'),
  momentary('beacon-out-of-range'),
  momentary('battery').extend({ level: z.number().min(0).max(1) }),
]);
export type Momentary = z.infer<typeof Momentary>;

const Lasting = z.discriminatedUnion('kind', [
  /** The connection hangs: nothing comes, and nothing says so. */
  lasting('silence'),
  /** The device knows that it is out of reach, and keeps everything for later. */
  lasting('coverage-loss'),
  lasting('jam'),
  lasting('power-off'),
]);
export type Lasting = z.infer<typeof Lasting>;

/** What a scenario lets happen to a device, in seconds from its start. */
export const Happening = z.discriminatedUnion('kind', [Momentary, Lasting]);
export type Happening = z.infer<typeof Happening>;

export const isLasting = (happening: Happening): happening is Lasting => 'fromS' in happening;

/** Did it happen after the one time and not after the other? */
export function happened(happening: Momentary, afterS: number, untilS: number): boolean {
  const lastS = lastOnsetS(happening.atS, happening.everyS, untilS);
  return lastS !== null && lastS > afterS;
}

export function isDuring(happening: Lasting, nowS: number): boolean {
  const onsetS = lastOnsetS(happening.fromS, happening.everyS, nowS);
  if (onsetS === null) return false;
  return happening.untilS === undefined || nowS - onsetS < happening.untilS - happening.fromS;
}

/** The next time at which it begins or ends; Infinity when it is over. */
export function nextEdgeS(happening: Happening, afterS: number): number {
  const onsets = isLasting(happening) ? [happening.fromS, happening.untilS] : [happening.atS];
  const edges = onsets.map((edgeS) =>
    edgeS === undefined ? Infinity : nextOnsetS(edgeS, happening.everyS, afterS),
  );
  return Math.min(...edges);
}

function lastOnsetS(firstS: number, periodS: number | undefined, nowS: number): number | null {
  if (nowS < firstS) return null;
  if (periodS === undefined) return firstS;
  return firstS + Math.floor((nowS - firstS) / periodS) * periodS;
}

function nextOnsetS(firstS: number, periodS: number | undefined, afterS: number): number {
  if (afterS < firstS) return firstS;
  if (periodS === undefined) return Infinity;
  return firstS + (Math.floor((afterS - firstS) / periodS) + 1) * periodS;
}
