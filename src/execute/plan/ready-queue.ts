/** A binary heap of positions (J. W. J. Williams 1964): the smallest comes out first. */
export interface ReadyQueue {
  readonly push: (position: number) => void;
  readonly pop: () => number | undefined;
}

/** An empty queue. */
export function createReadyQueue(): ReadyQueue {
  const heap: number[] = [];
  const at = (i: number): number => heap[i] ?? Number.POSITIVE_INFINITY;
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [at(j), at(i)];
  };
  return {
    push: (position) => {
      heap.push(position);
      for (let i = heap.length - 1; i > 0 && at(i) < at((i - 1) >> 1); i = (i - 1) >> 1) swap(i, (i - 1) >> 1);
    },
    pop: () => {
      const least = heap[0];
      const last = heap.pop();
      if (least === undefined || last === undefined || heap.length === 0) return least;
      heap[0] = last;
      for (let i = 0; ; ) {
        const child = at(2 * i + 1) <= at(2 * i + 2) ? 2 * i + 1 : 2 * i + 2;
        if (child >= heap.length || at(i) <= at(child)) return least;
        swap(i, child);
        i = child;
      }
    },
  };
}
