import { assert } from '../../shared/result.ts';
import type { BanState } from './case-state.ts';
import { speedOf } from './forecast.ts';
import { apartAt } from './passage.ts';
import { probabilityWithin } from './probability.ts';
import type { Outlook } from './raising.ts';
import type { Located } from './track.ts';
import { placeAt } from './way.ts';
import { insideP } from './zone-probability.ts';

/** How near two devices are at other instants, around one of them. (SPEC RS1) */
export function outlookOfContact(
  { distanceM }: BanState,
  one: Located,
  other: Located,
  atMs: number,
): Outlook {
  return {
    intervalMs: Math.max(one.intervalMs, other.intervalMs),
    speedMs: Math.max(speedAt(one, atMs), speedAt(other, atMs)),
    limitM: distanceM,
    at(thenMs) {
      const apart = apartAt(one, other, thenMs);
      if (!apart) return null;
      const { sigmaM } = apart;
      const nearM = Math.hypot(apart.eastM, apart.northM);
      return { nearM, sigmaM, probability: probabilityWithin(nearM, sigmaM, distanceM) };
    },
  };
}

/** A device's place beside a ban's zone at other instants: inside it, or outside for a duty. */
export function outlookOfZone(ban: BanState, track: Located, atMs: number): Outlook {
  const { shape, kind } = ban;
  assert(shape, `ban ${ban.key} has a zone`);
  return {
    intervalMs: track.intervalMs,
    speedMs: speedAt(track, atMs),
    // A zone has no distance that an error could be large beside.
    limitM: Infinity,
    at(thenMs) {
      const place = placeAt(track, thenMs);
      if (!place) return null;
      const { lon, lat, sigmaM } = place;
      const nearM = shape.signedDistanceM(lon, lat);
      const inP = insideP(shape, lon, lat, nearM, sigmaM);
      return { nearM, sigmaM, probability: kind === 'location-duty' ? 1 - inP : inP };
    },
  };
}

function speedAt(track: Located, atMs: number): number {
  const place = placeAt(track, atMs);
  return place ? speedOf(place) : 0;
}
