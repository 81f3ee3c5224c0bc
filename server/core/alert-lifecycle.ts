import { createHash } from 'node:crypto';
import type {
  AlertBasis,
  AlertCode,
  AlertKind,
  AlertState,
  Priority,
  Stage,
} from '../../shared/alert.ts';
import type { AlertId, CaseId } from '../../shared/ids.ts';
import type { AlertChange, AlertRecord, AlertSubject, Figures } from './alert-record.ts';
import type { Watch } from './case-state.ts';
import type { Verdict } from './verdict.ts';

/**
 * One alert's life, in the words of ISA-18.2. A verdict raises it once per encounter; it is updated
 * as stage, certainty or priority change, comes back to `unacknowledged` when it worsens, clears
 * when the condition has been gone for a while, and ends when a person closes it, or by itself once
 * it is both cleared and acknowledged and never had priority 1. (SPEC EP1–EP9)
 */
export interface Cause {
  readonly caseId: CaseId;
  readonly kind: AlertKind;
  readonly code: AlertCode;
  /** What tells causes apart that have neither order nor device. */
  readonly about?: string;
  readonly subject: AlertSubject;
  /** How long the condition must have been gone before the alert clears. */
  readonly clearAfterMs: number;
  basis(): AlertBasis;
}

export interface Step {
  readonly watch: Watch;
  /** The alert as it now is; null when there is none. */
  readonly record: AlertRecord | null;
  readonly change: AlertChange | null;
}

export const CLEAR_AFTER_MS = 30_000;
/** A breach must have been less for this long before it is called an approach again. (SPEC EP5) */
const EASE_AFTER_MS = 15_000;
/** Coming back this soon is the same encounter. (SPEC EP6) */
export const REUNITE_MS = 600_000;

const NOTHING_TOLD: Watch['told'] = [];

export const UNWATCHED: Watch = {
  episode: 0,
  alertId: null,
  goneSinceMs: null,
  easedSinceMs: null,
  told: NOTHING_TOLD,
  hushed: null,
};

/** What follows from a verdict for the alert of one cause. `fresh`: a new fix is the occasion. */
export function step(
  before: Watch,
  record: AlertRecord | null,
  verdict: Verdict,
  cause: Cause,
  atMs: number,
  fresh: boolean,
): Step {
  const watch = verdict.stage === 'breach' ? withTold(before, atMs) : before;
  if (!record)
    return verdict.standing ? begin(watch, verdict, cause, atMs) : calm(watch, verdict, atMs);
  if (record.standing) return goOn(watch, record, verdict, cause, atMs, fresh);
  if (!verdict.standing) return { watch, record, change: null };
  // What comes back as less than it was is told as that, beside the urgent one that still waits for
  // a person: an approach is no reason to sound the breach again. (SPEC EP6)
  const less = verdict.priority > record.priority;
  const back = !less && record.clearedAtMs !== null && atMs - record.clearedAtMs < REUNITE_MS;
  return back ? comeBack(watch, record, verdict, cause, atMs) : begin(watch, verdict, cause, atMs);
}

/** A pause shorter than this is the same time. */
const TOLD_PAUSE_MS = 60_000;
const TOLD_MAX = 8;

/** Remembers that it is a breach now. */
function withTold(watch: Watch, atMs: number): Watch {
  const last = watch.told.at(-1);
  if (last && atMs - last.untilMs <= TOLD_PAUSE_MS) {
    const told = [...watch.told.slice(0, -1), { fromMs: last.fromMs, untilMs: atMs }];
    return { ...watch, told };
  }
  return { ...watch, told: [...watch.told.slice(1 - TOLD_MAX), { fromMs: atMs, untilMs: atMs }] };
}

/**
 * After a person closed a standing alert: once its condition has gone, the next one counts anew.
 */
function calm(watch: Watch, verdict: Verdict, atMs: number): Step {
  if (watch.hushed === null) return { watch, record: null, change: null };
  if (verdict.holds) return { watch: stillThere(watch, verdict), record: null, change: null };
  const goneSinceMs = watch.goneSinceMs ?? atMs;
  const over = atMs - goneSinceMs >= CLEAR_AFTER_MS;
  const next = over ? { ...watch, hushed: null, goneSinceMs: null } : { ...watch, goneSinceMs };
  return { watch: next, record: null, change: null };
}

/**
 * Gone means gone without a break. A breach that was closed and has become less is no longer what
 * the person closed: the next breach is told again. (SPEC EP9)
 */
function stillThere(watch: Watch, verdict: Verdict): Watch {
  const eased =
    watch.hushed?.stage === 'breach' && verdict.stage !== 'breach' && !verdict.holdsBreach;
  if (eased) return { ...watch, goneSinceMs: null, hushed: { stage: 'approach', priority: 2 } };
  return watch.goneSinceMs === null ? watch : { ...watch, goneSinceMs: null };
}

function begin(watch: Watch, verdict: Verdict, cause: Cause, atMs: number): Step {
  // What only a person ends was ended by closing it: the next report is a new one. (SPEC DV1)
  const isCondition = cause.clearAfterMs !== Infinity;
  if (watch.hushed && isCondition && !worsens(watch.hushed, verdict)) {
    return { watch: stillThere(watch, verdict), record: null, change: null };
  }
  const episode = watch.episode + 1;
  const { orderId, banId, wearerId, victimId, deviceId } = cause.subject;
  // Written out: in a flood of new alerts, spreading the subject takes most of the time.
  const record: AlertRecord = {
    orderId,
    banId,
    wearerId,
    victimId,
    deviceId,
    alertId: alertIdOf(cause, episode),
    caseId: cause.caseId,
    kind: cause.kind,
    code: cause.code,
    episode,
    stage: verdict.stage,
    certainty: verdict.certainty,
    priority: verdict.priority,
    state: 'unacknowledged',
    standing: true,
    retrospective: false,
    raisedAtMs: atMs,
    updatedAtMs: atMs,
    clearedAtMs: null,
    acknowledgedBy: null,
    acknowledgedAtMs: null,
    shelvedUntilMs: null,
    closure: null,
    figures: verdict.figures,
    basis: cause.basis(),
  };
  return {
    watch: { ...UNWATCHED, episode, alertId: record.alertId, told: watch.told },
    record,
    change: { atMs, change: 'raised', record, act: null },
  };
}

/** Derived from the cause alone, so that a restart cannot raise the same alert twice. (SPEC EP2) */
export function alertIdOf(
  cause: Pick<Cause, 'code' | 'about' | 'subject'>,
  episode: number,
): AlertId {
  const { orderId, banId, deviceId } = cause.subject;
  const text = JSON.stringify([cause.code, cause.about ?? '', orderId, banId, deviceId, episode]);
  return createHash('sha256').update(text).digest('hex').slice(0, 24) as AlertId;
}

interface Urgency {
  readonly stage: Stage | null;
  readonly priority: Priority;
}

const worsens = (before: Urgency, now: Urgency): boolean =>
  now.priority < before.priority || (now.stage === 'breach' && before.stage !== 'breach');

/** Back from acknowledged or shelved when it worsens; else as it was. */
const stateAfter = (record: AlertRecord, worse: boolean): AlertState =>
  worse && (record.state === 'acknowledged' || record.state === 'shelved')
    ? 'unacknowledged'
    : record.state;

function goOn(
  watch: Watch,
  record: AlertRecord,
  verdict: Verdict,
  cause: Cause,
  atMs: number,
  fresh: boolean,
): Step {
  if (!verdict.standing && !verdict.holds) return fade(watch, record, cause, atMs);
  const eased = record.stage === 'breach' && verdict.stage !== 'breach';
  const easedSinceMs = eased && !verdict.holdsBreach ? (watch.easedSinceMs ?? atMs) : null;
  const keepsBreach = eased && (easedSinceMs === null || atMs - easedSinceMs < EASE_AFTER_MS);
  const stage = keepsBreach || !verdict.standing ? record.stage : verdict.stage;
  const certainty = keepsBreach || !verdict.standing ? record.certainty : verdict.certainty;
  const next: Urgency = {
    stage,
    // Priority 1 stays until a person has closed it. (SPEC EP7)
    priority: Math.min(record.priority, verdict.priority) as Priority,
  };
  const worse = worsens(record, next);
  const state = stateAfter(record, worse);
  const same = watch.goneSinceMs === null && watch.easedSinceMs === easedSinceMs;
  const kept = same ? watch : { ...watch, goneSinceMs: null, easedSinceMs };
  const told =
    stage === record.stage && next.priority === record.priority && state === record.state;
  if (told && !isRicher(record, certainty) && !(fresh && movedOn(record, verdict.figures))) {
    return { watch: kept, record, change: null };
  }
  const shelvedUntilMs = state === 'shelved' ? record.shelvedUntilMs : null;
  const now = { ...record, ...next, certainty, state, shelvedUntilMs };
  return changed(kept, now, verdict.figures, cause, atMs);
}

const CERTAINTY_RANK = { possible: 1, likely: 2, certain: 3 } as const;

/** More certain is told at once; less certain together with the next figures. */
const isRicher = (record: AlertRecord, certainty: AlertRecord['certainty']): boolean =>
  (certainty ? CERTAINTY_RANK[certainty] : 0) >
  (record.certainty ? CERTAINTY_RANK[record.certainty] : 0);

const MOVED_M = 10;
const MOVED_SHARE = 0.1;

/** Is the difference to the figures last told more than their own uncertainty plays? (SPEC EP8) */
function movedOn(record: AlertRecord, now: Figures): boolean {
  const told = record.figures.distanceM;
  if (told === null || now.distanceM === null) return told !== now.distanceM;
  const floorM = Math.max(MOVED_M, MOVED_SHARE * told, now.uncertaintyM ?? 0);
  return Math.abs(now.distanceM - told) > floorM;
}

function changed(
  watch: Watch,
  record: AlertRecord,
  figures: Figures,
  cause: Cause,
  atMs: number,
): Step {
  const next: AlertRecord = { ...record, figures, basis: cause.basis(), updatedAtMs: atMs };
  return { watch, record: next, change: { atMs, change: 'updated', record: next, act: null } };
}

/** The condition is gone: wait, then clear. */
function fade(watch: Watch, record: AlertRecord, cause: Cause, atMs: number): Step {
  const goneSinceMs = watch.goneSinceMs ?? atMs;
  if (atMs - goneSinceMs < cause.clearAfterMs) {
    const waits = watch.goneSinceMs === null ? { ...watch, goneSinceMs } : watch;
    return { watch: waits, record, change: null };
  }
  return cleared({ ...watch, goneSinceMs: null, easedSinceMs: null }, record, atMs);
}

/** The condition is over for certain, as when the order ends: no waiting. */
export function cleared(watch: Watch, record: AlertRecord, atMs: number): Step {
  const next: AlertRecord = {
    ...record,
    standing: false,
    state: record.state === 'acknowledged' ? 'cleared' : 'cleared-unacknowledged',
    shelvedUntilMs: null,
    clearedAtMs: atMs,
    updatedAtMs: atMs,
  };
  return { watch, record: next, change: { atMs, change: 'cleared', record: next, act: null } };
}

function comeBack(
  watch: Watch,
  record: AlertRecord,
  verdict: Verdict,
  cause: Cause,
  atMs: number,
): Step {
  const again: AlertRecord = {
    ...record,
    standing: true,
    state: 'unacknowledged',
    shelvedUntilMs: null,
    clearedAtMs: null,
    stage: verdict.stage,
    certainty: verdict.certainty,
    priority: Math.min(record.priority, verdict.priority) as Priority,
  };
  const kept = { ...watch, goneSinceMs: null, easedSinceMs: null };
  return changed(kept, again, verdict.figures, cause, atMs);
}

/** Cleared, acknowledged and never urgent: nothing is asked of anyone any more. (SPEC EP7) */
export const hasEnded = (record: AlertRecord): boolean =>
  record.state === 'closed' || (record.state === 'cleared' && record.priority !== 1);
