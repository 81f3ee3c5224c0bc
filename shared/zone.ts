import { z } from 'zod';

/** Longitude before latitude, degrees, WGS84. (RFC 7946 §3.1.1) */
export const LonLat = z
  .tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)])
  .rest(z.number());
export type LonLat = z.infer<typeof LonLat>;

/** A zone with more points than this is a drawing error or an attack. */
export const ZONE_POINTS_MAX = 10_000;
export const ZONE_RADIUS_M_MAX = 100_000;

const Ring = z
  .array(LonLat)
  .min(4, 'a ring needs at least four positions, the last equal to the first')
  .refine((ring) => {
    const first = ring[0];
    const last = ring[ring.length - 1];
    return first !== undefined && first[0] === last?.[0] && first[1] === last[1];
  }, 'a ring must end where it starts (RFC 7946 §3.1.6)');

const Rings = z.array(Ring).min(1, 'a polygon needs an outer ring');

export const PolygonZone = z.object({ type: z.literal('Polygon'), coordinates: Rings });
export const MultiPolygonZone = z.object({
  type: z.literal('MultiPolygon'),
  coordinates: z.array(Rings).min(1, 'a multipolygon needs at least one polygon'),
});
export const CircleZone = z.object({
  type: z.literal('Circle'),
  center: LonLat,
  radiusM: z.number().positive('a circle needs a radius above 0 m').max(ZONE_RADIUS_M_MAX),
});

/** A place a wearer must stay out of, or inside. (DESIGN §6) */
export const Zone = z.discriminatedUnion('type', [PolygonZone, MultiPolygonZone, CircleZone]);
export type Zone = z.infer<typeof Zone>;

/** Polygons of a zone as lists of rings; a circle has none. */
export function polygonsOf(zone: Zone): LonLat[][][] {
  switch (zone.type) {
    case 'Polygon':
      return [zone.coordinates];
    case 'MultiPolygon':
      return zone.coordinates;
    case 'Circle':
      return [];
  }
}
