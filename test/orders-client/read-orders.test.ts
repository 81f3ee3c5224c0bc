import { afterEach, expect, test } from 'vitest';
import { pullEvents, RefusedError, standingOf } from '../../server/orders-client/read-orders.ts';
import { cordonAt, type FakeCordon, fakeCordon, patience, problemOf } from './fake-cordon.ts';

let cordon: FakeCordon;
afterEach(() => cordon.close());

const eventOf = (sequence: number) => ({
  specversion: '1.0',
  id: `e-${sequence}`,
  source: 'urn:nld:oin:00000000000000000000:systeem:cordon',
  type: 'nl.cordon.order.received.v1',
  time: '2026-11-23T10:00:00.000Z',
  dataref: '/v1/orders/o-1/versions',
  sequence: String(sequence),
});

test('[OC8] events are pulled page by page, and then as they come', async () => {
  const pages: Record<string, object> = {
    '7': { items: [eventOf(8), eventOf(9)], next: '/v1/events?after=11', cursor: '11' },
    '11': { items: [], next: null, cursor: '12' },
    '12': { items: [eventOf(13)], next: null, cursor: '13' },
  };
  cordon = await fakeCordon(({ path }) => {
    const after = new URL(path, 'http://x').searchParams.get('after')!;
    const body = pages[after];
    return body ? { status: 200, body } : problemOf(403, 'not-allowed');
  });
  const client = cordonAt(cordon.url);
  const { wait, waits } = patience();
  const told: string[] = [];
  const wish = {
    after: '7',
    follow: true,
    wait,
    told: ({ id }: { id: string }) => void told.push(id),
  };
  await expect(pullEvents(client, wish)).rejects.toThrow(RefusedError);
  expect(told).toEqual(['e-8', 'e-9', 'e-13']);
  expect(waits).toHaveLength(2);
  told.length = 0;
  await pullEvents(client, { ...wish, after: '12', follow: false });
  expect(told).toEqual(['e-13']);
  await expect(pullEvents(client, { ...wish, after: 'x' })).rejects.toThrow('--after x');
  client.close();
});

test('[OC5] orders are counted over all pages, and bans by why nobody is held to them', async () => {
  const order = (status: string, reasons: string[] | null) => ({
    orderId: 'o',
    status,
    ...(reasons === null ? {} : { enforcement: [{ banId: 'b', enforced: false, reasons }] }),
  });
  cordon = await fakeCordon(({ path }) => {
    const body = path.includes('after=x')
      ? { items: [order('active', ['no-zone', 'no-ankle-monitor'])], next: null }
      : {
          items: [order('active', []), order('suspended', ['no-zone']), order('active', null)],
          next: '/v1/orders?limit=500&after=x',
        };
    return { status: 200, body };
  });
  const client = cordonAt(cordon.url);
  expect(await standingOf(client)).toEqual({
    orders: 4,
    byStatus: { active: 3, suspended: 1 },
    unenforced: { 'no-zone': 2, 'no-ankle-monitor': 1 },
  });
  client.close();
});
