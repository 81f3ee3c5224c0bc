import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeviceId } from '../../shared/ids.ts';
import type { Fix } from '../../server/core/case-event.ts';
import type { PositionRow } from '../../server/ports.ts';
import { aPosition, T0_MS } from './store-samples.ts';
import { positionsOf, type Under } from './store-under-test.ts';

const rowOf = ({ deviceId, fix, payload }: PositionRow): PositionRow => ({
  deviceId,
  fix,
  payload,
});

/** SQLite has no negative zero, and neither has the earth. */
const number = (min: number, max: number) =>
  fc.double({ min, max, noNaN: true }).map((value) => value + 0);

const anyFix: fc.Arbitrary<Fix> = fc.record({
  seq: fc.maxSafeNat(),
  boot: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 })),
  atMs: fc.integer({ min: T0_MS - 1e9, max: T0_MS + 1e9 }),
  receivedAtMs: fc.integer({ min: T0_MS, max: T0_MS + 1e9 }),
  lon: number(-180, 180),
  lat: number(-90, 90),
  accuracyM: fc.option(number(0, Number.MAX_VALUE)),
  speedMs: fc.option(number(0, 100)),
  headingDeg: fc.option(number(0, 360)),
  source: fc.option(fc.constantFrom('gnss', 'wifi', 'cell', 'beacon')),
  battery: fc.option(number(0, 1)),
});

export function testPositions(under: Under): void {
  test('every fix comes back exactly as it was, to the last bit', async () => {
    const fixes = fc.sample(anyFix, { numRuns: 500, seed: 42 });
    const entries = fixes.map((fix, i) => aPosition(`d-${i}`, fix.seq, fix));
    await under.store.append(entries);
    await under.reopen();
    const ids = entries.map(({ deviceId }) => deviceId);
    const stored = new Map((await positionsOf(under, ...ids)).map((row) => [row.deviceId, row]));
    expect(entries.map(({ deviceId }) => stored.get(deviceId))).toEqual(entries.map(rowOf));
  });

  test('the highest number a device may count to, and payloads in any script', async () => {
    const entry = {
      ...aPosition('o-1', Number.MAX_SAFE_INTEGER, { atMs: T0_MS }),
      payload: JSON.stringify({ text: 'Straße 漢字 😀 \u0000 "\\' }),
    };
    await under.store.append([entry]);
    expect(await positionsOf(under, 'o-1')).toEqual([rowOf(entry)]);
  });

  test('the same position twice is one position', async () => {
    const first = aPosition('o-1', 1);
    await under.store.append([first, first]);
    await under.store.append([{ ...first, payload: 'again' }]);
    const others = [
      aPosition('o-2', 1),
      aPosition('o-1', 2, { atMs: first.fix.atMs }),
      aPosition('o-1', 1, { boot: 'b' }),
      aPosition('o-1', 1, { atMs: T0_MS + 5 }),
    ];
    await under.store.append(others);
    const stored = await positionsOf(under, 'o-1', 'o-2');
    expect(stored).toHaveLength(5);
    expect(stored).toContainEqual(rowOf(first));
  });

  test('a query gives its devices and its time only, oldest first, to its limit', async () => {
    await under.store.append(
      [3, 1, 2, 5, 4].flatMap((seq) => [
        aPosition('o-1', seq),
        aPosition('o-2', seq),
        aPosition('o-3', seq),
      ]),
    );
    const found = await under.store.positions({
      deviceIds: ['o-1', 'o-3', 'o-1'] as DeviceId[],
      fromMs: T0_MS + 2000,
      untilMs: T0_MS + 4000,
      limit: 5,
    });
    const told = found.map(({ deviceId, fix }) => `${deviceId}/${fix.seq}`);
    expect(told).toEqual(['o-1/2', 'o-3/2', 'o-1/3', 'o-3/3', 'o-1/4']);
  });

  test('recovery gives the newest few of each device, but none from the future', async () => {
    const seqs = [4, 1, 3, 2];
    await under.store.append(seqs.flatMap((n) => [aPosition('o-1', n), aPosition('v-1', n)]));
    const ahead = aPosition('o-1', 9, { atMs: T0_MS + 86_400_000, receivedAtMs: T0_MS });
    await under.store.append([ahead]);
    const { positions } = await under.store.recover(2);
    const told = positions.map(({ deviceId, fix }) => `${deviceId}/${fix.seq}`);
    expect(told.sort()).toEqual(['o-1/3', 'o-1/4', 'v-1/3', 'v-1/4']);
    expect(positions.filter(({ deviceId }) => deviceId === 'o-1')[0]!.fix.seq).toBe(3);
  });
}
