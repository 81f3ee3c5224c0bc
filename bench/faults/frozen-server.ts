import { startServer } from '../../test/support/server-process.ts';
import { type Fault, millis, outcomeOf, pause } from './fault.ts';
import { probeOf } from './probe.ts';

const FREEZES_MS = [3_000, 5_000];
const TOLD_MS_MAX = 1_500;
const GIVE_UP_MS = 10_000;
const BETWEEN_MS = 2_000;

export const frozenServer: Fault = {
  number: 14,
  name: 'evaluation stands still',
  fault: `the server’s process is stopped for ${FREEZES_MS.map(millis).join(' and ')} (SIGSTOP, SIGCONT), as if its event loop were blocked`,
  expected: `evaluator-late told within ${millis(TOLD_MS_MAX)} of going on; a breach sent meanwhile is shown`,
  perStore: false,
  async run({ patience, tell }) {
    const server = await startServer();
    try {
      const desk = await server.openConsole();
      const probe = await probeOf(server, FREEZES_MS.length);
      const told: number[] = [];
      const shown: number[] = [];
      for (const freezeMs of FREEZES_MS) {
        const isLate = (): number =>
          desk
            .changes()
            .filter(({ code, state }) => code === 'evaluator-late' && state === 'unacknowledged')
            .length;
        const before = isLate();
        server.pause();
        const breach = probe.breach(desk, freezeMs + GIVE_UP_MS);
        await pause(freezeMs);
        server.goOn();
        const onAtMs = performance.now();
        const late = desk
          .waitFor('evaluator-late', () => isLate() > before, GIVE_UP_MS)
          .then(
            () => performance.now() - onAtMs,
            () => Infinity,
          );
        told.push(await late);
        shown.push((await breach) - freezeMs);
        tell(`${freezeMs} ms: told after ${told.at(-1)} ms`);
        await pause(BETWEEN_MS);
      }
      await Promise.all([probe.close(), desk.close()]);
      return outcomeOf(
        [
          ...FREEZES_MS.map((freezeMs, i) => ({
            what: `told after ${millis(freezeMs)}`,
            holds: told[i]! <= TOLD_MS_MAX * patience,
          })),
          { what: 'breach shown', holds: shown.every((ms) => ms <= TOLD_MS_MAX * patience) },
        ],
        FREEZES_MS.map((freezeMs, i) => {
          const after = told[i] === Infinity ? 'not told' : `told after ${millis(told[i]!)}`;
          return `${millis(freezeMs)}: ${after}, the breach shown after ${millis(shown[i]!)}`;
        }),
        ['SY4 tells from 3 s of lateness on, of a clock that is looked at every 250 ms'],
      );
    } finally {
      await server.remove();
    }
  },
};
