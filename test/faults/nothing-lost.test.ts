import { test } from 'vitest';
import { deadDisk } from '../../bench/faults/dead-disk.ts';
import { fullDisk } from '../../bench/faults/full-disk.ts';
import { killServer } from '../../bench/faults/kill-server.ts';
import { powerLoss } from '../../bench/faults/power-loss.ts';
import { expectPassed, FAULT_MS_MAX } from './expect-passed.ts';

test(
  '[ST2] [ST4] killed under load, it has all that it acknowledged',
  async () => {
    await expectPassed(killServer);
  },
  FAULT_MS_MAX,
);

test(
  '[ST2] after a power cut it has all that it acknowledged',
  async () => {
    await expectPassed(powerLoss);
  },
  FAULT_MS_MAX,
);

test(
  '[ST1] [ST3] [SY3] on a full disk it warns on, and acknowledges nothing',
  async () => {
    await expectPassed(fullDisk);
  },
  FAULT_MS_MAX,
);

test(
  '[ST3] [SY3] on a disk that answers EIO it acknowledges nothing more',
  async () => {
    await expectPassed(deadDisk);
  },
  FAULT_MS_MAX,
);
