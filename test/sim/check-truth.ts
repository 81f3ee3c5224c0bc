import type { AlertRecord } from '../../server/core/alert-record.ts';
import type { Run, Told } from './simulation.ts';
import { trueBans, type TrueBan } from './truth.ts';
import type { Violation } from './violation.ts';

/**
 * A breach alert may be so much earlier or later than its cause: a fix of a device that reports
 * every minute is that old when the next one corrects it, and a message may be half as long on its
 * way before the rules call the device stale.
 */
const TOLERANCE_MS = 90_000;
const SAMPLE_MS = 1_000;
/** As fresh as this a fix is the present, however fast its carrier. */
const FRESH_MS = 20_000;
/** Fixes of each device that a breach needs to be told: one may be a receiver's cold start. */
const FIXES_NEEDED = 2;
/** Between telling and hearing lies no more than the next tick. */
const TOLD_WITHIN_MS = 1_000;

/** No breach is called likely or certain without a cause in the true world. */
export function checkSafety(run: Run): Violation[] {
  return trueBans(run.scene).flatMap((ban) => {
    const told = toldOf(run, ban);
    return told.flatMap(({ change }, index) => {
      const before = told[index - 1]?.change.record;
      if (!isBreach(change.record) || (before && isBreach(before))) return [];
      const leastM = leastMissingM(ban, oldestFixMs(change.record), change.atMs);
      if (leastM <= ban.slackM) return [];
      const called = `${ban.key} is called ${change.record.certainty} a breach`;
      const text = `${called}, but truly ${leastM.toFixed(0)} m were missing`;
      return [{ promise: 'safety', atMs: change.atMs, text, orderId: ban.orderId }];
    });
  });
}

/** Nothing is told of the past without a cause in the true world at that time. */
export function checkPast(run: Run): Violation[] {
  return trueBans(run.scene).flatMap((ban) =>
    toldOf(run, ban, true).flatMap(({ change: { record, atMs } }) => {
      const { from, until } = record.basis.detail;
      const [fromMs, untilMs] = [Date.parse(String(from)), Date.parse(String(until))];
      let leastM = Infinity;
      for (
        let ms = fromMs - PAST_TOLERANCE_MS;
        ms <= untilMs + PAST_TOLERANCE_MS;
        ms += SAMPLE_MS
      ) {
        if (ms <= ban.activeUntilMs) leastM = Math.min(leastM, ban.missingM(ms));
      }
      if (leastM <= ban.slackM) return [];
      const text = `${ban.key} is told as broken from ${from} to ${until}, but truly ${leastM.toFixed(0)} m were missing`;
      return [{ promise: 'past', atMs, text, orderId: ban.orderId } as const];
    }),
  );
}

/** The past is known from both sides: half of what the present may be off. */
const PAST_TOLERANCE_MS = 45_000;

const isBreach = ({ stage, certainty, standing }: AlertRecord): boolean =>
  standing && stage === 'breach' && certainty !== 'possible';

const toldOf = (run: Run, ban: TrueBan, retrospective = false): Told[] =>
  run.told.filter(
    ({ change: { record } }) =>
      record.orderId === ban.orderId &&
      record.banId === ban.banId &&
      record.retrospective === retrospective,
  );

/** What is judged from older fixes is judged of the time since them. */
const oldestFixMs = ({ basis }: AlertRecord): number =>
  Math.min(...basis.fixes.map(({ time }) => Date.parse(time)));

function leastMissingM(ban: TrueBan, fixMs: number, atMs: number): number {
  let leastM = Infinity;
  const fromMs = Math.max(Math.min(fixMs, atMs - TOLERANCE_MS), ban.activeFromMs - TOLERANCE_MS);
  for (let ms = fromMs; ms <= atMs + TOLERANCE_MS; ms += SAMPLE_MS) {
    if (ms <= ban.activeUntilMs) leastM = Math.min(leastM, ban.missingM(ms));
  }
  return leastM;
}

/** A deep breach that both devices told of in time is announced as soon as the server knows. */
export function checkLiveness(run: Run): Violation[] {
  return trueBans(run.scene).flatMap((ban) =>
    deepBreaches(run, ban).flatMap((span) => {
      const knownMs = knownAtMs(run, ban, span);
      if (knownMs === null || isAnnounced(run, ban, span, knownMs)) return [];
      const seconds = ((span.untilMs - span.fromMs) / 1_000).toFixed(0);
      const truth = `${ban.key} was deeply broken for ${seconds} s`;
      const text = `${truth} and the server knew, yet told no breach`;
      return [{ promise: 'liveness', atMs: knownMs, text, orderId: ban.orderId }];
    }),
  );
}

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

function deepBreaches({ scene }: Run, ban: TrueBan): Span[] {
  const spans: Span[] = [];
  let fromMs: number | null = null;
  for (let ms = scene.startMs; ms <= scene.untilMs; ms += SAMPLE_MS) {
    const active = ban.activeFromMs <= ms && ms < ban.activeUntilMs;
    const deep = active && ban.missingM(ms) <= -ban.slackM && ms < scene.untilMs;
    if (deep) fromMs ??= ms;
    else if (fromMs !== null) {
      spans.push({ fromMs, untilMs: ms });
      fromMs = null;
    }
  }
  return spans;
}

/** When the server had enough fresh fixes of every device from within the breach; null: never. */
function knownAtMs(run: Run, ban: TrueBan, span: Span): number | null {
  const counts = new Map(ban.plans.map(({ deviceId }) => [deviceId, 0]));
  const freshUntilMs = new Map<string, number>();
  for (const { arrival, handled } of run.heard) {
    const count = counts.get(arrival.deviceId);
    if (count === undefined || arrival.atMs >= span.untilMs) continue;
    handled.decoded.positions.forEach(({ fix }, index) => {
      const believed = ['new', 'confirmed'].includes(handled.taken[index] ?? '');
      if (fix.atMs < span.fromMs || fix.source === 'cell' || !believed) return;
      if (arrival.atMs - fix.atMs > FRESH_MS) return;
      counts.set(arrival.deviceId, counts.get(arrival.deviceId)! + 1);
      freshUntilMs.set(arrival.deviceId, fix.atMs + FRESH_MS);
    });
    const enough = [...counts.values()].every((fixes) => fixes >= FIXES_NEEDED);
    const fresh = [...counts.keys()].every((id) => (freshUntilMs.get(id) ?? 0) >= arrival.atMs);
    if (enough && fresh) return arrival.atMs;
  }
  return null;
}

/** Stands as a breach, or a person closed it in this very encounter. */
function isAnnounced(run: Run, ban: TrueBan, span: Span, knownMs: number): boolean {
  const told = toldOf(run, ban).filter(({ change }) => change.atMs <= knownMs + TOLD_WITHIN_MS);
  const during = told.filter(({ change }) => change.atMs >= span.fromMs);
  if (during.some(({ change }) => change.record.stage === 'breach')) return true;
  const last = told.at(-1)?.change.record;
  if (last === undefined || last.stage !== 'breach') return false;
  return last.standing && (last.state !== 'closed' || sameEncounter(ban, last, span));
}

const sameEncounter = (ban: TrueBan, closed: AlertRecord, span: Span): boolean => {
  for (let ms = closed.closure!.atMs; ms < span.fromMs; ms += SAMPLE_MS) {
    if (ban.missingM(ms) > ban.holdsM) return false;
  }
  return true;
};
