import { expect, test } from 'vitest';
import { decisionOf, GENESIS, hashAfter } from '../../server/evidence/journal-chain.ts';
import type { JournalRow } from '../../server/kept.ts';
import type { Entry } from '../../server/ports.ts';
import * as sample from './store-samples.ts';
import type { Under } from './store-under-test.ts';

const { aChange, aDevice, aLook, anAlert, anOrderVersion, aPosition, T0_MS } = sample;

const started: Entry = { type: 'system-event', atMs: T0_MS, kind: 'started', detail: { downS: 3 } };
const aCommand = (id: string, tries: number) =>
  ({
    type: 'command',
    atMs: T0_MS,
    deviceId: 'v-1',
    asked: {
      deviceId: 'v-1',
      id,
      seconds: 15,
      askedAtMs: T0_MS,
      calm: null,
      sentAtMs: T0_MS,
      tries,
      delivered: false,
    },
  }) as Extract<Entry, { type: 'command' }>;

/** Does each row fit the one before it? */
function expectChained(rows: readonly JournalRow[]): void {
  let { seq, hash } = GENESIS;
  for (const row of rows) {
    expect(row.seq).toBe(seq + 1);
    expect(row.hash).toBe(hashAfter(hash, row));
    ({ seq, hash } = row);
  }
}

export function testJournal(under: Under): void {
  test('[ST7] keeps every decision as it was, numbered and chained, over a restart', async () => {
    const decisions = [
      anOrderVersion(1),
      aDevice(),
      aChange(anAlert('a-1')),
      aLook('w-1'),
      started,
    ];
    await under.store.append([decisions[0]!, aPosition('o-1', 1), decisions[1]!]);
    await under.reopen();
    await under.store.append(decisions.slice(2));
    const rows = await under.store.journal(0, 100);
    expect(rows.map(decisionOf)).toEqual(decisions);
    expectChained(rows);
    const { seq, hash } = rows.at(-1)!;
    expect(await under.store.journalHead()).toEqual({ seq, hash });
    expect((await under.store.journal(3, 1)).map((row) => row.seq)).toEqual([4]);
  });

  test('[ST7] has no gap where an entry could not be written', async () => {
    const bad = { ...aLook('bad'), reason: NaN } as unknown as Entry;
    await expect(under.store.append([aLook('a'), bad, aLook('b')])).rejects.toThrow('[1] look');
    await expect(under.store.append([anOrderVersion(1), anOrderVersion(1)])).rejects.toThrow();
    await under.store.append([aLook('c')]);
    const rows = await under.store.journal(0, 100);
    expect(rows.map(({ type }) => type)).toEqual(['look', 'look', 'order-version', 'look']);
    expectChained(rows);
  });

  test('[ST7] the same entries give the same journal wherever they are written', async () => {
    await under.store.append([aLook('Zoë 🏠'), aChange(anAlert('a-1'))]);
    const rows = await under.store.journal(0, 100);
    expect(rows.at(-1)!.hash).toBe(
      '7b314ef9af09b3fde8b48bcb4a969f3c69ac8d829c79a79706f8727edc47c7ec',
    );
  });
}

/** What the service goes on from, and what an export is made of. */
export function testRecoveryAndDump(under: Under): void {
  test('recovery gives the last command of each device, and the changes consoles heard', async () => {
    const heard = (n: number): Entry => ({
      ...aChange(anAlert(`a-${n}`)),
      feed: { epoch: 'e', seq: n },
    });
    await under.store.append([aCommand('ri-1', 1), heard(1), aChange(anAlert('a-9')), heard(2)]);
    await under.store.append([aCommand('ri-1', 2)]);
    await under.reopen();
    const { asked, feed } = await under.store.recover(1);
    expect(asked).toEqual([aCommand('ri-1', 2).asked]);
    expect(feed.map(({ epoch, seq, alert }) => [epoch, seq, alert.alertId])).toEqual([
      ['e', 1, 'a-1'],
      ['e', 2, 'a-2'],
    ]);
  });

  test('checkpoints come back oldest first, and none replaces another', async () => {
    const checkpoint = (seq: number): Entry => ({
      type: 'checkpoint',
      seq,
      hash: 'h',
      atMs: T0_MS,
      keyId: 'k',
      signature: 's',
    });
    await under.store.append([checkpoint(2), checkpoint(1)]);
    await expect(under.store.append([checkpoint(1)])).rejects.toThrow();
    expect((await under.store.checkpoints()).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('a dump gives everything once, page by page', async () => {
    const positions = Array.from({ length: 25 }, (_, n) => aPosition(`o-${n % 3}`, n));
    const events = Array.from({ length: 7 }, (_, n) => sample.aDeviceEvent(n, n > 3 ? 'b' : null));
    await under.store.append([...positions, ...events]);
    const dumped = async (part: 'positions' | 'device-events'): Promise<Entry[]> => {
      const all: Entry[] = [];
      let after: string | null = null;
      do {
        const page = await under.store.dump(part, after, 5);
        all.push(...page.entries);
        after = page.next;
      } while (after !== null);
      return all;
    };
    const bySeq = (entries: readonly Entry[]): string[] =>
      entries.map((entry) => JSON.stringify(entry)).toSorted();
    expect(bySeq(await dumped('positions'))).toEqual(bySeq(positions));
    expect(bySeq(await dumped('device-events'))).toEqual(bySeq(events));
  });

  test('limits say how much of what runs out is taken', async () => {
    await under.store.append([aLook('a'), aLook('b')]);
    const limits = await under.store.limits();
    const numbers = limits.find(({ name }) => name === 'journal-numbers');
    expect(numbers).toMatchObject({ used: 2, max: Number.MAX_SAFE_INTEGER });
    for (const { used, max } of limits) {
      expect(used).toBeGreaterThanOrEqual(0);
      expect(max).toBeGreaterThan(used);
    }
  });
}
