import { z } from 'zod';
import { BanId, OrderId, PersonId } from './ids.ts';
import { fromInstant, Instant } from './instant.ts';
import { lines, oneLine } from './printable.ts';
import { Zone } from './zone.ts';

export const BANS_PER_ORDER_MAX = 100;
export const EXCEPTIONS_PER_ORDER_MAX = 500;
export const WEEKLY_WINDOWS_MAX = 50;
export const ORDER_TEXT_MAX = 20_000;

export const LegalBasis = z.enum([
  'behavioural-order',
  'special-condition',
  'liberty-restricting-measure',
  'pretrial-suspension',
  'conditional-release',
  'temporary-home-ban',
  'civil-order',
]);
export type LegalBasis = z.infer<typeof LegalBasis>;

export const Day = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Day = z.infer<typeof Day>;

const LocalTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'give a local time as HH:MM, from 00:00 to 24:00');

/** A window begins on a day of its own, so never at the end of one. */
const BeginTime = LocalTime.refine((time) => time !== '24:00', {
  error: 'a window begins at 23:59 at the latest: give 00:00, and the next day in "days"',
});

const Days = z
  .array(Day)
  .min(1)
  .max(7)
  .refine((days) => new Set(days).size === days.length, 'names a day twice: is one of them wrong?');

/** There are some 600, each in any case of letters. */
const TIME_ZONES_KEPT_MAX = 2_000;
const knownTimeZones = new Set<string>();

/** What was found once is remembered: to look it up costs more than the rest of a schedule. */
function isTimeZone(name: string): boolean {
  if (knownTimeZones.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
  } catch {
    return false;
  }
  if (knownTimeZones.size < TIME_ZONES_KEPT_MAX) knownTimeZones.add(name);
  return true;
}

const TimeZone = z.string().refine(isTimeZone, 'give an IANA time zone, as Europe/Amsterdam');

/** `from` after or equal to `until` runs into the next day; `days` names the day it starts on. */
export const Schedule = z.object({
  timeZone: TimeZone,
  weekly: z
    .array(z.object({ days: Days, from: BeginTime, until: LocalTime }))
    .min(1, 'a schedule without a window never applies: leave it out or give one')
    .max(WEEKLY_WINDOWS_MAX),
});
export type Schedule = z.infer<typeof Schedule>;

const banHead = { banId: BanId, schedule: Schedule.nullish() };

export const DISTANCE_M_MAX = 50_000;
/** No receiver can tell less; who gives less has meant kilometres. */
export const DISTANCE_M_MIN = 10;
const Distance = z
  .number()
  .min(DISTANCE_M_MIN, `give metres, at least ${DISTANCE_M_MIN}`)
  .max(DISTANCE_M_MAX, `give metres, at most ${DISTANCE_M_MAX}`);

export const ContactBan = z
  .object({
    ...banHead,
    kind: z.literal('contact-ban'),
    victimId: PersonId,
    distanceM: Distance,
    /** Where an approach begins; twice `distanceM` unless said otherwise. (DESIGN §4) */
    warningDistanceM: Distance.nullish(),
  })
  .refine((ban) => ban.warningDistanceM == null || ban.warningDistanceM >= ban.distanceM, {
    path: ['warningDistanceM'],
    error: 'must be at least distanceM: a warning comes before the breach',
  });
export type ContactBan = z.infer<typeof ContactBan>;

const BUFFER_M_MAX = 20_000;

const placed = {
  name: oneLine(200).nullish(),
  /** Without one the ban is not enforced until somebody draws it. (SPEC OR13) */
  zone: Zone.nullish(),
  /** Where it is in the order's own words: an address, a street, a district. */
  place: lines(500).nullish(),
};

const hasPlace = (ban: { zone?: Zone | null | undefined; place?: string | null | undefined }) =>
  ban.zone != null || ban.place != null;
const NO_PLACE = {
  path: ['zone'],
  error: 'give a zone, or in "place" the words of the order that say where it is',
};

export const LocationBan = z
  .object({
    ...banHead,
    ...placed,
    kind: z.literal('location-ban'),
    bufferM: z.number().min(0).max(BUFFER_M_MAX).nullish(),
  })
  .refine(hasPlace, NO_PLACE);
export type LocationBan = z.infer<typeof LocationBan>;

export const LocationDuty = z
  .object({ ...banHead, ...placed, kind: z.literal('location-duty') })
  .refine(hasPlace, NO_PLACE);
export type LocationDuty = z.infer<typeof LocationDuty>;

export const Ban = z.discriminatedUnion('kind', [ContactBan, LocationBan, LocationDuty]);
export type Ban = z.infer<typeof Ban>;
export type BanKind = Ban['kind'];

/** A ban that somebody can be held to: it is known where. (SPEC OR13) */
export type DrawnBan =
  ContactBan | (LocationBan & { zone: Zone }) | (LocationDuty & { zone: Zone });
export const isDrawn = (ban: Ban): ban is DrawnBan =>
  ban.kind === 'contact-ban' || ban.zone != null;

export const OrderException = z
  .object({
    banIds: z.array(BanId).min(1).max(BANS_PER_ORDER_MAX),
    from: Instant,
    until: Instant,
    reason: lines(500).nullish(),
  })
  .refine((exception) => fromInstant(exception.from) < fromInstant(exception.until), {
    path: ['until'],
    error: 'must be later than from: are the two swapped?',
  });
export type OrderException = z.infer<typeof OrderException>;

/**
 * Runs a cross-field check even when other fields are wrong, so that every error is told at once.
 */
const whenParsed =
  (...schemas: [path: string, schema: z.ZodType][]) =>
  (payload: { value: unknown }): boolean => {
    const value = payload.value as Record<string, unknown> | null;
    if (typeof value !== 'object' || value === null) return false;
    return schemas.every(([path, schema]) => schema.safeParse(value[path]).success);
  };

/** Body of `PUT /v1/orders/{orderId}`. (DESIGN §6) */
export const CourtOrderBody = z
  .object({
    reference: oneLine(200),
    legalBasis: LegalBasis,
    /** What the court decided, word for word, for whoever checks it. */
    text: lines(ORDER_TEXT_MAX).nullish(),
    wearerId: PersonId,
    validFrom: Instant,
    validUntil: Instant,
    bans: z.array(Ban).min(1, 'an order without a ban protects nobody').max(BANS_PER_ORDER_MAX),
    exceptions: z.array(OrderException).max(EXCEPTIONS_PER_ORDER_MAX).nullish(),
  })
  .refine((order) => fromInstant(order.validFrom) < fromInstant(order.validUntil), {
    path: ['validUntil'],
    error: 'must be later than validFrom: are the two swapped?',
    when: whenParsed(['validFrom', Instant], ['validUntil', Instant]),
  })
  .superRefine((order, ctx) => {
    const banIds = new Set<string>();
    order.bans.forEach((ban, index) => {
      if (banIds.has(ban.banId)) {
        ctx.addIssue({
          code: 'custom',
          path: ['bans', index, 'banId'],
          message: `is used twice in this order: give each ban an id of its own`,
        });
      }
      banIds.add(ban.banId);
      if (ban.kind === 'contact-ban' && (ban.victimId as string) === (order.wearerId as string)) {
        ctx.addIssue({
          code: 'custom',
          path: ['bans', index, 'victimId'],
          message: 'is the wearer himself: give the person who is protected',
        });
      }
    });
    order.exceptions?.forEach((exception, index) => {
      exception.banIds.forEach((banId, at) => {
        if (banIds.has(banId)) return;
        ctx.addIssue({
          code: 'custom',
          path: ['exceptions', index, 'banIds', at],
          message: 'names no ban of this order: give its "banId"',
        });
      });
    });
  });
export type CourtOrderBody = z.infer<typeof CourtOrderBody>;

export const CourtOrder = CourtOrderBody.safeExtend({ orderId: OrderId });
export type CourtOrder = z.infer<typeof CourtOrder>;

/**
 * Where an order stands after a version; whether it applies at an instant also depends on its
 * dates. While a version awaits approval, the one before it stands. (SPEC OR4)
 */
export const OrderStatus = z.enum([
  'awaiting-approval',
  'active',
  'suspended',
  'rejected',
  'withdrawn',
  'expired',
]);
export type OrderStatus = z.infer<typeof OrderStatus>;
