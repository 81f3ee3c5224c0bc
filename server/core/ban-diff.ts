import type { Ban, ContactBan, LocationBan, LocationDuty } from '../../shared/court-order.ts';
import type { OrderChange, Protection } from '../../shared/order-preview.ts';
import type { Zone } from '../../shared/zone.ts';
import { warningOf } from './case-state.ts';
import { hoursOf, weeklyMinutesOf, weeklyOverlap } from './weekly-minutes.ts';
import { overlayOf } from './zone-overlay.ts';
import { zoneAreaM2 } from './zone-area.ts';

/** What changes between two texts of one ban. (SPEC PV4) */
export function banChanges(before: Ban, after: Ban, pointer: string, atMs: number): OrderChange[] {
  if (before.kind !== after.kind) {
    const change = { pointer, banId: after.banId, what: 'changed', before, after } as const;
    return [{ ...change, protection: 'mixed', zone: null, hoursPerWeek: null }];
  }
  const field: FieldChange = (name, old, now, effect) => {
    if (JSON.stringify(old ?? null) === JSON.stringify(now ?? null)) return [];
    const what = old == null ? 'added' : now == null ? 'removed' : 'changed';
    const place = { pointer: `${pointer}/${name}`, banId: after.banId, what } as const;
    const told = { zone: null, hoursPerWeek: null, ...effect() };
    return [{ ...place, before: old ?? null, after: now ?? null, ...told }];
  };
  return [
    ...ownChanges(before, after, field),
    ...field('schedule', before.schedule, after.schedule, () =>
      scheduleEffect(before, after, atMs),
    ),
  ];
}

type Effect = Pick<OrderChange, 'protection'> & Partial<OrderChange>;

type FieldChange = (
  name: string,
  before: unknown,
  after: unknown,
  effect: () => Effect,
) => OrderChange[];

const NOTHING: Effect = { protection: 'same' };

/** Both are of one kind. */
function ownChanges(before: Ban, after: Ban, field: FieldChange): OrderChange[] {
  if (before.kind === 'contact-ban') return contactChanges(before, after as ContactBan, field);
  const now = after as LocationBan | LocationDuty;
  const larger = before.kind === 'location-ban' ? 'more' : 'less';
  const changes = [
    ...field('name', before.name, now.name, () => NOTHING),
    ...field('place', before.place, now.place, () => NOTHING),
    ...field('zone', before.zone, now.zone, () => zoneEffect(before.zone, now.zone, larger)),
  ];
  if (before.kind !== 'location-ban') return changes;
  const [oldM, nowM] = [before.bufferM, (after as LocationBan).bufferM];
  const effect = (): Effect => ({ protection: moreIsMore(oldM ?? 0, nowM ?? 0) });
  return [...changes, ...field('bufferM', oldM, nowM, effect)];
}

function contactChanges(before: ContactBan, after: ContactBan, field: FieldChange): OrderChange[] {
  return [
    ...field('victimId', before.victimId, after.victimId, () => ({ protection: 'mixed' })),
    ...field('distanceM', before.distanceM, after.distanceM, () => ({
      protection: moreIsMore(before.distanceM, after.distanceM),
    })),
    ...field('warningDistanceM', before.warningDistanceM, after.warningDistanceM, () => ({
      protection: moreIsMore(warningOf(before), warningOf(after)),
    })),
  ];
}

function moreIsMore(before: number, after: number): Protection {
  if (after === before) return 'same';
  return after > before ? 'more' : 'less';
}

const effectOf = (gained: boolean, lost: boolean): Protection => {
  if (gained && lost) return 'mixed';
  return gained ? 'more' : lost ? 'less' : 'same';
};

/** No receiver tells less ground than this apart. */
const SLIVER_M2 = 1;
const OPPOSITE: Record<Protection, Protection> = {
  more: 'less',
  less: 'more',
  mixed: 'mixed',
  same: 'same',
};

/**
 * Where he must stay out, more ground is more protection; where he must stay inside, it is less:
 * then there are more places to which he may go.
 */
function zoneEffect(
  before: Zone | null | undefined,
  after: Zone | null | undefined,
  larger: 'more' | 'less',
): Effect {
  if (!before || !after) {
    const gainedM2 = after ? zoneAreaM2(after) : 0;
    const lostM2 = before ? zoneAreaM2(before) : 0;
    // Drawn or not decides whether anybody is held to it at all.
    return { protection: after ? 'more' : 'less', zone: { gainedM2, lostM2 } };
  }
  const { onlyFirstM2: lostM2, onlySecondM2: gainedM2 } = overlayOf(before, after);
  const protection = effectOf(gainedM2 > SLIVER_M2, lostM2 > SLIVER_M2);
  return {
    protection: larger === 'more' ? protection : OPPOSITE[protection],
    zone: { gainedM2, lostM2 },
  };
}

function scheduleEffect(before: Ban, after: Ban, atMs: number): Effect {
  const [old, now] = [weeklyMinutesOf(before.schedule), weeklyMinutesOf(after.schedule)];
  const { onlyFirst, onlySecond } = weeklyOverlap(old, now, atMs);
  return {
    protection: effectOf(onlySecond > 0, onlyFirst > 0),
    hoursPerWeek: { before: hoursOf(old), after: hoursOf(now) },
  };
}
