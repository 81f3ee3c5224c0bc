import { toInstant } from '../../shared/instant.ts';
import { RULE_VERSION } from '../core/case-state.ts';
import type { Entry } from '../ports.ts';
import type { SystemWatch } from './system-watch.ts';

/** A third of the time in which a device is called silent is not worth an alert of its own. */
export const GAP_TOLD_AFTER_MS = 30_000;
/** What is written of a running server at least so often: how long it was down is known to this. */
export const ALIVE_EVERY_MS = 5_000;

/**
 * Whether and since when this server runs, on disk. After a stop it says how long nobody watched:
 * devices send what they kept, but what they did not keep nobody will know. (SPEC ST6, SY5)
 */
export class Presence {
  readonly #watch: SystemWatch;
  #toldMs = -Infinity;

  constructor(watch: SystemWatch) {
    this.#watch = watch;
  }

  /** `lastAtMs`: when the last process wrote last; null for the first one. */
  started(lastAtMs: number | null, atMs: number): Entry[] {
    const downMs = lastAtMs === null ? 0 : Math.max(0, atMs - lastAtMs);
    if (lastAtMs !== null && downMs >= GAP_TOLD_AFTER_MS) this.#tellGap(lastAtMs, atMs);
    const detail = { downS: Math.round(downMs / 1000), ruleVersion: RULE_VERSION };
    return [{ type: 'system-event', atMs, kind: 'started', detail }];
  }

  stopped(atMs: number): Entry[] {
    return [{ type: 'system-event', atMs, kind: 'stopped', detail: {} }];
  }

  /** Called at each tick. */
  alive(atMs: number): Entry[] {
    if (atMs - this.#toldMs < ALIVE_EVERY_MS) return [];
    this.#toldMs = atMs;
    return [{ type: 'alive', atMs }];
  }

  /** Over as soon as it is told, but a person must have seen it. */
  #tellGap(fromMs: number, untilMs: number): void {
    const facts = { from: toInstant(fromMs), until: toInstant(untilMs) };
    const gap = { code: 'gap-possible', about: 'server', reason: 'was-down', detail: '' } as const;
    this.#watch.report({ ...gap, standing: true, facts });
    this.#watch.report({ ...gap, standing: false, facts });
  }
}
