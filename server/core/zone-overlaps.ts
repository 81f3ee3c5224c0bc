import { type Ban, type CourtOrder, isDrawn, type LocationBan } from '../../shared/court-order.ts';
import type { LocationDuty } from '../../shared/court-order.ts';
import { fromInstant } from '../../shared/instant.ts';
import type { Overlap } from '../../shared/order-preview.ts';
import type { Zone } from '../../shared/zone.ts';
import { hoursAt, type Place } from './stays.ts';
import { weeklyMinutesOf, weeklyOverlap } from './weekly-minutes.ts';
import { mayMeet, type Overlay, overlayOf } from './zone-overlay.ts';
import { shapeOf } from './zone-shape.ts';

export type ZonedBan = (LocationBan | LocationDuty) & { zone: Zone };
export const isZoned = (ban: Ban): ban is ZonedBan => ban.kind !== 'contact-ban' && isDrawn(ban);

/** A ban with a zone, and the order that it is of. */
export interface PlacedBan {
  readonly order: CourtOrder;
  readonly ban: ZonedBan;
}

/** Where the edges of two zones were drawn along each other. */
const SLIVER_M2 = 1;
/** What a circle loses by being a polygon, many times over, and nowhere anybody can be. */
const UNCOVERED_SHARE = 1e-3;

/** Where he stays inside a zone: most hours first. (SPEC PV5) */
export function stayOverlaps(
  zone: Zone,
  places: readonly Place[],
  followedHours: number,
): Overlap[] {
  const shape = shapeOf(zone);
  return places.flatMap(({ label, stays }): Overlap[] => {
    const inside = stays.filter(({ lon, lat }) => shape.signedDistanceM(lon, lat) <= 0);
    if (inside.length === 0) return [];
    const hoursPerWeek = (hoursAt(inside) / followedHours) * 7 * 24;
    const place = { with: label, orderId: null, banId: null, name: null, share: null };
    return [{ ...place, hoursPerWeek, contradicts: false }];
  });
}

/** Other zones that cover a part of this one: contradictions first, then the largest. (SPEC PV6) */
export function banOverlaps(ours: PlacedBan, others: readonly PlacedBan[]): Overlap[] {
  return others
    .flatMap((theirs): Overlap[] => {
      if (!mayMeet(ours.ban.zone, theirs.ban.zone)) return [];
      const overlay = overlayOf(ours.ban.zone, theirs.ban.zone);
      if (overlay.bothM2 <= SLIVER_M2) return [];
      const { order, ban } = theirs;
      return [
        {
          with: ban.kind,
          orderId: order.orderId,
          banId: ban.banId,
          name: ban.name ?? ban.place ?? null,
          share: overlay.bothM2 / (overlay.bothM2 + overlay.onlyFirstM2),
          hoursPerWeek: null,
          contradicts: contradict(ours, theirs, overlay),
        },
      ];
    })
    .toSorted((a, b) => Number(b.contradicts) - Number(a.contradicts) || b.share! - a.share!);
}

/**
 * He must be where he may not be, and there is nowhere else in that zone to be: the ban covers all
 * of the duty, and both hold in some minute of the week.
 */
function contradict(ours: PlacedBan, theirs: PlacedBan, overlay: Overlay): boolean {
  if (ours.ban.kind === theirs.ban.kind) return false;
  const freeM2 = ours.ban.kind === 'location-duty' ? overlay.onlyFirstM2 : overlay.onlySecondM2;
  if (freeM2 > UNCOVERED_SHARE * (freeM2 + overlay.bothM2)) return false;
  const fromMs = Math.max(...[ours, theirs].map(({ order }) => fromInstant(order.validFrom)));
  const untilMs = Math.min(...[ours, theirs].map(({ order }) => fromInstant(order.validUntil)));
  if (fromMs >= untilMs) return false;
  const [first, second] = [ours, theirs].map(({ ban }) => weeklyMinutesOf(ban.schedule));
  return weeklyOverlap(first!, second!, fromMs).both > 0;
}
