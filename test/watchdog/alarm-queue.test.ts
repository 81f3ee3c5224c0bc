import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { alarmMessage, type AlarmMessage } from '../../server/watchdog/alarm-message.ts';
import {
  alarmQueue,
  RETRY_FIRST_MS,
  RETRY_LAST_MS,
  WAITING_MAX,
} from '../../server/watchdog/alarm-queue.ts';
import type { NoticeType } from '../../server/watchdog/vigil.ts';
import { START_MS } from './watchdog-world.ts';

const message = (type: NoticeType, serverId = 'cordon', minutes = 0): AlarmMessage =>
  alarmMessage(serverId, {
    type,
    reasons: ['silent'],
    sinceMs: START_MS,
    atMs: START_MS + minutes * 60_000,
  });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A path that takes messages only while it works. */
function path() {
  const taken: string[] = [];
  const triedAtMs: number[] = [];
  const said: string[] = [];
  const world = {
    taken,
    triedAtMs,
    said,
    works: true,
    queue: alarmQueue(
      async ({ type, serverId }) => {
        triedAtMs.push(Date.now());
        if (!world.works) throw new Error('status 503');
        taken.push(`${serverId} ${type}`);
      },
      (what) => void said.push(what),
    ),
  };
  return world;
}

describe('[WD6] a path', () => {
  test('gets messages in order, each once', async () => {
    const { queue, taken, said } = path();
    for (const type of ['raised', 'added', 'recovered'] as const) queue.push(message(type));
    await vi.advanceTimersByTimeAsync(0);
    expect(taken).toEqual(['cordon raised', 'cordon added', 'cordon recovered']);
    expect(queue.waiting()).toBe(0);
    expect(said).toEqual([]);
  });

  test('that fails is tried again, ever more seldom, until it takes all that waits', async () => {
    const world = path();
    world.works = false;
    world.queue.push(message('raised'));
    await vi.advanceTimersByTimeAsync(600_000);
    const waitsMs = world.triedAtMs.slice(1).map((atMs, i) => atMs - world.triedAtMs[i]!);
    expect(waitsMs.slice(0, 8)).toEqual([
      RETRY_FIRST_MS,
      2_000,
      4_000,
      8_000,
      16_000,
      32_000,
      RETRY_LAST_MS,
      RETRY_LAST_MS,
    ]);
    world.queue.push(message('recovered'));
    world.works = true;
    await vi.advanceTimersByTimeAsync(RETRY_LAST_MS);
    expect(world.taken).toEqual(['cordon raised', 'cordon recovered']);
    expect(world.said).toEqual(['does not take an alarm: Error: status 503', 'works again']);
  });

  test('gets of many repetitions the newest, and never more than it can be told', async () => {
    const world = path();
    world.works = false;
    world.queue.push(message('raised'));
    for (let n = 1; n <= 500; n += 1) world.queue.push(message('repeated', 'cordon', n));
    expect(world.queue.waiting()).toBe(2);
    for (let n = 0; n < 500; n += 1) world.queue.push(message('raised', `server-${n}`));
    expect(world.queue.waiting()).toBe(WAITING_MAX);
    world.works = true;
    await vi.advanceTimersByTimeAsync(RETRY_LAST_MS);
    expect(world.taken.at(-1)).toBe('server-499 raised');
    expect(world.queue.waiting()).toBe(0);
  });
});

test('[WD6] a message says in one sentence what is wrong, for whoever is woken by it', () => {
  expect(message('raised')).toEqual({
    type: 'raised',
    serverId: 'cordon',
    reasons: ['silent'],
    since: '2026-11-26T12:00:00.000Z',
    at: '2026-11-26T12:00:00.000Z',
    text: 'Cordon cordon has not said that all is well: dead, cut off or standing still.',
  });
  expect(message('repeated', 'north', 20).text).toMatch(/^Cordon north .*, for 20 min now\.$/);
  expect(message('recovered', 'north', 20).text).toBe(
    'Cordon north is well again, after 20 min (silent).',
  );
});
