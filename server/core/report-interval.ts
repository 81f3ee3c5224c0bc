import { distanceM } from '../../shared/geodesy.ts';
import type { PersonId } from '../../shared/ids.ts';
import { isCarried, type BanState, type CaseState } from './case-state.ts';
import { speedOf } from './forecast.ts';
import { estimatesAt, type Estimate } from './motion.ts';

/** How often a victim's device is asked to report, the slowest first. (SPEC RI1) */
export const REPORT_INTERVALS_S = [60, 15, 5] as const;
export type ReportIntervalS = (typeof REPORT_INTERVALS_S)[number];
const CALM_S = REPORT_INTERVALS_S[0];
const ALARMED_S = REPORT_INTERVALS_S[2];

/** T: a warning must come so long before the line, as far ahead as a course is believed. */
const AHEAD_S = 120;
/** 19 of 20 messages are here within 3.3 s, and a quiet case is looked at every 15 s. */
const LATENCY_S = 5 + 15;
/** Who stands still may set off while nobody looks: at the least he walks briskly. */
const BRISK_WALK_MS = 2;
/** As fast as MO5 takes anybody to be. */
const TOP_SPEED_MS = 36;
/** Nearer than this a car is with her before three slow reports have come. */
const FAR_M = 5_000;
const FAR_WARNINGS = 2;
/** Near the warning distance: alerts hold on to 1.1 times it, so somewhat beyond that. */
const NEAR_WARNINGS = 1.25;

type Line = Pick<BanState, 'distanceM' | 'warningM'>;

/**
 * How far he must be for an interval to do: R ≥ D + v · (report interval + latency + T), v being
 * the speed at which they may close on each other. Never less than the steps of DOMAIN: slow only
 * when far, middling only when not near the warning distance. (SPEC RI2)
 */
export function neededM(ban: Line, closingMs: number, intervalS: ReportIntervalS): number {
  const byTimeM = ban.distanceM + closingMs * (intervalS + LATENCY_S + AHEAD_S);
  const leastM =
    intervalS === CALM_S
      ? Math.max(FAR_M, FAR_WARNINGS * ban.warningM)
      : NEAR_WARNINGS * ban.warningM;
  return Math.max(byTimeM, leastM);
}

/** The slowest interval with which the warning still comes in time. (SPEC RI2) */
export const slowestInTimeS = (ban: Line, apartM: number, closingMs: number): ReportIntervalS =>
  REPORT_INTERVALS_S.find((intervalS) => apartM >= neededM(ban, closingMs, intervalS)) ?? ALARMED_S;

/** What the danger asks of one person's devices; null when no contact ban protects her now. */
export function wantedIntervalS(
  state: CaseState,
  personId: PersonId,
  atMs: number,
): ReportIntervalS | null {
  if (hasPressedSos(state, personId)) return ALARMED_S;
  let wantedS: ReportIntervalS | null = null;
  let hers: readonly Estimate[] | null = null;
  for (const ban of state.bans) {
    if (ban.victimId !== personId || !ban.activity.active) continue;
    if (hasStandingAlert(state, ban)) return ALARMED_S;
    hers ??= placesOf(state, personId, atMs);
    wantedS = faster(wantedS, intervalForS(ban, placesOf(state, ban.wearerId, atMs), hers));
  }
  return wantedS;
}

const faster = (a: ReportIntervalS | null, b: ReportIntervalS): ReportIntervalS =>
  a !== null && a < b ? a : b;

/** Of all places where each of the two may be, those nearest to each other decide. (SPEC RI3) */
function intervalForS(
  ban: BanState,
  his: readonly Estimate[] | null,
  hers: readonly Estimate[] | null,
): ReportIntervalS {
  // He carries no device: with her place alone nothing can be told, however often it comes.
  if (his === null) return CALM_S;
  if (his.length === 0 || !hers || hers.length === 0) return ALARMED_S;
  let wantedS: ReportIntervalS = CALM_S;
  for (const wearer of his) {
    for (const victim of hers) {
      const middlesM = distanceM(wearer.lon, wearer.lat, victim.lon, victim.lat);
      const apartM = middlesM - wearer.reachM - victim.reachM;
      const closingMs = Math.max(BRISK_WALK_MS, paceMs(wearer)) + paceMs(victim);
      wantedS = faster(wantedS, slowestInTimeS(ban, apartM, closingMs));
    }
  }
  return wantedS;
}

const paceMs = ({ point }: Estimate): number => Math.min(TOP_SPEED_MS, speedOf(point));

/**
 * Where a person may be, doubted fixes included; null without a device. Each estimate's reach grows
 * with its age, so that an old place counts as near to more and more.
 */
function placesOf(state: CaseState, personId: PersonId, atMs: number): Estimate[] | null {
  let places: Estimate[] | null = null;
  for (const known of state.devices) {
    if (known.device.personId !== personId || !isCarried(known, atMs)) continue;
    // One that was never heard of may be anywhere, but the person's other devices know better.
    places ??= [];
    for (const estimate of estimatesAt(known.track, atMs)) places.push(estimate);
  }
  return places;
}

function hasStandingAlert(state: CaseState, ban: BanState): boolean {
  const alertId = state.watches.get(ban.key)?.alertId;
  return alertId ? (state.alerts.get(alertId)?.standing ?? false) : false;
}

/** Until a person closes it. (SPEC RI4) */
function hasPressedSos(state: CaseState, personId: PersonId): boolean {
  for (const { code, victimId, standing, state: life } of state.alerts.values()) {
    if (code === 'sos' && victimId === personId && standing && life !== 'closed') return true;
  }
  return false;
}
