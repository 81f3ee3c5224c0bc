import type { DeviceTraits } from './device-traits.ts';

/** Carried in a hand or a bag, with an SOS button and a screen; it has no strap to cut. */
export const VICTIM_DEVICE: DeviceTraits = {
  kind: 'victim-device',
  bodyFactor: 1,
  batteryLifeH: 40,
  fixCost: 1 / 30_000,
  tells: { sos: 'sos', charge: 'charging' },
  showsAfterMs: 4_000,
};
