import { beforeEach, describe, expect, test } from 'vitest';
import type { FeedbackEvent, SubscriptionBody } from '../../shared/subscription.ts';
import { LOOK_EVERY_MS, SUBSCRIPTIONS_PER_OWNER_MAX } from '../../server/service/feedback-desk.ts';
import {
  FAILING_TOLD_AFTER_MS,
  RETRY_MS_MAX,
  retryAfterMs,
} from '../../server/service/feedback-line.ts';
import {
  decisionStore,
  fails,
  fakeReceiver,
  type FakeReceiver,
  feedbackProcess,
  type FeedbackWorld,
  settled,
  TAKEN,
} from '../support/feedback-world.ts';
import { fakeClock, type FakeClock, type FakeStore } from '../support/fake-store.ts';
import { aChange, aLook, anAlert, anOrderVersion, T0_MS } from '../support/store-samples.ts';

const SINK = 'https://cjib.example/events';
const HOUR_MS = 3_600_000;

let store: FakeStore;
let clock: FakeClock;
let receiver: FakeReceiver;
let world: FeedbackWorld;
beforeEach(async () => {
  store = decisionStore();
  clock = fakeClock(T0_MS);
  receiver = fakeReceiver();
  world = await feedbackProcess(store, clock, receiver);
});

const put = (body: Partial<SubscriptionBody> = {}, id = 'all', owner = 'cjib') =>
  world.desk.put(owner, id, { sink: SINK, ...body });
const passes = async (ms: number): Promise<void> => {
  for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs;) {
    clock.advance(Math.min(LOOK_EVERY_MS, untilMs - clock.nowMs()));
    await settled();
  }
};
const seqs = (events: readonly FeedbackEvent[]): number[] =>
  events.map(({ sequence }) => Number(sequence));
const restart = async (): Promise<void> => {
  world.kill();
  world = await feedbackProcess(store, clock, receiver);
};
const view = () => world.desk.find('cjib', 'all');

describe('a subscription', () => {
  test('[FB4] hears of what comes from now on, of its types, in order', async () => {
    await store.append([anOrderVersion(1)]);
    await put({ types: ['nl.cordon.order.suspended.v1'] });
    await put({}, 'more');
    await store.append([anOrderVersion(1, 'o-2'), anOrderVersion(2), aLook('p')]);
    await passes(LOOK_EVERY_MS);
    expect(seqs(receiver.got)).toHaveLength(3);
    expect(receiver.got.filter(({ type }) => type.includes('suspended'))).toHaveLength(2);
  });

  test('[FB4] that gives `after` hears all since then once more', async () => {
    await store.append([anOrderVersion(1), anOrderVersion(2), anOrderVersion(3)]);
    await put({ after: '0' });
    await passes(LOOK_EVERY_MS);
    expect(seqs(receiver.got)).toEqual([1, 2, 3]);
    await put({ after: '0000000000000001' });
    await passes(LOOK_EVERY_MS);
    expect(seqs(receiver.got)).toEqual([1, 2, 3, 2, 3]);
    expect(await put({ after: '99' })).toEqual({ ok: false, error: 'cursor-ahead' });
    expect(view()?.cursor).toBe(String(5).padStart(16, '0'));
  });

  test('[FB4] put again as it is changes nothing, not even the journal', async () => {
    await put();
    const { length } = store.entries;
    expect(await put()).toMatchObject({ ok: true, value: { created: false } });
    expect(store.entries).toHaveLength(length);
  });

  test('[FB4] goes on where it was with another sink, and nothing is taken twice', async () => {
    await put();
    await store.append([anOrderVersion(1)]);
    await passes(LOOK_EVERY_MS);
    receiver.answer = () => 'hangs';
    await store.append([anOrderVersion(2)]);
    await passes(LOOK_EVERY_MS);
    receiver.answer = () => TAKEN;
    await put({ sink: 'https://cjib.example/elsewhere' });
    await store.append([anOrderVersion(3)]);
    await passes(2 * LOOK_EVERY_MS);
    expect(receiver.got.map(({ type }) => type.split('.')[3])).toEqual([
      'received',
      'suspended',
      'suspended',
    ]);
  });

  test('[FB4] goes on over a restart with the cursor it had', async () => {
    await put();
    await store.append([anOrderVersion(1)]);
    await passes(LOOK_EVERY_MS);
    const before = view();
    await restart();
    expect(view()).toEqual(before);
    await store.append([anOrderVersion(2)]);
    await passes(LOOK_EVERY_MS);
    expect(receiver.got).toHaveLength(2);
  });

  test('[FB4] over a journal that came back shorter, hears what is new in it', async () => {
    await put();
    const { key } = store.entries.find((entry) => entry.type === 'registration')!;
    await store.append([{ type: 'delivered', subscriptionId: key, seq: 900, atMs: T0_MS }]);
    await restart();
    await store.append([anOrderVersion(1)]);
    await passes(LOOK_EVERY_MS);
    expect(seqs(receiver.got)).toEqual([2]);
  });

  test('[FB4] is gone when it is deleted, over a restart too', async () => {
    await put();
    expect(await world.desk.remove('anna', 'all', 'anna')).toMatchObject({ ok: false });
    expect(await world.desk.remove('cjib', 'all', 'cjib')).toMatchObject({ ok: true });
    await restart();
    await store.append([anOrderVersion(1)]);
    await passes(LOOK_EVERY_MS);
    expect([view(), receiver.got]).toEqual([null, []]);
  });

  test('[FB4] of an owner who may hear nothing any more is gone with all of his', async () => {
    await put({}, 'one', 'other');
    await put({}, 'two', 'other');
    await put();
    expect(await world.desk.removeAll('other', 'anna')).toMatchObject({ ok: true });
    await restart();
    expect(world.desk.list(null).map(({ owner }) => owner)).toEqual(['cjib']);
  });

  test('[FB4] of one owner is not that of another with the same name', async () => {
    await put({}, 'all', 'cjib');
    await put({ sink: 'https://other.example' }, 'all', 'other');
    expect(world.desk.list('other').map(({ sink }) => sink)).toEqual(['https://other.example']);
    expect(world.desk.list(null)).toHaveLength(2);
  });

  test('[FB4] is one of a few', async () => {
    for (let i = 0; i < SUBSCRIPTIONS_PER_OWNER_MAX; i++) await put({}, `s-${i}`);
    expect(await put({}, 'more')).toEqual({ ok: false, error: 'too-many-subscriptions' });
    expect(await put({}, 'more', 'other')).toMatchObject({ ok: true });
  });

  test('[FB4] that cannot be written is refused, and one that stood stands', async () => {
    await put();
    store.failing = true;
    const sink = 'https://cjib.example/elsewhere';
    expect(await put({ sink })).toEqual({ ok: false, error: 'store-failing' });
    expect(await put({}, 'new')).toEqual({ ok: false, error: 'store-failing' });
    expect(world.desk.list(null)).toMatchObject([{ sink: SINK, state: 'active' }]);
  });

  test('[FB4] hears of what is on disk though its cursor cannot be written', async () => {
    await put();
    await store.append([anOrderVersion(1), anOrderVersion(2)]);
    store.failing = true;
    await passes(LOOK_EVERY_MS);
    expect(receiver.got).toHaveLength(2);
  });

  test('[FB4] of rare events does not read all again after a restart', async () => {
    await put({ types: ['nl.cordon.order.expired.v1'] });
    await store.append(Array.from({ length: 1_500 }, (_, i) => aLook(`p-${i}`)));
    await passes(LOOK_EVERY_MS);
    await restart();
    expect(Number(view()?.cursor)).toBeGreaterThanOrEqual(1_000);
    expect(view()?.lastSuccessAt).toBeNull();
  });
});

describe('a receiver that does not take an event', () => {
  test('[FB5] is tried again ever later, up to an hour', () => {
    const delays = [0, 1, 2, 3, 11, 12, 40].map((tries) => retryAfterMs(tries, 1));
    expect(delays).toEqual([1, 2, 4, 8, 2_048, 3_600, 3_600].map((s) => s * 1_000));
    expect(retryAfterMs(40, 0)).toBe(RETRY_MS_MAX / 2);
  });

  test('[FB5] is tried when it says, and shows since when it fails', async () => {
    await put();
    receiver.answer = () => fails('HTTP 503', 120_000);
    await store.append([anOrderVersion(1)]);
    await passes(LOOK_EVERY_MS);
    const sinceMs = clock.nowMs();
    expect(view()).toMatchObject({
      state: 'failing',
      failure: 'HTTP 503',
      failingSince: new Date(sinceMs).toISOString(),
      nextTryAt: new Date(sinceMs + 120_000).toISOString(),
    });
    receiver.answer = () => TAKEN;
    await passes(119_000);
    expect(receiver.got).toEqual([]);
    await passes(LOOK_EVERY_MS);
    expect(receiver.got).toHaveLength(1);
    expect(view()).toMatchObject({ state: 'active', failingSince: null, nextTryAt: null });
  });

  test('[FB6] for an hour is told, and told to be over', async () => {
    await put();
    receiver.answer = () => fails('HTTP 500');
    await store.append([anOrderVersion(1)]);
    await passes(FAILING_TOLD_AFTER_MS);
    expect(world.faults).toEqual([]);
    await passes(2 * LOOK_EVERY_MS);
    expect(world.faults).toMatchObject([
      { code: 'feedback-failing', about: 'cjib/all', standing: true },
    ]);
    receiver.answer = () => TAKEN;
    await passes(2 * RETRY_MS_MAX);
    expect(world.faults.map(({ standing }) => standing)).toEqual([true, false]);
  });

  test('[FB6] for an hour is no longer told once its subscription is deleted', async () => {
    await put();
    receiver.answer = () => fails('HTTP 500');
    await store.append([anOrderVersion(1)]);
    await passes(FAILING_TOLD_AFTER_MS + 2 * LOOK_EVERY_MS);
    await world.desk.remove('cjib', 'all', 'cjib');
    expect(world.faults.map(({ standing }) => standing)).toEqual([true, false]);
  });

  test('[FB6] because it is gone for good ends its subscription, until it is put again', async () => {
    await put();
    receiver.answer = () => ({ got: 'gone' });
    await store.append([anOrderVersion(1)]);
    await passes(LOOK_EVERY_MS);
    expect(world.faults.map(({ standing }) => standing)).toEqual([true, false]);
    expect(world.faults[0]?.detail).toContain('410');
    await restart();
    expect(view()).toMatchObject({ state: 'ended' });
    receiver.answer = () => TAKEN;
    await passes(HOUR_MS);
    expect(receiver.got).toEqual([]);
    await put();
    await passes(LOOK_EVERY_MS);
    expect(receiver.got).toHaveLength(1);
  });

  test('[FB4] holds up no other', async () => {
    await put({}, 'slow');
    await put({}, 'quick');
    let asked = 0;
    receiver.answer = () => (asked++ === 0 ? 'hangs' : TAKEN);
    await store.append([anOrderVersion(1), anOrderVersion(2)]);
    await passes(LOOK_EVERY_MS);
    expect(receiver.got).toHaveLength(2);
    await world.desk.stop();
  });
});

describe('whoever asks', () => {
  const page = async (after: number, limit: number) => {
    const found = await world.desk.events(after, limit);
    if (!found.ok) throw new Error(found.error);
    return found.value;
  };

  test('[FB4] gets the same events, a page at a time, from any on', async () => {
    await store.append([anOrderVersion(1), aLook('p'), aChange(anAlert('a')), anOrderVersion(2)]);
    const all = await page(0, 10);
    expect([seqs(all.events), all.cursorSeq, all.more]).toEqual([[1, 3, 4], 4, false]);
    const first = await page(0, 2);
    expect([seqs(first.events), first.cursorSeq, first.more]).toEqual([[1, 3], 3, true]);
    expect(await page(3, 2)).toMatchObject({ events: [all.events[2]], more: false });
    expect(await page(4, 2)).toEqual({ events: [], cursorSeq: 4, more: false });
    expect(await world.desk.events(5, 2)).toEqual({ ok: false, error: 'cursor-ahead' });
  });

  test('[FB4] gets a page that ends where nothing is to be told for long', async () => {
    await store.append(Array.from({ length: 2_500 }, (_, i) => aLook(`p-${i}`)));
    await store.append([anOrderVersion(1)]);
    const first = await page(0, 10);
    expect(first).toMatchObject({ events: [], more: true });
    const next = await page(first.cursorSeq, 10);
    expect(seqs(next.events)).toEqual([2_501]);
  });
});
