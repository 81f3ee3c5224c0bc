import {
  after,
  contact,
  exception,
  HEARING,
  night,
  NIGHT,
  ORDER,
  order,
  place,
  schedule,
} from './base-order.ts';
import type { Row } from './row.ts';

const OFFSET = /RFC 3339 time with offset/;

// prettier-ignore
export const TIMES: readonly Row[] = [
  ['a local time without offset',  order({ validFrom: '2026-11-20T00:00:00' }),       ['/validFrom', OFFSET]],
  ['an unknown offset',            order({ validFrom: '2026-11-20T00:00:00-00:00' }), ['/validFrom', /give the real one/]],
  ['the 30th of February',         order({ validUntil: '2027-02-30T00:00:00Z' }),     ['/validUntil', OFFSET]],
  ['a day without a time',         order({ validUntil: '2027-02-18' }),               ['/validUntil', OFFSET]],
  ['seconds since 1970',           order({ validFrom: 1_795_000_000 }),               ['/validFrom', OFFSET]],
  ['a year of two digits',         order({ validFrom: '0026-11-20T00:00:00Z' }),      ['/validFrom', /between the years 2000 and 2200/]],
  ['an end before the start',      order({ validUntil: '2026-11-19T00:00:00+01:00', exceptions: null }), ['/validUntil', /later than validFrom: are the two swapped/]],
  ['an exception the wrong way round', exception({ from: HEARING.until, until: HEARING.from }), ['/exceptions/0/until', /later than from/]],
  ['an exception of no ban',       exception({ banIds: ['contct'] }),                 ['/exceptions/0/banIds/0', /names no ban of this order/]],
  ['an exception for no ban at all', exception({ banIds: [] }),                       ['/exceptions/0/banIds', /is empty: give one/]],
  ['an hour 25',                   night({ until: '25:00' }),                         ['/bans/2/schedule/weekly/0/until', /HH:MM/]],
  ['a window that begins at 24:00', night({ from: '24:00' }),                         ['/bans/2/schedule/weekly/0/from', /give 00:00/]],
  ['a day in Dutch',               night({ days: ['maandag'] }),                      ['/bans/2/schedule/weekly/0/days/0', /give one of mon, tue/]],
  ['a day twice',                  night({ days: ['mon', 'mon'] }),                   ['/bans/2/schedule/weekly/0/days', /names a day twice/]],
  ['a schedule without a window',  schedule({ weekly: [] }),                          ['/bans/2/schedule/weekly', /never applies: leave it out/]],
  ['51 windows',                   schedule({ weekly: Array.from({ length: 51 }, () => NIGHT) }), ['/bans/2/schedule/weekly', /at most 50/]],
  ['an unknown time zone',         schedule({ timeZone: 'Europe/Utrecht' }),          ['/bans/2/schedule/timeZone', /IANA time zone, as Europe\/Amsterdam/]],
];

// prettier-ignore
export const DISTANCES: readonly Row[] = [
  ['a distance of 0 m',            contact({ distanceM: 0 }),          ['/bans/0/distanceM', /give metres, at least 10/]],
  ['a negative distance',          contact({ distanceM: -500 }),       ['/bans/0/distanceM', /give metres, at least 10/]],
  ['a distance in kilometres',     contact({ distanceM: 0.5 }),        ['/bans/0/distanceM', /give metres, at least 10/]],
  ['a distance of 51 km',          contact({ distanceM: 51_000 }),     ['/bans/0/distanceM', /at most 50000/]],
  ['a distance in quotes',         contact({ distanceM: '500' }),      ['/bans/0/distanceM', /is a text: give a number/]],
  ['Infinity in quotes',           contact({ distanceM: 'Infinity' }), ['/bans/0/distanceM', /is a text: give a number/]],
  ['a warning nearer than the ban', contact({ warningDistanceM: 400 }), ['/bans/0/warningDistanceM', /at least distanceM/]],
  ['a wearer who is the victim',   contact({ victimId: 'w-100' }),     ['/bans/0/victimId', /is the wearer himself/]],
  ['a contact ban with a zone',    contact({ zone: ORDER.bans[1]!.zone }), ['/bans/0/zone', /is not a known field/]],
  ['a negative buffer',            place({ bufferM: -1 }),             ['/bans/1/bufferM', /must be at least 0/]],
];

const BASIS_HOME = { legalBasis: 'temporary-home-ban', exceptions: null };
const until = (validUntil: string): { validUntil: string } => ({ validUntil });
/** Ten days from the start of the order, then 28. */
const TEN = { ...BASIS_HOME, ...until('2026-11-30T00:00:00+01:00') };

/** Terms of law: the longest that an order may last. */
// prettier-ignore
export const TERMS: readonly Row[] = [
  ['a behavioural order of 91 days',   order(until('2027-02-19T00:00:00+01:00')), ['/validUntil', /90 days.*509hh/]],
  ['a fourth extension',               after([{}, until('2027-05-19T00:00:00+02:00'), until('2027-08-17T00:00:00+02:00'), until('2027-11-15T00:00:00+01:00')], until('2027-12-01T00:00:00+01:00')), ['/validUntil', /509hh/]],
  ['an extension by 91 days',          after([{}], until('2027-05-21T00:00:00+02:00')), ['/validUntil', /90 days.*509hh/]],
  ['a home ban of 11 days',            order({ ...BASIS_HOME, ...until('2026-12-01T00:00:00+01:00') }), ['/validUntil', /10 days.*art\. 2 .*Wth/]],
  ['a home ban of 29 days',            after([TEN], { ...BASIS_HOME, ...until('2026-12-19T00:00:00+01:00') }), ['/validUntil', /28 days.*art\. 9 .*Wth/]],
  ['a start six years ahead',          order({ validFrom: '2032-12-01T00:00:00+01:00', ...until('2033-02-01T00:00:00+01:00'), exceptions: null }), ['/validFrom', /years ahead: is the year right/]],
  ['an order that becomes another law', after([{}], { legalBasis: 'civil-order' }), ['/legalBasis', /stays so: withdraw it and send another/]],
];
