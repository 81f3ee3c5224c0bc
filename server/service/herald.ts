import type { AlertChange } from '../core/alert-record.ts';
import type { Entry, Meter } from '../ports.ts';
import { AlertFeed } from './alert-feed.ts';
import { CANARY_CASE } from './canary-pair.ts';
import { alertOf } from './views.ts';

/** Tells consoles what changed, before anything is written of it. (SPEC ST1) */
export class Herald {
  readonly feed = new AlertFeed();
  /** Of the canary alone. */
  readonly canaryFeed = new AlertFeed();
  readonly #meter: Meter;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** Tells it in order, and gives what is to be written: of the canary nothing. */
  tell(changes: readonly AlertChange[]): Entry[] {
    return changes.flatMap((change): Entry[] => {
      const alert = alertOf(change.record);
      if (change.record.caseId === CANARY_CASE) {
        this.canaryFeed.publish(alert);
        return [];
      }
      const feed = this.feed.publish(alert);
      this.#meter.alertChanged(alert.kind, change.change, alert.priority);
      return [{ type: 'alert-change', change, feed }];
    });
  }
}
