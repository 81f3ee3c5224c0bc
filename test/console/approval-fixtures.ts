import { OrderPreview } from '../../shared/order-preview.ts';
import { OrderVersionView } from '../../shared/order-view.ts';
import { toInstant } from '../../shared/instant.ts';

/** What an approver may find on a Thursday night. The person at the screen is a.jansen. */
export const ME = 'a.jansen';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface FakeOrder {
  /** Oldest first. */
  readonly versions: OrderVersionView[];
  standing: { version: number; status: 'active' | 'suspended' } | null;
  /** What the preview says besides version and ids. */
  readonly preview: Pick<OrderPreview, 'changes' | 'forecast'> & {
    overlaps: Readonly<Record<string, OrderPreview['bans'][number]['overlaps']>>;
  };
}

type Patch = Record<string, unknown>;

/** Around the Oudegracht in Utrecht. */
const CENTRE = [5.1214, 52.0907] as const;
const square = (halfLon: number, halfLat: number): object => {
  const [lon, lat] = CENTRE;
  const ring = [
    [lon - halfLon, lat - halfLat],
    [lon + halfLon, lat - halfLat],
    [lon + halfLon, lat + halfLat],
    [lon - halfLon, lat + halfLat],
  ];
  return { type: 'Polygon', coordinates: [[...ring, ring[0]]] };
};

const contactBan = (distanceM: number): object => ({
  banId: 'b1',
  kind: 'contact-ban',
  victimId: 'v-14',
  distanceM,
});
const homeBan = (zone: object | null): object => ({
  banId: 'b2',
  kind: 'location-ban',
  name: 'woning slachtoffer',
  place: 'Kerkstraat 12, 3511 KA Utrecht, en de straten daaromheen',
  bufferM: 150,
  zone,
});
const nightDuty = {
  banId: 'b3',
  kind: 'location-duty',
  name: 'nacht thuis',
  zone: { type: 'Circle', center: [5.1275, 52.0885], radiusM: 100 },
  schedule: {
    timeZone: 'Europe/Amsterdam',
    weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '22:00', until: '06:00' }],
  },
};

const COURT =
  'De verdachte mag gedurende negentig dagen op geen enkele wijze contact opnemen met het ' +
  'slachtoffer en zich niet bevinden binnen 500 meter van haar.\n\nHij mag zich niet bevinden in ' +
  'de Kerkstraat te Utrecht en de straten daaromheen.';

const versionOf = (nowMs: number, patch: Patch): OrderVersionView =>
  OrderVersionView.parse({
    reference: 'CJIB-2026-000451',
    legalBasis: 'behavioural-order',
    text: COURT,
    wearerId: 'w-31',
    validFrom: toInstant(nowMs - 5 * HOUR_MS),
    validUntil: toInstant(nowMs - 5 * HOUR_MS + 90 * DAY_MS),
    bans: [contactBan(500)],
    version: 1,
    status: 'awaiting-approval',
    at: toInstant(nowMs - 5 * HOUR_MS),
    by: 'cjib-koppeling',
    cause: 'put',
    reason: null,
    ...patch,
  });

const QUIET = { changes: [], forecast: null, overlaps: {} };

/** Nobody has drawn where he may not come. */
const undrawn = (nowMs: number): FakeOrder => ({
  versions: [
    versionOf(nowMs, {
      orderId: 'CJIB-451',
      at: toInstant(nowMs - 2 * HOUR_MS),
      bans: [contactBan(500), homeBan(null)],
    }),
  ],
  standing: null,
  preview: QUIET,
});

/** Nearer, longer, and at odds with a duty. */
function amended(nowMs: number): FakeOrder {
  const base = { orderId: 'CJIB-398', reference: 'CJIB-2026-000398', wearerId: 'w-7' };
  const until = toInstant(nowMs + 40 * DAY_MS);
  const longer = toInstant(nowMs + 70 * DAY_MS);
  const before = [contactBan(500), homeBan(square(0.004, 0.0025)), nightDuty];
  const after = [contactBan(300), homeBan(square(0.0075, 0.0035)), nightDuty];
  const at = (hours: number): string => toInstant(nowMs - hours * HOUR_MS);
  const first = { ...base, bans: before, validUntil: until, at: at(300) };
  const { changes } = OrderPreview.pick({ changes: true }).parse({
    changes: [
      change('/validUntil', null, until, longer, 'more'),
      change('/bans/0/distanceM', 'b1', 500, 300, 'less'),
      change('/bans/1/zone', 'b2', square(0.004, 0.0025), square(0.0075, 0.0035), 'more'),
    ],
  });
  return {
    versions: [
      versionOf(nowMs, first),
      versionOf(nowMs, {
        ...first,
        version: 2,
        status: 'active',
        cause: 'approval',
        by: 'b.smit',
        at: at(299),
      }),
      versionOf(nowMs, {
        ...base,
        version: 3,
        bans: after,
        validUntil: longer,
        at: at(26),
      }),
    ],
    standing: { version: 2, status: 'active' },
    preview: { changes, ...AMENDED_FIGURES },
  };
}

const change = (
  pointer: string,
  banId: string | null,
  before: unknown,
  after: unknown,
  protection: string,
): object => {
  const zone = pointer.endsWith('/zone') ? { gainedM2: 461_000, lostM2: 0 } : null;
  const told = { pointer, banId, what: 'changed', before, after, protection, zone };
  return { ...told, hoursPerWeek: null };
};

const AMENDED_FIGURES = {
  forecast: {
    recordedDays: 23.4,
    positions: 61_204,
    alertsPerWeek: 11.3,
    priority1PerWeek: 0.6,
    bans: [
      { banId: 'b1', alertsPerWeek: 1.2, breachesPerWeek: 0.3, judged: true },
      { banId: 'b2', alertsPerWeek: 10.1, breachesPerWeek: 0.3, judged: true },
      { banId: 'b3', alertsPerWeek: 0, breachesPerWeek: 0, judged: true },
    ] as never,
  },
  overlaps: {
    b2: [
      overlap({ with: 'work', hoursPerWeek: 31.5 }),
      overlap({
        with: 'location-duty',
        orderId: 'CJIB-398',
        banId: 'b3',
        name: 'nacht thuis',
        share: 0.06,
        contradicts: true,
      }),
      overlap({
        with: 'location-ban',
        orderId: 'CJIB-210',
        banId: 'z1',
        name: 'centrum',
        share: 0.4,
      }),
    ],
  },
};

function overlap(patch: Patch): OrderPreview['bans'][number]['overlaps'][number] {
  const none = { orderId: null, banId: null, name: null, share: null, hoursPerWeek: null };
  return { ...none, contradicts: false, ...patch } as never;
}

function stepAwaited(nowMs: number, orderId: string, patch: Patch): FakeOrder {
  const base = { orderId, reference: `CJIB-2026-000${orderId.slice(-3)}`, wearerId: 'w-12' };
  return {
    versions: [
      versionOf(nowMs, { ...base, status: 'active', at: toInstant(nowMs - 9 * DAY_MS) }),
      versionOf(nowMs, { ...base, version: 2, ...patch }),
    ],
    standing: { version: 1, status: 'active' },
    preview: QUIET,
  };
}

/** All that an approver may be asked, and an order that asks nothing. */
export function nightOrders(nowMs: number): FakeOrder[] {
  const ago = (hours: number): string => toInstant(nowMs - hours * HOUR_MS);
  const centre = { ...homeBan(square(0.012, 0.006)), banId: 'z1', name: 'centrum' };
  const other = { orderId: 'CJIB-210', reference: 'CJIB-2026-000210', bans: [centre] };
  return [
    undrawn(nowMs),
    amended(nowMs),
    stepAwaited(nowMs, 'CJIB-377', {
      cause: 'suspension',
      by: 'b.smit',
      reason: 'Opname in een kliniek tot 3 december, op verzoek van de reclassering.',
      at: ago(8),
    }),
    stepAwaited(nowMs, 'CJIB-402', { cause: 'put', by: ME, at: ago(1) }),
    {
      versions: [versionOf(nowMs, { ...other, status: 'active', at: ago(700) })],
      standing: { version: 1, status: 'active' },
      preview: QUIET,
    },
  ];
}
