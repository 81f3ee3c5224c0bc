import { parentPort, workerData } from 'node:worker_threads';
import { comparisonOf, forecastPart, type PreviewTask } from '../core/order-preview.ts';
import type { PositionRow } from '../ports.ts';
import type { PreviewPart } from './preview-thread.ts';

/** The thread that works out one preview, while the server goes on watching. */

const { task } = workerData as { task: PreviewTask };
const recorded: PositionRow[] = [];
const tell = (part: PreviewPart): void => parentPort!.postMessage(part);

/** Pages of positions, then null. */
parentPort!.on('message', (page: readonly PositionRow[] | null) => {
  if (page) return void recorded.push(...page);
  // Told before the forecast begins: who runs out of time there keeps this.
  tell({ comparison: comparisonOf(task, recorded) });
  tell({ forecast: forecastPart(task, recorded) });
  parentPort!.close();
});
