import { write } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { toInstant } from '../../shared/instant.ts';
import { signingKey } from './signing-key.ts';
import { BEAT_EVERY_MS, beginStall, lookAtBeats } from './stall-judge.ts';
import { type WatchdogLine, watchdogLine } from './watchdog-line.ts';

/** The thread that says what a loop that stands still cannot say of itself. */

export interface GuardData {
  readonly beats: Int32Array;
  /** Null: never. */
  readonly killAfterMs: number | null;
  /** Null without a watchdog. */
  readonly watchdog: { url: string; serverId: string; dataDir: string } | null;
}

/** For the last line to be written, if anybody reads. */
const LAST_WORDS_MS = 100;

const { beats, killAfterMs, watchdog } = workerData as GuardData;
const nowMs = (): number => performance.timeOrigin + performance.now();
const line = watchdog === null ? null : lineTo(watchdog);
let stall = beginStall(Atomics.load(beats, 0), performance.now());
let killing = false;

function lineTo({ url, serverId, dataDir }: NonNullable<GuardData['watchdog']>): WatchdogLine {
  return watchdogLine({ url, serverId, key: signingKey(dataDir), nowMs });
}

/**
 * Straight to the descriptor, for `process.stderr` of a thread goes through the loop that stands;
 * and without waiting, for a full pipe may be what it stands for.
 */
const say = (text: string): void => {
  write(2, `${toInstant(nowMs())} stall guard: ${text}\n`, () => {});
};

setInterval(() => {
  if (killing) return;
  const looked = lookAtBeats(stall, Atomics.load(beats, 0), performance.now(), killAfterMs);
  stall = looked.stall;
  const stalledForS = Math.round(looked.stalledMs / 100) / 10;
  if (looked.step === 'tell') {
    say(`the event loop has not moved for ${stalledForS} s`);
    // Whoever cannot be told now is told again in 5 s, or hears the silence.
    line?.tell('stalled', { stalledForS }).catch(() => undefined);
  } else if (looked.step === 'over') {
    say(`the event loop moves again, after ${stalledForS} s`);
  } else if (looked.step === 'kill') {
    killing = true;
    say(`the event loop has not moved for ${stalledForS} s: this process ends here`);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST_WORDS_MS);
  }
}, BEAT_EVERY_MS);

parentPort!.postMessage('watches');
