import type { Alert, AlertState, Priority } from '../shared/alert.ts';
import type { BanFeature, PositionFeature } from '../shared/console-message.ts';
import { distanceM } from '../shared/geodesy.ts';
import { fromInstant } from '../shared/instant.ts';
import { assertNever } from '../shared/result.ts';
import { fixAgeS } from '../shared/why.ts';
import type { ConsoleState, Placement } from './model.ts';
import { serverOffsetMs } from './server-time.ts';

/** In the order in which they stand on the screen. */
export const SECTIONS = ['now', 'soon', 'technical', 'to-close', 'shelved', 'settled'] as const;
export type Section = (typeof SECTIONS)[number];

export interface Row {
  readonly alert: Alert;
  /** Other open alerts of the same case: one incident often speaks with several voices. */
  readonly siblings: number;
}
export interface Queue {
  readonly sections: ReadonlyMap<Section, readonly Row[]>;
  /** Alerts that came in while the rows were held, most urgent first. */
  readonly waiting: readonly Alert[];
}

/** The server's time as far as this console knows. */
export const serverNowMs = (state: ConsoleState): number =>
  state.nowMs + serverOffsetMs(state.serverOffsetsMs);

/** Is what stands on the screen known to be the present? */
export const isLive = (state: ConsoleState): boolean => state.link.state === 'live';

/** Seconds since the server was last heard; null before it ever was. */
export const silentS = (state: ConsoleState): number | null =>
  state.heardAtMs === null ? null : Math.max(0, (state.nowMs - state.heardAtMs) / 1_000);

export function sectionOf(alert: Alert): Section {
  switch (alert.state) {
    case 'closed':
      return 'settled';
    case 'shelved':
      return 'shelved';
    case 'cleared':
      return alert.priority === 1 ? 'to-close' : 'settled';
    case 'unacknowledged':
    case 'acknowledged':
    case 'cleared-unacknowledged':
      if (alert.priority === 1) return 'now';
      return alert.priority === 2 ? 'soon' : 'technical';
    default:
      return assertNever(alert.state);
  }
}

/** What needs a hand first: not yet seen, then over but not yet seen, then in hand. */
const STATE_ORDER: Record<AlertState, number> = {
  unacknowledged: 0,
  'cleared-unacknowledged': 1,
  acknowledged: 2,
  shelved: 3,
  cleared: 4,
  closed: 5,
};

/** Priority, then what needs a hand, then who waits longest; the id makes the order total. */
export function byUrgency(a: Alert, b: Alert): number {
  return (
    a.priority - b.priority ||
    STATE_ORDER[a.state] - STATE_ORDER[b.state] ||
    fromInstant(a.raisedAt) - fromInstant(b.raisedAt) ||
    (a.alertId < b.alertId ? -1 : 1)
  );
}

const latestFirst = (a: Alert, b: Alert): number =>
  fromInstant(b.updatedAt) - fromInstant(a.updatedAt) || (a.alertId < b.alertId ? -1 : 1);

/** Ten thousand alerts are not sorted anew because a second has passed. */
const queues = new WeakMap<ConsoleState['alerts'], { held: ConsoleState['held']; queue: Queue }>();

/** Where every row stands. Held rows stay put, and what is new waits beside the list. */
export function queueOf(state: ConsoleState): Queue {
  const known = queues.get(state.alerts);
  if (known !== undefined && known.held?.placements === state.held?.placements) return known.queue;
  const queue = sortedQueue(state);
  queues.set(state.alerts, { held: state.held, queue });
  return queue;
}

function sortedQueue(state: Pick<ConsoleState, 'alerts' | 'held'>): Queue {
  const open = new Map<string, number>();
  for (const { caseId, state: at } of state.alerts.values()) {
    if (at !== 'closed' && at !== 'cleared') open.set(caseId, (open.get(caseId) ?? 0) + 1);
  }
  const rowOf = (alert: Alert): Row => ({
    alert,
    siblings: Math.max(0, (open.get(alert.caseId) ?? 0) - 1),
  });
  const sections = new Map<Section, Row[]>(SECTIONS.map((section) => [section, []]));
  if (state.held === null) {
    const sorted = [...state.alerts.values()].toSorted(byUrgency);
    for (const alert of sorted) sections.get(sectionOf(alert))?.push(rowOf(alert));
    sections.get('settled')?.sort((a, b) => latestFirst(a.alert, b.alert));
    return { sections, waiting: [] };
  }
  const placed = new Set<string>();
  for (const { alertId, section } of state.held.placements) {
    const alert = state.alerts.get(alertId);
    if (alert === undefined) continue;
    placed.add(alertId);
    sections.get(section as Section)?.push(rowOf(alert));
  }
  const waiting = [...state.alerts.values()].filter(({ alertId }) => !placed.has(alertId));
  return { sections, waiting: waiting.toSorted(byUrgency) };
}

export function placementsOf(queue: Queue): Placement[] {
  return [...queue.sections].flatMap(([section, rows]) =>
    rows.map(({ alert }) => ({ alertId: alert.alertId, section })),
  );
}

/** Open alerts of each priority, and how many of them nobody has acknowledged. */
export function countsOf(
  state: ConsoleState,
): ReadonlyMap<Priority, { open: number; unacknowledged: number }> {
  const counts = new Map<Priority, { open: number; unacknowledged: number }>(
    ([1, 2, 3, 4] as const).map((priority) => [priority, { open: 0, unacknowledged: 0 }]),
  );
  for (const alert of state.alerts.values()) {
    const count = counts.get(alert.priority);
    const section = sectionOf(alert);
    if (count === undefined || section === 'settled') continue;
    count.open += 1;
    if (awaitsAcknowledgement(alert)) count.unacknowledged += 1;
  }
  return counts;
}

export const awaitsAcknowledgement = (alert: Alert): boolean =>
  alert.state === 'unacknowledged' || alert.state === 'cleared-unacknowledged';

export type Call = 'now' | 'link' | 'none';

/** What must sound at this moment; danger to a person goes before trouble with the line. */
export function callOf(state: ConsoleState): Call {
  const silenced = state.silence?.alertIds ?? new Set<string>();
  const calling = [...state.alerts.values()].some(
    (alert) => alert.priority === 1 && awaitsAcknowledgement(alert) && !silenced.has(alert.alertId),
  );
  if (calling) return 'now';
  const down = state.link.state === 'stale' || state.link.state === 'lost';
  return down && state.silence?.link !== true ? 'link' : 'none';
}

export interface NamedAge {
  readonly role: 'wearer' | 'victim';
  readonly personId: string;
  readonly ageS: number;
}

/** Ages of both fixes: of the live position where there is one, else of the fix judged. */
export function fixAgesOf(state: ConsoleState, alert: Alert): NamedAge[] {
  const nowMs = serverNowMs(state);
  return (['wearer', 'victim'] as const).flatMap((role) => {
    const personId = role === 'wearer' ? alert.wearerId : alert.victimId;
    if (personId === null) return [];
    const live = state.features
      .filter(({ properties }) => properties.personId === personId)
      .map(({ properties }) => positionAgeS(properties.time, nowMs));
    const judged = alert.basis.fixes
      .filter((fix) => fix.personId === personId)
      .map((fix) => fixAgeS(fix, alert.basis.evaluatedAt, nowMs));
    const ages = [...live, ...judged];
    return ages.length === 0 ? [] : [{ role, personId, ageS: Math.min(...ages) }];
  });
}

export const positionAgeS = (time: string, nowMs: number): number =>
  Math.max(0, (nowMs - fromInstant(time)) / 1_000);

/** Two canaries a minute apart may miss before the tick goes. (RELIABILITY §7.1) */
export const PROOF_FRESH_S = 120;

export type Proof = { state: 'none' } | { state: 'fresh' | 'old'; ageS: number };

/** When the chain from a device to this console last proved that it works. */
export function proofOf(state: ConsoleState): Proof {
  if (state.provenAt === null) return { state: 'none' };
  const ageS = Math.max(0, (serverNowMs(state) - fromInstant(state.provenAt)) / 1_000);
  // A line that is down proves nothing, however short ago it did.
  const fresh = isLive(state) && ageS < PROOF_FRESH_S;
  return { state: fresh ? 'fresh' : 'old', ageS };
}

/** After these a position is shown grey, and then hollow: what is old must look old. */
export const AGEING_S = 30;
export const OLD_S = 90;
export type Freshness = 'fresh' | 'ageing' | 'old';

export function freshnessOf(ageS: number, live: boolean): Freshness {
  if (!live || ageS > OLD_S) return 'old';
  return ageS > AGEING_S ? 'ageing' : 'fresh';
}

export const positionsOf = (state: ConsoleState, caseId: string): PositionFeature[] =>
  state.features.filter(({ properties }) => properties.caseId === caseId);

export const bansOf = (state: ConsoleState, caseId: string): BanFeature[] =>
  state.bans.filter((ban) => ban.caseId === caseId);

/** A wearer and a victim between whom a contact ban stands, as last measured. */
export interface Pair {
  readonly ban: BanFeature;
  readonly wearer: PositionFeature;
  readonly victim: PositionFeature;
  readonly apartM: number;
}

export function pairsOf(state: ConsoleState): readonly Pair[] {
  const known = pairs.get(state.features);
  if (known?.bans === state.bans) return known.found;
  const found = foundPairs(state);
  pairs.set(state.features, { bans: state.bans, found });
  return found;
}

const pairs = new WeakMap<
  ConsoleState['features'],
  { bans: ConsoleState['bans']; found: readonly Pair[] }
>();

function foundPairs(state: ConsoleState): Pair[] {
  return state.bans.flatMap((ban) => {
    if (ban.kind !== 'contact-ban' || ban.victimId === null) return [];
    const wearer = latestOf(state, ban.wearerId);
    const victim = latestOf(state, ban.victimId);
    if (wearer === null || victim === null) return [];
    const [from, to] = [wearer.geometry.coordinates, victim.geometry.coordinates];
    return [{ ban, wearer, victim, apartM: distanceM(from[0], from[1], to[0], to[1]) }];
  });
}

/** One person can carry two devices; the newest fix stands for the person. */
function latestOf(state: ConsoleState, personId: string): PositionFeature | null {
  const own = state.features.filter(({ properties }) => properties.personId === personId);
  return (
    own.toSorted((a, b) => fromInstant(b.properties.time) - fromInstant(a.properties.time))[0] ??
    null
  );
}
