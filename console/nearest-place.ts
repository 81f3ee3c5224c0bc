import { z } from 'zod';
import { distanceM, lonDelta, scaleAt } from '../shared/geodesy.ts';
import basemapUrl from './basemap.json?url';

export interface Place {
  readonly name: string;
  readonly at: readonly [lon: number, lat: number];
}

/** Compass points in the order of their bearing, clockwise from north. */
export const COMPASS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const;
export type CompassPoint = (typeof COMPASS)[number];

export interface Nearest {
  readonly name: string;
  readonly distanceM: number;
  readonly towards: CompassPoint;
}

/** Where a position lies as seen from the nearest place: said over a radio, unlike coordinates. */
export function nearestPlace(places: readonly Place[], lon: number, lat: number): Nearest | null {
  let best: { place: Place; apartM: number } | null = null;
  for (const place of places) {
    const apartM = distanceM(place.at[0], place.at[1], lon, lat);
    if (best === null || apartM < best.apartM) best = { place, apartM };
  }
  if (best === null) return null;
  const scale = scaleAt(lat);
  const eastM = lonDelta(best.place.at[0], lon) * scale.lonM;
  const northM = (lat - best.place.at[1]) * scale.latM;
  const bearingDeg = (Math.atan2(eastM, northM) * 180) / Math.PI;
  const point = Math.round(bearingDeg / 45 + COMPASS.length) % COMPASS.length;
  return { name: best.place.name, distanceM: best.apartM, towards: COMPASS[point] ?? 'n' };
}

const PlaceFeature = z.object({
  properties: z.object({ kind: z.literal('place'), name: z.string() }),
  geometry: z.object({ coordinates: z.tuple([z.number(), z.number()]) }),
});
const Basemap = z.object({ features: z.array(z.unknown()) });

/** From the file that the map draws, so also where no map can be drawn. */
export async function loadPlaces(): Promise<Place[]> {
  try {
    const answer = await fetch(new URL(basemapUrl, location.href));
    return Basemap.parse(await answer.json()).features.flatMap((item) => {
      const place = PlaceFeature.safeParse(item);
      if (!place.success) return [];
      return [{ name: place.data.properties.name, at: place.data.geometry.coordinates }];
    });
  } catch {
    // Without the places the coordinates still stand there.
    return [];
  }
}
