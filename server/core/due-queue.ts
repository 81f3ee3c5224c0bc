import type { CaseId } from '../../shared/ids.ts';

/** Cases by the time at which they are next to be looked at; ties in the order of their ids. */
export interface DueQueue {
  /** The case wants to be looked at no later than this. */
  want(caseId: CaseId, dueMs: number): void;
  /** Time of the earliest wish; Infinity when there is none. */
  nextMs(): number;
  /** Takes the earliest wish out. */
  take(): CaseId;
}

interface Wish {
  readonly dueMs: number;
  readonly caseId: CaseId;
}

const earlier = (a: Wish, b: Wish): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.caseId < b.caseId);

/** A binary heap in which a case's later wishes wait until the earlier one has been taken. */
export function createDueQueue(): DueQueue {
  const heap: Wish[] = [];
  const queuedMs = new Map<CaseId, number>();

  const up = (from: number): void => {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!earlier(heap[at]!, heap[parent]!)) return;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  };
  const down = (): void => {
    let at = 0;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && earlier(heap[child]!, heap[least]!)) least = child;
      }
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  };

  return {
    want(caseId, dueMs) {
      if (dueMs === Infinity || dueMs >= (queuedMs.get(caseId) ?? Infinity)) return;
      queuedMs.set(caseId, dueMs);
      heap.push({ caseId, dueMs });
      up(heap.length - 1);
    },
    nextMs: () => heap[0]?.dueMs ?? Infinity,
    take() {
      const top = heap[0]!;
      const last = heap.pop()!;
      if (heap.length > 0) {
        heap[0] = last;
        down();
      }
      // An overtaken wish of the same case may still lie deeper in the heap; it is harmless.
      if (queuedMs.get(top.caseId) === top.dueMs) queuedMs.delete(top.caseId);
      return top.caseId;
    },
  };
}
