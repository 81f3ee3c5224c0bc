import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { QUEUE_ENTRIES_MAX } from '../../server/adapters/store-append-queue.ts';
import {
  postgresStore,
  type PostgresStore,
  type PostgresWish,
} from '../../server/adapters/store-postgres.ts';
import { GENESIS, hashAfter } from '../../server/evidence/journal-chain.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { prng } from '../../shared/prng.ts';
import { type CutLink, cutLink } from '../support/cut-link.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { databases } from '../support/postgres-places.ts';
import { aLook, aPosition, T0_MS } from '../support/store-samples.ts';

/** What becomes of an append when PostgreSQL, or the way to it, fails in its midst. */

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const places = databases(() => server);
const under = {} as { place: string; stores: PostgresStore[]; troubles: (string | null)[] };
beforeEach(async () => {
  under.place = await places.newPlace();
  under.stores = [];
  under.troubles = [];
});
afterEach(async () => {
  await Promise.all(under.stores.map((store) => store.close()));
  await places.removePlace(under.place);
});

async function open(url = under.place, wish: PostgresWish = {}): Promise<PostgresStore> {
  const onTrouble = (trouble: string | null): void => void under.troubles.push(trouble);
  const store = await postgresStore(url, { onTrouble, ...wish });
  under.stores.push(store);
  return store;
}

const pairOf = (n: number) => [aPosition('o-1', n), aLook(`w-${n}`)];

/** Each of these pairs is there, once, in a journal without a gap; nothing else is. */
async function expectOnce(store: PostgresStore, numbers: readonly number[]): Promise<void> {
  const wanted = numbers.toSorted((a, b) => a - b);
  const query = { deviceIds: ['o-1' as DeviceId], fromMs: 0, untilMs: T0_MS * 2, limit: 1e6 };
  expect((await store.positions(query)).map(({ fix }) => fix.seq)).toEqual(wanted);
  const looked = (await store.looks(1e6)).map(({ subject }) => Number(subject.slice(2)));
  expect(looked.toSorted((a, b) => a - b)).toEqual(wanted);
  let head = GENESIS;
  for (const row of await store.journal(0, 1e6)) {
    expect(row.seq).toBe(head.seq + 1);
    expect(row.hash).toBe(hashAfter(head.hash, row));
    head = { seq: row.seq, hash: row.hash };
  }
  expect(head.seq).toBe(numbers.length);
}

const KILLS = 3;
const AT_ONCE = 20;

test('[ST9] killed in the midst of it, nothing is lost, refused, or written twice', async () => {
  const store = await open();
  let next = 0;
  let stopped = false;
  const done: number[] = [];
  let reached: { readonly count: number; readonly resolve: () => void } | null = null;
  const appendOn = async (): Promise<void> => {
    while (!stopped) {
      const n = next++;
      await store.append(pairOf(n));
      done.push(n);
      if (reached && done.length >= reached.count) reached.resolve();
    }
  };
  const acked = (count: number): Promise<void> =>
    new Promise((resolve) => (reached = { count, resolve }));
  const appending = Promise.all(Array.from({ length: AT_ONCE }, appendOn));
  for (let seed = 1; seed <= KILLS; seed++) {
    await acked(done.length + 100 + prng(seed).below(400));
    await server.kill();
    await server.restart();
  }
  await acked(done.length + 100);
  stopped = true;
  await appending;
  expect(done).toHaveLength(next);
  await expectOnce(store, done);
  expect(under.troubles.length).toBeGreaterThanOrEqual(2 * KILLS);
  expect(under.troubles.at(-1)).toBeNull();
});

/** The default gives a server up after a minute; this one soon. */
const IMPATIENT_MS = 1_000;
const FROZEN_MS = 10_000;

test('frozen for ten seconds it is waited for, and what was given up is settled', async () => {
  const patient = await open();
  const otherPlace = await places.newPlace();
  const impatient = await open(otherPlace, { answerWithinMs: IMPATIENT_MS });
  await Promise.all([patient.append(pairOf(0)), impatient.append(pairOf(0))]);
  server.pause();
  let answered = 0;
  const appends = [patient, impatient].flatMap((store) =>
    [1, 2, 3].map((n) => store.append(pairOf(n)).then(() => answered++)),
  );
  // How long a server stands still is the very thing that is tested.
  await new Promise((resolve) => setTimeout(resolve, FROZEN_MS));
  expect(answered).toBe(0);
  server.goOn();
  await Promise.all(appends);
  await expectOnce(patient, [0, 1, 2, 3]);
  await expectOnce(impatient, [0, 1, 2, 3]);
  // Three lines in ten seconds: told that it is so, not at every try.
  expect(new Set(under.troubles).size).toBeLessThanOrEqual(4);
  await impatient.close();
  await places.removePlace(otherPlace);
});

/** The whole of that statement, as it goes over the wire: BEGIN has the word in it too. */
const COMMIT = 'COMMIT\0';

describe('over a link that breaks', () => {
  let link: CutLink;
  beforeEach(async () => {
    link = await cutLink(under.place);
  });
  afterEach(() => link.close());

  test('[ST9] a commit without its answer is found committed, and not written again', async () => {
    const store = await open(link.url);
    for (const n of [0, 1, 2]) {
      link.loseAnswerTo(COMMIT);
      await store.append(pairOf(n));
    }
    await expectOnce(store, [0, 1, 2]);
    expect(under.troubles.filter((trouble) => trouble === null)).toHaveLength(3);
  });

  test('a commit that never arrived is written again', async () => {
    const store = await open(link.url);
    for (const n of [0, 1, 2]) {
      link.loseRequest(COMMIT);
      await store.append(pairOf(n));
    }
    await expectOnce(store, [0, 1, 2]);
  });

  test('what is no decision is written again, and is there once', async () => {
    const store = await open(link.url);
    await store.append(pairOf(0));
    link.loseAnswerTo(COMMIT);
    await store.append([aPosition('o-1', 1)]);
    link.loseRequest(COMMIT);
    await store.append([aPosition('o-1', 2)]);
    await store.append([aLook('w-1'), aLook('w-2')]);
    await expectOnce(store, [0, 1, 2]);
  });

  test('bad entries of a batch in doubt are told all the same', async () => {
    const store = await open(link.url);
    const bad = { ...aLook('bad'), reason: undefined } as unknown as ReturnType<typeof aLook>;
    link.loseAnswerTo(COMMIT);
    const appended = store.append([...pairOf(0), bad]);
    await expect(appended).rejects.toThrow('[2] look');
    await expectOnce(store, [0]);
  });

  test('a session cut off with the lock is ended, and its work settled', async () => {
    const store = await open(link.url, { answerWithinMs: IMPATIENT_MS });
    await store.append(pairOf(0));
    link.freeze();
    await store.append(pairOf(1));
    await expectOnce(store, [0, 1]);
  });

  test('who was cut off and finds another in his place writes no more', async () => {
    const first = await open(link.url);
    await first.append(pairOf(0));
    link.loseRequest(COMMIT);
    link.refuse();
    const late = first.append(pairOf(1)).then(
      () => null,
      (error: Error) => error,
    );
    await expect.poll(() => under.troubles).not.toEqual([]);
    const second = await open(under.place);
    link.accept();
    expect(String(await late)).toMatch(/another running Cordon.*writes no more/);
    await expect(first.append(pairOf(2))).rejects.toThrow(/writes no more/);
    await second.append(pairOf(3));
    await expectOnce(second, [0, 3]);
  });
});

describe('while there is no server', () => {
  test('it takes in as much as may wait, then no more, and writes all when it can', async () => {
    const store = await open();
    await store.append(pairOf(0));
    await server.kill();
    const waiting = store.append(
      Array.from({ length: QUEUE_ENTRIES_MAX }, (_, n) => aPosition('o-2', n)),
    );
    await expect(store.append([aPosition('o-1', 1)])).rejects.toThrow(/behind and takes no more/);
    await server.restart();
    await waiting;
    await expectOnce(store, [0]);
  });

  test('closing ends in time, and tells that what waited was not written', async () => {
    const store = await open(under.place, { closeWithinMs: 500 });
    await server.kill();
    const refused = store.append(pairOf(0)).catch((error: unknown) => error);
    await store.close();
    expect(String(await refused)).toMatch(/closed before/);
    await server.restart();
    await expectOnce(await open(), []);
  });

  test('one that starts with us is waited for', async () => {
    await server.kill();
    const opened = open();
    await server.restart();
    const store = await opened;
    await store.append(pairOf(0));
    await expectOnce(store, [0]);
  });
});
