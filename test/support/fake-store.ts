import type { Alert } from '../../shared/alert.ts';
import { GENESIS, isDecision, rowAfter } from '../../server/evidence/journal-chain.ts';
import type {
  JournalHead,
  JournalRow,
  Registration,
  StoredAlertEvent,
  StoredOrder,
} from '../../server/kept.ts';
import type { Clock, Entry, PositionRow, Store } from '../../server/ports.ts';

/** Monday morning, a second past the hour. */
export const START_MS = Date.UTC(2026, 10, 23, 10, 0, 1);

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  advance(ms: number): void;
  /** Time passes without a tick, as in a blocked process; then the ticks that are due come once. */
  stall(ms: number): void;
}

export function fakeClock(startMs = START_MS): FakeClock {
  let nowMs = startMs;
  const timers = new Set<{ dueMs: number; periodMs: number; tick: () => void }>();
  return {
    nowMs: () => nowMs,
    every(periodMs, tick) {
      const timer = { dueMs: nowMs + periodMs, periodMs, tick };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const next = [...timers].toSorted((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined || next.dueMs > untilMs) break;
        nowMs = next.dueMs;
        next.dueMs += next.periodMs;
        next.tick();
      }
      nowMs = untilMs;
    },
    stall(ms) {
      nowMs += ms;
      for (const timer of timers) {
        if (timer.dueMs > nowMs) continue;
        timer.dueMs = nowMs + timer.periodMs;
        timer.tick();
      }
    },
  };
}

export type Look = Extract<Entry, { type: 'look' }>;

/** Keeps everything in memory; `failing` makes each write fail. */
export interface FakeStore extends Store {
  failing: boolean;
  readonly entries: Entry[];
  readonly orderRows: StoredOrder[];
  readonly alertRows: Alert[];
  readonly eventRows: Map<string, StoredAlertEvent[]>;
  readonly positionRows: PositionRow[];
}

const headOf = (row: JournalRow | undefined): JournalHead => row ?? GENESIS;

/** What a real store would have made of the decisions among these, whenever it is asked. */
function chainOf(entries: readonly Entry[]): () => readonly JournalRow[] {
  const rows: JournalRow[] = [];
  return () => {
    for (const decision of entries.filter(isDecision).slice(rows.length)) {
      rows.push(rowAfter(headOf(rows.at(-1)), decision));
    }
    return rows;
  };
}

export function fakeStore(): FakeStore {
  const entries: Entry[] = [];
  const orderRows: StoredOrder[] = [];
  const alertRows: Alert[] = [];
  const eventRows = new Map<string, StoredAlertEvent[]>();
  const positionRows: PositionRow[] = [];
  const all = <T extends Entry['type']>(type: T) =>
    entries.filter((entry): entry is Extract<Entry, { type: T }> => entry.type === type);
  const chain = chainOf(entries);
  return {
    failing: false,
    entries,
    orderRows,
    alertRows,
    eventRows,
    positionRows,
    async append(added) {
      if (this.failing) throw new Error('disk full at lon 5.123456');
      entries.push(...added);
    },
    recover: () => Promise.reject(new Error('not used by the adapters')),
    async orders(page) {
      const newest = new Map<string, StoredOrder>();
      for (const row of orderRows) newest.set(row.orderId, row);
      const { after, limit } = page ?? { after: null, limit: newest.size };
      return [...newest.values()]
        .filter(({ orderId }) => after === null || orderId > after)
        .toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1))
        .slice(0, limit);
    },
    orderVersions: async (orderId) => orderRows.filter((row) => row.orderId === orderId),
    async alerts({ limit, after, orderId = null }) {
      const rows = alertRows.filter((a) => orderId === null || a.orderId === orderId);
      const from = after === null ? 0 : rows.findIndex((a) => a.alertId === after) + 1;
      return rows.slice(from, from + limit);
    },
    alert: async (alertId) => alertRows.find((row) => row.alertId === alertId) ?? null,
    alertEvents: async (alertId) => eventRows.get(alertId) ?? [],
    positions: async ({ deviceIds, fromMs, untilMs, limit }) =>
      positionRows
        .filter(({ deviceId }) => deviceIds.includes(deviceId))
        .filter(({ fix }) => fix.atMs >= fromMs && fix.atMs <= untilMs)
        .toSorted((a, b) => a.fix.atMs - b.fix.atMs)
        .slice(0, limit),
    accounts: async () => all('account'),
    async sessions(nowMs) {
      const ended = new Set(all('session-ended').map(({ tokenHash }) => tokenHash));
      return all('session').filter((s) => !ended.has(s.tokenHash) && s.expiresAtMs > nowMs);
    },
    async registrations() {
      const newest = new Map<string, Registration>();
      for (const { type: _type, ...each } of all('registration')) {
        newest.set(`${each.kind}/${each.key}`, each);
      }
      return [...newest.values()].filter(({ value }) => value !== null);
    },
    async deliveries() {
      const newest = all('delivered').map(({ type: _type, ...each }) => each);
      return [...new Map(newest.map((each) => [each.subscriptionId, each])).values()];
    },
    looks: async (limit) => all('look').toReversed().slice(0, limit),
    journal: async (afterSeq, limit) => chain().slice(afterSeq, afterSeq + limit),
    journalHead: async () => headOf(chain().at(-1)),
    checkpoints: async () => [],
    dump: () => Promise.reject(new Error('not used by the adapters')),
    limits: async () => [],
    prune: async () => {},
    close: async () => {},
  };
}
