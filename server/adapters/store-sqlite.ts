import { isDecision, isWhole } from '../evidence/journal-chain.ts';
import type { Archive, Entry, Store } from '../ports.ts';
import type { Answer, Request, StoreCall, StoreCalls } from './store-sqlite-calls.ts';
import { openReadOnly } from './store-sqlite-database.ts';
import { recoveredOf } from './store-sqlite-recovery.ts';
import { reader } from './store-sqlite-read.ts';
import { appendQueue } from './store-append-queue.ts';
import { startThread } from './worker-thread.ts';

const WORKER = new URL('./store-sqlite-worker.ts', import.meta.url);

export interface SqliteStore extends Store {
  /** What the administrator must know about this machine's disk. */
  readonly warnings: readonly string[];
}

/**
 * A folder on this machine's disk. All of SQLite runs in a thread of its own, since one sync can
 * take 46 ms and an alert must not wait for it. (RELIABILITY §5)
 */
export async function sqliteStore(dataDir: string): Promise<SqliteStore> {
  const thread = await openThread(dataDir);
  const { ask } = thread;
  const queue = appendQueue((entries) => ask('append', batchText(entries)));
  return {
    warnings: await ask('warnings'),
    append: queue.append,
    recover: async (relied, other = relied) => recoveredOf(await ask('recover', relied, other)),
    orders: (page) => ask('orders', page),
    orderVersions: (orderId) => ask('orderVersions', orderId),
    alerts: (query) => ask('alerts', query),
    alert: (alertId) => ask('alert', alertId),
    alertEvents: (alertId) => ask('alertEvents', alertId),
    positions: (query) => ask('positions', query),
    accounts: () => ask('accounts'),
    sessions: (nowMs) => ask('sessions', nowMs),
    looks: (limit) => ask('looks', limit),
    registrations: () => ask('registrations'),
    deliveries: () => ask('deliveries'),
    journal: (afterSeq, limit) => ask('journal', afterSeq, limit),
    journalHead: () => ask('journalHead'),
    checkpoints: () => ask('checkpoints'),
    dump: (part, after, limit) => ask('dump', part, after, limit),
    limits: () => ask('limits'),
    prune: async (beforeMs) => {
      while (await ask('pruneStep', beforeMs));
    },
    close: async () => {
      await queue.drain();
      await thread.close();
    },
  };
}

/**
 * The same folder, to be read only, in this thread: for programs that do nothing else meanwhile.
 * The server may run and write.
 */
export function sqliteArchive(dataDir: string): Archive {
  const connection = openReadOnly(dataDir);
  const { alerts, checkpoints, dump, journal, journalHead, orders, registrations } =
    reader(connection);
  return {
    alerts: async (query) => alerts(query),
    checkpoints: async () => checkpoints(),
    dump: async (part, after, limit) => dump(part, after, limit),
    journal: async (afterSeq, limit) => journal(afterSeq, limit),
    journalHead: async () => journalHead(),
    orders: async (page) => orders(page),
    registrations: async () => registrations(),
    close: async () => void connection.close(),
  };
}

/**
 * JSON would drop what is undefined and make null of NaN. A decision with such a value becomes one
 * that cannot be written, and says so there; positions were parsed when they came in.
 */
const batchText = (entries: readonly Entry[]): string =>
  JSON.stringify(
    entries.map((entry) => (isDecision(entry) && !isWhole(entry) ? { type: entry.type } : entry)),
  );

type Ask = <Call extends StoreCall>(
  call: Call,
  ...parameters: Parameters<StoreCalls[Call]>
) => Promise<ReturnType<StoreCalls[Call]>>;

interface Thread {
  readonly ask: Ask;
  close(): Promise<void>;
}

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Answers come in the order of the questions, each exactly once, even when the thread dies. */
async function openThread(dataDir: string): Promise<Thread> {
  const worker = startThread(WORKER, { dataDir });
  const asked = new Map<number, Asked>();
  let lastId = 0;
  let ended: Error | null = null;

  worker.on('message', (answer: Answer) => {
    const question = asked.get(answer.id);
    asked.delete(answer.id);
    if (answer.ok) question?.resolve(answer.value);
    else question?.reject(answer.error);
  });
  const end = (error: Error): void => {
    ended ??= error;
    for (const question of asked.values()) question.reject(ended);
    asked.clear();
  };
  worker.on('error', (error) => end(error));
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      end(new Error('the store is closed'));
      resolve();
    });
  });

  const wait = (id: number, send: () => void): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      asked.set(id, { resolve, reject });
      send();
    });
  const ask = (call: StoreCall, ...parameters: unknown[]): Promise<unknown> => {
    const request: Request = { id: ++lastId, call, parameters };
    return wait(request.id, () => worker.postMessage(request));
  };

  await wait(0, () => {});
  return {
    ask: ask as Ask,
    close: async () => {
      if (!ended) await ask('close');
      await exited;
    },
  };
}
