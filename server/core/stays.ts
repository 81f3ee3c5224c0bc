import { Temporal } from 'temporal-polyfill';
import { distanceM } from '../../shared/geodesy.ts';
import type { Fix } from './case-event.ts';

/**
 * Where somebody stays, read from his fixes: a stay is twenty minutes or more within a hundred
 * metres of their own middle. A single stray fix ends none, and neither does a silence that begins
 * and ends in one place, for indoors receivers see no sky. (SPEC PV5)
 */
export interface Stay {
  readonly lon: number;
  readonly lat: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Stays at one place, most hours first. */
export interface Place {
  readonly label: 'home' | 'work' | 'stay';
  readonly lon: number;
  readonly lat: number;
  readonly stays: readonly Stay[];
}

const STAY_MS_MIN = 20 * 60_000;
const STAY_RADIUS_M = 100;
/** Away for so long, and seen there more than once, he has left. */
const LEFT_AFTER_MS = 5 * 60_000;
/** Who is silent for longer may have been anywhere. */
export const SILENCE_MS_MAX = 12 * 3_600_000;
/** A worse fix does not tell one place from the next. */
const ACCURACY_M_MAX = 100;

/** Closer together they say nothing new of a stay. */
const FIXES_APART_MS = 15_000;

const isSharp = ({ source, accuracyM }: Fix): boolean =>
  source !== 'cell' && (accuracyM === null || accuracyM <= ACCURACY_M_MAX);

/** Time between fixes in which he was followed: what hours per week are counted in. */
export function followedMs(fixes: readonly Pick<Fix, 'atMs'>[]): number {
  const times = fixes.map(({ atMs }) => atMs).toSorted((a, b) => a - b);
  return times.slice(1).reduce((sum, atMs, i) => {
    const gapMs = atMs - times[i]!;
    return gapMs <= SILENCE_MS_MAX ? sum + gapMs : sum;
  }, 0);
}

export function staysIn(fixes: readonly Fix[]): Stay[] {
  const useful = thinned(fixes.filter(isSharp).toSorted((a, b) => a.atMs - b.atMs));
  const stays: Stay[] = [];
  let start = 0;
  while (start < useful.length) {
    const { stay, next } = stayFrom(useful, start);
    if (stay) stays.push(stay);
    start = next;
  }
  return stays;
}

function thinned(fixes: readonly Fix[]): Fix[] {
  let lastMs = -Infinity;
  return fixes.filter(({ atMs }) => {
    if (atMs - lastMs < FIXES_APART_MS) return false;
    lastMs = atMs;
    return true;
  });
}

/** The stay that begins at a fix, if one does, and the fix at which to look for the next. */
function stayFrom(fixes: readonly Fix[], start: number): { stay: Stay | null; next: number } {
  const first = fixes[start]!;
  let { lon, lat } = first;
  let count = 1;
  let last = start;
  for (let at = start + 1; at < fixes.length; at++) {
    const fix = fixes[at]!;
    if (fix.atMs - fixes[at - 1]!.atMs > SILENCE_MS_MAX) break;
    if (distanceM(lon, lat, fix.lon, fix.lat) <= STAY_RADIUS_M) {
      count += 1;
      lon += (fix.lon - lon) / count;
      lat += (fix.lat - lat) / count;
      last = at;
    } else if (at > last + 1 && fix.atMs - fixes[last + 1]!.atMs >= LEFT_AFTER_MS) break;
  }
  const untilMs = fixes[last]!.atMs;
  if (untilMs - first.atMs < STAY_MS_MIN) return { stay: null, next: start + 1 };
  return { stay: { lon, lat, fromMs: first.atMs, untilMs }, next: last + 1 };
}

const lengthMs = ({ fromMs, untilMs }: Stay): number => untilMs - fromMs;
const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);
export const hoursAt = (stays: readonly Stay[]): number => sumOf(stays.map(lengthMs)) / 3_600_000;

/** The longest stays found places; shorter ones nearby join them. */
export function placesOf(fixes: readonly Fix[]): Place[] {
  const clusters: { lon: number; lat: number; stays: Stay[] }[] = [];
  for (const stay of staysIn(fixes).toSorted((a, b) => lengthMs(b) - lengthMs(a))) {
    const { lon, lat } = stay;
    const near = clusters.find((c) => distanceM(c.lon, c.lat, lon, lat) <= STAY_RADIUS_M);
    if (near) near.stays.push(stay);
    else clusters.push({ lon, lat, stays: [stay] });
  }
  const home = homeAmong(clusters);
  const work = workAmong(clusters, home);
  return clusters
    .map((cluster): Place => {
      const label = cluster === home ? 'home' : cluster === work ? 'work' : 'stay';
      return { ...cluster, label };
    })
    .toSorted((a, b) => hoursAt(b.stays) - hoursAt(a.stays));
}

// What a place is to him.

type Cluster = Pick<Place, 'stays'>;

const TIME_ZONE = 'Europe/Amsterdam';
/** Less of all nights than this is a visit. */
const HOME_MS_MIN = 3 * 3_600_000;
const WORK_DAY_MS_MIN = 2 * 3_600_000;
const WORK_DAYS_MIN = 2;
/** Of the working days in which he was followed: one in so many. */
const WORK_DAYS_ONE_IN = 3;
const FRIDAY = 5;

function homeAmong<T extends Cluster>(clusters: readonly T[]): T | null {
  return mostOf(clusters, HOME_MS_MIN, ({ stays }) =>
    sumOf(stays.flatMap((stay) => hoursOfDays(stay, 0, 6)).map(({ ms }) => ms)),
  );
}

/** Regular is: two hours of office time on one working day in three, and on two at least. */
function workAmong<T extends Cluster>(clusters: readonly T[], home: T | null): T | null {
  const all = clusters.flatMap(({ stays }) => stays);
  const known = new Set(all.flatMap((stay) => officeHours(stay)).map(({ date }) => date)).size;
  const daysMin = Math.max(WORK_DAYS_MIN, Math.ceil(known / WORK_DAYS_ONE_IN));
  const others = clusters.filter((cluster) => cluster !== home);
  return mostOf(others, WORK_DAYS_MIN * WORK_DAY_MS_MIN, ({ stays }) => {
    const ofDay = new Map<string, number>();
    for (const { date, ms } of stays.flatMap(officeHours)) {
      ofDay.set(date, (ofDay.get(date) ?? 0) + ms);
    }
    const days = [...ofDay.values()].filter((ms) => ms >= WORK_DAY_MS_MIN);
    return days.length >= daysMin ? sumOf(days) : 0;
  });
}

function mostOf<T>(all: readonly T[], atLeastMs: number, msOf: (each: T) => number): T | null {
  const counted = all.map((each) => ({ each, ms: msOf(each) }));
  const best = counted.toSorted((a, b) => b.ms - a.ms)[0];
  return best && best.ms >= atLeastMs ? best.each : null;
}

interface DayPart {
  readonly date: string;
  readonly dayOfWeek: number;
  readonly ms: number;
}

const officeHours = (stay: Stay): DayPart[] =>
  hoursOfDays(stay, 9, 17).filter(({ dayOfWeek }) => dayOfWeek <= FRIDAY);

/** How long a stay lies between two hours of each day that it touches, in Dutch local time. */
function hoursOfDays({ fromMs, untilMs }: Stay, fromHour: number, untilHour: number): DayPart[] {
  const parts: DayPart[] = [];
  let date = dateAt(fromMs);
  for (const last = dateAt(untilMs); Temporal.PlainDate.compare(date, last) <= 0;) {
    const [begin, end] = [hourMs(date, fromHour), hourMs(date, untilHour)];
    const ms = Math.min(untilMs, end) - Math.max(fromMs, begin);
    if (ms > 0) parts.push({ date: date.toString(), dayOfWeek: date.dayOfWeek, ms });
    date = date.add({ days: 1 });
  }
  return parts;
}

const dateAt = (atMs: number): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(TIME_ZONE).toPlainDate();

const hourMs = (date: Temporal.PlainDate, hour: number): number =>
  date.toZonedDateTime({ timeZone: TIME_ZONE, plainTime: { hour } }).epochMilliseconds;
