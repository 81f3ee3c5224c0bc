import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { newestPositions } from '../../server/adapters/preview-positions.ts';
import {
  type PreviewPart,
  previewer,
  type PreviewWorker,
} from '../../server/adapters/preview-thread.ts';
import type { Comparison, PreviewTask } from '../../server/core/order-preview.ts';
import type { PositionRow } from '../../server/ports.ts';
import { DeviceId } from '../../shared/ids.ts';
import { toInstant } from '../../shared/instant.ts';
import { prng } from '../../shared/prng.ts';
import { fakeClock, fakeStore } from '../support/fake-store.ts';
import { ANKLE, fixOf, orderOf, square, T0 } from '../support/given.ts';

const ORDER = orderOf([{ banId: 'z', kind: 'location-ban', zone: square(600) }]);
const TASK: PreviewTask = {
  order: ORDER,
  version: 3,
  statusAfter: 'active',
  standing: null,
  others: [],
  devices: [ANKLE],
  nowMs: T0 + 3_600_000,
};

const rowAt = (atMs: number, seq = atMs): PositionRow => {
  const { lon, lat } = fixOf();
  const payload = JSON.stringify({ seq, time: toInstant(atMs), lon, lat, accuracy: 10 });
  return { deviceId: ANKLE.deviceId, fix: fixOf({ seq, atMs, accuracyM: 10 }), payload };
};
const HOUR = Array.from({ length: 60 }, (_, i) => rowAt(T0 + i * 60_000));

async function* pages(...all: readonly PositionRow[][]): AsyncGenerator<readonly PositionRow[]> {
  yield* all;
}

/** Says what a test has it say. */
class FakeWorker extends EventEmitter implements PreviewWorker {
  readonly heard: unknown[] = [];
  isEnded = false;

  postMessage(page: unknown): void {
    this.heard.push(page);
    this.emit('heard');
  }

  tell(part: PreviewPart): void {
    this.emit('message', part);
  }

  async terminate(): Promise<void> {
    this.isEnded = true;
    this.emit('exit');
  }
}

const COMPARISON: Comparison = {
  orderId: ORDER.orderId,
  version: 3,
  standingVersion: null,
  bans: [],
  changes: [],
};
const NOTHING = { forecast: { forecast: null, forecastState: 'nothing-recorded' } } as const;

function fakeThreads() {
  const clock = fakeClock();
  const workers: FakeWorker[] = [];
  const opened = new EventEmitter();
  const previews = previewer(clock, () => {
    const worker = new FakeWorker();
    workers.push(worker);
    opened.emit('opened');
    return worker;
  });
  const until = (event: EventEmitter, name: string): Promise<void> =>
    new Promise((resolve) => event.once(name, () => resolve()));
  return { clock, workers, opened, previews, until };
}

describe('a preview in a thread', () => {
  test('[PV8] is worked out by a thread of its own', async () => {
    const done = await previewer(fakeClock()).preview(
      TASK,
      pages(HOUR.slice(30), HOUR.slice(0, 30)),
    );
    if (!done.ok) throw new Error(done.error);
    expect(done.value).toMatchObject({ orderId: 'ord-1', version: 3, forecastState: 'done' });
    expect(done.value.forecast).toMatchObject({ positions: 60 });
    expect(done.value.forecast!.alertsPerWeek).toBeGreaterThan(0);
  });

  test('[PV8] of nothing recorded says so', async () => {
    const done = await previewer(fakeClock()).preview(TASK, pages());
    expect(done).toMatchObject({ value: { forecast: null, forecastState: 'nothing-recorded' } });
  });

  test('[PV8] that takes too long lacks its forecast', async () => {
    const { clock, workers, opened, previews, until } = fakeThreads();
    const begun = until(opened, 'opened');
    const asked = previews.preview(TASK, pages(HOUR));
    await begun;
    workers[0]!.tell({ comparison: COMPARISON });
    clock.advance(29_999);
    expect(workers[0]!.isEnded).toBe(false);
    clock.advance(1);
    const value = { ...COMPARISON, forecast: null, forecastState: 'took-too-long' };
    expect(await asked).toEqual({ ok: true, value });
    expect(workers[0]!.isEnded).toBe(true);
  });

  test('[PV8] that takes too long keeps the forecast of the newest week', async () => {
    const { clock, workers, opened, previews, until } = fakeThreads();
    const begun = until(opened, 'opened');
    const asked = previews.preview(TASK, pages(HOUR));
    await begun;
    workers[0]!.tell({ comparison: COMPARISON });
    const week = { recordedDays: 7, positions: 9, alertsPerWeek: 2, priority1PerWeek: 1, bans: [] };
    workers[0]!.tell({ ofWeek: week });
    clock.advance(30_000);
    const value = { ...COMPARISON, forecast: week, forecastState: 'took-too-long' };
    expect(await asked).toEqual({ ok: true, value });
  });

  test('[PV8] of more than a week is of all of it when there is time', async () => {
    const old = HOUR.map(({ fix }) => rowAt(fix.atMs - 9 * 86_400_000, fix.seq - 1e9));
    const done = await previewer(fakeClock()).preview(TASK, pages(HOUR, old));
    if (!done.ok) throw new Error(done.error);
    expect(done.value).toMatchObject({ forecastState: 'done', forecast: { positions: 120 } });
  });

  test('[PV8] that cannot even compare in time is refused', async () => {
    const { clock, opened, previews, until } = fakeThreads();
    const begun = until(opened, 'opened');
    const asked = previews.preview(TASK, pages(HOUR));
    await begun;
    clock.advance(30_000);
    expect(await asked).toEqual({ ok: false, error: 'preview-took-too-long' });
  });

  test('[PV8] waits for the one before it, and a fifth is refused', async () => {
    const { workers, opened, previews, until } = fakeThreads();
    let begun = until(opened, 'opened');
    const asked = [1, 2, 3, 4].map(() => previews.preview(TASK, pages(HOUR)));
    expect(previews.isFull()).toBe(true);
    const fifth = await previews.preview(TASK, pages(HOUR));
    expect(fifth).toEqual({ ok: false, error: 'too-many-previews' });
    for (const [at, answer] of asked.entries()) {
      await begun;
      begun = until(opened, 'opened');
      expect(workers).toHaveLength(at + 1);
      workers[at]!.tell({ comparison: COMPARISON });
      workers[at]!.tell(NOTHING);
      expect(await answer).toMatchObject({ ok: true });
      expect(previews.isFull()).toBe(false);
    }
  });

  test('[PV8] whose thread dies fails, and the next is begun', async () => {
    const { workers, opened, previews, until } = fakeThreads();
    let begun = until(opened, 'opened');
    const asked = [1, 2].map(() => previews.preview(TASK, pages(HOUR)));
    const failed = asked[0]!.catch((error: unknown) => String(error));
    await begun;
    begun = until(opened, 'opened');
    workers[0]!.emit('error', new Error('out of memory'));
    expect(await failed).toContain('out of memory');
    await begun;
    workers[1]!.tell({ comparison: COMPARISON });
    workers[1]!.tell(NOTHING);
    expect(await asked[1]).toMatchObject({ ok: true });
  });

  test('[PV8] whose positions cannot be read fails', async () => {
    const { previews } = fakeThreads();
    const unreadable = (async function* () {
      yield HOUR;
      throw new Error('no such table');
    })();
    await expect(previews.preview(TASK, unreadable)).rejects.toThrow('no such table');
  });

  test('[PV8] ends with the server, and what waited is not begun', async () => {
    const { workers, opened, previews, until } = fakeThreads();
    const begun = until(opened, 'opened');
    const asked = [1, 2].map(() => previews.preview(TASK, pages(HOUR)));
    const ends = asked.map((each) => each.catch((error: unknown) => String(error)));
    await begun;
    previews.close();
    expect(await Promise.all(ends)).toEqual(Array(2).fill('Error: the server stops'));
    expect(workers).toHaveLength(1);
    expect(workers[0]!.isEnded).toBe(true);
  });
});

describe('the newest positions', () => {
  const OTHER = DeviceId.parse('other');
  const random = prng(8);
  const DAY_MS = 86_400_000;
  /** Bursts of many, long silences, and what is older than a quarter. */
  const atMs = [
    ...Array.from({ length: 5_000 }, () => T0 - Math.floor(3 * 3_600_000 * random.next())),
    ...Array.from({ length: 3_000 }, () => T0 - 40 * DAY_MS - Math.floor(60_000 * random.next())),
    ...Array.from({ length: 200 }, () => T0 - Math.floor(90 * DAY_MS * random.next())),
    T0 + 30_000,
  ];
  const rows = atMs.map((each, seq) => rowAt(each, seq));
  const store = fakeStore();
  store.positionRows.push(...rows, { ...rowAt(T0), deviceId: OTHER });
  store.positionRows.push(rowAt(T0 - 200 * DAY_MS, -1));

  async function read(positionsMax?: number) {
    const found: PositionRow[] = [];
    const sizes: number[] = [];
    let questions = 0;
    const asked = {
      positions: (query: Parameters<typeof store.positions>[0]) => {
        questions += 1;
        return store.positions(query);
      },
    };
    for await (const page of newestPositions(asked, [ANKLE.deviceId], T0, positionsMax)) {
      found.push(...page);
      sizes.push(page.length);
    }
    return { seqs: found.map(({ fix }) => fix.seq), sizes, questions };
  }

  test('[PV8] are all there, each once, in pages that a store can sort', async () => {
    const { seqs, sizes, questions } = await read();
    expect(seqs.toSorted((a, b) => a - b)).toEqual(rows.map(({ fix }) => fix.seq));
    expect(Math.max(...sizes)).toBeLessThan(1_000);
    expect(questions).toBeLessThan(600);
  });

  test('[PV8] are no more than there is room for, with none missing in between', async () => {
    const { seqs } = await read(3_000);
    expect(seqs.length).toBeLessThanOrEqual(3_000);
    expect(seqs.length).toBeGreaterThan(1_000);
    const oldest = Math.min(...seqs.map((seq) => atMs[seq]!));
    expect(atMs.filter((each) => each >= oldest)).toHaveLength(seqs.length);
  });

  test('[PV8] of nobody are none', async () => {
    for await (const page of newestPositions(store, [], T0)) expect(page).toEqual([]);
  });
});
