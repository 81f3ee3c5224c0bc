import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, Outcome } from './job.ts';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

/**
 * Does the jobs in as many processes as there is room for. Outcomes come in the order of the jobs,
 * whoever did them and however fast, so that a report never depends on the machine.
 */
export async function doJobs(jobs: readonly Job[], processes: number): Promise<Outcome[]> {
  const outcomes = new Map<number, Outcome>();
  let next = 0;
  const work = async (child: ChildProcess): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      outcomes.set(index, await doneBy(child, jobs[index]!));
    }
    child.disconnect();
  };
  const crew = Array.from({ length: Math.min(processes, jobs.length) }, () =>
    fork(WORKER, { execArgv: ['--import', 'tsx'] }),
  );
  try {
    await Promise.all(crew.map(work));
  } finally {
    for (const child of crew) child.kill();
  }
  return jobs.map((_, index) => outcomes.get(index)!);
}

function doneBy(child: ChildProcess, job: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`a worker ended with ${code} over ${JSON.stringify(job)}`));
    child.once('exit', ended);
    child.once('message', (outcome) => {
      child.off('exit', ended);
      resolve(outcome as Outcome);
    });
    child.send(job);
  });
}
