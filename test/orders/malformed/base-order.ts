/** The order that is right, of which each row of the catalogue changes one thing. */

type Json = Record<string, unknown>;
export type Point = readonly number[];

/** Around Utrecht, in steps of 0.01°: about 700 m east, 1,100 m north. */
export const ring = (...steps: Point[]): Point[] =>
  [...steps, steps[0]!].map(([x, y]) => [5.1 + x! / 100, 52.1 + y! / 100]);

export const SQUARE = ring([0, 0], [4, 0], [4, 4], [0, 4]);
export const polygon = (...coordinates: unknown[]): Json => ({ type: 'Polygon', coordinates });
export const multi = (...coordinates: unknown[]): Json => ({ type: 'MultiPolygon', coordinates });
export const circle = (center: unknown, radiusM: unknown): Json => ({
  type: 'Circle',
  center,
  radiusM,
});

export const NIGHT = { days: ['mon', 'tue'], from: '22:00', until: '06:00' };
export const HEARING = {
  banIds: ['contact'],
  from: '2026-12-01T09:00:00+01:00',
  until: '2026-12-01T12:00:00+01:00',
};

/** 90 days, as long as a behavioural order may last. */
export const ORDER = {
  reference: 'CJIB-2026-000100',
  legalBasis: 'behavioural-order',
  wearerId: 'w-100',
  validFrom: '2026-11-20T00:00:00+01:00',
  validUntil: '2027-02-18T00:00:00+01:00',
  bans: [
    { banId: 'contact', kind: 'contact-ban', victimId: 'v-100', distanceM: 500 },
    { banId: 'home', kind: 'location-ban', name: 'her home', bufferM: 200, zone: polygon(SQUARE) },
    {
      banId: 'night',
      kind: 'location-duty',
      zone: circle([5.2, 52.11], 100),
      schedule: { timeZone: 'Europe/Amsterdam', weekly: [NIGHT] },
    },
  ],
  exceptions: [HEARING],
} satisfies Json;

/** What is sent, and the orders that went before it. */
export interface Sent {
  readonly orderId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Each is put over the one before it, and taken. */
  readonly before: readonly Json[];
}

const asIs = { orderId: 'ord-100', headers: { 'content-type': 'application/json' }, before: [] };

/** A body as it is, whatever it is. */
export const raw = (body: string | Buffer, type: string | null = 'application/json'): Sent => ({
  ...asIs,
  headers: type === null ? {} : { 'content-type': type },
  body: Buffer.from(body as string),
});

/** The order with some of its fields otherwise. */
export const order = (fields: Json, other: Partial<Sent> = {}): Sent => ({
  ...asIs,
  body: Buffer.from(JSON.stringify({ ...ORDER, ...fields })),
  ...other,
});

const ban = (index: number, fields: Json): Sent =>
  order({ bans: ORDER.bans.map((each, i) => (i === index ? { ...each, ...fields } : each)) });

export const contact = (fields: Json): Sent => ban(0, fields);
export const place = (fields: Json): Sent => ban(1, fields);
export const zone = (given: unknown): Sent => place({ zone: given });
export const schedule = (fields: Json): Sent =>
  ban(2, { schedule: { ...ORDER.bans[2]!.schedule, ...fields } });
export const night = (fields: Json): Sent => schedule({ weekly: [{ ...NIGHT, ...fields }] });
export const exception = (fields: Json): Sent => order({ exceptions: [{ ...HEARING, ...fields }] });

/** Under another id, which the address takes as it stands here. */
export const under = (orderId: string): Sent => order({}, { orderId });

/** Another text over the first version, with this If-Match. */
export const over = (ifMatch: string | null): Sent =>
  order(
    { reference: 'amended' },
    {
      headers: { ...asIs.headers, ...(ifMatch === null ? {} : { 'if-match': ifMatch }) },
      before: [ORDER],
    },
  );

/** A new order that says which version it replaces. */
export const newWith = (ifMatch: string): Sent =>
  order({}, { headers: { ...asIs.headers, 'if-match': ifMatch } });

export const inCrs = (uri: string, given: unknown): Sent => ({
  ...zone(given),
  headers: { ...asIs.headers, 'content-crs': `<${uri}>` },
});

/** The last of several texts of one order, each over the one before. */
export const after = (before: readonly Json[], last: Json): Sent =>
  order(last, {
    headers: { ...asIs.headers, 'if-match': `"${before.length}"` },
    before: before.map((fields) => ({ ...ORDER, ...fields })),
  });
