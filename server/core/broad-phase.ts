import RBush from 'rbush';
import type { CaseId, DeviceId, PersonId } from '../../shared/ids.ts';
import type { BanState, CaseState, DeviceState } from './case-state.ts';
import { COURSE_AHEAD_S } from './contact-ban.ts';
import type { Nearby } from './judge-bans.ts';
import { forecastSigmaM, reachM, speedOf } from './forecast.ts';
import { isLocated, type Located } from './track.ts';
import { boxAround, type Box } from './box.ts';

/**
 * Says which of a wearer's bans could matter where he is: an R-tree holds zones by their box and
 * victims by a fat box that is re-inserted only when a fix leaves it. It may say too much, never
 * too little. Each case has a tree of its own: only the bans of a case can concern its wearers, so
 * a search must not grow with how many strangers live nearby. (SPEC BP1)
 */
export interface BroadPhase {
  /** Takes in a case's bans and victims afresh, after its orders or devices changed. */
  index(state: CaseState): void;
  forget(caseId: CaseId): void;
  /** A victim's device has moved. */
  moved(state: CaseState, device: DeviceState): void;
  /** The bans that cannot be ruled out for a device; null: judge them all. */
  nearby(device: DeviceState, state: CaseState, atMs: number): Nearby;
}

interface Entry extends Box {
  /** Bans that this box stands for. */
  readonly banKeys: readonly string[];
}

interface PlacedVictim {
  readonly deviceId: DeviceId;
  readonly entries: readonly Entry[];
}

interface CaseIndex {
  readonly tree: RBush<Entry>;
  victims: readonly PlacedVictim[];
  /** Bans that are candidates wherever he is. */
  readonly always: readonly string[];
}

/** How much larger than needed a victim's box is made; larger means fewer insertions. */
const VICTIM_FAT_M = 2_000;
/** A fix older than this has an unbounded reach: then everything is judged. */
export const FRESH_MS = 60_000;
const SIGMAS_FAR = 6;
/** What judges add around their thresholds as hysteresis. */
const HOLD_FACTOR = 1.1;
const HOLD_MARGIN_M = 20;

export function createBroadPhase(): BroadPhase {
  const indexes = new Map<CaseId, CaseIndex>();
  return {
    index: (state) => void indexes.set(state.caseId, indexOf(state)),
    forget: (caseId) => void indexes.delete(caseId),
    moved(state, device) {
      const index = indexes.get(state.caseId);
      if (index) moveVictim(index, state, device);
    },
    nearby(device, state, atMs) {
      const index = indexes.get(state.caseId);
      const { device: known, track } = device;
      if (!index || known.kind !== 'ankle-monitor') return null;
      if (!isLocated(track) || !allFresh(state, atMs)) return null;
      return candidates(index, state, known.personId, track);
    },
  };
}

function indexOf(state: CaseState): CaseIndex {
  const tree = new RBush<Entry>();
  const victims = state.devices.flatMap((device) => placed(state, device));
  tree.load([...state.bans.flatMap(zoneEntries), ...victims.flatMap(({ entries }) => entries)]);
  // A duty is broken anywhere but in its zone.
  const duties = state.bans.filter((ban) => ban.kind === 'location-duty');
  return { tree, victims: victims.slice(), always: duties.map((ban) => ban.key) };
}

const zoneEntries = (ban: BanState): Entry[] =>
  ban.shape && ban.kind === 'location-ban'
    ? unwrapped(ban.shape.box).map((part) => entryOf(part, [ban.key]))
    : [];

/** Field by field: a spread would give every entry a shape of its own in the engine's memory. */
const entryOf = ({ minX, minY, maxX, maxY }: Box, banKeys: readonly string[]): Entry => ({
  minX,
  minY,
  maxX,
  maxY,
  banKeys,
});

/** Where a victim's device is entered; nowhere while its place is unknown: then all is judged. */
function placed(state: CaseState, { device, track }: DeviceState): PlacedVictim[] {
  const { deviceId, personId } = device;
  const banKeys = state.bans
    .filter((ban) => ban.victimId === personId)
    .map((ban) => ban.key)
    .slice();
  if (!isLocated(track) || banKeys.length === 0) return [];
  const box = boxAround(track.last.lon, track.last.lat, VICTIM_FAT_M + spreadM(track));
  const entries = unwrapped(box).map((part) => entryOf(part, banKeys));
  return [{ deviceId, entries }];
}

function moveVictim(index: CaseIndex, state: CaseState, device: DeviceState): void {
  const { deviceId } = device.device;
  const { track } = device;
  const before = index.victims.find((victim) => victim.deviceId === deviceId);
  if (isLocated(track) && before?.entries.some((entry) => holds(entry, track))) return;
  before?.entries.forEach((entry) => index.tree.remove(entry));
  const after = placed(state, device);
  for (const { entries } of after) entries.forEach((entry) => index.tree.insert(entry));
  index.victims = index.victims.filter((victim) => victim !== before).concat(after);
}

function candidates(
  index: CaseIndex,
  state: CaseState,
  wearerId: PersonId,
  track: Located,
): readonly string[] {
  const { lon, lat } = track.last;
  const neededM = limitOf(state.bans, wearerId) + spreadM(track);
  const found: string[] = [...index.always];
  // Who wears an ankle monitor may be somebody else's victim as well: there the roles are fixed.
  for (const ban of state.bans) if (ban.victimId === wearerId) found.push(ban.key);
  for (const part of unwrapped(boxAround(lon, lat, neededM))) {
    for (const { banKeys } of index.tree.search(part)) found.push(...banKeys);
  }
  return found;
}

/** Beyond a minute reach grows past any box, and a jump may be true: then all bans are judged. */
function allFresh(state: CaseState, atMs: number): boolean {
  for (const { track } of state.devices) {
    if (track.suspect || (track.last && atMs - track.last.atMs > FRESH_MS)) return false;
  }
  return true;
}

/**
 * How far a device's own error, course and reach can make it matter, within a minute of the fix.
 */
function spreadM({ last: point, roamM }: Located): number {
  const speedMs = speedOf(point);
  const freshS = FRESH_MS / 1000;
  const sigmaM = forecastSigmaM(point, freshS, speedMs);
  const travelM = speedMs * (COURSE_AHEAD_S + freshS);
  return Math.max(SIGMAS_FAR * sigmaM, reachM(point, freshS, speedMs)) + travelM + roamM;
}

function limitOf(bans: readonly BanState[], wearerId: PersonId): number {
  let limitM = 0;
  for (const ban of bans) {
    if (ban.wearerId === wearerId) limitM = Math.max(limitM, ban.warningM, ban.distanceM);
  }
  return HOLD_FACTOR * limitM + HOLD_MARGIN_M;
}

/** Does her box still hold all places where she may matter? One cut by the date line never does. */
function holds(outer: Box, track: Located): boolean {
  const inner = boxAround(track.last.lon, track.last.lat, spreadM(track));
  return (
    outer.minX <= inner.minX &&
    outer.minY <= inner.minY &&
    outer.maxX >= inner.maxX &&
    outer.maxY >= inner.maxY
  );
}

/** A box over the date line is two. */
function unwrapped(box: Box): readonly Box[] {
  if (box.minX >= -180 && box.maxX <= 180) return [box];
  return [-360, 0, 360].flatMap((turn) => {
    const minX = Math.max(-180, box.minX + turn);
    const maxX = Math.min(180, box.maxX + turn);
    return minX <= maxX ? [{ minX, minY: box.minY, maxX, maxY: box.maxY }] : [];
  });
}
