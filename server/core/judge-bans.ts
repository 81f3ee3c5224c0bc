import type { AlertKind } from '../../shared/alert.ts';
import type { BanKind } from '../../shared/court-order.ts';
import type { PersonId } from '../../shared/ids.ts';
import { basisOf } from './alert-basis.ts';
import { withPassing, type Fresh } from './between-fixes.ts';
import { CLEAR_AFTER_MS, cleared, type Cause } from './alert-lifecycle.ts';
import { isCarried, type BanState, type CaseState, type DeviceState } from './case-state.ts';
import { isFarApart, judgeContact } from './contact-ban.ts';
import { follow, recordOf, setWatch, take, watchOf, type Draft } from './draft.ts';
import { judgeLocationBan, judgeLocationDuty } from './location-ban.ts';
import { isLocated, type Located } from './track.ts';
import { estimatesAt, type Estimate } from './motion.ts';
import { NOTHING, worse, type Verdict } from './verdict.ts';

/** Which bans the broad phase could not rule out; null when all are to be judged. */
export type Nearby = readonly string[] | null;

/** Asks the broad phase about a device that has just moved. */
export type NearbyOf = (device: DeviceState, state: CaseState, atMs: number) => Nearby;
export const EVERYTHING: NearbyOf = () => null;

/**
 * Judges the bans that concern a person, or all of them. A ban whose alert stands is always judged,
 * whatever the broad phase says: it must be able to clear. (SPEC BP2)
 */
export function judgeBans(
  draft: Draft,
  personId: PersonId | null,
  nearby: Nearby,
  fresh: Fresh | null,
): void {
  for (const ban of draft.state.bans) {
    if (personId !== null && ban.wearerId !== personId && ban.victimId !== personId) continue;
    if (nearby && !nearby.includes(ban.key) && !draft.state.watches.has(ban.key)) continue;
    if (ban.activity.active) {
      if (draft.state.watches.has(ban.key) || !isPlainlyFar(draft, ban))
        judgeBan(draft, ban, fresh);
    } else stopBan(draft, ban.key);
  }
}

export const KIND: Record<BanKind, AlertKind> = {
  'contact-ban': 'contact',
  'location-ban': 'location',
  'location-duty': 'duty',
};

function judgeBan(draft: Draft, ban: BanState, fresh: Fresh | null): void {
  const now = verdictOf(draft, ban);
  const verdict = fresh ? withPassing(draft, ban, now, fresh) : now;
  if (!verdict.standing && !draft.state.watches.has(ban.key)) return;
  const cause: Cause = {
    caseId: draft.state.caseId,
    kind: KIND[ban.kind],
    code: ban.kind,
    subject: {
      orderId: ban.orderId,
      banId: ban.banId,
      wearerId: ban.wearerId,
      victimId: ban.victimId,
      deviceId: null,
    },
    clearAfterMs: CLEAR_AFTER_MS,
    basis: () => basisOf(draft.state, ban, verdict, draft.atMs),
  };
  follow(draft, ban.key, verdict, cause, fresh !== null);
}

/** One device on each side and both fixes far apart: the common case, settled without estimates. */
function isPlainlyFar(draft: Draft, ban: BanState): boolean {
  if (ban.victimId === null) return false;
  let wearer: Located | null = null;
  let victim: Located | null = null;
  for (const { device, track } of draft.state.devices) {
    const { personId } = device;
    if (personId !== ban.wearerId && personId !== ban.victimId) continue;
    if (track.suspect || !isLocated(track)) return false;
    if (personId === ban.wearerId) {
      if (wearer) return false;
      wearer = track;
    } else {
      if (victim) return false;
      victim = track;
    }
  }
  return wearer !== null && victim !== null && isFarApart(ban, wearer, victim, draft.atMs);
}

/** A ban that no longer applies clears its alert at once. (SPEC SC4) */
export function stopBan(draft: Draft, key: string): void {
  const watch = watchOf(draft, key);
  const record = recordOf(draft, watch);
  // Closed by a person while it stood: the ban's next beginning counts anew.
  if (watch.hushed) setWatch(draft, key, { ...watch, hushed: null, goneSinceMs: null });
  else if (record?.standing) take(draft, key, cleared(watch, record, draft.atMs));
}

/** The gravest of all that the devices of both parties say. */
function verdictOf(draft: Draft, ban: BanState): Verdict {
  let gravest: Verdict = NOTHING;
  for (const wearer of estimatesOf(draft, ban.wearerId)) {
    if (ban.victimId === null) {
      gravest = worse(gravest, judgePlace(ban, wearer, draft.atMs));
      continue;
    }
    for (const victim of estimatesOf(draft, ban.victimId)) {
      gravest = worse(gravest, judgeContact(ban, wearer, victim, draft.atMs));
    }
  }
  return gravest;
}

const judgePlace = (ban: BanState, wearer: Estimate, atMs: number): Verdict =>
  ban.kind === 'location-ban'
    ? judgeLocationBan(ban, wearer, atMs)
    : judgeLocationDuty(ban, wearer, atMs);

/** Where a person may be at the instant of the draft, by each device carried. (SPEC MO1) */
function estimatesOf(draft: Draft, personId: PersonId): readonly Estimate[] {
  const carried = draft.state.devices.filter(
    (known) => known.device.personId === personId && isCarried(known, draft.atMs),
  );
  return carried.flatMap(({ track }) => estimatesAt(track, draft.atMs));
}
