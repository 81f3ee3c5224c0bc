/** Ids by the time at which they are next to be looked at; ties in the order of the ids. */
export interface DueQueue<Id extends string> {
  /** It wants to be looked at no later than this. */
  want(id: Id, dueMs: number): void;
  /** Time of the earliest wish; Infinity when there is none. */
  nextMs(): number;
  /** Takes the earliest wish out. */
  take(): Id;
}

interface Wish<Id> {
  readonly dueMs: number;
  readonly id: Id;
}

const earlier = <Id>(a: Wish<Id>, b: Wish<Id>): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.id < b.id);

/** A binary heap in which later wishes of an id wait until the earlier one has been taken. */
export function createDueQueue<Id extends string>(): DueQueue<Id> {
  const heap: Wish<Id>[] = [];
  const queuedMs = new Map<Id, number>();

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
    want(id, dueMs) {
      if (dueMs === Infinity || dueMs >= (queuedMs.get(id) ?? Infinity)) return;
      queuedMs.set(id, dueMs);
      heap.push({ id, dueMs });
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
      // An overtaken wish of the same id may still lie deeper in the heap; it is harmless.
      if (queuedMs.get(top.id) === top.dueMs) queuedMs.delete(top.id);
      return top.id;
    },
  };
}
