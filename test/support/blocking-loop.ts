import { guardAgainstStalls } from '../../server/adapters/stall-guard.ts';
import { systemClock } from '../../server/adapters/system-clock.ts';

/**
 * A process whose event loop stands still when it is told to: `block 3000` on its input. It says what
 * the guard reports, as JSON, one line each.
 */
const [killAfterMs, url, dataDir] = process.argv.slice(2);

const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

function block(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

await guardAgainstStalls({
  clock: systemClock(),
  alarms: { report: (fault) => say(fault) },
  log: { info: say, warn: say, error: say },
  killAfterMs: Number(killAfterMs) || null,
  watchdog: url && dataDir ? { url, serverId: 'blocker', dataDir } : null,
});

process.stdin.setEncoding('utf8').on('data', (text: string) => {
  const [, ms] = /^block (\d+)/.exec(text) ?? [];
  if (ms !== undefined) block(Number(ms));
  say({ moves: true });
});
// What the loop's own measure compares with is its first turns.
setTimeout(() => say({ started: true }), 200);
