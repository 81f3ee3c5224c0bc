import { describe, expect, test } from 'vitest';
import { appendQueue, DISK_FULL } from '../../server/adapters/store-append-queue.ts';
import type { Entry } from '../../server/ports.ts';
import { aChange, aLook, anAlert, aPosition } from '../support/store-samples.ts';

const outcomesOf = async (appends: readonly Promise<void>[]): Promise<string[]> =>
  (await Promise.allSettled(appends)).map(({ status }) => status);

describe('a store that fails', () => {
  test('[ST7] fails what waits behind too, so that nothing overtakes an earlier change', async () => {
    const written: Entry[] = [];
    let failing = true;
    const queue = appendQueue(async (entries) => {
      if (failing) throw new Error('no disk');
      written.push(...entries);
      return [];
    });
    const first = queue.append([aLook('first')]);
    await Promise.resolve();
    // The first is under way: this one waits.
    const second = queue.append([aLook('second')]);
    const outcomes = outcomesOf([first, second]);
    await Promise.resolve();
    failing = false;
    expect(await outcomes).toEqual(['rejected', 'rejected']);
    await queue.append([aLook('third')]);
    expect(written.map((entry) => 'subject' in entry && entry.subject)).toEqual(['third']);
  });
});

describe('a disk that is full', () => {
  const tight = () => {
    const written: Entry[] = [];
    const queue = appendQueue(async (entries) => {
      if (entries.some(({ type }) => type === 'position')) throw new Error(`${DISK_FULL}: test`);
      written.push(...entries);
      return [];
    });
    return { queue, written };
  };

  test('[ST8] takes decisions still, whoever they arrive with, and refuses positions', async () => {
    const { queue, written } = tight();
    const outcomes = await outcomesOf([
      queue.append([aPosition('o-1', 1)]),
      queue.append([aLook('a'), aChange(anAlert('a-1'))]),
      queue.append([aLook('b'), aPosition('o-1', 2)]),
      queue.append([aLook('c')]),
    ]);
    expect(outcomes).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(written.map(({ type }) => type)).toEqual(['look', 'alert-change', 'look']);
  });

  test('[ST7] lets no change of an alert overtake one that was refused with its position', async () => {
    const { queue, written } = tight();
    const raised = anAlert('a-1');
    const acknowledged = anAlert('a-1', { state: 'acknowledged' });
    const appends = [
      queue.append([aLook('before')]),
      queue.append([aChange(raised), aPosition('o-1', 1)]),
      queue.append([aChange(acknowledged)]),
    ];
    await Promise.resolve();
    // These wait for the next batch.
    appends.push(queue.append([aChange(acknowledged)]), queue.append([aLook('behind')]));
    const outcomes = await outcomesOf(appends);
    expect(outcomes).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled']);
    expect(written.map(({ type }) => type)).toEqual(['look', 'look']);
  });
});
