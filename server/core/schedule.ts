import { Temporal } from 'temporal-polyfill';
import type { Day, OrderException, Schedule } from '../../shared/court-order.ts';
import type { BanId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import type { OrderState } from './order-state.ts';

/** Whether a ban applies now, and the next instant at which that may change. */
export interface Activity {
  readonly active: boolean;
  /** Until then the answer stands; Infinity when nothing can change it any more. */
  readonly untilMs: number;
}

/**
 * In force means: the order is active, now lies in [validFrom, validUntil), the schedule says so,
 * and no exception does away with it. (SPEC SC1)
 */
export function activityOf(
  order: OrderState,
  banId: BanId,
  schedule: Schedule | null,
  atMs: number,
): Activity {
  const { status, validFromMs, validUntilMs } = order;
  if (status !== 'active' || atMs >= validUntilMs) return { active: false, untilMs: Infinity };
  if (atMs < validFromMs) return { active: false, untilMs: validFromMs };
  const excepted = exceptionActivity(order.exceptions, banId, atMs);
  const scheduled = schedule ? scheduleActivity(schedule, atMs) : ALWAYS;
  return {
    active: scheduled.active && !excepted.active,
    untilMs: Math.min(validUntilMs, excepted.untilMs, scheduled.untilMs),
  };
}

const ALWAYS: Activity = { active: true, untilMs: Infinity };

function exceptionActivity(
  exceptions: readonly OrderException[],
  banId: BanId,
  atMs: number,
): Activity {
  let active = false;
  let untilMs = Infinity;
  for (const exception of exceptions) {
    if (!exception.banIds.includes(banId)) continue;
    const from = fromInstant(exception.from);
    const until = fromInstant(exception.until);
    if (atMs < from) untilMs = Math.min(untilMs, from);
    else if (atMs < until) {
      active = true;
      untilMs = Math.min(untilMs, until);
    }
  }
  return { active, untilMs };
}

const ISO_DAYS: readonly Day[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAYS_BACK = 2;
const DAYS_AHEAD = 8;

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A weekly schedule in local time of its zone, clock changes included. (SPEC SC2) */
export function scheduleActivity(schedule: Schedule, atMs: number): Activity {
  const spans = spansAround(schedule, atMs);
  const inside = spans.filter((span) => span.fromMs <= atMs && atMs < span.untilMs);
  if (inside.length > 0) {
    return { active: true, untilMs: endOf(spans, Math.max(...inside.map((s) => s.untilMs))) };
  }
  const starts = spans.map((span) => span.fromMs).filter((from) => from > atMs);
  return { active: false, untilMs: starts.length > 0 ? Math.min(...starts) : Infinity };
}

/** Windows that touch or overlap are one: its end is where no further window goes on. */
function endOf(spans: readonly Span[], untilMs: number): number {
  const next = spans.filter((span) => span.fromMs <= untilMs && span.untilMs > untilMs);
  if (next.length === 0) return untilMs;
  return endOf(spans, Math.max(...next.map((span) => span.untilMs)));
}

function spansAround(schedule: Schedule, atMs: number): Span[] {
  const today = Temporal.Instant.fromEpochMilliseconds(atMs)
    .toZonedDateTimeISO(schedule.timeZone)
    .toPlainDate();
  const spans: Span[] = [];
  for (let offset = -DAYS_BACK; offset <= DAYS_AHEAD; offset++) {
    const date = today.add({ days: offset });
    for (const window of schedule.weekly) {
      if (!window.days.includes(ISO_DAYS[date.dayOfWeek - 1]!)) continue;
      const overnight = window.until <= window.from;
      spans.push({
        fromMs: startMs(date, window.from, schedule.timeZone),
        untilMs: endMs(overnight ? date.add({ days: 1 }) : date, window.until, schedule.timeZone),
      });
    }
  }
  return spans;
}

function localTime(date: Temporal.PlainDate, clock: string): Temporal.PlainDateTime {
  if (clock === '24:00') return date.add({ days: 1 }).toPlainDateTime('00:00');
  return date.toPlainDateTime(clock);
}

/**
 * A start that the spring change skips is the moment the clock jumps (02:30 becomes 03:00); one
 * that the autumn change repeats is the first of the two: a ban errs to active. (SPEC SC3)
 */
function startMs(date: Temporal.PlainDate, clock: string, timeZone: string): number {
  const wanted = localTime(date, clock);
  const earlier = wanted.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (earlier.toPlainDateTime().equals(wanted)) return earlier.epochMilliseconds;
  const jump = earlier.getTimeZoneTransition('next');
  return jump ? jump.epochMilliseconds : earlier.epochMilliseconds;
}

/**
 * An end that does not exist or comes twice is the later reading: a ban errs to active. (SPEC SC3)
 */
function endMs(date: Temporal.PlainDate, clock: string, timeZone: string): number {
  return localTime(date, clock).toZonedDateTime(timeZone, { disambiguation: 'later' })
    .epochMilliseconds;
}
