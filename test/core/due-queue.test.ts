import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CaseId } from '../../shared/ids.ts';
import { createDueQueue } from '../../server/core/due-queue.ts';

interface Wish {
  readonly caseId: CaseId;
  readonly dueMs: number;
}

const wish = fc.record({
  caseId: fc.constantFrom('a', 'b', 'c', 'd').map((name) => name as CaseId),
  dueMs: fc.integer({ min: 0, max: 20 }),
});
/** A wish, or null to take one out. */
const steps = fc.array(fc.option(wish, { freq: 3 }), { maxLength: 60 });

/** The same by a list that is sorted anew each time: a wish counts if it is the case's earliest. */
class SortedList {
  readonly #wishes: Wish[] = [];
  readonly #earliest = new Map<CaseId, number>();

  want({ caseId, dueMs }: Wish): void {
    if (dueMs >= (this.#earliest.get(caseId) ?? Infinity)) return;
    this.#earliest.set(caseId, dueMs);
    this.#wishes.push({ caseId, dueMs });
    this.#wishes.sort((a, b) => a.dueMs - b.dueMs || (a.caseId < b.caseId ? -1 : 1));
  }

  take(): Wish | undefined {
    const first = this.#wishes.shift();
    if (first && this.#earliest.get(first.caseId) === first.dueMs)
      this.#earliest.delete(first.caseId);
    return first;
  }
}

test('[CA5] wishes come out in order of time, then of case id, as from a sorted list', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const queue = createDueQueue<CaseId>();
      const list = new SortedList();
      for (const step of [...all, ...all.map(() => null)]) {
        if (step) {
          queue.want(step.caseId, step.dueMs);
          list.want(step);
          continue;
        }
        const nextMs = queue.nextMs();
        const expected = list.take();
        expect(nextMs).toBe(expected?.dueMs ?? Infinity);
        if (expected) expect(queue.take()).toBe(expected.caseId);
      }
    }),
    { numRuns: 300, seed: 3 },
  );
});

test('[CA5] no case waits longer than its earliest wish', () => {
  const queue = createDueQueue<CaseId>();
  queue.want('a' as CaseId, 50);
  queue.want('a' as CaseId, 20);
  queue.want('a' as CaseId, 90);
  queue.want('b' as CaseId, Infinity);
  expect([queue.nextMs(), queue.take()]).toEqual([20, 'a']);
  expect([queue.nextMs(), queue.take()]).toEqual([50, 'a']);
  expect(queue.nextMs()).toBe(Infinity);
});
