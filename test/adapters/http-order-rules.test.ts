import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';

let world: HttpWorld;
beforeAll(async () => {
  world = await httpWorld();
});
afterAll(() => world.app.close());
beforeEach(() => {
  world.store.orderRows.length = 0;
});

type Json = Record<string, unknown>;

const ORDER = {
  reference: 'CJIB-2026-000123',
  legalBasis: 'behavioural-order',
  wearerId: 'w-1',
  validFrom: '2026-11-01T00:00:00+01:00',
  validUntil: '2027-01-30T00:00:00+01:00',
  bans: [
    { banId: 'b1', kind: 'contact-ban', victimId: 'v-1', distanceM: 500 },
    { banId: 'b2', kind: 'location-ban', place: 'Dorpsstraat 1, Utrecht' },
  ],
};

const put = (order: Json) =>
  world.app.inject({
    method: 'PUT',
    url: '/v1/orders/ord-1',
    headers: world.as('cjib'),
    payload: order,
  });

describe('a zone that an approver draws', () => {
  const PATH = '/v1/orders/ord-1/bans/b2/zone';
  const circle = { type: 'Circle', center: [5.1, 52.1], radiusM: 300 };
  const draw = (zone: Json) =>
    world.app.inject({
      method: 'PUT',
      url: PATH,
      headers: { ...world.as('approver'), 'if-match': '"1"' },
      payload: zone,
    });

  test('answers with the version that it became', async () => {
    await put(ORDER);
    const answer = await draw(circle);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['etag']).toBe('"2"');
    expect(answer.json()).toMatchObject({ cause: 'zone', by: 'approver' });
  });

  test('is refused with all that is wrong with it', async () => {
    await put(ORDER);
    const abroad = { ...circle, center: [52.1, 5.1], radiusM: 1, colour: 'red' };
    const answer = await draw(abroad);
    expect(answer.statusCode).toBe(400);
    const errors = answer.json<{ errors: { pointer: string }[] }>().errors;
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/center',
      '/colour',
      '/radiusM',
    ]);
  });
});

describe('what the law does not allow', () => {
  test('is told beside everything else that is wrong, with the article', async () => {
    const endless = { ...ORDER, validUntil: '2027-06-01T00:00:00+02:00', reference: '' };
    expect((await put(endless)).json<Json>()['errors']).toEqual([
      expect.objectContaining({ pointer: '/reference' }),
      {
        pointer: '/validUntil',
        detail: expect.stringContaining('90 days from its start (art. 509hh lid 4 Sv)'),
      },
    ]);
  });
});
