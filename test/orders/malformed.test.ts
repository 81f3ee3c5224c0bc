import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';
import { ORDER, order, type Sent } from './malformed/base-order.ts';
import { BODIES, WHOLE } from './malformed/bodies.ts';
import { DISTANCES, TERMS, TIMES } from './malformed/times.ts';
import { CRS, ZONES } from './malformed/zones.ts';

/** A hundred orders that no court can have meant, each refused for its own reason. (SPEC OC7) */

const judged = [...BODIES, ...TIMES, ...DISTANCES, ...ZONES, ...TERMS, ...CRS];

let world: HttpWorld;
beforeAll(async () => {
  world = await httpWorld();
});
afterAll(() => world.app.close());
beforeEach(() => {
  world.store.orderRows.length = 0;
});

const put = ({ orderId, headers, body }: Pick<Sent, 'orderId' | 'headers' | 'body'>) =>
  world.app.inject({
    method: 'PUT',
    url: `/v1/orders/${orderId}`,
    headers: { ...world.as('cjib'), ...headers },
    payload: body,
  });

/** Sends what goes before, then the order itself, and looks that nothing of it was kept. */
async function refusalOf(sent: Sent) {
  for (const [index, text] of sent.before.entries()) {
    const headers = index === 0 ? {} : { 'if-match': `"${index}"` };
    const earlier = order(text, { orderId: sent.orderId });
    const { statusCode } = await put({ ...earlier, headers: { ...earlier.headers, ...headers } });
    expect(statusCode).toBe(index === 0 ? 201 : 200);
  }
  const kept = world.store.orderRows.length;
  const answer = await put(sent);
  expect(world.store.orderRows, 'it was taken').toHaveLength(kept);
  expect(answer.headers['content-type']).toMatch('application/problem+json');
  return answer.json<{
    status: number;
    code: string;
    detail: string;
    errors?: { pointer: string; detail: string }[];
  }>();
}

test('the order that they spoil is right', async () => {
  const { validFrom: _from, validUntil: _until, exceptions: _exceptions, ...rest } = ORDER;
  expect((await put(order({}))).json()).toMatchObject({ ...rest, version: 1 });
});

describe('[OC7] a malformed order is refused as a whole', () => {
  test.each(WHOLE)('%s', async (_name, sent, status, code, why) => {
    const told = await refusalOf(sent);
    expect(told).toMatchObject({ status, code, detail: expect.stringMatching(why) });
  });
});

describe('[OC7] a malformed order is refused with every place and reason', () => {
  test.each(judged.map(([name, sent, ...told]) => ({ name, sent, told })))(
    '$name',
    async ({ sent, told }) => {
      const { code, errors = [] } = await refusalOf(sent);
      expect(code).toBe('invalid-input');
      const expected = told.map(([pointer, why]) => ({
        pointer,
        detail: expect.stringMatching(why) as string,
      }));
      expect(errors).toHaveLength(expected.length);
      expect(errors).toEqual(expect.arrayContaining(expected));
    },
  );
});

test('[OC7] there are a hundred, and no two of one name', () => {
  const names = [...WHOLE, ...judged].map(([name]) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(100);
});
