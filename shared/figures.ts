/** How figures are said to a person: rounded to what is known, unit beside them. */
export type Language = 'nl' | 'en';

/** Everything in this product happens in one country. */
const TIME_ZONE = 'Europe/Amsterdam';
const LOCALE: Record<Language, string> = { nl: 'nl-NL', en: 'en-GB' };
const HOUR: Record<Language, string> = { nl: 'u', en: 'h' };
const DAY: Record<Language, string> = { nl: 'd', en: 'd' };

/** Making one of these costs more than a hundred uses; a queue makes thousands a minute. */
const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numberFormat(language: Language, digits: number): Intl.NumberFormat {
  const key = `${language}/${digits}`;
  const known = formats.get(key);
  if (known instanceof Intl.NumberFormat) return known;
  const made = new Intl.NumberFormat(LOCALE[language], {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  formats.set(key, made);
  return made;
}

function timeFormat(
  language: Language,
  name: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${language}/${name}`;
  const known = formats.get(key);
  if (known instanceof Intl.DateTimeFormat) return known;
  const made = new Intl.DateTimeFormat(LOCALE[language], { timeZone: TIME_ZONE, ...options });
  formats.set(key, made);
  return made;
}

export const numberText = (value: number, digits: number, language: Language): string =>
  numberFormat(language, digits).format(value);

/** 430 m, 1,4 km, 12 km. */
export function distanceText(valueM: number, language: Language): string {
  const sizeM = Math.abs(valueM);
  if (Math.round(sizeM) < 1_000) return `${numberText(Math.round(sizeM), 0, language)} m`;
  return `${numberText(sizeM / 1_000, sizeM < 9_950 ? 1 : 0, language)} km`;
}

/** 430 ± 12 m; without an uncertainty it says "about", because no distance here is exact. */
export function distanceWithUncertainty(
  valueM: number,
  uncertaintyM: number | null,
  language: Language,
): string {
  if (uncertaintyM === null) return `ca. ${distanceText(valueM, language)}`;
  const slackM = Math.max(1, Math.round(uncertaintyM));
  if (Math.abs(valueM) >= 1_000 || slackM >= 1_000) {
    return `${distanceText(valueM, language)} ± ${distanceText(slackM, language)}`;
  }
  const centre = numberText(Math.round(Math.abs(valueM)), 0, language);
  return `${centre} ± ${numberText(slackM, 0, language)} m`;
}

/** 45 s, 12 min, 2 u 10 min, 3 d 4 u. */
export function durationText(durationS: number, language: Language): string {
  const totalS = Math.max(0, Math.round(durationS));
  if (totalS < 90) return `${totalS} s`;
  const totalMin = Math.round(totalS / 60);
  if (totalMin < 90) return `${totalMin} min`;
  const hours = Math.floor(totalMin / 60);
  const minutes = totalMin % 60;
  if (hours < 48) return `${hours} ${HOUR[language]}${minutes > 0 ? ` ${minutes} min` : ''}`;
  return `${Math.floor(hours / 24)} ${DAY[language]} ${hours % 24} ${HOUR[language]}`;
}

export const speedText = (speedMs: number, language: Language): string =>
  `${numberText(Math.abs(speedMs), 1, language)} m/s`;

/** 14:03 today, 23 nov 14:03 on another day. */
export function clockText(atMs: number, nowMs: number, language: Language): string {
  const day = timeFormat(language, 'day', { day: 'numeric', month: 'short' });
  const time = timeFormat(language, 'time', { hour: '2-digit', minute: '2-digit' }).format(atMs);
  return day.format(atMs) === day.format(nowMs) ? time : `${day.format(atMs)} ${time}`;
}

/** 14:03:20, with the day when it is not today: for histories and for the technical basis. */
export function preciseClockText(atMs: number, nowMs: number, language: Language): string {
  const day = timeFormat(language, 'day', { day: 'numeric', month: 'short' });
  const time = timeFormat(language, 'second', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(atMs);
  return day.format(atMs) === day.format(nowMs) ? time : `${day.format(atMs)} ${time}`;
}
