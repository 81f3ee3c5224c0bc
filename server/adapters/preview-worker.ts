import { parentPort, workerData } from 'node:worker_threads';
import { comparisonOf, forecastPart, newestWeek, type PreviewTask } from '../core/order-preview.ts';
import type { PositionRow } from '../ports.ts';
import type { PreviewPart } from './preview-thread.ts';

/** The thread that works out one preview, while the server goes on watching. */

const { task } = workerData as { task: PreviewTask };
const recorded: PositionRow[] = [];
const tell = (part: PreviewPart): void => parentPort!.postMessage(part);

/** Pages of positions, then null. */
parentPort!.on('message', (page: readonly PositionRow[] | null) => {
  if (page) return void recorded.push(...page);
  // What takes least is told first: whoever runs out of time keeps that.
  tell({ comparison: comparisonOf(task, recorded) });
  const week = newestWeek(task, recorded);
  if (week.length < recorded.length) tell({ ofWeek: forecastPart(task, week).forecast });
  tell({ forecast: forecastPart(task, recorded) });
  parentPort!.close();
});
