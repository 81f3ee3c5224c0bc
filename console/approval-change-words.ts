import {
  Ban,
  type CourtOrder,
  LegalBasis,
  OrderException,
  Schedule,
} from '../shared/court-order.ts';
import { distanceText, numberText } from '../shared/figures.ts';
import { Instant } from '../shared/instant.ts';
import type { OrderChange } from '../shared/order-preview.ts';
import { Zone } from '../shared/zone.ts';
import type { ApprovalDesk } from './approval-desk.ts';
import { areaText, banName, dateText, scheduleText, zoneText } from './approval-figures.ts';
import type { ApprovalWords } from './approval-words.ts';
import { areaM2 } from './zone-measure.ts';

type Sayer = Pick<ApprovalDesk, 'words' | 'language'>;

/** The part of the order that a pointer is about: the last of its names that has a word. */
function fieldOf(pointer: string, { change }: ApprovalWords): string {
  const keys = pointer.split('/').slice(1);
  return keys.findLast((key) => key in change.fields) ?? keys.at(-1) ?? '';
}

/** Locatieverbod b2 “woning”: Gebied. */
export function changeTitle(
  { pointer, banId, before, after }: OrderChange,
  bans: CourtOrder['bans'],
  words: ApprovalWords,
): string {
  const field = fieldOf(pointer, words);
  const said = words.change.fields[field] ?? field;
  if (banId === null) return said;
  const whole = Ban.safeParse(after ?? before);
  const ban = whole.success ? whole.data : bans.find((one) => one.banId === banId);
  const name = ban === undefined ? banId : banName(ban, words);
  return field === 'bans' ? name : words.change.ofBan(name, said);
}

const METRES = new Set(['distanceM', 'warningDistanceM', 'bufferM']);

/** A value of the order as a person says it; what has no words is shown as it was sent. */
export function changeValue(pointer: string, value: unknown, { words, language }: Sayer): string {
  const field = fieldOf(pointer, words);
  if (field === 'schedule' && value == null) return words.ban.always;
  if (value === null || value === undefined) return words.change.nothing;
  if (METRES.has(field) && typeof value === 'number') {
    return `${numberText(value, Number.isInteger(value) ? 0 : 1, language)} m`;
  }
  return structured(field, value, { words, language }) ?? plain(value);
}

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

function structured(field: string, value: unknown, { words, language }: Sayer): string | null {
  switch (field) {
    case 'validFrom':
    case 'validUntil': {
      const at = Instant.safeParse(value);
      return at.success ? dateText(at.data, language) : null;
    }
    case 'legalBasis': {
      const basis = LegalBasis.safeParse(value);
      if (!basis.success) return null;
      const { name, article } = words.legal[basis.data];
      return `${name}, ${article}`;
    }
    case 'zone': {
      const zone = Zone.safeParse(value);
      if (!zone.success) return null;
      return `${zoneText(zone.data, words, language)}, ${areaText(areaM2(zone.data), language)}`;
    }
    case 'schedule': {
      const schedule = Schedule.safeParse(value);
      return schedule.success ? scheduleText(schedule.data, words) : null;
    }
    case 'bans': {
      const ban = Ban.safeParse(value);
      return ban.success ? banText(ban.data, { words, language }) : null;
    }
    case 'exceptions': {
      const found = OrderException.safeParse(value);
      if (!found.success) return null;
      const { from, until, banIds } = found.data;
      const [start, end] = [dateText(from, language), dateText(until, language)];
      return words.dossier.exception(start, end, banIds.join(', '));
    }
    default:
      return null;
  }
}

function banText(ban: Ban, { words, language }: Sayer): string {
  const when = scheduleText(ban.schedule, words);
  if (ban.kind === 'contact-ban') {
    return `${ban.victimId}, ${distanceText(ban.distanceM, language)}, ${when}`;
  }
  const zone = ban.zone == null ? words.ban.noArea : zoneText(ban.zone, words, language);
  return `${zone}${ban.place == null ? '' : `, ${ban.place}`}, ${when}`;
}

/** How much more or less, where two shapes or two weeks do not show it. */
export function changeFigures(change: OrderChange, { words, language }: Sayer): string | null {
  const { zone, hoursPerWeek } = change;
  if (zone !== null) {
    return words.change.zone(areaText(zone.gainedM2, language), areaText(zone.lostM2, language));
  }
  if (hoursPerWeek === null) return null;
  const hours = (value: number): string => numberText(value, 0, language);
  return words.change.hours(hours(hoursPerWeek.before), hours(hoursPerWeek.after));
}
