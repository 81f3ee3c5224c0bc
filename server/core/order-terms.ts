import { Temporal } from 'temporal-polyfill';
import { type CourtOrder, LegalBasis } from '../../shared/court-order.ts';
import { PersonId } from '../../shared/ids.ts';
import { fromInstant, Instant } from '../../shared/instant.ts';
import type { LifeVersion } from './order-life.ts';
import type { Fault } from './ring-check.ts';

/** How long the law lets an order last. Days are calendar days in the Netherlands. */
interface Term {
  /** From its start, as it was imposed. */
  readonly first: Temporal.Duration;
  readonly firstBy: string;
  /** How it may be extended; null: it may not, but the first term holds for its later versions. */
  readonly extended: Extended | null;
}

type Extended =
  | { readonly each: Temporal.Duration; readonly times: number; readonly by: string }
  | { readonly inAll: Temporal.Duration; readonly by: string };

const days = (count: number): Temporal.Duration => Temporal.Duration.from({ days: count });
const years = (count: number): Temporal.Duration => Temporal.Duration.from({ years: count });

/** No court imposes longer by law: a year was mistyped. (RELIABILITY §6, T13) */
const LONGEST: Term = { first: years(10), firstBy: 'no order lasts so long', extended: null };

const TERMS: Record<LegalBasis, Term> = {
  'behavioural-order': {
    first: days(90),
    firstBy: 'art. 509hh lid 4 Sv',
    extended: { each: days(90), times: 3, by: 'art. 509hh lid 4 Sv' },
  },
  'temporary-home-ban': {
    first: days(10),
    firstBy: 'art. 2 lid 1 Wth',
    extended: { inAll: days(28), by: 'art. 9 lid 1 Wth' },
  },
  'liberty-restricting-measure': { first: years(5), firstBy: 'art. 38v lid 3 Sr', extended: null },
  'special-condition': { ...LONGEST, firstBy: 'art. 14b Sr' },
  'pretrial-suspension': LONGEST,
  'conditional-release': LONGEST,
  'civil-order': LONGEST,
};

/** An order is sent when it is imposed: a start so far ahead is a year mistyped. */
const STARTS_WITHIN = years(5);
const TIME_ZONE = 'Europe/Amsterdam';

/**
 * What the law, or good sense, does not allow of this text after these versions (oldest first).
 * Takes bodies of any form, so that all faults are told in one answer. (SPEC OR10, OR11)
 */
export function termFaults(
  body: unknown,
  versions: readonly LifeVersion[],
  nowMs: number,
): Fault[] {
  const given = (body ?? {}) as Record<string, unknown>;
  const newest = versions.at(-1)?.order ?? null;
  const from = Instant.safeParse(given['validFrom']);
  const until = Instant.safeParse(given['validUntil']);
  const basis = LegalBasis.safeParse(given['legalBasis']);
  const faults = newest ? identityFaults(given, newest) : [];
  if (!from.success || !until.success) return faults;
  const span = { fromMs: fromInstant(from.data), untilMs: fromInstant(until.data) };
  if (span.untilMs <= span.fromMs) return faults;
  faults.push(...startFaults(span, nowMs));
  return basis.success ? [...faults, ...lengthFaults(basis.data, span, granted(versions))] : faults;
}

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Whom it is against, and by which law, is what an order is: another is another order. */
function identityFaults(given: Record<string, unknown>, newest: CourtOrder): Fault[] {
  const faults: Fault[] = [];
  for (const [key, schema] of [
    ['wearerId', PersonId] as const,
    ['legalBasis', LegalBasis] as const,
  ]) {
    // What is no person or no basis at all is told by the schema.
    if (!schema.safeParse(given[key]).success || given[key] === newest[key]) continue;
    const message = `is "${newest[key]}" in this order and stays so: withdraw it and send another`;
    faults.push({ path: [key], message });
  }
  return faults;
}

function startFaults({ fromMs }: Span, nowMs: number): Fault[] {
  if (fromMs <= after(nowMs, STARTS_WITHIN)) return [];
  const message = `begins more than ${STARTS_WITHIN.years} years ahead: is the year right?`;
  return [{ path: ['validFrom'], message }];
}

/** What was in force of it so far. */
interface Granted extends Span {
  readonly extensions: number;
}

function granted(versions: readonly LifeVersion[]): Granted | null {
  let known: Granted | null = null;
  for (const { status, order } of versions) {
    if (status !== 'active' && status !== 'suspended') continue;
    const fromMs = fromInstant(order.validFrom);
    const untilMs = fromInstant(order.validUntil);
    known = known
      ? {
          fromMs: Math.min(known.fromMs, fromMs),
          untilMs: Math.max(known.untilMs, untilMs),
          extensions: known.extensions + (untilMs > known.untilMs ? 1 : 0),
        }
      : { fromMs, untilMs, extensions: 0 };
  }
  return known;
}

function lengthFaults(basis: LegalBasis, span: Span, known: Granted | null): Fault[] {
  const { first, firstBy, extended } = TERMS[basis];
  // Moving its start does not buy an order more days.
  const fromMs = Math.min(span.fromMs, known?.fromMs ?? Infinity);
  if (known === null || extended === null) {
    return tooLong(span.untilMs, fromMs, first, `from its start (${firstBy})`);
  }
  if (span.untilMs <= known.untilMs) return [];
  if ('inAll' in extended) {
    const why = `from its start, extensions included (${extended.by})`;
    return tooLong(span.untilMs, fromMs, extended.inAll, why);
  }
  const { each, times, by } = extended;
  if (known.extensions >= times) {
    const message = `would extend it a ${times + 1}th time: it may be extended ${times} times (${by})`;
    return [{ path: ['validUntil'], message }];
  }
  return tooLong(span.untilMs, known.untilMs, each, `longer by each extension (${by})`);
}

function tooLong(untilMs: number, fromMs: number, most: Temporal.Duration, why: string): Fault[] {
  const latestMs = after(fromMs, most);
  if (untilMs <= latestMs) return [];
  const length = most.years > 0 ? `${most.years} years` : `${most.days} days`;
  const latest = Temporal.Instant.fromEpochMilliseconds(latestMs)
    .toZonedDateTimeISO(TIME_ZONE)
    .toString({ timeZoneName: 'never' });
  const message = `is too late: at most ${length} ${why}, so not after ${latest}`;
  return [{ path: ['validUntil'], message }];
}

/** By the calendar: 90 days over a clock change are an hour more or less than 90 times 24. */
function after(fromMs: number, most: Temporal.Duration): number {
  return Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(TIME_ZONE).add(most)
    .epochMilliseconds;
}
