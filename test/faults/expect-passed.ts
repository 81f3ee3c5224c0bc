import { expect } from 'vitest';
import { chosenStore } from '../../bench/faults/chosen-store.ts';
import type { Fault } from '../../bench/faults/fault.ts';

/** Other tests run beside these on two cores: what is in time alone may take longer by so much. */
const PATIENCE = 4;
const SEED = 42;
/** Rounds, and the time that a busy machine takes for them. */
export const FAULT_MS_MAX = 240_000;

/** Runs a fault of `npm run faults` with few rounds and expects its verdict. */
export async function expectPassed(fault: Fault): Promise<void> {
  const store = chosenStore('sqlite');
  const context = { quick: true, seed: SEED, patience: PATIENCE, store, tell: () => {} };
  const { passed, figures, notes } = await fault.run(context);
  // Without the right to mount a disk there is none to break.
  if (passed === null) expect(notes).toMatch(/^not run on this machine: ./);
  else expect([passed, figures, notes]).toEqual([true, figures, notes]);
}
