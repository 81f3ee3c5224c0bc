import { setImmediate } from 'node:timers/promises';
import type { FeedbackEvent } from '../../shared/subscription.ts';
import { toAlert } from '../../server/core/alert-record.ts';
import type { SystemFault } from '../../server/core/case-event.ts';
import { GENESIS, isDecision, rowAfter } from '../../server/evidence/journal-chain.ts';
import type { JournalHead } from '../../server/kept.ts';
import type { Entry } from '../../server/ports.ts';
import { FeedbackDesk } from '../../server/service/feedback-desk.ts';
import { sourceOf } from '../../server/service/feedback-events.ts';
import type { Courier, Delivered } from '../../server/service/feedback-line.ts';
import { fakeLog } from './fake-desk.ts';
import { type FakeClock, type FakeStore, fakeStore } from './fake-store.ts';

export const ORIGIN = { source: sourceOf(null), baseUrl: () => 'https://cordon.example' };

/** A store that reads orders and alerts from what was appended. */
export function decisionStore(): FakeStore {
  const store = fakeStore();
  return Object.assign(store, {
    orderVersions: async (orderId: string) =>
      store.entries.flatMap((entry) =>
        entry.type === 'order-version' && entry.orderId === orderId ? [entry] : [],
      ),
    alertEvents: async (alertId: string) => {
      let head: JournalHead = GENESIS;
      return store.entries.filter(isDecision).flatMap((entry) => {
        head = rowAfter(head, entry);
        if (entry.type !== 'alert-change' || entry.change.record.alertId !== alertId) return [];
        const { atMs, change, record } = entry.change;
        return [{ seq: head.seq, atMs, change, by: null, act: null, alert: toAlert(record) }];
      });
    },
  });
}

/** A receiver that does as the test says, and remembers what it got. */
export interface FakeReceiver extends Courier {
  readonly got: FeedbackEvent[];
  answer: (event: FeedbackEvent) => Delivered | 'hangs';
}

export const TAKEN: Delivered = { got: 'taken' };
export const fails = (why: string, waitMs = 0): Delivered => ({ got: 'failed', why, waitMs });

export function fakeReceiver(): FakeReceiver {
  return {
    got: [],
    answer: () => TAKEN,
    async bring(_sink, event, signal) {
      const answer = this.answer(event);
      if (answer !== 'hangs') {
        if (answer.got === 'taken') this.got.push(event);
        return answer;
      }
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(fails('aborted')));
      });
    },
  };
}

export interface FeedbackWorld {
  readonly desk: FeedbackDesk;
  readonly faults: SystemFault[];
  /** As a power cut does: nothing of it is written from now on. */
  kill(): void;
}

/** A process that tells, over a disk and a clock that outlive it. */
export async function feedbackProcess(
  store: FakeStore,
  clock: FakeClock,
  courier: Courier,
  random: () => number = () => 0.5,
): Promise<FeedbackWorld> {
  const faults: SystemFault[] = [];
  let isDead = false;
  const append = (entries: readonly Entry[]): Promise<void> =>
    isDead ? new Promise(() => {}) : store.append(entries);
  const bring: Courier['bring'] = (...given) =>
    isDead ? new Promise(() => {}) : courier.bring(...given);
  const desk = new FeedbackDesk({
    store: { ...store, append },
    clock: {
      nowMs: () => clock.nowMs(),
      every: (ms, tick) => clock.every(ms, () => isDead || tick()),
    },
    alarms: { report: (fault) => void faults.push(fault) },
    log: fakeLog(),
    courier: { bring },
    origin: ORIGIN,
    random,
  });
  await desk.start();
  await settled();
  return { desk, faults, kill: () => void (isDead = true) };
}

/** All that waits for nothing but memory has been done. */
export const settled = (): Promise<void> => setImmediate();
