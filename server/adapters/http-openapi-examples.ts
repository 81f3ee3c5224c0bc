import { CRS84 } from './http-crs.ts';

/** The order of DESIGN §6, and what becomes of it. A test holds both against their schemas. */

export const ORDER_EXAMPLE = {
  reference: 'CJIB-2026-000123',
  legalBasis: 'behavioural-order',
  wearerId: 'w-1',
  validFrom: '2026-11-01T00:00:00+01:00',
  validUntil: '2027-01-30T00:00:00+01:00',
  bans: [
    {
      banId: 'b1',
      kind: 'contact-ban',
      victimId: 'v-1',
      distanceM: 500,
      warningDistanceM: 1_000,
    },
    {
      banId: 'b2',
      kind: 'location-ban',
      name: 'home',
      bufferM: 200,
      zone: {
        type: 'Polygon',
        coordinates: [
          [
            [5.1, 52.08],
            [5.12, 52.08],
            [5.12, 52.1],
            [5.1, 52.1],
            [5.1, 52.08],
          ],
        ],
      },
      schedule: null,
    },
    {
      banId: 'b3',
      kind: 'location-duty',
      name: 'night at home',
      zone: { type: 'Circle', center: [5.2, 52.11], radiusM: 100 },
      schedule: {
        timeZone: 'Europe/Amsterdam',
        weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '22:00', until: '06:00' }],
      },
    },
  ],
  exceptions: [
    {
      banIds: ['b1', 'b2'],
      from: '2026-12-01T09:00:00+01:00',
      until: '2026-12-01T12:00:00+01:00',
      reason: 'court hearing',
    },
  ],
};

export const ORDER_VERSION_EXAMPLE = {
  ...ORDER_EXAMPLE,
  validFrom: '2026-10-31T23:00:00.000Z',
  validUntil: '2027-01-29T23:00:00.000Z',
  exceptions: [
    {
      ...ORDER_EXAMPLE.exceptions[0]!,
      from: '2026-12-01T08:00:00.000Z',
      until: '2026-12-01T11:00:00.000Z',
    },
  ],
  orderId: '3f0c9a52-6d0b-4f5e-9f07-0d5a3a4a1c11',
  version: 1,
  status: 'active',
  at: '2026-10-30T14:03:22.518Z',
  by: 'cjib',
  cause: 'put',
  reason: null,
};

export const PROBLEM_EXAMPLE = {
  type: 'urn:cordon:problem:invalid-input',
  title: 'Invalid input',
  status: 400,
  detail: 'See "errors" for everything that is wrong.',
  code: 'invalid-input',
  errors: [
    { pointer: '/validUntil', detail: 'must be later than validFrom' },
    { pointer: '/bans/0/distanceM', detail: 'Too small: expected number to be >0' },
  ],
};

export const CONTENT_CRS_EXAMPLE = `<${CRS84}>`;
