import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { judge, LATE_P99_MS, TIMELY_P99_MS, WINDOW_MS } from '../../server/adapters/stall-guard.ts';
import {
  BEAT_EVERY_MS,
  beginStall,
  KILL_AFTER_S,
  lookAtBeats,
  STALLED_AFTER_MS,
  STOOD_STILL_MS,
} from '../../server/adapters/stall-judge.ts';
import { LATE_FOR_MS } from '../../server/service/system-watch.ts';
import { readConfig } from '../../server/config.ts';
import { collect, withoutOurs } from '../support/server-process.ts';
import { type Folder, folder, watchOn } from '../watchdog/watchdog-world.ts';
import { watchdogListener } from '../../server/watchdog/listener.ts';

test('the limits are those that are promised', () => {
  expect([LATE_P99_MS, WINDOW_MS, STALLED_AFTER_MS]).toEqual([250, 10_000, 2_000]);
  expect([KILL_AFTER_S, readConfig({}).killStalledAfterMs]).toEqual([30, 30_000]);
  expect(readConfig({ CORDON_KILL_STALLED_AFTER_S: '0' }).killStalledAfterMs).toBeNull();
  expect(() => readConfig({ CORDON_KILL_STALLED_AFTER_S: '2' })).toThrow('at least 3');
  // One late turn is seen by a window of 10 s for up to 15: a late tick lasts as long.
  expect(LATE_FOR_MS).toBe(WINDOW_MS + WINDOW_MS / 2);
});

// prettier-ignore
const LATENESS = [
  // p99   longest  was    is
  [    20,      40, false, false],
  [   249,     900, false, false],
  [   251,     900, false, true],
  [    20,   1_990, false, false],
  [    20,   2_010, false, true],
  [   200,     900, true,  true],
  [   200,     900, false, false],
  [   120,     900, true,  false],
] as const;

test.each(LATENESS)(
  '[SY4] p99 %d ms, longest %d ms, late before %s: late %s',
  (p99, max, was, is) => {
    expect(judge(p99, max, was)).toBe(is);
    expect(TIMELY_P99_MS).toBeLessThan(LATE_P99_MS);
  },
);

describe('[LP1] [LP2] a thread beside the loop', () => {
  /** What it does at each look: `b` the loop has moved, `.` it has not, `Z` all stood still. */
  function steps(script: string, killAfterMs: number | null): string[] {
    let beats = 0;
    let atMs = 0;
    let stall = beginStall(beats, atMs);
    const done: string[] = [];
    for (const letter of script) {
      atMs += letter === 'Z' ? 60_000 : BEAT_EVERY_MS;
      if (letter === 'b') beats += 1;
      const looked = lookAtBeats(stall, beats, atMs, killAfterMs);
      stall = looked.stall;
      if (looked.step !== 'none') done.push(`${looked.step} ${looked.stalledMs}`);
    }
    return done;
  }
  const dots = (seconds: number): string => '.'.repeat((seconds * 1000) / BEAT_EVERY_MS);

  // prettier-ignore
  const SCRIPTS: [what: string, script: string, killAfterMs: number | null, done: string[]][] = [
    ['that moves is left alone',     'b'.repeat(500),             30_000, []],
    ['that stands 1.75 s is too',    `${dots(1.75)}b${dots(1.75)}b`, 30_000, []],
    ['that stands 2 s is told',      `${dots(2)}b`,               30_000, ['tell 2000', 'over 2250']],
    ['that stands on is told again', `${dots(12)}b`,              30_000, ['tell 2000', 'tell 7000', 'tell 12000', 'over 12250']],
    ['that stands 30 s is killed',   dots(30),                    30_000, [2, 7, 12, 17, 22, 27].map((s) => `tell ${s}000`).concat('kill 30000')],
    ['is never killed if so wished', dots(40).slice(1),           null,   [2, 7, 12, 17, 22, 27, 32, 37].map((s) => `tell ${s}000`)],
    ['stopped with its process, and continued, is left alone', 'bZbZ.bbZ..b', 3_000, []],
    ['stopped for long while it stood is counted anew',        `${dots(1.5)}Z${dots(1.5)}b`, 3_000, []],
  ];
  test.each(SCRIPTS)('a loop %s', (_what, script, killAfterMs, done) => {
    expect(steps(script, killAfterMs)).toEqual(done);
    expect(STOOD_STILL_MS).toBeGreaterThan(2 * BEAT_EVERY_MS);
  });
});

const children: ChildProcess[] = [];
const folders: Folder[] = [];
afterAll(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const each of folders.splice(0)) each.remove();
});

/** `test/support/blocking-loop.ts`, and what it has said. */
function blocker(...args: string[]) {
  const script = ['--import', 'tsx', 'test/support/blocking-loop.ts', ...args];
  const child = spawn(process.execPath, script, {
    env: withoutOurs(process.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  const output = collect(child);
  const said = async (what: RegExp): Promise<number> => {
    while (!what.test(output())) {
      await Promise.race([once(child.stdout!, 'data'), once(child.stderr!, 'data')]);
    }
    return performance.now();
  };
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  const block = (ms: number): void => void child.stdin!.write(`block ${ms}\n`);
  return { child, output, said, ended, block };
}

/** A watchdog in this process. */
async function listening() {
  const dir = folder('stall');
  folders.push(dir);
  const world = watchOn(dir.path);
  const server = watchdogListener(world.watch, world.nowMs);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...world, dir, server, url };
}

describe.concurrent('[LP1] [LP2] a process whose loop', () => {
  test('never moves again tells by its thread, on stderr and to the watchdog, and is killed', async () => {
    const watchdog = await listening();
    const { said, ended, block, output } = blocker('4000', watchdog.url, watchdog.dir.path);
    await said(/started/);
    const told = once(watchdog.server, 'request');
    const begunMs = performance.now();
    block(60_000);
    await said(/stall guard: the event loop has not moved for 2/);
    await told;
    const [code, signal] = await ended;
    const tookMs = performance.now() - begunMs;
    expect([code, signal]).toEqual([null, 'SIGKILL']);
    expect(tookMs).toBeGreaterThan(3_500);
    expect(tookMs).toBeLessThan(10_000);
    expect(output()).toMatch(/has not moved for 4(\.\d)? s: this process ends here/);
    expect(output()).not.toContain('"moves"');
    expect(watchdog.told).toEqual(['blocker raised stalled']);
    watchdog.server.close();
    watchdog.server.closeAllConnections();
  });

  test('[SY4] stands for 2.6 s lives on, and is told as late by itself', async () => {
    const { said, block, output, child } = blocker('0');
    await said(/started/);
    block(2_600);
    await said(/moves again, after \d/);
    await said(/"evaluator-late","standing":true/);
    const [, longestMs] = /"standing":true.*at most (\d+)/.exec(output())!;
    expect(Number(longestMs)).toBeGreaterThanOrEqual(2_600);
    expect(child.exitCode).toBeNull();
    expect(output()).toContain('"moves":true');
  });

  test('stands still with all of the process is not killed for it', async () => {
    const { said, block, output, child } = blocker('3000');
    await said(/started/);
    // The thread is there when it has seen a stall.
    block(2_300);
    await said(/moves again/);
    child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    child.kill('SIGCONT');
    // And it lives and looks on: the next stall is told as well.
    block(2_300);
    await said(/moves again[^]*moves again/);
    expect(output()).not.toContain('ends here');
    expect(child.exitCode ?? child.signalCode).toBeNull();
  });
});
