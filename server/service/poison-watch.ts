import { createHash } from 'node:crypto';
import type { SystemFault } from '../core/case-event.ts';

/** More than can fail at one time by one fault of ours; beyond it the oldest gets one more try. */
const SUSPECTS_MAX = 1_000;
/** A device that sends such messages sends more of them soon: one alert for all of them. */
export const PARKED_CALM_MS = 600_000;

/** Which messages have failed before, and of which devices some were set aside lately. */
export class PoisonWatch {
  readonly #report: (fault: SystemFault) => void;
  /** Digests, the oldest first. */
  readonly #suspects = new Set<string>();
  readonly #parkedMs = new Map<string, number>();

  constructor(report: (fault: SystemFault) => void) {
    this.#report = report;
  }

  /** Notes that a message failed; true when it is not the first time. */
  failed(topic: string, text: string): boolean {
    const digest = createHash('sha256').update(`${topic}\n${text}`).digest('base64');
    if (this.#suspects.has(digest)) return true;
    this.#suspects.add(digest);
    if (this.#suspects.size > SUSPECTS_MAX) {
      for (const oldest of this.#suspects) {
        this.#suspects.delete(oldest);
        break;
      }
    }
    return false;
  }

  parked(about: string, atMs: number): void {
    this.#parkedMs.set(about, atMs);
    this.#report(faultOf(about, true));
  }

  /** Tells of which devices nothing was set aside for a while. */
  tick(nowMs: number): void {
    for (const [about, atMs] of this.#parkedMs) {
      if (nowMs - atMs < PARKED_CALM_MS) continue;
      this.#parkedMs.delete(about);
      this.#report(faultOf(about, false));
    }
  }
}

const faultOf = (about: string, standing: boolean): SystemFault => ({
  code: 'message-parked',
  about,
  standing,
  detail: 'handling it failed twice: it is kept whole among the rejections',
});
