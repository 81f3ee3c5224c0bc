import { expect, test } from 'vitest';
import type { DeviceId } from '../../shared/ids.ts';
import type { Entry } from '../../server/ports.ts';
import * as sample from './store-samples.ts';
import { positionsOf, type Under } from './store-under-test.ts';

const { aChange, aDevice, aLook, anAlert, anOrderVersion, aPosition, MINUTE_MS, T0_MS } = sample;

export function testDurability(under: Under): void {
  test('2,000 appends at once are all durable, in order', async () => {
    const records = Array.from({ length: 2000 }, (_, n) => anAlert('a-1', { episode: n }));
    const settled: number[] = [];
    await Promise.all(
      records.map(async (record, n) => {
        await under.store.append([aChange(record, { atMs: T0_MS + n })]);
        settled.push(n);
      }),
    );
    expect(settled).toEqual(records.map((_, n) => n));
    await under.reopen();
    const events = await under.store.alertEvents('a-1');
    expect(events.map(({ atMs }) => atMs - T0_MS)).toEqual(settled);
    expect(events.map(({ seq }) => seq - 1)).toEqual(settled);
  });

  test('an entry that can never be written takes no other down', async () => {
    const bad = { ...aLook('bad'), reason: undefined } as unknown as Entry;
    const worse = { ...aPosition('o-1', 1), fix: null } as unknown as Entry;
    const outcomes = await Promise.allSettled([
      under.store.append([aLook('a')]),
      under.store.append([aLook('b'), bad, aLook('c')]),
      under.store.append([worse]),
      under.store.append([aLook('d')]),
    ]);
    const told = outcomes.map(({ status }) => status);
    expect(told).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect((outcomes[1] as PromiseRejectedResult).reason.message).toContain('[1] look');
    await under.reopen();
    const subjects = (await under.store.looks(9)).map(({ subject }) => subject);
    expect(subjects).toEqual(['d', 'c', 'b', 'a']);
  });

  test('a restart recovers the same', async () => {
    await under.store.append([
      aPosition('o-1', 1),
      aDevice(),
      anOrderVersion(1),
      aChange(anAlert('a-1')),
    ]);
    const before = await under.store.recover(5);
    await under.reopen();
    expect(await under.store.recover(5)).toEqual(before);
  });

  test('closing finishes what was appended, and then takes nothing', async () => {
    const appended = under.store.append([aLook('last')]);
    const closed = under.store.close();
    await appended;
    await expect(under.store.append([aLook('late')])).rejects.toThrow(/closed/);
    await closed;
    await under.reopen();
    expect(await under.store.looks(9)).toEqual([aLook('last')]);
  });

  test('too far behind, it takes no more and says so', async () => {
    const many = Array.from({ length: 100_000 }, (_, n) => aPosition('o-1', n));
    await expect(under.store.append(many)).rejects.toThrow(/behind|takes no more/);
    await under.store.append([aPosition('o-1', 1)]);
  });
}

export function testRetention(under: Under): void {
  const beforeMs = T0_MS + 600 * MINUTE_MS;
  const minutes = Array.from({ length: 601 }, (_, minute) => minute);
  const kept = async (deviceId: string): Promise<number[]> =>
    (await positionsOf(under, deviceId)).map(({ fix }) => (fix.atMs - T0_MS) / MINUTE_MS);
  const appendTracks = (...deviceIds: string[]): Promise<void> =>
    under.store.append(
      deviceIds.flatMap((deviceId) =>
        minutes.map((minute) => aPosition(deviceId, minute, { atMs: T0_MS + minute * MINUTE_MS })),
      ),
    );

  test('old positions go, but none of the track of an alert', async () => {
    await appendTracks('o-1', 'v-1', 'o-2');
    const raisedAtMs = T0_MS + 100 * MINUTE_MS;
    const raised = anAlert('a-1', { raisedAtMs });
    await under.store.append([aChange(raised)]);
    const ended = sample.closedBy('anna', T0_MS + 120 * MINUTE_MS);
    await under.store.append([aChange({ ...raised, ...ended }, { change: 'closed' })]);
    await under.store.prune(beforeMs);
    const track = [...minutes.slice(70, 151), 600];
    expect(await kept('o-1')).toEqual(track);
    expect(await kept('v-1')).toEqual(track);
    expect(await kept('o-2')).toEqual([600]);
  });

  test('while an alert stands its track has no end', async () => {
    await appendTracks('o-1', 'd-9');
    const raisedAtMs = T0_MS + 500 * MINUTE_MS;
    const sos = anAlert('a-1', { raisedAtMs, deviceId: 'd-9' as DeviceId });
    await under.store.append([aChange(sos)]);
    await under.store.prune(beforeMs);
    expect(await kept('o-1')).toEqual(minutes.slice(470));
    expect(await kept('d-9')).toEqual(minutes.slice(470));
  });

  test('a retrospective alert keeps the time it is about', async () => {
    await appendTracks('o-1');
    const { basis } = anAlert('then', { raisedAtMs: T0_MS + 200 * MINUTE_MS });
    const ended = sample.closedBy('anna', T0_MS + 210 * MINUTE_MS);
    const late = anAlert('a-1', { raisedAtMs: T0_MS + 580 * MINUTE_MS, ...ended, basis });
    await under.store.append([aChange(late)]);
    await under.store.prune(beforeMs);
    expect(await kept('o-1')).toEqual([...minutes.slice(170, 241), 600]);
  });

  test('appends go on while a long pruning runs', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, n) => appendTracks(`d-${n}`)));
    const pruned = under.store.prune(beforeMs);
    await under.store.append([aLook('meanwhile')]);
    await pruned;
    expect(await kept('d-9')).toEqual([600]);
  });
}
