import type { Priority } from '../../shared/alert.ts';
import type { SystemFault } from '../core/case-event.ts';
import type { Limit } from '../kept.ts';
import type { Alarms, Clock, Log, Store } from '../ports.ts';

/** From each share of a limit on, how urgent that is. (RELIABILITY §1, §7.39) */
const SHARES: readonly (readonly [share: number, priority: Priority])[] = [
  [0.9, 2],
  [0.75, 3],
  [0.5, 4],
];
/** From so few days left on, at the pace of the last days. */
const DAYS_LEFT: readonly (readonly [days: number, priority: Priority])[] = [
  [1, 2],
  [7, 3],
  [30, 4],
];
/** Below this share the level before is over: a limit that hovers there is told once. */
const HYSTERESIS = 0.03;
/** A pace over less time is that of an hour, and not of a week. */
const PACE_OVER_MS_MIN = 6 * 3_600_000;
const PACE_OVER_MS_MAX = 7 * 86_400_000;
const SAMPLE_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

interface Sample {
  readonly atMs: number;
  readonly used: number;
}

interface Watched {
  readonly samples: readonly Sample[];
  readonly level: Level | null;
}

interface Level {
  readonly priority: Priority;
  readonly share: number;
  readonly daysLeft: number | null;
}

/** Tells of what runs out before it has: at 50, 75 and 90 %, and 30, 7 and 1 days before. */
export class LimitWatch {
  readonly #watched = new Map<string, Watched>();

  /** What is to be told of these limits as they are now. */
  look(limits: readonly Limit[], atMs: number): SystemFault[] {
    return limits.flatMap((limit) => {
      const known = this.#watched.get(limit.name) ?? { samples: [], level: null };
      const samples = sampled(known.samples, { atMs, used: limit.used });
      const level = levelOf(limit, daysLeft(limit, samples, atMs), known.level);
      this.#watched.set(limit.name, { samples, level });
      return level?.priority === known.level?.priority ? [] : [faultOf(limit, level)];
    });
  }
}

function sampled(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && sample.atMs - last.atMs < SAMPLE_EVERY_MS) return samples;
  const recent = samples.filter(({ atMs }) => sample.atMs - atMs <= PACE_OVER_MS_MAX);
  return [...recent, sample];
}

/** At the pace of the last days; null while that is not known, or nothing grows. */
function daysLeft({ used, max }: Limit, samples: readonly Sample[], atMs: number): number | null {
  const first = samples[0];
  if (!first || atMs - first.atMs < PACE_OVER_MS_MIN || used <= first.used) return null;
  const perDay = (used - first.used) / ((atMs - first.atMs) / DAY_MS);
  return Math.max(0, max - used) / perDay;
}

function levelOf({ used, max }: Limit, days: number | null, before: Level | null): Level | null {
  const share = max > 0 ? used / max : 1;
  const slack = (priority: Priority): number =>
    before !== null && before.priority <= priority ? HYSTERESIS : 0;
  const byShare = SHARES.find(([from, priority]) => share >= from - slack(priority))?.[1];
  const byDays = days === null ? undefined : DAYS_LEFT.find(([upTo]) => days <= upTo)?.[1];
  const priority = Math.min(byShare ?? Infinity, byDays ?? Infinity) as Priority;
  return Number.isFinite(priority) ? { priority, share, daysLeft: days } : null;
}

function faultOf({ name, used, max, unit }: Limit, level: Level | null): SystemFault {
  const about = name;
  if (level === null) return { code: 'limit-near', about, standing: false, detail: name };
  const percent = `${Math.floor(level.share * 100)} % of ${name}: ${used} of ${max} ${unit}`;
  const days = level.daysLeft === null ? '' : `, ${Math.floor(level.daysLeft)} days left`;
  const { priority } = level;
  return { code: 'limit-near', about, standing: true, priority, detail: `${percent}${days}` };
}

/** Often enough to see a disk fill up, seldom enough to cost nothing. */
const LOOK_EVERY_MS = 15_000;

/** Looks at all limits of the store from now on, until the returned function is called. */
export function watchLimits({ store, clock, alarms, log }: LimitParts): () => void {
  const watch = new LimitWatch();
  const look = async (): Promise<void> => {
    try {
      for (const fault of watch.look(await store.limits(), clock.nowMs())) alarms.report(fault);
    } catch (error) {
      // A store that fails is told by who writes to it.
      log.warn({ error: String(error) }, 'no look at the limits');
    }
  };
  void look();
  return clock.every(LOOK_EVERY_MS, () => void look());
}

interface LimitParts {
  readonly store: Pick<Store, 'limits'>;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly log: Log;
}
