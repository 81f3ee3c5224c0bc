import { expect, test } from 'vitest';
import type { DeviceId, OrderId, PersonId } from '../../shared/ids.ts';
import { toAlert } from '../../server/core/alert-record.ts';
import type { AlertQuery } from '../../server/kept.ts';
import type { Entry } from '../../server/ports.ts';
import * as sample from './store-samples.ts';
import type { Under } from './store-under-test.ts';

const { aChange, aDevice, aLook, anAlert, anOrderVersion, T0_MS } = sample;

const withoutType = <T extends Entry>({ type: _type, ...stored }: T): Omit<T, 'type'> => stored;

export function testAlerts(under: Under): void {
  const list = async (query: Partial<AlertQuery>): Promise<string[]> => {
    const found = await under.store.alerts({ state: 'all', limit: 100, after: null, ...query });
    return found.map(({ alertId }) => alertId);
  };

  test('an alert stands as last changed, and every change is kept in order', async () => {
    const raised = anAlert('a-1');
    const act = { type: 'acknowledge', text: 'ik ga kijken' } as const;
    const acknowledged = { ...raised, state: 'acknowledged', acknowledgedBy: 'anna' } as const;
    await under.store.append([
      aChange(raised),
      aChange(anAlert('a-2')),
      aChange(acknowledged, { change: 'updated', act: { act, by: 'anna' }, atMs: T0_MS + 5 }),
    ]);
    await under.reopen();
    expect(await under.store.alert('a-1')).toEqual(toAlert(acknowledged));
    expect(await under.store.alert('a-3')).toBeNull();
    expect(await under.store.alertEvents('a-1')).toEqual([
      { seq: 1, atMs: T0_MS, change: 'raised', by: null, act: null, alert: toAlert(raised) },
      { seq: 3, atMs: T0_MS + 5, change: 'updated', by: 'anna', act, alert: toAlert(acknowledged) },
    ]);
  });

  test('pages go from the newest back, whatever is raised or closed meanwhile', async () => {
    const raise = (n: number, ms: number): Entry => aChange(anAlert(`a-${n}`, { raisedAtMs: ms }));
    await under.store.append([raise(1, T0_MS), raise(3, T0_MS + 9), raise(2, T0_MS + 9)]);
    await under.store.append([raise(4, T0_MS + 10)]);
    expect(await list({ limit: 2 })).toEqual(['a-4', 'a-3']);
    await under.store.append([
      raise(5, T0_MS + 99),
      aChange(anAlert('a-3', { raisedAtMs: T0_MS + 9, ...sample.closedBy('anna', T0_MS + 20) })),
    ]);
    expect(await list({ limit: 2, after: 'a-3' })).toEqual(['a-2', 'a-1']);
    expect(await list({ limit: 9, after: 'a-3', state: 'open' })).toEqual(['a-2', 'a-1']);
    expect(await list({ after: 'a-1' })).toEqual([]);
    expect(await list({ state: 'open' })).toEqual(['a-5', 'a-4', 'a-2', 'a-1']);
  });

  test('alerts of one order come by themselves, in pages too', async () => {
    const of = (n: number, orderId: string | null): Entry =>
      aChange(anAlert(`a-${n}`, { raisedAtMs: T0_MS + n, orderId: orderId as OrderId | null }));
    await under.store.append([of(1, 'o-1'), of(2, 'o-2'), of(3, 'o-1'), of(4, null), of(5, 'o-1')]);
    const orderId = 'o-1' as OrderId;
    expect(await list({ orderId })).toEqual(['a-5', 'a-3', 'a-1']);
    expect(await list({ orderId, limit: 2 })).toEqual(['a-5', 'a-3']);
    expect(await list({ orderId, limit: 2, after: 'a-3' })).toEqual(['a-1']);
    expect(await list({ orderId: 'o-3' as OrderId })).toEqual([]);
    await under.store.append([
      aChange(anAlert('a-3', { raisedAtMs: T0_MS + 3, orderId, ...sample.closedBy('x', T0_MS) })),
    ]);
    expect(await list({ orderId, state: 'open', after: 'a-5' })).toEqual(['a-1']);
    expect(await list({ orderId: null, limit: 2 })).toEqual(['a-5', 'a-4']);
  });

  test('recovery gives all that is not closed and the last episode of each cause', async () => {
    const closed = sample.closedBy('anna', T0_MS + 20);
    await under.store.append([
      aChange(anAlert('first', { ...closed, episode: 1 })),
      aChange(anAlert('last', { ...closed, episode: 2 })),
      aChange(anAlert('cleared', { episode: 0, state: 'cleared', priority: 2 })),
      aChange(anAlert('other', { ...closed, banId: null, kind: 'device', code: 'silent' })),
    ]);
    const { alerts } = await under.store.recover(1);
    expect(alerts.map(({ alertId }) => alertId).sort()).toEqual(['cleared', 'last', 'other']);
    expect(alerts).toContainEqual(anAlert('last', { ...closed, episode: 2 }));
  });
}

export function testOrders(under: Under): void {
  test('orders come back in every version, and no version is written twice', async () => {
    const versions = [anOrderVersion(1), anOrderVersion(2)];
    await under.store.append([...versions, anOrderVersion(1, 'order-2')]);
    await expect(under.store.append([anOrderVersion(2)])).rejects.toThrow();
    await under.reopen();
    const stored = versions.map(withoutType);
    expect(await under.store.orderVersions('order-1' as OrderId)).toEqual(stored);
    const newest = (await under.store.orders()).map((o) => `${o.orderId}/${o.version}`);
    expect(newest).toEqual(['order-1/2', 'order-2/1']);
    expect((await under.store.recover(1)).orders).toEqual(await under.store.orders());
  });

  test('orders come in pages, each with the newest version, by the bytes of their ids', async () => {
    const ids = ['B', 'a', 'a.b', 'a-b', 'a1', 'b'];
    for (const id of ids) await under.store.append([anOrderVersion(1, id), anOrderVersion(2, id)]);
    const all = ids.toSorted().map((id) => `${id}/2`);
    const page = async (after: string | null, limit: number): Promise<string[]> =>
      (await under.store.orders({ after, limit })).map((o) => `${o.orderId}/${o.version}`);
    expect(await page(null, 3)).toEqual(all.slice(0, 3));
    expect(await page(ids.toSorted()[2]!, 3)).toEqual(all.slice(3));
    expect(await page('b', 3)).toEqual([]);
    expect((await under.store.orders()).map((o) => `${o.orderId}/${o.version}`)).toEqual(all);
  });

  test('of devices that an order rests on more positions, of others fewer', async () => {
    const one = aDevice({ deviceId: 'ankle' as DeviceId, personId: 'w-1' as PersonId });
    const none = aDevice({ deviceId: 'spare' as DeviceId, personId: 'nobody' as PersonId });
    const positions = ['ankle', 'spare'].flatMap((deviceId) =>
      [1, 2, 3].map((seq) => sample.aPosition(deviceId, seq)),
    );
    await under.store.append([one, none, anOrderVersion(1), ...positions]);
    await under.reopen();
    const found = await under.store.recover(2, 1);
    expect(found.positions.map(({ deviceId, fix }) => `${deviceId} ${fix.seq}`)).toEqual([
      'ankle 2',
      'ankle 3',
      'spare 3',
    ]);
  });
}

export function testTheRest(under: Under): void {
  test('an empty store is empty', async () => {
    expect(await under.store.recover(5)).toEqual({
      devices: [],
      orders: [],
      alerts: [],
      positions: [],
      asked: [],
      feed: [],
      lastAtMs: null,
    });
  });

  test('of each device the last registration counts', async () => {
    const moved = { ...aDevice().device, validUntil: '2027-01-01T00:00:00Z' };
    await under.store.append([aDevice(), aDevice({ deviceId: 'o-0' as DeviceId }), aDevice(moved)]);
    const { devices } = await under.store.recover(1);
    expect(devices).toEqual([{ ...moved, deviceId: 'o-0', validUntil: undefined }, moved]);
  });

  test('of each device what it was asked last', async () => {
    const first = sample.aCommand('v-1', { seconds: 60 });
    const last = sample.aCommand('v-1', { seconds: 5, tries: 2, delivered: true });
    const other = sample.aCommand('v-0', { calm: { sinceMs: T0_MS, seconds: 15 } });
    await under.store.append([first, other, last]);
    await under.reopen();
    expect((await under.store.recover(1)).asked).toEqual([other.asked, last.asked]);
  });

  test('accounts, sessions and looks', async () => {
    const account = {
      type: 'account',
      username: 'anna',
      role: 'operator',
      secretHash: 'x',
    } as const;
    await under.store.append([account, { ...account, secretHash: 'y' }]);
    const sessions = [sample.aSession('s-1', T0_MS + 10), sample.aSession('s-2', T0_MS + 20)];
    await under.store.append([...sessions, sample.aSession('s-3', T0_MS + 30)]);
    await under.store.append([{ type: 'session-ended', tokenHash: 's-3' }]);
    await under.store.append([aLook('w-1'), aLook('w-2'), aLook('w-3')]);
    await under.reopen();
    expect(await under.store.accounts()).toEqual([
      { username: 'anna', role: 'operator', secretHash: 'y' },
    ]);
    expect(await under.store.sessions(T0_MS + 10)).toEqual([withoutType(sessions[1]!)]);
    expect(await under.store.looks(2)).toEqual([aLook('w-3'), aLook('w-2')]);
  });

  test('the newest server time is known, whatever it came with', async () => {
    await under.store.append([sample.aDeviceEvent(1), sample.aDeviceEvent(1), aDevice()]);
    expect((await under.store.recover(1)).lastAtMs).toBe(T0_MS + 100);
    await under.store.append([sample.aRejection(T0_MS + 200), sample.aRejection(T0_MS)]);
    await under.reopen();
    expect((await under.store.recover(1)).lastAtMs).toBe(T0_MS + 200);
  });
}

/** What is set up by administrators and clients, and may be taken back. */
export function testRegister(under: Under): void {
  test('of what is registered the newest counts, and what was taken back is gone', async () => {
    const { aRegistration } = sample;
    const kept = [aRegistration('cjib', { keys: ['b'] }), aRegistration('om', { name: 'Zoë' })];
    const subscription = aRegistration('cjib', { sink: 'https://x' }, 'subscription');
    await under.store.append([aRegistration('cjib', { keys: ['a'] }), aRegistration('old', {})]);
    await under.store.append([...kept, subscription, aRegistration('old', null)]);
    await under.reopen();
    expect(await under.store.registrations()).toEqual([...kept, subscription].map(withoutType));
    await under.store.append([aRegistration('old', { name: 'again' })]);
    const found = (await under.store.registrations()).map(({ kind, key }) => `${kind} ${key}`);
    expect(found).toEqual(['client cjib', 'client old', 'client om', 'subscription cjib']);
    expect((await under.store.journal(0, 100)).map(({ type }) => type)).toEqual(
      Array.from({ length: 7 }, () => 'registration'),
    );
  });

  test('of each subscription it is known how far it was told', async () => {
    const { aDelivery } = sample;
    await under.store.append([aDelivery('s-2', 7), aDelivery('s-1', 3), aDelivery('s-1', 9)]);
    await under.store.append([aDelivery('s-2', 8)]);
    await under.reopen();
    const marks = [aDelivery('s-1', 9), aDelivery('s-2', 8)];
    expect(await under.store.deliveries()).toEqual(marks.map(withoutType));
    const dumped = await under.store.dump('deliveries', null, 10);
    expect(dumped).toEqual({ entries: marks, next: null });
    expect((await under.store.journalHead()).seq).toBe(0);
  });
}
