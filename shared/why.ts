import type { Alert, BasisFix } from './alert.ts';
import {
  clockText,
  distanceText,
  distanceWithUncertainty,
  durationText,
  type Language,
  speedText,
} from './figures.ts';
import { fromInstant } from './instant.ts';
import { assertNever } from './result.ts';
import { type Phrases, PHRASES, type Tense } from './why-phrases.ts';

/** Slower than this is a stand-still plus noise. */
const MOVING_MS = 0.3;
/** A fix older than this is worth a word in the sentence itself. */
const OLD_FIX_S = 60;

/**
 * Why an alert stands, as one plain sentence: what is claimed and how sure, then the figures.
 * Figures age with `nowMs`: a time to contact that has run out says so and never goes negative.
 */
export function why(alert: Alert, language: Language, nowMs: number): string {
  const phrases = PHRASES[language];
  const over = alert.clearedAt !== null && !alert.retrospective;
  const past = over || alert.retrospective;
  const prefix = over
    ? phrases.over(clockText(fromInstant(alert.clearedAt ?? alert.updatedAt), nowMs, language))
    : '';
  const figures = past
    ? pastFigures(alert, phrases, language, nowMs)
    : liveFigures(alert, phrases, language, nowMs);
  const tail = figures.length > 0 ? `: ${figures.join(', ')}` : '';
  return capital(`${prefix}${claim(alert, phrases, language, past, nowMs)}${tail}.`);
}

/** How old a fix is now, by the server's clock. */
export function fixAgeS(fix: BasisFix, evaluatedAt: string, nowMs: number): number {
  return fix.ageS + Math.max(0, nowMs - fromInstant(evaluatedAt)) / 1_000;
}

function claim(
  alert: Alert,
  phrases: Phrases,
  language: Language,
  past: boolean,
  nowMs: number,
): string {
  switch (alert.code) {
    case 'contact-ban':
      return contactClaim(alert, phrases, language, past, nowMs);
    case 'location-ban':
    case 'location-duty':
      return placeClaim(alert, alert.code, phrases, language, past, nowMs);
    case 'gap-possible':
    case 'implausible':
      return because(phrases.device[alert.code](deviceOf(alert, phrases), past), alert, phrases);
    default:
      return phrases.device[alert.code](deviceOf(alert, phrases), past);
  }
}

function contactClaim(
  alert: Alert,
  phrases: Phrases,
  language: Language,
  past: boolean,
  nowMs: number,
): string {
  const { reason, limits } = alert.basis;
  const who = phrases.wearer(alert.wearerId);
  const whom = phrases.victim(alert.victimId);
  const limitOf = (valueM: number | null | undefined): string | null =>
    valueM === null || valueM === undefined ? null : distanceText(valueM, language);
  const ban = limitOf(limits?.distanceM);
  const tense: Tense = { past, certainty: alert.certainty };
  switch (reason) {
    case 'within-distance':
      return phrases.within(who, ban, whom, tense);
    case 'passed-within':
      return phrases.passed(who, ban, whom, closestAt(alert, language, nowMs), tense);
    case 'at-the-line':
      return because(phrases.within(who, ban, whom, tense), alert, phrases);
    case 'within-warning':
      return phrases.withinWarning(who, limitOf(limits?.warningM), whom, { past, certainty: null });
    case 'on-course':
      return phrases.onCourse(who, whom, { past, certainty: null });
    default:
      return because(phrases.unknown(phrases.maybeWithin(who, ban, whom), past), alert, phrases);
  }
}

function placeClaim(
  alert: Alert,
  code: 'location-ban' | 'location-duty',
  phrases: Phrases,
  language: Language,
  past: boolean,
  nowMs: number,
): string {
  const { reason, banName } = alert.basis;
  const who = phrases.wearer(alert.wearerId);
  const place = phrases.place(code, banName);
  const tense: Tense = { past, certainty: alert.certainty };
  switch (reason) {
    case 'inside-zone':
    case 'within-distance':
      return phrases.inside(who, place, tense);
    case 'passed-inside':
      return phrases.passedInside(who, place, closestAt(alert, language, nowMs), tense);
    case 'at-the-line':
      return because(phrases.inside(who, place, tense), alert, phrases);
    case 'in-buffer':
    case 'within-warning':
      return phrases.inBuffer(who, place, { past, certainty: null });
    case 'outside-zone':
      return phrases.outside(who, place, tense);
    case 'on-course':
      return phrases.onCourse(who, place, { past, certainty: null });
    default: {
      const maybe = code === 'location-duty' ? phrases.maybeOutside : phrases.maybeInside;
      return because(phrases.unknown(maybe(who, place), past), alert, phrases);
    }
  }
}

/** When they were nearest, as a time of day. */
function closestAt({ basis }: Alert, language: Language, nowMs: number): string {
  const { closestAt: at } = basis.detail;
  return typeof at === 'string' ? clockText(fromInstant(at), nowMs, language) : '';
}

/** Adds what lies behind a claim, where the reason is not the claim itself. */
function because(text: string, alert: Alert, phrases: Phrases): string {
  const cause = phrases.cause[alert.basis.reason];
  return cause === undefined ? text : `${text} (${cause})`;
}

function deviceOf(alert: Alert, phrases: Phrases): string {
  if (alert.wearerId !== null && alert.victimId !== null) {
    const fix = alert.basis.fixes.find(({ deviceId }) => deviceId === alert.deviceId);
    const victims = fix ? fix.role === 'victim' : alert.code === 'sos';
    const holder = victims ? phrases.victim(alert.victimId) : phrases.wearer(alert.wearerId);
    return phrases.deviceOf(alert.deviceId, holder);
  }
  if (alert.victimId !== null) {
    return phrases.deviceOf(alert.deviceId, phrases.victim(alert.victimId));
  }
  const holder = alert.wearerId === null ? null : phrases.wearer(alert.wearerId);
  return phrases.deviceOf(alert.deviceId, holder);
}

function liveFigures(alert: Alert, phrases: Phrases, language: Language, nowMs: number): string[] {
  if (alert.kind === 'device' || alert.kind === 'system') {
    return technicalFigures(alert, phrases, language, nowMs);
  }
  const sinceS = Math.max(0, nowMs - fromInstant(alert.basis.evaluatedAt)) / 1_000;
  const out = [
    closestFigure(alert, phrases, language),
    distanceFigure(alert, phrases, language),
    motionFigure(alert, phrases, language),
    reachFigure(alert, phrases, language),
  ];
  if (alert.timeToBreachS !== null && alert.stage !== 'breach') {
    const leftS = alert.timeToBreachS - sinceS;
    out.push(leftS <= 0 ? phrases.breachNow : phrases.breachIn(durationText(leftS, language)));
  }
  if (alert.timeToContactS !== null && alert.kind === 'contact') {
    const leftS = alert.timeToContactS - sinceS;
    out.push(leftS <= 0 ? phrases.contactNow : phrases.contactIn(durationText(leftS, language)));
  }
  out.push(oldFixFigure(alert, phrases, language, nowMs));
  return out.filter((figure) => figure !== null);
}

/** What a device or a part of the system said of itself. */
function technicalFigures(
  alert: Alert,
  phrases: Phrases,
  language: Language,
  nowMs: number,
): string[] {
  const { lateS, detail } = alert.basis.detail;
  if (alert.kind === 'system') {
    const told = typeof detail === 'string' && detail !== '' ? [detail] : [];
    return [...spanFigures(alert, phrases, language, nowMs), ...told];
  }
  if (typeof lateS !== 'number' || lateS < OLD_FIX_S) return [];
  return [phrases.late(durationText(lateS, language))];
}

/** How near they came between two positions; how far apart they are now comes after it. */
function closestFigure(alert: Alert, phrases: Phrases, language: Language): string | null {
  const { closestM } = alert.basis.detail;
  if (alert.basis.reason !== 'passed-within' || typeof closestM !== 'number') return null;
  return phrases.closest(distanceText(closestM, language));
}

/** Why nothing can be ruled out: how far they may have gone since they were last seen. */
function reachFigure(alert: Alert, phrases: Phrases, language: Language): string | null {
  const { reachM } = alert.basis.detail;
  if (alert.basis.reason !== 'cannot-rule-out' || typeof reachM !== 'number') return null;
  return phrases.reach(distanceText(reachM, language));
}

function pastFigures(alert: Alert, phrases: Phrases, language: Language, nowMs: number): string[] {
  if (alert.kind === 'device') return [];
  if (alert.kind === 'system') return spanFigures(alert, phrases, language, nowMs);
  const out = [distanceFigure(alert, phrases, language)];
  if (alert.retrospective) {
    out.push(...spanFigures(alert, phrases, language, nowMs));
    out.push(phrases.learnt(clockText(fromInstant(alert.raisedAt), nowMs, language)));
  }
  return out.filter((figure) => figure !== null);
}

/** The time that an alert is about, where that is not the present. */
function spanFigures(alert: Alert, phrases: Phrases, language: Language, nowMs: number): string[] {
  const { from, until } = alert.basis.detail;
  const at = (instant: unknown): string | null =>
    typeof instant === 'string' && !Number.isNaN(Date.parse(instant))
      ? clockText(Date.parse(instant), nowMs, language)
      : null;
  const [first, last] = [at(from), at(until)];
  return first === null || last === null ? [] : [phrases.between(first, last)];
}

function distanceFigure(alert: Alert, phrases: Phrases, language: Language): string | null {
  if (alert.distanceM === null) return null;
  const text = distanceWithUncertainty(alert.distanceM, alert.uncertaintyM, language);
  switch (alert.kind) {
    case 'contact':
      return alert.basis.reason === 'passed-within' ? phrases.apartNow(text) : phrases.apart(text);
    case 'location':
    case 'duty':
      return edgeFigure(alert, text, phrases, language);
    case 'device':
    case 'system':
      return null;
    default:
      return assertNever(alert.kind);
  }
}

/** A distance to a zone is nought inside it; there the depth says more. */
function edgeFigure(alert: Alert, text: string, phrases: Phrases, language: Language) {
  if (alert.distanceM !== null && alert.distanceM >= 1) return phrases.fromEdge(text);
  const { depthM } = alert.basis.detail;
  if (typeof depthM !== 'number' || depthM < 1) return null;
  return phrases.beyondEdge(distanceWithUncertainty(depthM, alert.uncertaintyM, language));
}

function motionFigure(alert: Alert, phrases: Phrases, language: Language): string | null {
  const speedMs = alert.closingSpeedMs;
  if (speedMs === null || Math.abs(speedMs) < MOVING_MS) return null;
  const text = speedText(speedMs, language);
  if (speedMs < 0) return phrases.leaving(text);
  const mover = alert.kind === 'contact' ? (alert.basis.mover ?? 'neither') : 'neither';
  return phrases.closing[mover](text);
}

/** Only the oldest: one sentence, and the row shows the age of each anyway. */
function oldFixFigure(
  alert: Alert,
  phrases: Phrases,
  language: Language,
  nowMs: number,
): string | null {
  const aged = alert.basis.fixes
    .map((fix) => ({ role: fix.role, ageS: fixAgeS(fix, alert.basis.evaluatedAt, nowMs) }))
    .toSorted((a, b) => b.ageS - a.ageS)[0];
  if (aged === undefined || aged.ageS < OLD_FIX_S) return null;
  return phrases.oldFix(aged.role, durationText(aged.ageS, language));
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
