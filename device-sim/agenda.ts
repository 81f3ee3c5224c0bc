/** What is to happen when, earliest first; what is due at the same instant keeps its order. */
export interface Agenda<T> {
  add(atMs: number, item: T): void;
  /** Infinity when nothing is left. */
  nextAtMs(): number;
  take(): { atMs: number; item: T } | null;
}

type Entry<T> = { readonly atMs: number; readonly order: number; readonly item: T };

/** A binary heap. */
export function agenda<T>(): Agenda<T> {
  const heap: Entry<T>[] = [];
  let added = 0;
  return {
    add(atMs, item) {
      heap.push({ atMs, order: added++, item });
      rise(heap);
    },
    nextAtMs: () => heap[0]?.atMs ?? Infinity,
    take() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return null;
      if (heap.length > 0) {
        heap[0] = last;
        sink(heap);
      }
      return { atMs: first.atMs, item: first.item };
    },
  };
}

const before = <T>(a: Entry<T>, b: Entry<T>): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function swap<T>(heap: Entry<T>[], a: number, b: number): void {
  [heap[a], heap[b]] = [heap[b]!, heap[a]!];
}

function rise<T>(heap: Entry<T>[]): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(heap[at]!, heap[parent]!)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function sink<T>(heap: Entry<T>[]): void {
  let at = 0;
  for (;;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    let least = at;
    if (left < heap.length && before(heap[left]!, heap[least]!)) least = left;
    if (right < heap.length && before(heap[right]!, heap[least]!)) least = right;
    if (least === at) return;
    swap(heap, at, least);
    at = least;
  }
}
