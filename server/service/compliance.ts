import {
  type Alert,
  type Certainty,
  CLOSURE_FINDINGS,
  type ClosureFinding,
  isOpen,
} from '../../shared/alert.ts';
import type { BanCompliance, Compliance, ComplianceCounts } from '../../shared/compliance.ts';
import type { BanId, OrderId } from '../../shared/ids.ts';
import type { StoredAlertEvent } from '../kept.ts';
import type { Store } from '../ports.ts';

/** Of one order: some twenty a day for a year and a half. */
export const ALERTS_COUNTED_MAX = 10_000;
/** A few milliseconds of reading at a time: warnings go first. */
const ALERTS_PER_LOOK = 200;
/** What an alert was is asked of the store once: a few hundred bytes each. */
const REMEMBERED_MAX = 20_000;

/** When an alert was a breach, and how surely at most. */
interface Breach {
  readonly certainty: Certainty;
  readonly atMs: number;
}

const RANK: Record<Certainty, number> = { possible: 1, likely: 2, certain: 3 };

/** What of an alert's history was a breach; null when nothing was. */
export function breachIn(
  history: readonly Pick<StoredAlertEvent, 'atMs' | 'alert'>[],
): Breach | null {
  const told = history.filter(({ alert }) => alert.stage === 'breach');
  const [first] = told;
  if (!first) return null;
  const certainties = told.map(({ alert }) => alert.certainty ?? 'possible');
  const surest = certainties.reduce((a, b) => (RANK[b] > RANK[a] ? b : a));
  return { certainty: surest, atMs: first.atMs };
}

const nothing = (): ComplianceCounts => ({
  approaches: 0,
  breaches: { possible: 0, likely: 0, certain: 0 },
  retrospectiveBreaches: { possible: 0, likely: 0, certain: 0 },
  open: 0,
  closed: Object.fromEntries(CLOSURE_FINDINGS.map((finding) => [finding, 0])) as Record<
    ClosureFinding,
    number
  >,
  firstBreachAt: null,
  lastBreachAt: null,
});

/** An operator may write anything as a finding, a name too: only our words go out. */
const findingOf = (finding: string): ClosureFinding =>
  CLOSURE_FINDINGS.find((word) => word === finding) ?? 'other';

/** Counts an alert in; `breach` is null for one that never became more than an approach. */
export function counted(
  counts: ComplianceCounts,
  alert: Alert,
  breach: Breach | null,
): ComplianceCounts {
  const { closure, retrospective } = alert;
  const next = { ...counts, open: counts.open + (isOpen(alert) ? 1 : 0) };
  if (closure) {
    const finding = findingOf(closure.finding);
    next.closed = { ...counts.closed, [finding]: counts.closed[finding] + 1 };
  }
  if (!breach) return { ...next, approaches: counts.approaches + 1 };
  const kind = retrospective ? 'retrospectiveBreaches' : 'breaches';
  const { certainty, atMs } = breach;
  const at = new Date(atMs).toISOString();
  const { firstBreachAt: first, lastBreachAt: last } = counts;
  return {
    ...next,
    [kind]: { ...counts[kind], [certainty]: counts[kind][certainty] + 1 },
    firstBreachAt: first === null || at < first ? at : first,
    lastBreachAt: last === null || at > last ? at : last,
  };
}

type Part = Pick<Store, 'alerts' | 'alertEvents'>;

/** How an order was kept, counted from its alerts. (SPEC FB8) */
export class ComplianceDesk {
  readonly #store: Part;
  readonly #alertsMax: number;
  /** Of each alert as of its last change. */
  readonly #known = new Map<string, { updatedAt: string; breach: Breach | null }>();

  constructor(store: Part, alertsMax = ALERTS_COUNTED_MAX) {
    this.#store = store;
    this.#alertsMax = alertsMax;
  }

  async of(orderId: OrderId, banIds: readonly BanId[]): Promise<Compliance> {
    const bans = new Map<BanId, ComplianceCounts>(banIds.map((banId) => [banId, nothing()]));
    let total = nothing();
    const complete = await this.#forEach(orderId, (alert, breach) => {
      if (alert.banId === null) return;
      total = counted(total, alert, breach);
      bans.set(alert.banId, counted(bans.get(alert.banId) ?? nothing(), alert, breach));
    });
    const byBan = [...bans].map(([banId, counts]): BanCompliance => ({ banId, ...counts }));
    return { orderId, total, bans: byBan, complete };
  }

  /** Newest first; true when those were all. */
  async #forEach(
    orderId: OrderId,
    count: (alert: Alert, breach: Breach | null) => void,
  ): Promise<boolean> {
    let left = this.#alertsMax;
    let after: string | null = null;
    for (let more = true; more;) {
      if (left === 0) return false;
      const limit = Math.min(left, ALERTS_PER_LOOK);
      const query = { state: 'all', limit: limit + 1, after, orderId } as const;
      const found: readonly Alert[] = await this.#store.alerts(query);
      more = found.length > limit;
      for (const alert of found.slice(0, limit)) {
        count(alert, await this.#breachOf(alert));
        after = alert.alertId;
      }
      left -= limit;
    }
    return true;
  }

  async #breachOf(alert: Alert): Promise<Breach | null> {
    if (alert.retrospective) return breachIn([{ atMs: whenOf(alert), alert }]);
    // Every breach has had priority 1, and priority never falls. (SPEC EP7)
    if (alert.priority !== 1) return null;
    const known = this.#known.get(alert.alertId);
    if (known?.updatedAt === alert.updatedAt) return known.breach;
    const breach = breachIn(await this.#store.alertEvents(alert.alertId));
    this.#known.delete(alert.alertId);
    this.#known.set(alert.alertId, { updatedAt: alert.updatedAt, breach });
    if (this.#known.size > REMEMBERED_MAX) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    return breach;
  }
}

/** Of a breach learnt late, when it began. */
function whenOf({ basis, raisedAt }: Alert): number {
  const { from } = basis.detail;
  const atMs = typeof from === 'string' ? Date.parse(from) : NaN;
  return Number.isFinite(atMs) ? atMs : Date.parse(raisedAt);
}
