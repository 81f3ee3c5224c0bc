import { parentPort, workerData } from 'node:worker_threads';
import { type Answer, openCalls, type Request } from './store-sqlite-calls.ts';

/** The thread that waits for the disk, so that nobody else has to. */

const answer = (answered: Answer): void => parentPort!.postMessage(answered);

const attempt = <T>(id: number, work: () => T): T | undefined => {
  try {
    const value = work();
    answer({ id, ok: true, value: id === 0 ? null : value });
    return value;
  } catch (error) {
    answer({ id, ok: false, error: new Error((error as Error).message) });
    return undefined;
  }
};

const calls = attempt(0, () => openCalls((workerData as { dataDir: string }).dataDir));
if (calls) {
  parentPort!.on('message', ({ id, call, parameters }: Request) => {
    attempt(id, () => (calls[call] as (...all: readonly unknown[]) => unknown)(...parameters));
    if (call === 'close') parentPort!.close();
  });
}
