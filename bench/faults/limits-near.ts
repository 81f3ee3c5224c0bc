import type { Alert } from '../../shared/alert.ts';
import { startServer } from '../../test/support/server-process.ts';
import { noDisk, openDisk } from './disk.ts';
import { type Fault, notRun, outcomeOf, seconds } from './fault.ts';

const DISK_MB = 256;
const SHARES = [0.8, 0.92] as const;
/** Whoever looks once a minute has looked by then. */
const TOLD_MS_MAX = 70_000;

export const limitsNear: Fault = {
  number: 39,
  name: 'limits near',
  fault: `the disk of the data folder is ${SHARES.map((share) => `${share * 100} %`).join(', then ')} full`,
  expected: `limit-near told within ${seconds(TOLD_MS_MAX)} of each, more urgent at the second`,
  perStore: false,
  async run({ patience, tell }) {
    const why = noDisk();
    if (why !== null) return notRun(why);
    const disk = openDisk(DISK_MB);
    const server = await startServer({ dataDir: disk.dataDir });
    try {
      const desk = await server.openConsole();
      const priorities: number[] = [];
      const tookMs: number[] = [];
      for (const share of SHARES) {
        const worse = ({ code, priority }: Alert): boolean =>
          code === 'limit-near' && priority < (priorities.at(-1) ?? Infinity);
        disk.fillTo(share);
        const fullMs = performance.now();
        const told = await desk.alert('limit-near', worse, TOLD_MS_MAX * patience).then(
          (alert) => alert,
          () => null,
        );
        if (told === null) break;
        priorities.push(told.priority);
        tookMs.push(performance.now() - fullMs);
        tell(`${share}: priority ${told.priority}`);
      }
      await desk.close();
      const figures = SHARES.map((share, i) => {
        const took = tookMs[i];
        const name = `${share * 100} %`;
        if (took === undefined) return `${name}: not told`;
        return `${name}: told after ${seconds(took)}, priority ${priorities[i]}`;
      });
      const holds = priorities.length === SHARES.length;
      return outcomeOf([{ what: 'both told, the second more urgent', holds }], figures);
    } finally {
      await server.kill();
      disk.close();
    }
  },
};
