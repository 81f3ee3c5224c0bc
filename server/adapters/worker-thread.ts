import { Worker } from 'node:worker_threads';

/**
 * Runs a TypeScript module in a thread of its own. Node reads TypeScript itself from 22.18 on;
 * before that a thread must fetch tsx for itself.
 */
export function startThread(module: URL, workerData: unknown): Worker {
  const native = 'typescript' in process.features && Boolean(process.features.typescript);
  if (native) return new Worker(module, { workerData, execArgv: [] });
  const reader = new URL('./worker-tsx.mjs', import.meta.url);
  return new Worker(reader, { workerData, execArgv: [], argv: [module.href] });
}
