import type { OrderForecast, OrderPreview } from '../../shared/order-preview.ts';
import { ok, refused, type Result } from '../../shared/result.ts';
import type { Comparison, Forecast, PreviewTask } from '../core/order-preview.ts';
import type { Clock, PositionRow } from '../ports.ts';
import { startThread } from './worker-thread.ts';

const WORKER = new URL('./preview-worker.ts', import.meta.url);

/** From the thread, the whole forecast last. */
export type PreviewPart =
  | { readonly comparison: Comparison }
  /** Of the newest week alone, in case the whole takes too long. */
  | { readonly ofWeek: OrderForecast | null }
  | { readonly forecast: Forecast };

export type PreviewRefusal = 'too-many-previews' | 'preview-took-too-long';

/** One that runs and those that wait: the last of them for a minute and a half at most. */
const PREVIEWS_MAX = 4;
const PREVIEW_MS_MAX = 30_000;

/**
 * Works out previews, one at a time, each in a thread of its own that can be ended: a forecast
 * plays days in seconds, and no warning may wait for that. (SPEC PV8)
 */
export interface Previewer {
  isFull(): boolean;
  /** Reads the positions when its turn has come. */
  preview(
    task: PreviewTask,
    positions: AsyncIterable<readonly PositionRow[]>,
  ): Promise<Result<OrderPreview, PreviewRefusal>>;
  /** Ends what runs; what waits is not begun. */
  close(): void;
}

/** What of a thread is used. */
export interface PreviewWorker {
  on(event: 'message', listener: (part: PreviewPart) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
  postMessage(page: readonly PositionRow[] | null): void;
  terminate(): Promise<unknown>;
}

const openThread = (task: PreviewTask): PreviewWorker => startThread(WORKER, { task });

export function previewer(clock: Clock, open = openThread): Previewer {
  const closing = new AbortController();
  let inside = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const isFull = (): boolean => inside >= PREVIEWS_MAX;
  return {
    isFull,
    async preview(task, positions) {
      if (isFull()) return refused('too-many-previews');
      inside += 1;
      const work = (): Promise<Result<OrderPreview, PreviewRefusal>> =>
        runInThread(open, task, positions, clock, closing.signal);
      const mine = turn.then(work, work);
      turn = mine;
      try {
        return await mine;
      } finally {
        inside -= 1;
      }
    },
    close: () => closing.abort(new Error('the server stops')),
  };
}

type Outcome = Result<OrderPreview, PreviewRefusal>;

/** Settles once, whatever comes first: answer, error, limit, or the end of the server. */
async function runInThread(
  open: (task: PreviewTask) => PreviewWorker,
  task: PreviewTask,
  positions: AsyncIterable<readonly PositionRow[]>,
  clock: Clock,
  closing: AbortSignal,
): Promise<Outcome> {
  closing.throwIfAborted();
  const worker = open(task);
  const undo: (() => void)[] = [];
  let isOver = false;
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      let comparison: Comparison | null = null;
      let ofWeek: OrderForecast | null = null;
      const abort = (): void => reject(closing.reason as Error);
      closing.addEventListener('abort', abort);
      undo.push(
        () => closing.removeEventListener('abort', abort),
        clock.every(PREVIEW_MS_MAX, () => resolve(unfinished(comparison, ofWeek))),
      );
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('the thread of a preview ended before its answer')));
      worker.on('message', (part: PreviewPart) => {
        if ('comparison' in part) comparison = part.comparison;
        else if ('ofWeek' in part) ofWeek = part.ofWeek;
        else if (comparison) resolve(ok({ ...comparison, ...part.forecast }));
      });
      handOver(worker, positions, () => isOver).catch(reject);
    });
  } finally {
    isOver = true;
    for (const stop of undo) stop();
    await worker.terminate();
  }
}

const unfinished = (comparison: Comparison | null, forecast: OrderForecast | null): Outcome =>
  comparison
    ? ok({ ...comparison, forecast, forecastState: 'took-too-long' })
    : refused('preview-took-too-long');

async function handOver(
  worker: PreviewWorker,
  positions: AsyncIterable<readonly PositionRow[]>,
  isOver: () => boolean,
): Promise<void> {
  for await (const page of positions) {
    if (isOver()) return;
    worker.postMessage(page);
  }
  worker.postMessage(null);
}
