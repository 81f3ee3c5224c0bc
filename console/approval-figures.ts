import { type Ban, Day, type Schedule } from '../shared/court-order.ts';
import { type Language, numberText } from '../shared/figures.ts';
import { fromInstant } from '../shared/instant.ts';
import type { Zone } from '../shared/zone.ts';
import { distanceText } from '../shared/figures.ts';
import type { ApprovalWords } from './approval-words.ts';

/** Figures and dates as they are said on the approval page. */
const LOCALE: Record<Language, string> = { nl: 'nl-NL', en: 'en-GB' };
const HECTARE_M2 = 10_000;
const KM2 = 1_000_000;
const DAY_MS = 86_400_000;

const DATE_OPTIONS: Intl.DateTimeFormatOptions = {
  timeZone: 'Europe/Amsterdam',
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
};
const DATES: Record<Language, Intl.DateTimeFormat> = {
  nl: new Intl.DateTimeFormat(LOCALE.nl, DATE_OPTIONS),
  en: new Intl.DateTimeFormat(LOCALE.en, DATE_OPTIONS),
};

/** zaterdag 1 november 2026 om 00:00. */
export const dateText = (instant: string, language: Language): string =>
  DATES[language].format(fromInstant(instant));

export const daysBetween = (from: string, until: string): number =>
  Math.round((fromInstant(until) - fromInstant(from)) / DAY_MS);

/** 850 m² (0,09 ha), 3,1 ha, 2,35 km². */
export function areaText(areaM2: number, language: Language): string {
  const hectares = `${numberText(areaM2 / HECTARE_M2, areaM2 < HECTARE_M2 ? 2 : 1, language)} ha`;
  if (areaM2 < HECTARE_M2) return `${numberText(Math.round(areaM2), 0, language)} m² (${hectares})`;
  if (areaM2 < KM2) return hectares;
  return `${numberText(areaM2 / KM2, 2, language)} km²`;
}

/** A rate that rests on days is not told to three digits. */
export function rateText(perWeek: number, language: Language, words: ApprovalWords): string {
  if (perWeek === 0) return '0';
  if (perWeek < 0.95) return words.forecast.lessThanOne;
  return numberText(perWeek, perWeek < 9.95 ? 1 : 0, language);
}

export const shareText = (share: number, language: Language): string =>
  `${numberText(Math.max(1, Math.round(100 * share)), 0, language)} %`;

export function zoneText(zone: Zone, words: ApprovalWords, language: Language): string {
  if (zone.type === 'Circle') return words.ban.circle(distanceText(zone.radiusM, language));
  const polygons = zone.type === 'Polygon' ? [zone.coordinates] : zone.coordinates;
  const corners = polygons.flat().reduce((sum, ring) => sum + ring.length - 1, 0);
  return words.ban.corners(corners);
}

export function scheduleText(schedule: Schedule | null | undefined, words: ApprovalWords): string {
  if (schedule == null) return words.ban.always;
  return schedule.weekly
    .map(({ days, from, until }) => {
      const overnight = from >= until ? ` ${words.schedule.nextDay}` : '';
      return `${dayText(days, words)} ${from}–${until}${overnight}`;
    })
    .join('; ');
}

/** ma t/m vr, za: three or more in a row are told by their ends. */
function dayText(days: readonly Day[], { schedule }: ApprovalWords): string {
  const week = Day.options;
  const chosen = week.filter((day) => days.includes(day));
  const runs: Day[][] = [];
  for (const day of chosen) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (last !== undefined && week.indexOf(day) === week.indexOf(last) + 1) run!.push(day);
    else runs.push([day]);
  }
  return runs
    .map((run) => {
      const names = run.map((day) => schedule.days[day]);
      if (run.length < 3) return names.join(', ');
      return `${names[0]} ${schedule.to} ${names.at(-1)}`;
    })
    .join(', ');
}

/** Locatieverbod b2, “woning”. */
export function banName(ban: Ban, words: ApprovalWords): string {
  const name = ban.kind === 'contact-ban' || ban.name == null ? '' : ` “${ban.name}”`;
  return `${words.kind[ban.kind]} ${ban.banId}${name}`;
}
