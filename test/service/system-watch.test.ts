import { expect, test } from 'vitest';
import { STORE_STUCK_MS, SystemWatch } from '../../server/service/system-watch.ts';

test('[SY3] a write that has no answer counts as one that failed, until it has', () => {
  let elapsedMs = 0;
  const watch = new SystemWatch(() => elapsedMs);
  const told = (): unknown[] =>
    watch
      .tick(elapsedMs, 250)
      .filter(({ code }) => code === 'store-failing')
      .map(({ standing, detail }) => [standing, detail]);
  expect(told()).toEqual([[false, '']]);
  const first = watch.storeAsked();
  elapsedMs = 1_000;
  const second = watch.storeAsked();
  elapsedMs = STORE_STUCK_MS - 1;
  expect([told(), watch.store]).toEqual([[], 'up']);
  elapsedMs = STORE_STUCK_MS;
  expect([told(), watch.store]).toEqual([[[true, 'no answer for 4 s']], 'failing']);
  first();
  // The second has not waited that long.
  expect([told(), watch.store]).toEqual([[[false, '']], 'up']);
  second();
});
