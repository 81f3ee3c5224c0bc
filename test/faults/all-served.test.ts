import { test } from 'vitest';
import { reordered } from '../../bench/faults/disordered.ts';
import { largeRestart } from '../../bench/faults/large-restart.ts';
import { longOutage } from '../../bench/faults/long-outage.ts';
import { poison, poisonOrder } from '../../bench/faults/poison.ts';
import { reconnectStorm } from '../../bench/faults/reconnect-storm.ts';
import { teleport } from '../../bench/faults/untrue-places.ts';
import { expectPassed, FAULT_MS_MAX } from './expect-passed.ts';

test(
  'many devices that connect at once are all served, and a breach is shown meanwhile',
  async () => {
    await expectPassed(reconnectStorm);
  },
  FAULT_MS_MAX,
);

test(
  '[ST4] a large centre evaluates again soon after its start',
  async () => {
    await expectPassed(largeRestart);
  },
  FAULT_MS_MAX,
);

test(
  '[PA2] a device back after six hours is judged at once, then heard out',
  async () => {
    await expectPassed(longOutage);
  },
  FAULT_MS_MAX,
);

test(
  '[IN1] poisonous messages hold up nobody else',
  async () => {
    await expectPassed(poison);
  },
  FAULT_MS_MAX,
);

test(
  'impossible zones are refused, each with its reason',
  async () => {
    await expectPassed(poisonOrder);
  },
  FAULT_MS_MAX,
);

test(
  '[PA3] messages in any order lead to the same end',
  async () => {
    await expectPassed(reordered);
  },
  FAULT_MS_MAX,
);

test(
  '[PL2] a spoofed place clears no breach',
  async () => {
    await expectPassed(teleport);
  },
  FAULT_MS_MAX,
);
