import type { Alert } from '../shared/alert.ts';
import { byUrgency } from './selectors.ts';

/** What calls for attention anew: a new alert, one that got worse, one that came back. */
export interface News {
  readonly now: readonly Alert[];
  readonly others: readonly Alert[];
}

type Alerts = ReadonlyMap<string, Alert>;

export function newsOf(before: Alerts, after: Alerts): News {
  if (before === after) return { now: [], others: [] };
  const anew = [...after.values()].filter((alert) => asksAnew(before.get(alert.alertId), alert));
  anew.sort(byUrgency);
  return {
    now: anew.filter(({ priority }) => priority === 1),
    others: anew.filter(({ priority }) => priority !== 1),
  };
}

function asksAnew(before: Alert | undefined, alert: Alert): boolean {
  if (alert.state !== 'unacknowledged') return false;
  if (before === undefined || before.state !== 'unacknowledged') return true;
  return alert.priority < before.priority;
}
