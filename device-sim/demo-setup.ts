import { Scenario } from './scenario.ts';
import { type Setup, setupOf } from './scenario-setup.ts';
import demo from './scenarios/demo.json' with { type: 'json' };

/** Devices and orders of the demo, the orders in force now. */
export const demoSetup = (nowMs: number): Setup => setupOf(Scenario.parse(demo), nowMs);
