import type { SystemCode, SystemFault } from '../core/case-event.ts';

/** A broker away for less than this has only blinked. */
export const BROKER_GRACE_MS = 5_000;
/** Evaluation this far behind the clock is late: a warning in under a second is what we promise. */
export const LATE_MS = 3_000;
/**
 * Lateness lasts at least as long as the event loop's own measure looks back, so that the two make
 * one alert that begins and ends once.
 */
export const LATE_FOR_MS = 15_000;

/** A database that hangs gives no error; a write that takes so long counts as one. */
export const STORE_STUCK_MS = 4_000;

/** Turns what components report, and the passing of time, into faults that begin and end. */
export class SystemWatch {
  #brokerDownSinceMs: number | null = null;
  #brokerDetail = '';
  #storeFailing: string | null = null;
  /** Writes under way, the oldest first, by the time that no clock can change. */
  readonly #asked = new Set<{ readonly sinceMs: number }>();
  readonly #elapsedMs: () => number;
  #lastTickMs: number | null = null;
  #lagMs = 0;
  /** The newest tick that was late, and what the event loop says of itself. */
  #late: { atMs: number; detail: string } | null = null;
  #loopLate: string | null = null;
  readonly #told = new Map<SystemCode, boolean>();
  /** Reported by other components, and the last of each. */
  #reported: SystemFault[] = [];
  readonly #standing = new Map<string, string>();

  constructor(elapsedMs: () => number = () => performance.now()) {
    this.#elapsedMs = elapsedMs;
  }

  get lagMs(): number {
    return this.#lagMs;
  }

  get store(): 'up' | 'failing' {
    return this.#storeFault() === null ? 'up' : 'failing';
  }

  get broker(): 'up' | 'down' {
    return this.#brokerDownSinceMs === null ? 'up' : 'down';
  }

  brokerLink(state: 'up' | 'down', detail: string, atMs: number): void {
    this.#brokerDetail = detail;
    if (state === 'up') this.#brokerDownSinceMs = null;
    else this.#brokerDownSinceMs ??= atMs;
  }

  storeWrote(error: string | null): void {
    this.#storeFailing = error;
  }

  /** A write begins; to be called when it has ended, however. */
  storeAsked(): () => void {
    const asked = { sinceMs: this.#elapsedMs() };
    this.#asked.add(asked);
    return () => void this.#asked.delete(asked);
  }

  /** What is wrong with the store, a disk that hangs without an error included. */
  #storeFault(): string | null {
    const [oldest] = this.#asked;
    const waitedMs = oldest ? this.#elapsedMs() - oldest.sinceMs : 0;
    if (waitedMs >= STORE_STUCK_MS) return `no answer for ${Math.floor(waitedMs / 1000)} s`;
    return this.#storeFailing;
  }

  /** A component says that a fault of its own begins, is another now, or has ended. */
  report(fault: SystemFault): void {
    if (fault.code === 'evaluator-late') {
      this.#loopLate = fault.standing ? fault.detail : null;
      return;
    }
    const key = `${fault.code}/${fault.about ?? ''}`;
    const face = fault.standing ? `${fault.priority} ${fault.reason} ${fault.detail}` : null;
    if (face === (this.#standing.get(key) ?? null) && face !== null) return;
    if (face === null) this.#standing.delete(key);
    else this.#standing.set(key, face);
    this.#reported.push(fault);
  }

  /**
   * Called at each tick of the clock; `expectedMs` is how long ago the last one should have been.
   */
  tick(atMs: number, expectedMs: number): SystemFault[] {
    this.#lagMs = this.#lastTickMs === null ? 0 : Math.max(0, atMs - this.#lastTickMs - expectedMs);
    this.#lastTickMs = atMs;
    const late = this.#lateness(atMs);
    const downMs = this.#brokerDownSinceMs === null ? 0 : atMs - this.#brokerDownSinceMs;
    const storeFault = this.#storeFault();
    const reported = this.#reported;
    this.#reported = [];
    return [
      ...reported,
      ...this.#changed('broker-lost', downMs >= BROKER_GRACE_MS, this.#brokerDetail),
      ...this.#changed('store-failing', storeFault !== null, storeFault ?? ''),
      ...this.#changed('evaluator-late', late !== null, late ?? ''),
    ];
  }

  /** Why evaluation counts as late, by a late tick or by the event loop's own word; else null. */
  #lateness(atMs: number): string | null {
    if (this.#lagMs >= LATE_MS) this.#late = { atMs, detail: `${this.#lagMs} ms late` };
    else if (this.#late !== null && atMs - this.#late.atMs >= LATE_FOR_MS) this.#late = null;
    return this.#late?.detail ?? this.#loopLate;
  }

  #changed(code: SystemCode, standing: boolean, detail: string): SystemFault[] {
    // At first also that all is well: an alert of the last process may stand. (SPEC SY1)
    if (this.#told.get(code) === standing) return [];
    this.#told.set(code, standing);
    return [{ code, standing, detail }];
  }
}
