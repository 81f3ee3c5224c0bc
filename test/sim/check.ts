import { checkAskedOnce, checkSilence, checkUrgentEvents } from './check-devices.ts';
import { checkLives } from './check-lives.ts';
import { checkLiveness, checkPast, checkSafety } from './check-truth.ts';
import type { Run } from './simulation.ts';
import type { Violation } from './violation.ts';

/** Every promise, held against what truly happened. */
export const check = (run: Run): Violation[] => [
  ...checkSafety(run),
  ...checkLiveness(run),
  ...checkPast(run),
  ...checkUrgentEvents(run),
  ...checkAskedOnce(run),
  ...checkSilence(run),
  ...checkLives(run),
];
