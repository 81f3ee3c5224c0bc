import type { BasisFix, Finding } from '../../shared/alert.ts';
import { fromInstant, toInstant } from '../../shared/instant.ts';
import { basisOf } from './alert-basis.ts';
import { alertIdOf, REUNITE_MS, type Cause } from './alert-lifecycle.ts';
import type { AlertRecord } from './alert-record.ts';
import type { BanState, DeviceState } from './case-state.ts';
import { outlookOfContact, outlookOfZone } from './ban-outlook.ts';
import { recordOf, setDevice, take, watchOf, type Draft } from './draft.ts';
import { judgeBans, KIND } from './judge-bans.ts';
import { settled } from './late.ts';
import { marksAround } from './way.ts';
import { findingOf, LIKELY_P } from './probability.ts';
import { isLikelyEnough, type Outlook } from './raising.ts';
import { activityOf } from './schedule.ts';
import { isLocated, PASSAGE_MS, type Located } from './track.ts';
import { certaintyOf, NO_FIGURES, NOTHING, rounded, toThousandths } from './verdict.ts';

/**
 * What is learnt late is judged for the time it belongs to, when no more of it has come for a
 * while: with what came before and after, both ways as known now. It is told as what it is, and the
 * present never goes back. (SPEC PA2–PA6)
 */

const STEP_MS = 2_000;
const STEPS_MAX = 3_000;

/** A time in which a ban was broken, as it is known now. */
interface Breach {
  readonly fromMs: number;
  readonly untilMs: number;
  /** When it is surest that it was broken, and when they were nearest or he deepest. */
  readonly surest: Moment;
  readonly closest: Moment;
}

interface Moment {
  readonly atMs: number;
  readonly nearM: number;
  readonly sigmaM: number;
  readonly probability: number;
}

/** Judges what devices have told late and nothing more has come of. */
export function judgePast(draft: Draft): void {
  for (const [index, device] of draft.state.devices.entries()) {
    const { past } = device;
    if (!past || draft.atMs < past.dueMs) continue;
    const track = settled(device.track, past.fromMs, past.untilMs);
    const known: DeviceState = { ...device, track, past: null };
    setDevice(draft, index, known);
    const liveFromMs = draft.atMs - PASSAGE_MS;
    if (past.untilMs > liveFromMs) {
      const fresh = { device: known, sinceMs: past.fromMs };
      judgeBans(draft, device.device.personId, null, fresh);
    }
    if (!isLocated(track)) continue;
    for (const ban of draft.state.bans) {
      judgeBanInPast(draft, ban, known, track, past.fromMs, Math.min(past.untilMs, liveFromMs));
    }
  }
}

function judgeBanInPast(
  draft: Draft,
  ban: BanState,
  device: DeviceState,
  track: Located,
  fromMs: number,
  untilMs: number,
): void {
  const { personId } = device.device;
  if (ban.wearerId !== personId && ban.victimId !== personId) return;
  if (ban.victimId === null) {
    const look: Look = { parties: [device], at: (atMs) => outlookOfZone(ban, track, atMs) };
    tellAll(draft, ban, look, fromMs, untilMs);
    return;
  }
  const otherId = personId === ban.wearerId ? ban.victimId : ban.wearerId;
  for (const carried of draft.state.devices) {
    const { track: other, valid } = carried;
    if (carried.device.personId !== otherId || !isLocated(other)) continue;
    // What the other has not told yet is judged when it has.
    const knownMs = Math.min(untilMs, other.last.atMs, valid.untilMs);
    const at = (atMs: number): Outlook => outlookOfContact(ban, track, other, atMs);
    const look: Look = { parties: [device, carried], at };
    tellAll(draft, ban, look, Math.max(fromMs, valid.fromMs), knownMs);
  }
}

/** Whose ways are looked at, and how. */
interface Look {
  readonly parties: readonly DeviceState[];
  at(atMs: number): Outlook;
}

function tellAll(draft: Draft, ban: BanState, look: Look, fromMs: number, untilMs: number): void {
  for (const breach of breachesIn(draft, ban, look, fromMs, untilMs)) {
    const { surest } = breach;
    if (!isLikelyEnough({ ...surest, forecast: false }, look.at(surest.atMs))) continue;
    tell(draft, ban, breach, look.parties);
  }
}

/** Stretches of time in which it is likely that the ban was broken, and nobody was told. */
function breachesIn(
  draft: Draft,
  ban: BanState,
  look: Look,
  fromMs: number,
  untilMs: number,
): Breach[] {
  if (untilMs <= fromMs) return [];
  const stepMs = Math.max(STEP_MS, Math.ceil((untilMs - fromMs) / STEPS_MAX));
  const outlook = look.at(fromMs);
  const breaches: Breach[] = [];
  let open = false;
  for (let atMs = fromMs; atMs <= untilMs; atMs += stepMs) {
    const now = outlook.at(atMs);
    const broken = now !== null && now.probability >= LIKELY_P && mayBeTold(draft, ban, atMs);
    if (broken) {
      const moment = { ...now, atMs };
      const last = breaches.at(-1);
      if (open && last) breaches[breaches.length - 1] = extended(ban, last, moment);
      else breaches.push({ fromMs: atMs, untilMs: atMs, surest: moment, closest: moment });
    }
    open = broken;
  }
  return breaches;
}

function extended(ban: BanState, breach: Breach, moment: Moment): Breach {
  // Of a duty the farthest outside is the worst.
  const sign = ban.kind === 'location-duty' ? -1 : 1;
  return {
    fromMs: breach.fromMs,
    untilMs: moment.atMs,
    surest: moment.probability > breach.surest.probability ? moment : breach.surest,
    closest: sign * moment.nearM < sign * breach.closest.nearM ? moment : breach.closest,
  };
}

/** Did the ban apply then, and has nobody been told of that time? (SPEC PA4) */
function mayBeTold(draft: Draft, ban: BanState, atMs: number): boolean {
  if (atMs < ban.order.textSinceMs) return false;
  const { told } = watchOf(draft, ban.key);
  const known = told.some(
    (span) => span.fromMs - NEAR_MS <= atMs && atMs <= span.untilMs + NEAR_MS,
  );
  return !known && activityOf(ban.order, ban.banId, ban.schedule, atMs).active;
}

/** An alert stood for the minute around what it told. */
const NEAR_MS = 60_000;

export const pastKeyOf = (orderId: string, banId: string): string => `${orderId}/past:${banId}`;

/** One alert for an encounter in the past too: what touches it, or nearly, extends it. */
function tell(draft: Draft, ban: BanState, breach: Breach, parties: readonly DeviceState[]): void {
  const key = pastKeyOf(ban.orderId, ban.banId);
  const watch = watchOf(draft, key);
  const record = recordOf(draft, watch);
  const before = record && spanOf(record);
  const near =
    before !== null &&
    breach.fromMs <= before.untilMs + REUNITE_MS &&
    breach.untilMs >= before.fromMs - REUNITE_MS;
  if (!record || !before || !near) {
    const episode = watch.episode + 1;
    const raised = recordFor(draft, ban, breach, parties, episode);
    const change = { atMs: draft.atMs, change: 'raised', record: raised, act: null } as const;
    take(draft, key, {
      watch: { ...watch, episode, alertId: raised.alertId },
      record: raised,
      change,
    });
    return;
  }
  if (before.fromMs <= breach.fromMs && breach.untilMs <= before.untilMs) return;
  const whole: Breach = {
    fromMs: Math.min(before.fromMs, breach.fromMs),
    untilMs: Math.max(before.untilMs, breach.untilMs),
    surest: breach.surest,
    closest: breach.closest,
  };
  const fresh = recordFor(draft, ban, whole, parties, record.episode);
  const nearer = (fresh.figures.distanceM ?? Infinity) < (record.figures.distanceM ?? Infinity);
  const next: AlertRecord = {
    ...record,
    state: record.state === 'shelved' ? 'shelved' : 'cleared-unacknowledged',
    updatedAtMs: draft.atMs,
    clearedAtMs: whole.untilMs,
    figures: nearer ? fresh.figures : record.figures,
    certainty: nearer ? fresh.certainty : record.certainty,
    basis: nearer
      ? fresh.basis
      : { ...record.basis, detail: { ...record.basis.detail, ...timesOf(whole) } },
  };
  const change = { atMs: draft.atMs, change: 'updated', record: next, act: null } as const;
  take(draft, key, { watch, record: next, change });
}

function spanOf({ basis }: AlertRecord): { fromMs: number; untilMs: number } | null {
  const { from, until } = basis.detail;
  if (typeof from !== 'string' || typeof until !== 'string') return null;
  return { fromMs: fromInstant(from), untilMs: fromInstant(until) };
}

const timesOf = ({ fromMs, untilMs }: Breach): { from: string; until: string } => ({
  from: toInstant(fromMs),
  until: toInstant(untilMs),
});

const REASON = {
  'contact-ban': 'within-distance',
  'location-ban': 'inside-zone',
  'location-duty': 'outside-zone',
} as const;
const LEARNT_LATE_PRIORITY = 2;

function recordFor(
  draft: Draft,
  ban: BanState,
  breach: Breach,
  parties: readonly DeviceState[],
  episode: number,
): AlertRecord {
  const { atMs } = draft;
  const { nearM, sigmaM } = breach.closest;
  const { probability } = breach.surest;
  const finding: Finding = findingOf(probability);
  const subject = {
    orderId: ban.orderId,
    banId: ban.banId,
    wearerId: ban.wearerId,
    victimId: ban.victimId,
    deviceId: null,
  };
  const cause: Pick<Cause, 'code' | 'about' | 'subject'> = {
    code: ban.kind,
    about: 'past',
    subject,
  };
  const detail = {
    ...timesOf(breach),
    closestAt: toInstant(breach.closest.atMs),
    closestM: rounded(Math.max(0, nearM)),
    ...(ban.victimId === null && nearM < 0 ? { depthM: rounded(-nearM) } : {}),
    probability: toThousandths(probability),
  };
  const verdict = { ...NOTHING, finding, reason: REASON[ban.kind], rules: ['PA2'], detail };
  return {
    ...subject,
    alertId: alertIdOf(cause, episode),
    caseId: draft.state.caseId,
    kind: KIND[ban.kind],
    code: ban.kind,
    episode,
    stage: 'breach',
    certainty: certaintyOf(finding),
    priority: LEARNT_LATE_PRIORITY,
    // It is over, but somebody must see it.
    state: 'cleared-unacknowledged',
    standing: false,
    retrospective: true,
    raisedAtMs: atMs,
    updatedAtMs: atMs,
    clearedAtMs: breach.untilMs,
    acknowledgedBy: null,
    acknowledgedAtMs: null,
    shelvedUntilMs: null,
    closure: null,
    figures: {
      ...NO_FIGURES,
      distanceM: rounded(Math.max(0, nearM)),
      uncertaintyM: rounded(sigmaM),
    },
    basis: {
      ...basisOf(draft.state, ban, verdict, atMs),
      fixes: parties.flatMap((party) => fixesOf(party, breach.closest.atMs, atMs)),
    },
  };
}

/** The fixes of a device around the closest approach. */
const fixesOf = ({ device, track }: DeviceState, closestMs: number, nowMs: number): BasisFix[] =>
  marksAround(track, closestMs).map(({ seq, atMs, receivedAtMs, sigmaM }) => ({
    deviceId: device.deviceId,
    personId: device.personId,
    role: device.kind === 'ankle-monitor' ? 'wearer' : 'victim',
    seq,
    time: toInstant(atMs),
    receivedAt: toInstant(receivedAtMs),
    ageS: rounded((nowMs - atMs) / 1000),
    sigmaM: rounded(sigmaM),
    source: null,
  }));
