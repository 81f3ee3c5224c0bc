import RBush from 'rbush';
import type { CaseId, DeviceId, PersonId } from '../../shared/ids.ts';
import { lonDelta, scaleAt } from '../../shared/geodesy.ts';
import type { BanState, CaseState, DeviceState } from './case-state.ts';
import { COURSE_AHEAD_S } from './contact-ban.ts';
import type { Nearby } from './judge-bans.ts';
import { PERSISTENCE_S, reachM, speedOf, type TrackPoint } from './motion.ts';
import type { Box } from './zone-shape.ts';

/**
 * Says which of a wearer's bans could matter where he is: zones by their box, victims by a fat box
 * that is re-inserted only when a fix leaves it. It may say too much, never too little. (SPEC BP1)
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
  readonly caseId: CaseId;
  /** Bans that this box stands for. */
  readonly banKeys: readonly string[];
}

/** A square around a place, kept so that "still inside?" costs a few multiplications. */
interface Square {
  readonly lon: number;
  readonly lat: number;
  /** Metres per degree of longitude, on the long side. */
  readonly lonM: number;
  readonly halfM: number;
}

/** Where a wearer may go without the tree having to be asked again. */
interface Region {
  readonly square: Square;
  /** Widest limit of his bans. */
  readonly limitM: number;
  readonly banKeys: ReadonlySet<string>;
}

const NO_BANS: ReadonlySet<string> = new Set();

/** How far a box is made larger than needed; larger means fewer insertions and more candidates. */
const VICTIM_FAT_M = 2_000;
const WEARER_FAT_M = 1_000;
/** A fix older than this has an unbounded reach: then everything is judged. */
export const FRESH_MS = 60_000;
const SIGMAS_FAR = 6;
/** What judges add around their thresholds as hysteresis. */
const HOLD_FACTOR = 1.1;
const HOLD_MARGIN_M = 20;

export function createBroadPhase(): BroadPhase {
  const tree = new RBush<Entry>();
  const zones = new Map<CaseId, Entry[]>();
  const victims = new Map<DeviceId, { square: Square; entries: Entry[]; caseId: CaseId }>();
  const regions = new Map<DeviceId, Region>();

  const dropVictim = (deviceId: DeviceId): void => {
    victims.get(deviceId)?.entries.forEach((entry) => tree.remove(entry));
    victims.delete(deviceId);
  };

  const dropRegions = (state: CaseState): void => {
    for (const { device } of state.devices) regions.delete(device.deviceId);
  };

  const placeVictim = (state: CaseState, device: DeviceState): void => {
    const { deviceId, personId } = device.device;
    const point = device.track.last;
    const banKeys = state.bans.filter((ban) => ban.victimId === personId).map((ban) => ban.key);
    dropVictim(deviceId);
    if (!point || banKeys.length === 0) return;
    const { lon, lat } = point.fix;
    const halfM = VICTIM_FAT_M + spreadM(point);
    const box = boxAround(lon, lat, halfM);
    const entries = unwrapped(box).map((part) => ({ ...part, caseId: state.caseId, banKeys }));
    tree.load(entries);
    victims.set(deviceId, { square: squareAt(point, halfM), entries, caseId: state.caseId });
    dropRegions(state);
  };

  const search = (device: DeviceState, state: CaseState, point: TrackPoint): Region => {
    const { personId } = device.device;
    const { lon, lat } = point.fix;
    const limitM = limitOf(state.bans, personId);
    const halfM = limitM + spreadM(point) + WEARER_FAT_M;
    const box = boxAround(lon, lat, halfM);
    const duties = state.bans.filter((ban) => ban.kind === 'location-duty');
    const banKeys = new Set<string>(duties.map((ban) => ban.key));
    for (const part of unwrapped(box)) {
      for (const entry of tree.search(part)) {
        if (entry.caseId !== state.caseId) continue;
        for (const key of entry.banKeys) banKeys.add(key);
      }
    }
    return {
      square: squareAt(point, halfM),
      limitM,
      banKeys: banKeys.size > 0 ? banKeys : NO_BANS,
    };
  };

  return {
    index(state) {
      zones.get(state.caseId)?.forEach((entry) => tree.remove(entry));
      const entries = state.bans.flatMap((ban) => zoneEntries(state.caseId, ban));
      tree.load(entries);
      zones.set(state.caseId, entries);
      dropRegions(state);
      for (const device of state.devices) {
        if (device.device.kind === 'victim-device') placeVictim(state, device);
      }
    },
    forget(caseId) {
      zones.get(caseId)?.forEach((entry) => tree.remove(entry));
      zones.delete(caseId);
      for (const [deviceId, placed] of victims) {
        if (placed.caseId === caseId) dropVictim(deviceId);
      }
    },
    moved(state, device) {
      const placed = victims.get(device.device.deviceId);
      const point = device.track.last;
      if (point && placed && holds(placed.square, point, spreadM(point))) return;
      placeVictim(state, device);
    },
    nearby(device, state, atMs) {
      if (device.device.kind !== 'ankle-monitor' || !allFresh(state, atMs)) return null;
      const point = device.track.last;
      if (!point) return null;
      const known = regions.get(device.device.deviceId);
      if (known && holds(known.square, point, known.limitM + spreadM(point))) return known.banKeys;
      const region = search(device, state, point);
      regions.set(device.device.deviceId, region);
      return region.banKeys;
    },
  };
}

/** Beyond a minute reach grows past any box, and a jump may be true: then all bans are judged. */
function allFresh(state: CaseState, atMs: number): boolean {
  for (const { track } of state.devices) {
    if (track.suspect || (track.last && atMs - track.last.atMs > FRESH_MS)) return false;
  }
  return true;
}

/** How far a device's own error, course and reach can make it matter, within a minute of the fix. */
function spreadM(point: TrackPoint): number {
  const speedMs = speedOf(point);
  const sigmaM = point.sigmaM + (1 + 0.25 * speedMs) * (FRESH_MS / 1000);
  const travelM = speedMs * (COURSE_AHEAD_S + PERSISTENCE_S);
  return Math.max(SIGMAS_FAR * sigmaM + travelM, reachM(point, FRESH_MS / 1000, speedMs) + travelM);
}

function limitOf(bans: readonly BanState[], wearerId: PersonId): number {
  let limitM = 0;
  for (const ban of bans) {
    if (ban.wearerId === wearerId) limitM = Math.max(limitM, ban.warningM, ban.distanceM);
  }
  return HOLD_FACTOR * limitM + HOLD_MARGIN_M;
}

const squareAt = ({ fix: { lon, lat } }: TrackPoint, halfM: number): Square => ({
  lon,
  lat,
  // The scale nearest the equator makes ways look longest: the square is left too early, never late.
  lonM: scaleAt(Math.max(0, Math.abs(lat) - halfM / METERS_PER_DEGREE_LAT_MIN)).lonM,
  halfM,
});

/** Does the square hold all that lies within `neededM` of a point? */
const holds = (square: Square, { fix }: TrackPoint, neededM: number): boolean =>
  Math.abs(lonDelta(square.lon, fix.lon)) * square.lonM + neededM <= square.halfM &&
  Math.abs(fix.lat - square.lat) * LAT_M_MAX + neededM <= square.halfM;

const LAT_M_MAX = 111_700;
const METERS_PER_DEGREE_LAT_MIN = 110_574;

/** A box that certainly holds the circle; near the poles it goes all the way round. */
export function boxAround(lon: number, lat: number, halfM: number): Box {
  const dLat = halfM / METERS_PER_DEGREE_LAT_MIN;
  const steepest = Math.abs(lat) + dLat;
  const dLon = steepest >= 89.9 ? 180 : Math.min(180, halfM / scaleAt(steepest).lonM);
  return { minX: lon - dLon, minY: lat - dLat, maxX: lon + dLon, maxY: lat + dLat };
}

/** A box over the date line is two. */
function unwrapped(box: Box): Box[] {
  const parts: Box[] = [];
  for (const turn of [-360, 0, 360]) {
    const minX = Math.max(-180, box.minX + turn);
    const maxX = Math.min(180, box.maxX + turn);
    if (minX <= maxX) parts.push({ minX, minY: box.minY, maxX, maxY: box.maxY });
  }
  return parts;
}

function zoneEntries(caseId: CaseId, ban: BanState): Entry[] {
  // A duty is broken anywhere but in its zone: it is always a candidate, and needs no box.
  if (!ban.shape || ban.kind === 'location-duty') return [];
  return unwrapped(ban.shape.box).map((part) => ({ ...part, caseId, banKeys: [ban.key] }));
}
