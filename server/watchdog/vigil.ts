/**
 * The watch over one server, as a pure state machine. A server is `well` while it says so,
 * `not-well` while it says otherwise or contradicts itself, and `silent` once nothing that counts
 * has come for 15 s. An alarm is raised once, told again when another reason joins it, repeated
 * until it is over, and over only when all has been well for a while, so that a server that falters
 * alarms once.
 */

/** Three tells: one may be lost and one late. (RELIABILITY §2: known within 15 s) */
export const SILENT_AFTER_MS = 15_000;
/** Two beats of the canary, which comes every minute. */
export const CANARY_AFTER_MS = 120_000;
/** Often enough that a message nobody saw is seen, seldom enough to be read. */
export const REPEAT_EVERY_MS = 600_000;
/** Well for three tells: a server that comes and goes has one alarm, not one each time. */
export const RECOVERED_AFTER_MS = 15_000;
/** What was told once and is no longer told counts as lost after as long as a canary. */
export const UNTOLD_AFTER_MS = 120_000;
/** A foreign key counts against its server for as long as four of its tells. */
export const STRANGER_FOR_MS = 20_000;
/** Looked at later than this, the watchdog itself stood still: that is nobody's silence. */
export const STOOD_STILL_MS = 3_000;
/** Reasons told one by one in one alarm; the rest come with its repetitions. */
export const REASONS_TOLD_MAX = 20;

export interface Limits {
  readonly silentAfterMs: number;
  readonly canaryAfterMs: number;
  readonly repeatEveryMs: number;
  readonly recoveredAfterMs: number;
}

export const LIMITS: Limits = {
  silentAfterMs: SILENT_AFTER_MS,
  canaryAfterMs: CANARY_AFTER_MS,
  repeatEveryMs: REPEAT_EVERY_MS,
  recoveredAfterMs: RECOVERED_AFTER_MS,
};

/** What a server says, its signature and nonce being good. */
export type Report =
  | {
      readonly type: 'well';
      readonly well: boolean;
      readonly reasons: readonly string[];
      readonly canaryAgeS: number | null;
      readonly hasCheckpoint: boolean;
    }
  | { readonly type: 'stalled' };

/** Something a server shows with its word; `left-out` once it no longer does. */
type Proof =
  { readonly state: 'never' | 'shown' } | { readonly state: 'left-out'; readonly sinceMs: number };

interface Alarm {
  readonly sinceMs: number;
  readonly toldAtMs: number;
  readonly told: readonly string[];
  /** Since when nothing is wrong any more; null while something is. */
  readonly wellSinceMs: number | null;
}

export interface Vigil {
  readonly lookedAtMs: number;
  /** When something that counts came last; at first, when the watch began. */
  readonly heardAtMs: number;
  readonly report: Report | null;
  readonly canary: Proof;
  readonly checkpoint: Proof;
  /** When somebody last spoke in this server's name with another key. */
  readonly strangerAtMs: number | null;
  /** What the journal's witness holds against it: stands until a person accepts it. */
  readonly journalFault: string | null;
  readonly alarm: Alarm | null;
}

export type NoticeType = 'raised' | 'added' | 'repeated' | 'recovered';

/** Something to tell people. */
export interface Notice {
  readonly type: NoticeType;
  /** What is wrong now; for a recovery, what it was. */
  readonly reasons: readonly string[];
  readonly sinceMs: number;
  readonly atMs: number;
}

export interface Looked {
  readonly vigil: Vigil;
  readonly notice: Notice | null;
}

export const beginVigil = (atMs: number, journalFault: string | null = null): Vigil => ({
  lookedAtMs: atMs,
  heardAtMs: atMs,
  report: null,
  canary: { state: 'never' },
  checkpoint: { state: 'never' },
  strangerAtMs: null,
  journalFault,
  alarm: null,
});

export function hear(vigil: Vigil, report: Report, atMs: number): Vigil {
  const heard = { ...vigil, heardAtMs: atMs, report };
  if (report.type === 'stalled') return heard;
  return {
    ...heard,
    canary: proofNow(vigil.canary, report.canaryAgeS !== null, atMs),
    checkpoint: proofNow(vigil.checkpoint, report.hasCheckpoint, atMs),
  };
}

function proofNow(before: Proof, isShown: boolean, atMs: number): Proof {
  if (isShown) return { state: 'shown' };
  return before.state === 'shown' ? { state: 'left-out', sinceMs: atMs } : before;
}

export const hearStranger = (vigil: Vigil, atMs: number): Vigil => ({
  ...vigil,
  strangerAtMs: atMs,
});

export const holdAgainst = (vigil: Vigil, journalFault: string): Vigil => ({
  ...vigil,
  journalFault,
});

/** Lets time pass; to be called every second or so, and after each message. */
export function look(before: Vigil, atMs: number, limits: Limits): Looked {
  const vigil = { ...withoutOwnStandstill(before, atMs), lookedAtMs: atMs };
  const reasons = reasonsOf(vigil, atMs, limits);
  if (vigil.alarm !== null) {
    return reasons.length === 0
      ? calm(vigil, vigil.alarm, atMs, limits)
      : keepOn(vigil, { ...vigil.alarm, wellSinceMs: null }, reasons, atMs, limits);
  }
  if (reasons.length === 0) return { vigil, notice: null };
  const alarm = { sinceMs: atMs, toldAtMs: atMs, told: reasons, wellSinceMs: null };
  return {
    vigil: { ...vigil, alarm },
    notice: { type: 'raised', reasons, sinceMs: atMs, atMs },
  };
}

/** Everything that is wrong with a server at this moment. */
export function reasonsOf(vigil: Vigil, atMs: number, limits: Limits): string[] {
  const reasons = isSilent(vigil, atMs, limits) ? ['silent'] : reportedReasons(vigil, limits);
  if (!isSilent(vigil, atMs, limits)) reasons.push(...untold(vigil));
  const { strangerAtMs, journalFault } = vigil;
  if (strangerAtMs !== null && atMs - strangerAtMs < STRANGER_FOR_MS) reasons.push('key-changed');
  if (journalFault !== null) reasons.push(journalFault);
  return [...new Set(reasons)];
}

export function stateOf(
  vigil: Vigil,
  atMs: number,
  limits: Limits,
): 'well' | 'not-well' | 'silent' {
  if (isSilent(vigil, atMs, limits)) return 'silent';
  return reasonsOf(vigil, atMs, limits).length === 0 ? 'well' : 'not-well';
}

const isSilent = (vigil: Vigil, atMs: number, limits: Limits): boolean =>
  atMs - vigil.heardAtMs >= limits.silentAfterMs;

function reportedReasons({ report }: Vigil, limits: Limits): string[] {
  if (report === null) return [];
  if (report.type === 'stalled') return ['stalled'];
  const own = report.well ? [] : report.reasons.length > 0 ? report.reasons : ['not-well'];
  const canaryMs = (report.canaryAgeS ?? 0) * 1000;
  return [...own, ...(canaryMs > limits.canaryAfterMs ? ['canary-missed'] : [])];
}

/** A server that had a canary or a journal cannot be well by no longer speaking of it. */
function untold({ report, heardAtMs, canary, checkpoint }: Vigil): string[] {
  if (report?.type !== 'well') return [];
  const isLost = (proof: Proof): boolean =>
    proof.state === 'left-out' && heardAtMs - proof.sinceMs >= UNTOLD_AFTER_MS;
  return [
    ...(isLost(canary) ? ['canary-missed'] : []),
    ...(isLost(checkpoint) ? ['checkpoint-missing'] : []),
  ];
}

/** Messages that came while the watchdog stood still wait in its socket: they are read first. */
function withoutOwnStandstill(vigil: Vigil, atMs: number): Vigil {
  const stoodStillMs = atMs - vigil.lookedAtMs;
  if (stoodStillMs < STOOD_STILL_MS) return vigil;
  return { ...vigil, heardAtMs: Math.min(atMs, vigil.heardAtMs + stoodStillMs) };
}

/** The alarm stands; all is well now, but perhaps not for long enough. */
function calm(vigil: Vigil, alarm: Alarm, atMs: number, limits: Limits): Looked {
  const wellSinceMs = alarm.wellSinceMs ?? atMs;
  if (atMs - wellSinceMs < limits.recoveredAfterMs) {
    return { vigil: { ...vigil, alarm: { ...alarm, wellSinceMs } }, notice: null };
  }
  const { told: reasons, sinceMs } = alarm;
  return {
    vigil: { ...vigil, alarm: null },
    notice: { type: 'recovered', reasons, sinceMs, atMs },
  };
}

function keepOn(
  vigil: Vigil,
  alarm: Alarm,
  reasons: readonly string[],
  atMs: number,
  limits: Limits,
): Looked {
  const room = REASONS_TOLD_MAX - alarm.told.length;
  const added = reasons.filter((reason) => !alarm.told.includes(reason)).slice(0, room);
  const isDue = atMs - alarm.toldAtMs >= limits.repeatEveryMs;
  if (added.length === 0 && !isDue) return { vigil: { ...vigil, alarm }, notice: null };
  const told = [...alarm.told, ...added];
  const type = added.length > 0 ? 'added' : 'repeated';
  return {
    vigil: { ...vigil, alarm: { ...alarm, told, toldAtMs: atMs } },
    notice: { type, reasons, sinceMs: alarm.sinceMs, atMs },
  };
}
